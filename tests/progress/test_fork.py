"""A learner brings a fork: what its boxes become, what is refused in a sentence, and that nothing is ever lost."""

import re
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from curriculum.matching import Stage
from curriculum.models import Document, Task
from curriculum.pages import plan_of
from curriculum.publication import publish
from progress.copies import copy_for
from progress.fork import SIZE, Fork
from progress.fork.files import BOXES, NOTE_LIMIT, ZIP_LIMIT
from progress.models import Completion
from tests.cast import Cast, month_text, publish_month
from tests.curriculum.samples import CURRICULA
from tests.factories import MembershipFactory

TEXT = month_text()


def fork_of(cast: Cast, *texts: str | bytes, **chosen: str) -> Fork:
    files = [(f"{n}.md", text.encode() if isinstance(text, str) else text) for n, text in enumerate(texts)]
    return Fork(cast.learner, plan_of(cast.curriculum.pk), files, chosen)


def brought(cast: Cast, *texts: str | bytes, **chosen: str) -> tuple[int, int]:
    return fork_of(cast, *texts, **chosen).apply()


def with_ticks(text: str, *tasks: str) -> str:
    for task in tasks:
        assert f"- [ ] {task}\n" in text
        text = text.replace(f"- [ ] {task}\n", f"- [x] {task}\n")
    return text


def ticked(cast: Cast) -> set[str]:
    rows = Completion.objects.done().filter(learner=cast.learner)
    return set(rows.values_list("task__text", flat=True))


def notes(cast: Cast) -> dict[str, str]:
    rows = Completion.objects.filter(learner=cast.learner).exclude(note="")
    return dict(rows.values_list("task__text", "note"))


def refusal(cast: Cast, text: str | bytes) -> str:
    (file,) = fork_of(cast, text).files
    return file.refusal


# Ticks --------------------------------------------------------------------------------------------------------
def test_ticked_boxes_become_completions_and_others_stay(cast: Cast) -> None:
    Completion.objects.tick(cast.learner, cast.month.tasks.get(text="Task 1.2"))
    assert brought(cast, with_ticks(TEXT, "Task 1.1", "A requirement")) == (2, 0)
    assert ticked(cast) == {"Task 1.1", "A requirement", "Task 1.2"}


def test_same_file_again_changes_nothing(cast: Cast) -> None:
    text = with_ticks(TEXT, "Task 1.1").replace("Task 1.2\n", "Task 1.2\n  My own line.\n")
    assert brought(cast, text) == (1, 1)
    before = list(Completion.objects.order_by("pk").values())
    assert brought(cast, text) == (0, 0)
    assert list(Completion.objects.order_by("pk").values()) == before


def test_same_file_twice_at_once_is_brought_once(cast: Cast) -> None:
    text = with_ticks(TEXT, "Task 1.1").replace("Task 1.1\n", "Task 1.1\n  My own line.\n")
    fork = fork_of(cast, text, text, f"{text} ")
    assert [file.refusal for file in fork.files] == ["", "It is the same as 0.md.", ""]
    assert fork.apply() == (1, 1)
    assert notes(cast) == {"Task 1.1": "My own line."}


def test_line_ends_marks_and_manners_of_writing_do_not_matter(cast: Cast) -> None:
    text = with_ticks(TEXT, "Task 1.1").replace("- [ ] A req", "* [X] A req").replace("\n", "\r\n")
    assert brought(cast, b"\xef\xbb\xbf" + text.encode()) == (2, 0)
    assert ticked(cast) == {"Task 1.1", "A requirement"}


def test_moved_box_is_found(cast: Cast) -> None:
    text = with_ticks(TEXT, "A requirement").replace("- [x] A requirement\n", "")
    text = text.replace("- [ ] Task 1.2\n", "- [ ] Task 1.2\n- [x] A requirement\n")
    (box,) = [box for box in fork_of(cast, text).boxes if box.is_checked]
    assert box.stage is Stage.MOVED
    assert brought(cast, text) == (1, 0)


def test_fork_of_an_older_edition_finds_the_tasks_of_today_by_their_rows(cast: Cast) -> None:
    fork = with_ticks(TEXT, "Task 1.1", "Task 1.2")
    later = TEXT.replace("Task 1.1", "Something entirely new").replace("- [ ] Task 1.2\n", "")
    document = Document.objects.get(pk=cast.month.document_id)
    row = cast.task
    publish(document, later, accept_loss=True)
    Task.objects.filter(pk=row.pk).update(archived_at=None)  # as if an admin had reworded it
    Task.objects.filter(text="Something entirely new").exclude(pk=row.pk).delete()
    Task.objects.filter(pk=row.pk).update(text="Something entirely new")
    (file,) = fork_of(cast, fork).files
    assert [box.task for box in file.new_ticks] == [row]
    (gone,) = file.open
    assert gone.gone
    assert gone.gone.text == "Task 1.2"
    assert brought(cast, fork) == (1, 0)
    assert Completion.objects.get().words == "Task 1.1"
    Completion.objects.create(learner=cast.learner, task=gone.gone, done_at=timezone.now())
    (file,) = fork_of(cast, fork).files
    assert [box.text for box in file.already] == ["Task 1.1", "Task 1.2"]
    assert not file.open


def test_box_of_the_newest_edition_is_found_in_a_file_that_is_mostly_of_an_older_one(cast: Cast) -> None:
    newer = TEXT.replace("- [ ] Task 1.2\n", "- [ ] Draw it\n").replace("Design a system.", "Design two.")
    publish(cast.month.document, newer.replace("Focus 1", "Another focus"), accept_loss=True)
    fork = with_ticks(TEXT, "Task 1.1").replace("Task 1.2\n", "Task 1.2\n- [x] Draw it\n")
    (file,) = fork_of(cast, fork).files
    assert not file.open
    assert brought(cast, fork) == (2, 0)
    assert ticked(cast) == {"Task 1.1", "Draw it"}


# By hand ------------------------------------------------------------------------------------------------------
def test_box_that_is_no_task_is_left_out_until_it_is_chosen(cast: Cast) -> None:
    text = TEXT.replace("- [ ] Task 1.1\n", "- [x] Wholly different words here\n  How it went.\n")
    (box,) = fork_of(cast, text).files[0].open
    assert (box.task, box.line) == (None, text.split("- [x] Whol")[0].count("\n") + 1)
    assert cast.task in fork_of(cast, text).files[0].choices
    assert brought(cast, text) == (0, 0)
    assert brought(cast, text, **{box.name: str(cast.task.uuid)}) == (1, 1)
    assert notes(cast) == {"Task 1.1": "How it went."}
    assert brought(cast, text, **{box.name: str(cast.task.uuid)}) == (0, 0)


def test_choice_that_is_not_offered_counts_as_none(cast: Cast) -> None:
    text = TEXT.replace("- [ ] Task 1.1\n", "- [x] Wholly different words here\n")
    other = publish_month(cast.curriculum, month_text(9), "month-09/README.md").tasks.first()
    assert other
    (box,) = fork_of(cast, text).files[0].open
    for chosen in (str(other.uuid), str(cast.month.tasks.get(text="Task 1.2").uuid), "rubbish"):
        assert brought(cast, text, **{box.name: chosen}) == (0, 0)


WORDS = "Read the chapter on replication and write half a page about it"


def test_box_in_nearly_the_same_words_is_found_shown_and_can_be_left_out(cast: Cast) -> None:
    text = TEXT.replace("Task 1.1", WORDS)
    publish(cast.month.document, text, accept_loss=True)
    fork = (
        with_ticks(text, WORDS)
        .replace("half a page", "a whole page")
        .replace("about it\n", "about it\n  Hard.\n")
    )
    (box,) = fork_of(cast, fork).files[0].open
    assert (box.stage, box.task and box.task.text, box.note) == (Stage.REWORDED, WORDS, "Hard.")
    assert brought(cast, fork, **{box.name: ""}) == (0, 0)
    assert brought(cast, fork) == (1, 1)
    assert Completion.objects.get().words == WORDS


# Notes --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("added", "note"),
    [
        ("Task 1.1 - went well\n", "went well"),
        ("Task 1.1 (see [my work](https://a.example))\n", "(see [my work](https://a.example))"),
        ("Task 1.1\n  Went well.\n\n  Twice.\n", "Went well.\n\nTwice."),
        ("Task 1.1\nWent well.\n", "Went well."),
        ("Task 1.1\n\nWent well.\n\n", "Went well."),
        ("Task 1.1\n  - read it\n  - wrote it\n", "- read it\n- wrote it"),
        ("Task 1.1\n  - [x] read it\n    - [ ] and more\n", "- [x] read it\n  - [ ] and more"),
        ("Task 1.1: good\n  Went well.\n", "good\nWent well."),
    ],
)
def test_what_was_added_to_a_task_becomes_its_note(cast: Cast, added: str, note: str) -> None:
    text = TEXT.replace("- [ ] Task 1.1\n", f"- [x] {added}")
    fork = fork_of(cast, text)
    assert not fork.files[0].open
    assert fork.apply() == (1, 1)
    assert notes(cast) == {"Task 1.1": note}
    assert ticked(cast) == {"Task 1.1"}


def test_authors_own_lines_are_no_note(cast: Cast) -> None:
    text = TEXT.replace("Task 1.1\n", "Task 1.1\n  The author's line.\n").replace("1.2\n", "1.2\n\nMore.\n")
    publish(cast.month.document, text)
    assert brought(cast, text.replace("- [ ] Task", "- [x] Task")) == (2, 0)
    assert notes(cast) == {}


def test_note_that_is_there_is_only_added_to(cast: Cast) -> None:
    Completion.objects.note(cast.learner, cast.task, "What I wrote here.")
    assert brought(cast, TEXT.replace("Task 1.1\n", "Task 1.1\n  And there.\n")) == (0, 1)
    assert notes(cast) == {"Task 1.1": "What I wrote here.\n\nAnd there."}
    assert ticked(cast) == set()


def test_note_that_would_be_too_long_is_not_brought_and_the_tick_is(cast: Cast) -> None:
    Completion.objects.note(cast.learner, cast.task, "x" * (NOTE_LIMIT - 5))
    text = with_ticks(TEXT, "Task 1.1").replace("Task 1.1\n", "Task 1.1\n  And there.\n")
    assert [box.line for box in fork_of(cast, text).files[0].too_long] == [17]
    assert brought(cast, text) == (1, 0)
    assert notes(cast) == {"Task 1.1": "x" * (NOTE_LIMIT - 5)}


# What belongs to no task ---------------------------------------------------------------------------------------
def left(cast: Cast, text: str) -> list[tuple[int, str]]:
    (file,) = fork_of(cast, text).files
    return [(one.line, one.text) for one in file.left]


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("## Weekly Breakdown\n", "## Weekly Breakdown\n\nMy plan.\n\nOf May.\n", "My plan.\n\nOf May."),
        ("**Tasks**:\n", "I began late.\n\n**Tasks**:\n", "I began late."),
        ("## Project", "## Diary\n\n- went well\n- [ ] go on\n\n## Project", "## Diary\n\n- went well\n- [ ] go on"),
        ("- [ ] Task 1.2\n", "- [ ] Task 1.2\n\nA hard week.\n", "A hard week."),
        ("**Tier**: 2 (Spec", "**Tier**: 2 (My own spec", "**Tier**: 2 (My own specialization)"),
        ("- [ ] A requirement\n", "- [ ] A requirement\n\n---\n\nDone.\n", "---\n\nDone."),
    ],
)  # fmt: skip
def test_text_that_belongs_to_no_task_is_shown_with_its_line(
    cast: Cast, old: str, new: str, text: str
) -> None:
    assert old in TEXT
    fork = with_ticks(TEXT.replace(old, new), "Task 1.1").replace("Task 1.1\n", "Task 1.1\n  Went well.\n")
    ((at, said),) = left(cast, fork)
    assert (said, fork.split("\n")[at - 1]) == (text, text.split("\n", maxsplit=1)[0])
    assert brought(cast, fork) == (1, 1)
    assert notes(cast) == {"Task 1.1": "Went well."}


def test_text_beside_a_task_and_the_authors_own_is_not_said_to_be_left(cast: Cast) -> None:
    """The control: all this is brought, is chosen by hand, or is no text of the learner's."""
    text = TEXT.replace("Task 1.1\n", "Task 1.1\n  - [x] and more\n\nWent well.\n\n").replace("\n", "\r\n")
    text = text.replace("- Work 1.1", "- [x] Work 1.1").replace("[ ] Criterion 1", "[x] Criterion 1")
    text = text.replace("- [ ] Task 1.2", "- [x] Wholly different words here")
    assert left(cast, f"\ufeff{text}") == []
    assert left(cast, TEXT) == []
    (file,) = fork_of(cast, text).files
    assert [box.text for box in file.open] == ["Wholly different words here"]
    assert [box.note for box in file.new_notes] == ["- [x] and more\n\nWent well."]


@pytest.mark.parametrize(
    ("below", "note"),
    [("\nA hard week.\n", ""), ("\n  A hard task.\n", "A hard task."), ("A hard task.\n", "A hard task.")],
)
def test_paragraph_below_the_last_task_of_a_week_is_its_note_only_in_the_list(
    cast: Cast, below: str, note: str
) -> None:
    text = TEXT.replace("- [ ] Task 1.2\n", f"- [ ] Task 1.2\n{below}")
    assert brought(cast, text) == (0, 1 if note else 0)
    assert notes(cast) == ({"Task 1.2": note} if note else {})
    assert [said for _line, said in left(cast, text)] == ([] if note else ["A hard week."])


def test_paragraph_between_two_labelled_lists_is_no_note(cast: Cast) -> None:
    text = TEXT.replace("- [ ] Task 1.2\n", "- [ ] Task 1.2\n\n**Practice**:\n- [ ] Task 1.3\n")
    publish(cast.month.document, text)
    fork = text.replace("**Practice**", "A hard week.\n\n**Practice**")
    assert brought(cast, fork) == (0, 0)
    assert [said for _line, said in left(cast, fork)] == ["A hard week."]


def test_own_box_without_a_tick_is_said_to_be_left(cast: Cast) -> None:
    text = TEXT.replace("- [ ] Task 1.2\n", "- [ ] Task 1.2\n- [ ] Buy wholly different things\n")
    assert [said for _line, said in left(cast, text)] == ["- [ ] Buy wholly different things"]


@pytest.mark.parametrize(
    "line", ["– [x] My own", "• [ ] My own", "-[x] My own", "- ☑ My own", "- [done] My own", "  – [x] My own"]
)
@pytest.mark.parametrize("more", ["", "\n  Went well."])
def test_line_that_nobody_understands_is_no_note_and_is_said_to_be_left(
    cast: Cast, line: str, more: str
) -> None:
    text = with_ticks(TEXT, "Task 1.1").replace("Task 1.1\n", f"Task 1.1{more}\n{line}\n")
    assert brought(cast, text) == (1, 1 if more else 0)
    assert ticked(cast) == {"Task 1.1"}
    assert notes(cast) == ({"Task 1.1": "Went well."} if more else {})
    ((at, said),) = left(cast, text)
    assert text.split("\n")[at - 1] == said == line


# Bad input ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (
            b"# Month 08: System Design\n\xff\n- [x] a\n",
            "Line 2: The file is not UTF-8: byte 26 cannot be read.",
        ),
        (b"", "The file is empty."),
        (b"- [x] a\n", "There is no title"),
        (b"# Month 08: System Design\n\nWords.\n", "There is no box to tick in it."),
        (b"# Month 15: Elsewhere\n\n- [x] a\n", "“Month 15: Elsewhere” is not part of “Curriculum"),
        (
            b"# Month 08: Gardening\n\n- [x] Dig\n- [ ] Sow\n",
            "It has the number of “Month 08: System Design” and is",
        ),
        (b"# All\n\n[a](month-01/) [b](month-02/)\n", "This is the page of a whole curriculum"),
        (b"# Month 08: System Design\n\n" + b"- [x] a\n" * (BOXES + 1), "It has more than 500 boxes."),
        (b"# Month 08: System Design\n" + b"x" * 1_000_000, "Line 1: The text is larger than 1 MB."),
        (b"\x00PNG", "NUL"),
    ],
)
def test_what_cannot_be_brought_is_refused_in_a_sentence_and_the_rest_goes_on(
    cast: Cast, data: bytes, sentence: str
) -> None:
    assert sentence in refusal(cast, data)
    assert brought(cast, data, with_ticks(TEXT, "Task 1.1")) == (1, 0)


def test_files_that_are_too_large_together_wait_for_another_step(cast: Cast) -> None:
    long = TEXT + "\n" + "x" * (SIZE // 3)
    fork = fork_of(cast, long, f"{long}x", f"{long}y", TEXT)
    assert [bool(file.refusal) for file in fork.files] == [False, False, True, False]
    assert "bring this one in another step" in fork.files[2].refusal


def packed(**files: bytes) -> bytes:
    data = BytesIO()
    with ZipFile(data, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(f"{name}/README.md", content)
    return data.getvalue()


def zipped(cast: Cast, data: bytes, *texts: str) -> Fork:
    files = [("fork.ZIP", data), *[("1.md", text.encode()) for text in texts]]
    return Fork(cast.learner, plan_of(cast.curriculum.pk), files, {})


def test_zip_of_a_fork_is_unpacked(cast: Cast) -> None:
    publish_month(cast.curriculum, month_text(9), "month-09/README.md")
    months = [with_ticks(month_text(number), "Task 1.1").encode() for number in (8, 9)]
    fork = zipped(cast, packed(eight=months[0], nine=months[1], notes=b"# My notes\n\nWords.\n"))
    assert [(file.name, bool(file.refusal)) for file in fork.files] == [
        ("eight/README.md", False),
        ("nine/README.md", False),
        ("notes/README.md", True),
    ]
    assert fork.apply() == (2, 0)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"no zip", "fork.ZIP is no zip that can be read, or is damaged."),
        (bytes(ZIP_LIMIT + 1), "It is larger than 5 MB."),
    ],
)
def test_zip_that_cannot_be_read_is_refused_and_the_rest_goes_on(
    cast: Cast, data: bytes, sentence: str
) -> None:
    fork = zipped(cast, data, with_ticks(TEXT, "Task 1.1"))
    assert fork.files[0].refusal == sentence
    assert fork.apply() == (1, 0)


def test_zip_of_much_else_is_looked_into_up_to_a_limit(cast: Cast) -> None:
    other = [f"{number}\n{'x' * 9000}\n".encode() * 100 for number in range(4)]
    fork = zipped(cast, packed(**{f"n{number}": content for number, content in enumerate(other)}))
    told = [file.refusal for file in fork.files]
    assert "bring this one in another step" in told[-1]
    assert "bring this one in another step" not in told[0]


def test_damaged_letters_are_read_as_they_were_meant_and_said(cast: Cast) -> None:
    text = TEXT.replace("Task 1.1", "Read → write — ⏳ done")
    publish(cast.month.document, text, accept_loss=True)
    ticked_text = with_ticks(text, "Read → write — ⏳ done")
    (file,) = fork_of(cast, ticked_text.encode().decode("mac_roman")).files
    assert "Letters of this file were damaged" in file.remarks[0]
    assert [box.task and box.task.text for box in file.new_ticks] == ["Read → write — ⏳ done"]
    assert fork_of(cast, ticked_text).files[0].remarks == []


def test_ticked_criteria_and_deliverables_are_not_brought_and_that_is_said(cast: Cast) -> None:
    text = TEXT.replace("[ ] Criterion 1", "[x] Criterion 1").replace("- Work 1.1", "- [x] Work 1.1")
    (file,) = fork_of(cast, text).files
    lines = [text[: text.index(words)].count("\n") + 1 for words in ("[x] Criterion 1", "[x] Work 1.1")]
    assert [remark.split(":")[0] for remark in file.remarks] == [f"Line {line}" for line in lines]
    assert "a mentor marks it" in file.remarks[0]
    assert "it is handed in" in file.remarks[1]
    assert brought(cast, text) == (0, 0)


def look_at(client: Client, cast: Cast, text: str | bytes) -> str:
    """What the page says of one file."""
    client.force_login(cast.learner.user)
    data = text.encode() if isinstance(text, str) else text
    address = reverse("progress:fork", args=[cast.learner.uuid])
    page: str = client.post(address, {"look": "yes", "markdown": SimpleUploadedFile("a.md", data)}).text
    return unescape(page)


def test_what_a_preview_says_is_so(client: Client, cast: Cast) -> None:
    here = "All that was found is here already."
    assert "Nothing is ticked, and no note was found." in look_at(client, cast, TEXT)
    own = TEXT.replace("- [ ] Task 1.1\n", "- [ ] Task 1.1\n- [x] Wrote it all in another tongue\n")
    page = look_at(client, cast, own)
    assert "Nothing yet: say above what your boxes are" in page
    assert here not in page
    done = with_ticks(TEXT, "Task 1.1")
    brought(cast, done)
    assert here in look_at(client, cast, done)
    assert "1 task is ticked here and not in this file: it stays ticked." in look_at(client, cast, TEXT)
    twice = done.replace("- [x] Task 1.1\n", "- [x] Task 1.1\n- [x] Task 1.1\n")
    line = twice[: twice.index("- [x] Task 1.1")].count("\n") + 1
    assert f"The task with these words is line {line} already." in look_at(client, cast, twice)


def test_dashboard_of_a_fork_is_no_mistake(client: Client, cast: Cast) -> None:
    dashboard = "# All\n\n- [Month 01](month-01/README.md)\n- [Month 02](month-02/README.md)\n"
    page = look_at(client, cast, dashboard)
    assert '<span class="soft">This is the page of a whole curriculum' in page
    assert '<span class="error">' in look_at(client, cast, "no title")


# The samples --------------------------------------------------------------------------------------------------
def samples() -> list[Path]:
    found = sorted(path for path in CURRICULA.rglob("*.md") if path.parent != CURRICULA / "ai-practitioner")
    assert len(found) == 10
    return found


def test_copy_of_every_sample_brought_back_changes_nothing(db: None) -> None:
    for path in samples():
        learner = MembershipFactory.create()
        month = publish_month(learner.cohort.curriculum, path.read_bytes().decode())
        tasks = list(Task.objects.live().filter(month=month).order_by("pk"))
        for task in tasks[::3]:
            Completion.objects.tick(learner, task)
        before = list(Completion.objects.order_by("pk").values())
        copy = copy_for(learner, Document.objects.get(pk=month.document_id))
        assert len(copy) == path.stat().st_size
        assert (copy != path.read_bytes()) == bool(tasks)
        fork = Fork(learner, plan_of(learner.cohort.curriculum_id), [(path.name, copy)], {})
        if tasks:
            assert len(fork.files[0].already) == len(tasks[::3]), path
        assert fork.apply() == (0, 0), path
        assert list(Completion.objects.order_by("pk").values()) == before


# The page -----------------------------------------------------------------------------------------------------
@pytest.fixture
def own(client: Client, cast: Cast) -> Client:
    client.force_login(cast.learner.user)
    return client


def at(cast: Cast) -> str:
    return reverse("progress:fork", args=[cast.learner.uuid])


def hidden(html: str) -> dict[str, str]:
    fields = re.findall(r'<input type="hidden" name="(kept|seen)" value="([^"]*)"', html)
    return {name: unescape(value) for name, value in fields}


def sent(*texts: str | bytes) -> dict[str, Any]:
    data = [text.encode() if isinstance(text, str) else text for text in texts]
    return {"markdown": [SimpleUploadedFile(f"{n}.md", one) for n, one in enumerate(data)]}


def test_files_are_shown_first_and_brought_with_a_second_step(own: Client, cast: Cast) -> None:
    first = own.post(at(cast), sent(b"\xff", with_ticks(TEXT, "Task 1.1")) | {"look": "yes"})
    assert first.status_code == 200
    assert "1 task becomes ticked" in first.text
    assert "Not brought" in first.text
    assert not Completion.objects.exists()
    answer = own.post(at(cast), hidden(first.text) | {"apply": "yes"}, follow=True)
    assert "1 task was ticked." in answer.text
    assert answer.request["PATH_INFO"].endswith("/months/month-08/")
    assert ticked(cast) == {"Task 1.1"}
    again = own.post(at(cast), hidden(first.text) | {"apply": "yes"}, follow=True)
    assert "Nothing was changed: all of it is here already." in again.text


def test_what_is_not_brought_is_on_the_page_in_a_closed_part(own: Client, cast: Cast) -> None:
    sentence = "This text of yours was not brought, because it belongs to no task"
    mine = TEXT.replace("## Project", "## Diary\n\nWent <well>.\n\n## Project")
    page = own.post(at(cast), sent(with_ticks(mine, "Task 1.1"))).text
    (part,) = re.findall(rf"<details>\s*<summary>{sentence}</summary>.*?</details>", page, re.DOTALL)
    assert f"Line {mine.split('## Diary')[0].count(chr(10)) + 1}" in part
    assert "## Diary<br><br>Went &lt;well&gt;." in part
    assert sentence not in own.post(at(cast), sent(with_ticks(TEXT, "Task 1.1"))).text


def test_choice_by_hand_goes_with_the_second_step(own: Client, cast: Cast) -> None:
    text = TEXT.replace("- [ ] Task 1.1\n", "- [x] Wholly different words here\n")
    first = own.post(at(cast), sent(b"\xff", text)).text
    (name,) = re.findall(r'<select id="[^"]+" name="([^"]+)"', first)
    fields = hidden(first) | {name: str(cast.task.uuid)}
    looked = own.post(at(cast), fields | {"look": "yes"}).text
    assert re.search(rf'<option value="{cast.task.uuid}" selected>', looked)
    own.post(at(cast), fields | {"apply": "yes"})
    assert ticked(cast) == {"Task 1.1"}


def test_what_was_shown_of_another_edition_is_shown_anew(own: Client, cast: Cast) -> None:
    first = own.post(at(cast), sent(with_ticks(TEXT, "Task 1.1"))).text
    publish(cast.month.document, TEXT.replace("- [ ] Task 1.1\n", ""), accept_loss=True)
    stale = own.post(at(cast), hidden(first) | {"apply": "yes"})
    assert stale.status_code == 409
    assert "The curriculum was changed meanwhile" in stale.text
    assert not Completion.objects.exists()


def test_files_that_were_not_shown_are_not_applied(own: Client, cast: Cast) -> None:
    first = own.post(at(cast), sent(TEXT)).text
    both = hidden(first) | sent(with_ticks(TEXT, "Task 1.1")) | {"apply": "yes"}
    assert "1 task becomes ticked" in own.post(at(cast), both).text
    assert not Completion.objects.exists()


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"kept": "rubbish"},
        {"kept": "[" * 100_000},
        {"kept": "[]", "apply": "yes"},
        {"kept": '[["a", 1]]'},
    ],
)
def test_form_without_files_says_what_is_missing(own: Client, cast: Cast, form: dict[str, str]) -> None:
    answer = own.post(at(cast), form)
    assert answer.status_code == 422
    assert "errorlist" in answer.text


def test_file_of_nothing_good_is_refused(own: Client, cast: Cast) -> None:
    answer = own.post(at(cast), sent(b"\xff\xfe"))
    assert answer.status_code == 422
    assert 'name="apply"' not in answer.text


def test_ended_membership_brings_nothing(own: Client, cast: Cast) -> None:
    cast.learner.end()
    assert own.get(at(cast)).status_code == 404
    assert own.post(at(cast), sent(with_ticks(TEXT, "Task 1.1"))).status_code == 404
