"""Backups of a whole site: one file with every row and every blob, on either engine and from one to the other.

`archive` is the file, `rows` the tables in words that both engines share, `making` writes a backup of a running
site, `restoring` loads one into an empty site, and `comparison` says what differs between the two.
"""

from progress.backup.archive import Refused

__all__ = ["Refused"]
