#!/usr/bin/env python
"""Cairn's command line."""

import os
import sys

from django.core.management import execute_from_command_line

BARE = ["check_curriculum"]
"""Commands that run anywhere, with `config.bare` for their settings."""

if __name__ == "__main__":
    settings = "config.bare" if sys.argv[1:2] and sys.argv[1] in BARE else "config.settings"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings)
    execute_from_command_line(sys.argv)
