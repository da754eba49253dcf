"""What is read of Markdown is what a browser shows of it, letter by letter."""

import html
import re

import pytest

from curriculum.markdown import render
from submissions.formats.markdown import read, shown

pytestmark = pytest.mark.pure
TEXT = """# A design & its costs

Some *words* with `code`, a [link](https://example.org "t") and ![a picture](p.png),
a second line\\
and a third &amp; <b>no tag</b>.

## Scope

- one
- [x] two
  - nested **three**

1. first

   its second paragraph

> quoted

| a | b |
|---|---|
| c | |

Under
-----

```python
x = 1 < 2

y = 2
```

    indented
"""


def test_text_of_each_block_is_what_its_element_shows() -> None:
    reading = read(TEXT)
    page = shown(TEXT)
    found = re.findall(r'<(span|code)[^>]* data-start="(\d+)"[^>]*>(.*?)</\1>(?=</|\s*<|$)', page, re.DOTALL)
    assert len(found) == len(reading.parts) == 16
    for (_tag, start, inner), part in zip(found, reading.parts, strict=True):
        assert int(start) == part.start
        text = html.unescape(re.sub(r"<[^>]+>", "", inner))
        assert text == reading.words(part)
    assert "a picture" in reading.text
    assert "☑ two" in reading.text


def test_parts_say_where_they_stand() -> None:
    reading = read(TEXT)
    assert [(reading.words(one), one.level, one.number) for one in reading.headings] == [
        ("A design & its costs", 1, 1),
        ("Scope", 2, 7),
        ("Under", 2, 23),
    ]
    at = reading.text.index("nested")
    assert [reading.words(one) for one in reading.section(at)] == ["A design & its costs", "Scope"]
    block = reading.part("block", at)
    assert block is not None
    assert reading.words(block) == "nested three"
    assert reading.section(0) == (reading.headings[0],)


def test_measuring_changes_nothing_else() -> None:
    bare = re.sub(r'<span data-start="\d+">(.*?)</span>(?=</|\s*<|$)', r"\1", shown(TEXT), flags=re.DOTALL)
    assert re.sub(r' data-start="\d+"', "", bare) == render(TEXT)
    assert "data-start" not in render(TEXT)
