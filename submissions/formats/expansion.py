"""How large a drawing becomes when each `use` is replaced by what it names: a few lines can name a billion elements."""

from collections import defaultdict
from xml.etree.ElementTree import Element

MOST = 250_000
"""Elements that a browser draws in the page without standing still for more than about three seconds."""
TEXT = 6
"""As many others take as long to draw as one of these."""
TEXTS = {"{http://www.w3.org/2000/svg}text", "{http://www.w3.org/2000/svg}tspan"}
USE = "{http://www.w3.org/2000/svg}use"
HREFS = ("href", "{http://www.w3.org/1999/xlink}href")


class Expansion:
    """Is told of the elements in the order of the file; those without an id belong to the one around them that has."""

    def __init__(self) -> None:
        self._open = [""]
        self._own: defaultdict[str, int] = defaultdict(int)
        self._holds: defaultdict[str, list[str]] = defaultdict(list)
        """Of an id those that stand in it, and those that it uses."""

    def start(self, element: Element) -> None:
        around, name = self._open[-1], element.get("id", "")
        if name and name not in self._own:
            self._holds[around].append(name)
        else:
            name = around
        self._open.append(name)
        self._own[name] += TEXT if element.tag in TEXTS else 1
        if element.tag == USE:
            href = next((value for key in HREFS if (value := element.get(key))), "")
            if href.startswith("#"):
                self._holds[name].append(href[1:])

    def end(self) -> None:
        self._open.pop()

    @property
    def is_too_large(self) -> bool:
        return self._size("") > MOST

    def _size(self, name: str) -> int:
        """Elements of one id, or a little more than MOST. What uses itself is drawn by nobody, and counts nothing."""
        sizes: dict[str, int] = {}
        begun: set[str] = set()
        path = [name]
        while path:
            here = path[-1]
            if here not in begun:
                begun.add(here)
                path += [one for one in self._holds[here] if one not in begun]
                continue
            path.pop()
            if here not in sizes:
                whole = self._own.get(here, 0) + sum(sizes.get(one, 0) for one in self._holds[here])
                sizes[here] = min(whole, MOST + 1)
        return sizes[name]
