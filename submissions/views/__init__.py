"""Actions on the work, one module for each noun."""
