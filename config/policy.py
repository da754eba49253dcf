"""The content security policy of every page; what people hand in has one of its own (`submissions/views/files.py`)."""

from csp.constants import NONE, SELF


def page_policy(usercontent: str) -> dict[str, dict[str, list[str]]]:
    """Scripts and styles come from this site alone; frames hold only our own sandboxed drawings.

    Pictures and PDFs come from the origin `usercontent` too, where the site has one.
    """
    handed_in = [SELF, usercontent] if usercontent else [SELF]
    return {
        "DIRECTIVES": {
            "default-src": [NONE],
            "script-src": [SELF],
            "style-src": [SELF],
            "img-src": handed_in,
            "font-src": [SELF],
            "connect-src": handed_in,
            "frame-src": [SELF],
            "worker-src": [SELF],
            "manifest-src": [SELF],
            "base-uri": [NONE],
            "form-action": [SELF],
            "frame-ancestors": [NONE],
        }
    }
