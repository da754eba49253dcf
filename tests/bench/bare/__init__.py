"""A bare page that shows a PDF with pdf.js: what the room's viewer is measured against."""
