"""Documents whose words know who they are, edits of them, and their readings as Markdown or as pages.

A word keeps its identity through every edit, so that where a passage is afterwards is known and not guessed.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import count
from random import Random

from submissions.formats import markdown
from submissions.formats.reading import Part, Reading


def words(text: str) -> list[str]:
    return text.split()


def phrases(text: str) -> list[str]:
    return [" ".join(one.split()) for one in text.split("|")]


ADJECTIVES = words("""
central remote slow durable shared stale nightly regional public internal encrypted compressed
partial ordered idempotent temporary replicated versioned bounded asynchronous synchronous external
primary secondary fragile stateless sharded cached signed batched lossy strict optional legacy
isolated global
""")
NOUNS = words("""
queue cache gateway ledger index broker replica scheduler worker balancer shard snapshot session
token payload schema partition consumer producer topic database bucket journal checkpoint circuit
limiter proxy cluster registry pipeline webhook catalogue invoice order payment reader writer
archive monitor alert dashboard endpoint tenant account timeline upload thumbnail message record
transaction lease lock heartbeat retry deadline backlog throughput latency quota region zone
failover rollout migration
""")
VERBS = words("""
stores forwards rejects replays validates compresses encrypts publishes drains throttles copies
rebuilds expires acknowledges repairs routes batches signs records discards restores measures limits
retries confirms splits merges archives reads writes updates protects isolates replicates samples
""")
ENDS = phrases("""
before the deadline passes|when the region fails|until an operator steps in|without asking twice|for
at most ten minutes|as soon as the lease ends|after each rollout|while the replica catches up|in the
order of arrival|under heavy load|during a migration|at the edge of the network|whenever the quota
is reached|to keep the latency low|so that nothing is lost|even if the broker restarts|as long as
the journal has room|once the checkpoint is written|because the clock may drift|unless the tenant
has opted out|with a budget of 200 ms|for about 40 requests a second|on three nodes at least|every
15 minutes
""")
JOINTS = ["and", "but", "so", "while", "because", "although"]
STARTS = phrases("""In practice|By design|For now|At night|In the worst case|Under normal load|As a rule|
On failure""")
SHORT = ["To be decided.", "See above.", "None.", "Open question.", "Same as before.", "Yes.", "No."]
TITLES = phrases("""
Scope|Storage|Costs|Failure modes|Security|Capacity|Data
model|Interfaces|Operations|Trade-offs|Rollout
plan|Consistency|Caching|Observability|Deployment|Limits|Requirements|Alternatives|Open
questions|Privacy|Testing| Backups|Risks|Glossary
""")
NAMES = count(1)


@dataclass
class Word:
    """A word as it is written. Whatever becomes of it, `name` stays."""

    text: str
    name: int = field(default_factory=lambda: next(NAMES))
    copied: int = 0
    """The name of the word that an edit made it from, in a copy of a sentence."""


Sentence = list[Word]


@dataclass
class Block:
    """A heading, a paragraph or an item."""

    kind: str
    sentences: list[Sentence]


@dataclass
class Section:
    """A heading and what stands under it, before the next one."""

    level: int
    title: Block
    blocks: list[Block]


@dataclass
class Document:
    """Sections in order."""

    sections: list[Section]

    def blocks(self) -> Iterator[Block]:
        for section in self.sections:
            yield section.title
            yield from section.blocks

    def sentences(self) -> list[tuple[Block, int]]:
        """Every sentence but the headings, as its block and its place there."""
        return [
            (block, at)
            for section in self.sections
            for block in section.blocks
            for at in range(len(block.sentences))
        ]


class Writer:
    """Writes documents about systems."""

    def __init__(self, dice: Random) -> None:
        self.dice = dice

    def thing(self) -> list[str]:
        dice = self.dice
        described = [dice.choice(ADJECTIVES)] if dice.random() < 0.6 else []
        return [dice.choice(["the", "a", "each", "every", "our"]), *described, dice.choice(NOUNS)]

    def clause(self) -> list[str]:
        dice = self.dice
        end = dice.choice(ENDS).split() if dice.random() < 0.6 else []
        return [*self.thing(), dice.choice(VERBS), *self.thing(), *end]

    def sentence(self) -> Sentence:
        dice, words = self.dice, self.clause()
        if dice.random() < 0.45:
            words[-1] += ","
            words += [dice.choice(JOINTS), *self.clause()]
        if dice.random() < 0.2:
            words = [*(dice.choice(STARTS) + ",").split(), *words]
        words[0] = words[0][0].upper() + words[0][1:]
        words[-1] += "."
        return [Word(word) for word in words]

    def short(self) -> Sentence:
        return [Word(word) for word in self.dice.choice(SHORT).split()]

    def block(self) -> Block:
        dice = self.dice
        if dice.random() < 0.25:
            return Block("item", [self.short() if dice.random() < 0.35 else self.sentence()])
        return Block("paragraph", [self.sentence() for _each in range(dice.randint(1, 5))])

    def section(self, level: int = 2) -> Section:
        title = f"{self.dice.choice(TITLES)} of {' '.join(self.thing())}" if self.dice.random() < 0.3 else ""
        words = (title or self.dice.choice(TITLES)).strip().split()
        heading = Block("heading", [[Word(word) for word in words]])
        return Section(level, heading, [self.block() for _each in range(self.dice.randint(2, 6))])

    def document(self, sections: int) -> Document:
        made = Document(
            [self.section(1), *(self.section(self.dice.choice([2, 2, 3])) for _each in range(sections))]
        )
        self.repeat(made)
        return made

    def repeat(self, document: Document, share: float = 0.12) -> None:
        """Writes some sentences twice, and some nearly so."""
        places = document.sentences()
        for block, at in self.dice.sample(places, int(len(places) * share)):
            source, place = self.dice.choice(places)
            block.sentences[at] = self.twin(source.sentences[place], nearly=self.dice.random() < 0.5)

    def twin(self, sentence: Sentence, *, nearly: bool) -> Sentence:
        """The same words, as new ones; one or two of them other words if it is `nearly` the same."""
        words = [Word(word.text) for word in sentence]
        if nearly and len(words) > 4:
            for _each in range(self.dice.randint(1, 2)):
                at = self.dice.randrange(1, len(words) - 1)
                words[at] = Word(self.other(words[at].text))
        return words

    def other(self, text: str) -> str:
        """Another word of the same kind, with the same mark after it."""
        bare = text.rstrip(",.")
        kind = next((kind for kind in (NOUNS, VERBS, ADJECTIVES, JOINTS) if bare in kind), NOUNS)
        return self.dice.choice([word for word in kind if word != bare]) + text[len(bare) :]


class Editor(Writer):
    """Edits documents in place."""

    def edit(self, document: Document, kind: str) -> None:
        edits: dict[str, Callable[[Document], None]] = {
            "typo": self.typo,
            "reword": self.reword,
            "insert": self.insert,
            "move": self.move,
            "split": self.split,
            "merge": self.merge,
            "delete": self.delete,
            "rewrite": self.rewrite,
        }
        kinds = self.dice.sample(list(edits), 4) if kind == "mixed" else [kind]
        for one in kinds:
            edits[one](document)

    def some(self, document: Document) -> list[tuple[Block, int]]:
        """A share of the sentences."""
        places = document.sentences()
        return self.dice.sample(places, max(1, int(len(places) * self.dice.uniform(0.05, 0.3))))

    def typo(self, document: Document) -> None:
        for block, at in self.some(document):
            words = block.sentences[at]
            for word in self.dice.sample(words, min(len(words), self.dice.randint(1, 2))):
                word.text = self.slip(word.text)

    def slip(self, text: str) -> str:
        if len(text) < 4:
            return text
        at = self.dice.randrange(1, len(text) - 2)
        return self.dice.choice(
            [
                text[:at] + text[at + 1] + text[at] + text[at + 2 :],
                text[:at] + text[at + 1 :],
                text[:at] + text[at] + text[at:],
            ]
        )

    def reword(self, document: Document) -> None:
        """Some words are others, some are new, some are gone; most are as they were."""
        for block, at in self.some(document):
            words = block.sentences[at]
            for _each in range(self.dice.randint(1, max(1, len(words) * 3 // 10))):
                place = self.dice.randrange(len(words))
                act = self.dice.random()
                if act < 0.6 or len(words) < 4:
                    words[place].text = self.other(words[place].text)
                elif act < 0.8:
                    words.insert(place + 1, Word(self.dice.choice(ADJECTIVES)))
                elif 0 < place < len(words) - 1:
                    del words[place]

    def insert(self, document: Document) -> None:
        """New sentences, blocks and sections; some sentences are like others that are there."""
        for block, at in self.some(document):
            source, place = self.dice.choice(document.sentences())
            fresh = self.sentence()
            if self.dice.random() < 0.2:
                fresh = self.twin(source.sentences[place], nearly=True)
                for word, model in zip(fresh, source.sentences[place], strict=True):
                    word.copied = model.name
            block.sentences.insert(at, fresh)
        for _each in range(self.dice.randint(0, 3)):
            section = self.dice.choice(document.sections)
            section.blocks.insert(self.dice.randrange(len(section.blocks) + 1), self.block())
        if self.dice.random() < 0.5:
            document.sections.insert(self.dice.randint(1, len(document.sections)), self.section())

    def move(self, document: Document) -> None:
        """A section, or blocks, to elsewhere."""
        sections = document.sections
        for _each in range(self.dice.randint(1, 2)):
            section = sections.pop(self.dice.randrange(1, len(sections)))
            sections.insert(self.dice.randint(1, len(sections)), section)
        for _each in range(self.dice.randint(0, 3)):
            source = self.dice.choice([one for one in sections if len(one.blocks) > 1])
            block = source.blocks.pop(self.dice.randrange(len(source.blocks)))
            target = self.dice.choice(sections)
            target.blocks.insert(self.dice.randint(0, len(target.blocks)), block)

    def split(self, document: Document) -> None:
        """Sentences become two at their joint, and paragraphs become two."""
        for block, at in self.some(document):
            words = block.sentences[at]
            joint = next(
                (n for n, word in enumerate(words) if word.text in JOINTS and 2 < n < len(words) - 3), None
            )
            if joint:
                words[joint - 1].text = words[joint - 1].text.rstrip(",") + "."
                rest = words[joint + 1 :]
                rest[0].text = rest[0].text.capitalize()
                block.sentences[at : at + 1] = [words[:joint], rest]
        for section in document.sections:
            for block in list(section.blocks):
                if len(block.sentences) > 1 and self.dice.random() < 0.3:
                    cut = self.dice.randrange(1, len(block.sentences))
                    place = next(n for n, one in enumerate(section.blocks) if one is block)
                    section.blocks.insert(place + 1, Block("paragraph", block.sentences[cut:]))
                    del block.sentences[cut:]

    def merge(self, document: Document) -> None:
        """Two sentences become one with a joint, and two paragraphs become one."""
        for section in document.sections:
            for block in section.blocks:
                if len(block.sentences) > 1 and self.dice.random() < 0.3:
                    at = self.dice.randrange(len(block.sentences) - 1)
                    one, other = block.sentences[at : at + 2]
                    one[-1].text = one[-1].text.rstrip(".") + ","
                    other[0].text = other[0].text[0].lower() + other[0].text[1:]
                    block.sentences[at : at + 2] = [[*one, Word(self.dice.choice(JOINTS)), *other]]
            for at in range(len(section.blocks) - 1, 0, -1):
                before, after = section.blocks[at - 1 : at + 1]
                if (before.kind, after.kind) == ("paragraph", "paragraph") and self.dice.random() < 0.25:
                    before.sentences += after.sentences
                    del section.blocks[at]

    def delete(self, document: Document) -> None:
        """Sentences, blocks and sections go."""
        for block, at in sorted(self.some(document), key=lambda place: -place[1]):
            del block.sentences[at]
        for section in document.sections:
            section.blocks = [
                block for block in section.blocks if block.sentences and self.dice.random() > 0.05
            ]
        if len(document.sections) > 3 and self.dice.random() < 0.4:
            document.sections.pop(self.dice.randrange(1, len(document.sections)))

    def rewrite(self, document: Document) -> None:
        """In the place of sentences and whole blocks there are others, about something else."""
        for block, at in self.some(document):
            block.sentences[at] = self.sentence()
        for section in document.sections:
            for block in section.blocks:
                if self.dice.random() < 0.06:
                    block.sentences = [self.sentence() for _each in block.sentences]


Spans = dict[int, tuple[int, int]]
"""Where each word stands in a reading's text."""


def as_markdown(document: Document, dice: Random) -> tuple[Reading, Spans]:
    """Written as Markdown with lines of some width and some words in bold, and read."""
    width, source = dice.randint(50, 110), []
    wanted: list[str] = []
    spans: Spans = {}
    at = 0
    for section in document.sections:
        for block in [section.title, *section.blocks]:
            line, plain, lines = 0, "", ""
            for word in (word for sentence in block.sentences for word in sentence):
                is_new = bool(plain) and block.kind != "heading" and line + len(word.text) > width
                gap = "" if not plain else "\n" if is_new else " "
                line = 0 if is_new else line
                spans[word.name] = (at + len(plain) + len(gap), at + len(plain) + len(gap) + len(word.text))
                plain += gap + word.text
                # An item's next line is indented, which is not shown.
                indent = "  " if is_new and block.kind == "item" else ""
                lines += gap + indent + (f"**{word.text}**" if word.name % 23 == 0 else word.text)
                line += len(word.text) + 1
            before = {"heading": "#" * section.level + " ", "item": "- "}.get(block.kind, "")
            source.append(before + lines)
            wanted.append(plain)
            at += len(plain) + 1
    reading = markdown.read("\n\n".join(source))
    if reading.text != "\n".join(wanted):
        raise AssertionError("the text that was written is not the one that was read")
    return reading, spans


Line = list[tuple[str, int]]
"""Words, or parts of them, and their names."""


def as_pages(document: Document, dice: Random) -> tuple[Reading, Spans]:
    """Set in lines of some width, with words parted at line ends, on pages with a head and a foot."""
    width = dice.randint(60, 100)
    paragraphs = [set_in_lines(block, width, dice) for block in document.blocks()]
    return on_pages(paragraphs, dice.randint(24, 46), has_heads=dice.random() < 0.5, has_blocks=False)


def as_blocks(document: Document, dice: Random) -> tuple[Reading, Spans]:
    """The same, with each paragraph known as a block, its lines joined."""
    width = dice.randint(60, 100)
    paragraphs = [set_in_lines(block, width, dice) for block in document.blocks()]
    return on_pages(paragraphs, dice.randint(24, 46), has_heads=dice.random() < 0.5, has_blocks=True)


def set_in_lines(block: Block, width: int, dice: Random) -> list[Line]:
    lines: list[Line] = []
    line: Line = []
    for word in (word for sentence in block.sentences for word in sentence):
        used = sum(len(text) + 1 for text, _name in line)
        if used + len(word.text) > width:
            cut = len(word.text) // 2
            is_parted = len(word.text) > 7 and word.text[:cut].isalpha() and used + cut < width
            if is_parted and dice.random() < 0.6:
                lines.append([*line, (word.text[:cut] + "-", word.name)])
                line = [(word.text[cut:], word.name)]
                continue
            lines.append(line)
            line = []
        line.append((word.text, word.name))
    return [*lines, line]


def on_pages(
    paragraphs: list[list[Line]], height: int, *, has_heads: bool, has_blocks: bool
) -> tuple[Reading, Spans]:
    lines = [(at, line) for at, paragraph in enumerate(paragraphs) for line in paragraph]
    text = ""
    spans: Spans = {}
    parts: list[Part] = []

    def put(words: str) -> None:
        nonlocal text
        if has_blocks:
            parts.append(Part("block", len(text), len(text) + len(words), len(parts) + 1))
        text += words

    for number, first in enumerate(range(0, len(lines), height), 1):
        start, before = len(text), len(parts)
        if has_heads:
            put("A design, second draft")
            text += "\n"
        page = lines[first : first + height]
        begin = len(text)
        for nth, (paragraph, line) in enumerate(page):
            for at, (word, name) in enumerate(line):
                text += " " if at else ""
                spans[name] = (spans[name][0] if name in spans else len(text), len(text) + len(word))
                text += word
            goes_on = nth + 1 < len(page) and page[nth + 1][0] == paragraph
            if not goes_on and has_blocks:
                parts.append(Part("block", begin, len(text), len(parts) + 1))
            text += "\n" if not (goes_on and has_blocks) else "" if text.endswith("-") else " "
            begin = begin if goes_on else len(text)
        put(f"Page {number}" if has_heads else str(number))
        parts.insert(before, Part("page", start, len(text), number))
        text += "\n"
    return Reading(text, tuple(parts)), spans


FORMS: dict[str, Callable[[Document, Random], tuple[Reading, Spans]]] = {
    "markdown": as_markdown,
    "pages": as_pages,
    "blocks": as_blocks,
}


def edited(document: Document, dice: Random, kind: str) -> Document:
    """What the document is after an edit."""
    new = deepcopy(document)
    Editor(dice).edit(new, kind)
    for section in new.sections:
        section.blocks = [block for block in section.blocks if block.sentences]
    return new
