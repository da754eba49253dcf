"""The page on which two versions stand beside each other."""

import base64
import re
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from progress.erasing import OneFile
from submissions import store
from submissions.models import Placement, Review, Said, Submission, Thread, Version
from tests.cast import Cast
from tests.submissions import samples

pytestmark = pytest.mark.once

SWAP = "The swap is one rename, so nobody waits."
OLD = f"# Design\n\nLabels are joined on the fly.\n\n- one item\n- two items\n\n{SWAP}\n"
NEW = f"# Design\n\n{SWAP}\n\nLabels are joined in a batch.\n\n- one item\n- two items\n- <b>three</b>\n"


def draft_with(cast: Cast, text: str = "", link: str = "", note: str = "", **files: bytes) -> Version:
    """The learner's next draft, with files by their names, in which a double underline stands for the dot."""
    submission, _made = Submission.objects.get_or_create(learner=cast.learner, deliverable=cast.deliverable)
    version = submission.start_draft()
    version.save_draft(text, link, note, version.revision)
    for file in version.files.all():  # a draft begins with those of the version before
        version.remove_file(file)
    for name, content in files.items():
        version.add_file(name.replace("__", "."), store.receive([content], 10**8))
    return version


def handed_in(cast: Cast, text: str = "", **parts: bytes | str) -> Version:
    version = draft_with(cast, text, **parts)  # type: ignore[arg-type]
    version.submit()
    return version


def look(client: Client, version: Version, query: str = "") -> str:
    response = client.get(f"{version.submission.get_absolute_url()}comparison/{query}")
    assert response.status_code == 200
    return response.text


@pytest.fixture
def mentor(cast: Cast, client: Client) -> Client:
    client.force_login(cast.mentor)
    return client


def test_text_is_compared_by_words_as_it_is_rendered(cast: Cast, mentor: Client) -> None:
    handed_in(cast, OLD)
    page = look(mentor, handed_in(cast, NEW))
    assert "3 changes" in page
    assert re.search(r'data-change="2"[^>]*>Labels are joined <ins>in a batch</ins>\.</span>', page)
    assert "Labels are joined <del>on the fly</del>." in page
    assert re.search(
        r'<li><span data-start="\d+" id="change-3"[^>]*><ins>&lt;b&gt;three&lt;/b&gt;</ins></span></li>', page
    )
    assert 'href="#was-1">Moved here' in page
    assert 'id="was-1"' in page
    assert 'href="#change-1">Moved elsewhere' in page


def test_changed_words_are_shown_in_one_column(cast: Cast, mentor: Client) -> None:
    handed_in(cast, OLD)
    page = look(mentor, handed_in(cast, NEW), "?view=words")
    assert "Labels are joined <del>on the fly</del><ins>in a batch</ins>." in page


def test_versions_are_compared_in_either_order(cast: Cast, mentor: Client) -> None:
    handed_in(cast, "One word.")
    newer = handed_in(cast, "One more word.")
    assert "<ins>more </ins>" in look(mentor, newer, "?from=1&to=2")
    assert "<del>more </del>" in look(mentor, newer, "?from=2&to=1")


def test_what_is_the_same_folds_away_but_for_what_stands_beside_a_change(cast: Cast, mentor: Client) -> None:
    text = "\n\n".join(
        f"Paragraph {word} stands here." for word in ["one", "two", "three", "four", "five", "six", "seven"]
    )
    handed_in(cast, text)
    page = look(mentor, handed_in(cast, text.replace("seven stands", "eight stands")))
    assert "5 unchanged parts" in page
    folded = page[
        page.index('<details class="fold"') : page.index("</details>", page.index('<details class="fold"'))
    ]
    assert "Paragraph five" in folded
    assert "Paragraph six" not in folded


def test_files_are_paired_by_name_then_by_content_then_by_form(cast: Cast, mentor: Client) -> None:
    handed_in(
        cast,
        same__md=b"# Same\n\nOld words here.",
        moved__png=samples.png(4, 3),
        design_one__pdf=samples.pdf(1),
        gone__xlsx=samples.office("xlsx"),
    )
    page = look(
        mentor,
        handed_in(
            cast,
            same__md=b"# Same\n\nNew words here.",
            renamed__png=samples.png(4, 3),
            design_two__pdf=samples.pdf(2),
            fresh__webp=samples.webp(),
        ),
    )
    assert re.search(r"renamed\.png</h2>\s*<span[^>]*>Renamed</span> <span[^>]*>before: moved\.png", page)
    assert "Both are the same, byte for byte." in page
    assert re.search(r"design_two\.pdf</h2>\s*<span[^>]*>Renamed", page)
    assert re.search(r"fresh\.webp</h2>\s*<span[^>]*>Added", page)
    assert re.search(r"gone\.xlsx</h2>\s*<span[^>]*>Removed", page)
    assert "<ins>New</ins>" in page
    assert page.count("data-pdf=") == 2, "both are there to be looked at"


def test_pictures_lie_beside_and_over_each_other(cast: Cast, mentor: Client) -> None:
    handed_in(cast, flow__png=samples.png(4, 3))
    page = look(mentor, handed_in(cast, flow__png=samples.png(5, 3)))
    assert "1 change" in page
    assert 'value="difference"' in page
    assert page.count("<figure>") == 2


def test_what_has_no_text_is_offered_twice(cast: Cast, mentor: Client) -> None:
    handed_in(cast, paper__docx=samples.office("docx"))
    page = look(mentor, handed_in(cast, paper__docx=samples.office("docx", **{"word/more.xml": b"<a/>"})))
    assert "no text that could be compared" in page
    assert page.count("SHA-256") == 2
    assert page.count("Download paper.docx") == 2


def test_code_is_compared_by_lines_and_pdf_by_pages(cast: Cast, mentor: Client) -> None:
    code = "\n\n".join(f"line_{n} = {n}" for n in range(9))
    handed_in(cast, a__py=code.encode(), p__pdf=samples.pdf_with_text("One page of words"))
    page = look(
        mentor,
        handed_in(
            cast,
            a__py=code.replace("line_8 = 8", "line_8 = 9").encode(),
            p__pdf=samples.pdf_with_text("One page of other words"),
        ),
    )
    assert "line_8 = <del>8</del>" in page
    assert re.search(r'id="change-1"[^>]*>line_8 = <ins>9</ins>', page)
    assert "13 unchanged lines" in page
    folded = page[page.index('<code class="run folded">') : page.index("</details>")]
    assert "line_5 = 5" not in page[page.index("</details>") : page.index("p.pdf</h2>")]
    assert folded.count("line_") == 7
    assert re.search(r'id="change-2"[^>]*>One page of <ins>other </ins>words', page)
    assert re.search(
        r'href="#pair-[\w-]+-pages" data-old="[\w-]+" data-old-page="1" data-new="[\w-]+" data-new-page="1"',
        page,
    )


def test_what_is_too_much_for_one_page_has_its_own(
    cast: Cast, mentor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("submissions.comparison.ON_A_PAGE", 40)
    handed_in(cast, a__md=b"Old words of the first file", b__md=b"Old words of the second file")
    new = handed_in(cast, a__md=b"New words of the first file", b__md=b"New words of the second file")
    page = look(mentor, new)
    assert "</ins> words of the first" in page
    assert "words of the second" not in page
    found = re.search(r'href="(\?[^"]+)">Compare b.md by itself', page)
    assert found
    alone = look(mentor, new, found[1].replace("&amp;", "&"))
    assert "</ins> words of the second" in alone
    assert "a.md" not in alone
    address = f"{new.submission.get_absolute_url()}comparison/?file={uuid4()}"
    assert mentor.get(address).status_code == 404


def test_note_and_link_are_compared(cast: Cast, mentor: Client) -> None:
    handed_in(cast, "Text", note="My first try", link="https://example.org/a")
    page = look(mentor, handed_in(cast, "Text", note="My second try", link="https://example.org/b"))
    assert "<del>first</del> <ins>second</ins>" in page
    assert "<del>https://example.org/a</del> <ins>https://example.org/b</ins>" in page
    assert "2 changes" in page
    assert "The text is the same." in page


def test_what_was_erased_is_said_and_not_compared(cast: Cast, mentor: Client) -> None:
    old = handed_in(cast, plan__md=b"# Secret\n\nThe word is hunter2 here.")
    new = handed_in(cast, plan__md=b"# Secret\n\nThe word is gone here.")
    OneFile(old.files.get().uuid).carry_out(cast.admin, "A secret")
    page = look(mentor, new)
    assert "erased in one of these versions" in page
    assert "hunter2" not in page


def test_unknown_versions_are_not_found_and_one_alone_is_told(cast: Cast, mentor: Client) -> None:
    version = handed_in(cast, "Text")
    address = f"{version.submission.get_absolute_url()}comparison/"
    assert "only one version" in look(mentor, version)
    assert "one version twice" in look(mentor, version, "?from=1&to=1")
    for query in (
        "from=2",
        "to=0",
        "from=x",
        "to=-1",
        "from=1%00",
        "to=draft",
        f"thread={uuid4()}",
        "thread=x",
    ):
        assert mentor.get(f"{address}?{query}").status_code == 404, query


def test_version_that_is_not_named_is_the_newest_or_the_one_before(cast: Cast, mentor: Client) -> None:
    for text in ("One", "Two", "Three"):
        last = handed_in(cast, text)
    for query, title in [
        ("", "From version 2 to version 3"),
        ("?to=2", "From version 1 to version 2"),
        ("?to=1", "From version 2 to version 1"),
        ("?from=1", "From version 1 to version 3"),
    ]:
        assert title in look(mentor, last, query)


def test_draft_is_compared_for_its_learner_alone(cast: Cast, client: Client) -> None:
    handed_in(cast, "One word.")
    draft = draft_with(cast, "One veiled word.")
    client.force_login(cast.learner.user)
    page = look(client, draft, "?from=1&to=draft")
    assert "<ins>veiled </ins>" in page
    assert "Your draft" in page
    client.force_login(cast.mentor)
    assert client.get(f"{draft.submission.get_absolute_url()}comparison/?from=1&to=draft").status_code == 404
    assert "veiled" not in look(client, draft)


def asked(cast: Cast, version: Version, exact: str, text: str, kind: str = "must") -> Thread:
    """A thread on a passage of the text, sent."""
    review = Review.objects.begin(version, cast.mentor)
    thread = Thread.objects.open(version, cast.mentor, Said("Where do they wait?", uuid4(), kind), review)
    start = text.index(exact)
    thread.anchor.selectors = [
        {"type": "TextQuoteSelector", "exact": exact, "prefix": "", "suffix": ""},
        {"type": "TextPositionSelector", "start": start, "end": start + len(exact)},
    ]
    thread.anchor.save(update_fields=["selectors"])
    review.publish("comment")
    return thread


def test_thread_leads_to_what_answered_it(cast: Cast, mentor: Client) -> None:
    first = handed_in(cast, "Labels are joined on the fly.\n\nThe swap is one rename.")
    thread = asked(cast, first, "on the fly", "Labels are joined on the fly.")
    handed_in_answer(cast, thread, "Labels are joined in a batch.\n\nThe swap is one rename.")
    room = mentor.get(first.submission.get_absolute_url()).text
    found = re.search(r'href="([^"]+comparison/[^"]+)">What answered this', room)
    assert found
    address = found[1].replace("&amp;", "&")
    assert address.endswith(f"?from=1&to=2&thread={thread.uuid}#thread-{thread.uuid}")
    page = mentor.get(address).text
    aside = page[page.index('<aside class="thread asked"') : page.index("</aside>")]
    assert "Where do they wait?" in aside
    assert "on the fly</blockquote>" in aside
    assert "Something changed here." in aside
    assert 'href="#change-1"' in aside
    assert page.index("</aside>") < page.index('id="change-1"')


def handed_in_answer(cast: Cast, thread: Thread, text: str) -> Version:
    version = draft_with(cast, text)
    version.save_draft(text, "", "", version.revision, {str(thread.uuid): {"act": "fixed", "body": ""}})
    thread.answer(cast.learner.user, "fixed", Said("", uuid4()), version)
    version.submit()
    return version


def test_place_at_which_nothing_changed_leads_to_the_nearest_change(cast: Cast, mentor: Client) -> None:
    text = "The swap is one rename.\n\nLabels are joined on the fly."
    first = handed_in(cast, text)
    thread = asked(cast, first, "one rename", "The swap is one rename.")
    second = handed_in_answer(cast, thread, text.replace("on the fly", "in a batch"))
    page = look(mentor, second, f"?from=1&to=2&thread={thread.uuid}")
    assert "Nothing changed here." in page
    assert 'href="#change-1">The nearest is change 1' in page


def test_place_is_sought_where_the_anchor_was_placed(cast: Cast, mentor: Client) -> None:
    first = handed_in(cast, "Alpha stands here.\n\nOmega stands there.")
    thread = asked(cast, first, "Omega", "Alpha stands here.\nOmega stands there.")
    second = handed_in_answer(cast, thread, "Omega stands there, moved.\n\nAlpha stands here.")
    third = draft_with(cast, "Omega stands there, moved twice.\n\nAlpha stands here.")
    third.submit()
    Placement.objects.filter(anchor=thread.anchor, version=second).update(
        state="moved", selectors=[{"type": "TextPositionSelector", "start": 0, "end": 5}]
    )
    page = look(mentor, third, f"?from=2&to=3&thread={thread.uuid}")
    assert "Something changed here." in page
    assert page.index("Where do they wait?") < page.index('id="change-1"')


def test_thread_that_is_not_shown_to_the_person_is_not_found(cast: Cast, client: Client) -> None:
    handed_in(cast, "One")
    version = handed_in(cast, "Two")
    review = Review.objects.begin(version, cast.mentor)
    thread = Thread.objects.open(version, cast.mentor, Said("Secret", uuid4(), "must"), review)
    client.force_login(cast.learner.user)
    address = f"{version.submission.get_absolute_url()}comparison/?thread={thread.uuid}"
    assert client.get(address).status_code == 404


def test_room_leads_here(cast: Cast, mentor: Client) -> None:
    version = handed_in(cast, "One")
    address = version.submission.get_absolute_url()
    assert "comparison/" not in mentor.get(address).text
    handed_in(cast, "Two")
    handed_in(cast, "Three")
    assert f'href="{address}comparison/?from=2&amp;to=3">Compare with version 2' in mentor.get(address).text
    assert (
        f'href="{address}comparison/?from=1&amp;to=3">Compare with version 3'
        in mentor.get(f"{address}?version=1").text
    )


def test_queries_are_the_same_however_much_there_is(cast: Cast, mentor: Client) -> None:
    costs = []
    for many in (1, 5):
        for number in range(2):
            handed_in(
                cast,
                f"Text {number} {many}",
                **{f"n{n}__md": f"# {n} {number}".encode() for n in range(many)},
            )
        submission = Submission.objects.get()
        last = submission.last_version
        assert last
        thread = Thread.objects.filter(submission=submission).first() or asked(
            cast, last, "Text", last.text, "should"
        )
        address = f"{submission.get_absolute_url()}comparison/"
        for query in ("", f"?thread={thread.uuid}"):
            mentor.get(address + query)
            with CaptureQueriesContext(connection) as found:
                mentor.get(address + query)
            costs.append(len(found))
    assert costs[:2] == costs[2:]
    assert costs == [7, 13, 7, 13]


def picture_cell(source: str, *pictures: bytes) -> dict[str, object]:
    outputs = [
        {"output_type": "display_data", "data": {"image/png": base64.b64encode(one).decode()}}
        for one in pictures
    ]
    return {"cell_type": "code", "source": source, "outputs": outputs}


def test_pictures_that_cells_put_out_are_compared(cast: Cast, mentor: Client) -> None:
    one, two, three = (samples.png(size, 8) for size in (8, 9, 10))
    old = handed_in(
        cast, a__ipynb=samples.notebook([picture_cell("same()", one), picture_cell("plot()", one, two)])
    )
    same = samples.notebook([picture_cell("same()", one), picture_cell("plot()", one, three)])
    new = handed_in(cast, a__ipynb=same)
    before, after = (
        reverse("submissions:file_cell", args=[version.files.get().uuid, 2]) for version in (old, new)
    )

    page = look(mentor, new)

    assert "1 change" in page
    assert "A picture of cell 2 changed:" in page
    assert f'src="{before}"' in page
    assert f'src="{after}"' in page
    assert page.count('alt="Picture from cell') == 2
    gone = handed_in(
        cast, a__ipynb=samples.notebook([picture_cell("same()"), picture_cell("plot()", one, three)])
    )
    page = look(mentor, gone)
    assert "A picture of cell 1 changed:" in page
    assert "It is gone." in page
