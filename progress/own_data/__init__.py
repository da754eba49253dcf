"""What Cairn keeps about one person, for that person: counted on a page, and whole as an archive."""

from progress.own_data.archive import Member, Names, zipped
from progress.own_data.contents import OwnData

__all__ = ["Member", "Names", "OwnData", "zipped"]
