"""A bare Django project: what a lean page of Cairn's kind must do, and nothing more. Cairn is measured against it."""
