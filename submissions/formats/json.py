"""JSON documents, in the child: what notebooks and Excalidraw drawings share."""

import json
from typing import Any, BinaryIO

from submissions.formats.kinds import Unacceptable
from submissions.formats.sandbox import Limits


def load(file: BinaryIO, limits: Limits) -> Any:
    """The document; raises Unacceptable when it is broken, or holds more values than a page could use."""
    try:
        document = json.loads(file.read().decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Unacceptable("not-utf8") from None
    except json.JSONDecodeError as error:
        raise Unacceptable("json-broken", line=error.lineno) from None
    left = [document]
    count = 0
    while left:
        value = left.pop()
        count += 1
        if count > limits.values:
            raise Unacceptable("too-complex")
        if isinstance(value, dict):
            left.extend(value.values())
        elif isinstance(value, list):
            left.extend(value)
    return document
