"""The rules of the house that a machine can read. Each check also has to find a bad sample."""

import ast
import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.core.management import get_commands, load_command_class
from django.db import models
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.db.models.constants import LOOKUP_SEP

ROOT = Path(__file__).resolve().parent.parent
LINE = ["curriculum", "people", "submissions", "progress"]
"""Each app may import those before it."""
UNNAMEABLE = {"common", "constants", "helpers", "mixins", "selectors", "services", "signals", "utils"}
# In two parts, so that this file does not name what it looks for.
ADDRESSES = [
    ".".join(parts)
    for parts in [
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("unpkg", "com"),
        ("jsdelivr", "net"),
        ("cloudflare", "com"),
        ("esm", "sh"),
        ("googleapis", "com"),
    ]
]
PATH_ARGUMENTS = {
    "alias", "annotate", "aggregate", "create", "exclude", "filter", "get", "get_or_create", "update", "Q",
    "When",
}  # fmt: skip
"""Calls whose keywords are look-ups, or name new columns, which resolve nowhere."""
PATH_STRINGS = {
    "Avg", "Count", "Exists", "F", "Max", "Min", "OuterRef", "Prefetch", "Sum", "StringAgg", "aggregate",
    "defer", "distinct", "only", "order_by", "prefetch_related", "prefetch_related_objects", "select_related",
    "values", "values_list",
}  # fmt: skip
"""Calls whose strings are look-ups."""
MANAGER_METHODS = {
    "all", "acreate", "aggregate", "annotate", "bulk_create", "count", "create", "exclude", "exists",
    "filter", "first", "get", "get_or_create", "last", "order_by", "update", "values", "values_list",
}  # fmt: skip
"""What follows the name of a reverse relation where it is used on an object."""


def project_files() -> list[Path]:
    """What git keeps or would keep, so that a fault is found before it is committed."""
    listed = subprocess.run(
        ["git", "ls-files", "-coz", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    paths = [ROOT / name for name in listed.split("\0") if name]
    assert len(paths) > 50
    return [path for path in paths if path.is_file()]


def modules(folder: str) -> Iterator[Path]:
    """The modules of an app but its migrations, whose dependencies Django orders by itself."""
    for path in sorted((ROOT / folder).rglob("*.py")):
        if "migrations" not in path.parts:
            yield path


# Imports ----------------------------------------------------------------------------------------------------
def above(app: str) -> set[str]:
    """The apps that this one may not know. `config` knows none: it includes them by name."""
    return set(LINE) if app == "config" else {*LINE[LINE.index(app) + 1 :], "config"}


def upward_imports(app: str, source: str) -> list[str]:
    """The imports and the names of models and modules in strings that run up, as "line: name"."""
    up = above(app)
    found = []
    for node in ast.walk(ast.parse(source)):
        names: list[str] = []
        if not isinstance(node, ast.stmt | ast.expr):
            continue
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module]
        elif app != "config" and isinstance(node, ast.Constant) and isinstance(node.value, str):
            # "submissions.Version" or "progress.record.append", but no sentence and no file name
            if re.fullmatch(r"[a-z_]+(\.\w+)+", node.value) and not re.search(
                r"\.(html|txt|py|css|js)$", node.value
            ):
                names = [node.value]
        elif isinstance(node, ast.Call) and called(node) in ("get_model", "get_app_config"):
            names = strings(node)[:1]
        found += [f"{node.lineno}: {name}" for name in names if name.split(".")[0] in up]
    return found


def called(node: ast.Call) -> str:
    """The last word of what is called: `filter` in Week.objects.filter(…)."""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def strings(node: ast.Call) -> list[str]:
    return [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]


@pytest.mark.pure
@pytest.mark.parametrize("app", [*LINE, "config"])
def test_imports_run_down_the_line(app: str) -> None:
    assert upward(upward_imports, app) == []


@pytest.mark.pure
@pytest.mark.parametrize(
    ("app", "source"),
    [
        ("curriculum", "from people.models import User"),
        ("people", "import submissions.models as work"),
        ("people", "def late():\n    from progress import record"),
        ("submissions", "models.ForeignKey('progress.Mark', on_delete=models.CASCADE)"),
        ("people", "apps.get_model('submissions', 'Version')"),
        ("submissions", "import_string('progress.record.append')"),
        ("curriculum", "from config import settings"),
        ("config", "from people.models import User"),
    ],
)
def test_upward_imports_are_found(app: str, source: str) -> None:
    assert upward_imports(app, source)


@pytest.mark.pure
@pytest.mark.parametrize(
    ("app", "source"),
    [
        ("progress", "from submissions.models import Version"),
        ("people", "redirect('progress:home')"),
        ("people", "render(request, 'people/account.html')"),
        ("submissions", "from .models import Version"),
        ("config", "include('progress.urls')"),
    ],
)
def test_downward_imports_are_let_through(app: str, source: str) -> None:
    assert upward_imports(app, source) == []


# Look-ups ---------------------------------------------------------------------------------------------------
def known_models(app: str) -> list[type[models.Model]]:
    """The models of this app and of those below it."""
    return [model for name in LINE[: LINE.index(app) + 1] for model in apps.get_app_config(name).get_models()]


def climbs(model: type[models.Model], path: list[str], app: str) -> bool | None:
    """Whether the look-up goes up from here; None where its first word is no field of the model."""
    try:
        field = model._meta.pk if path[0] == "pk" else model._meta.get_field(path[0])
    except FieldDoesNotExist:
        return None
    target = field.related_model if field is not None and field.is_relation else None
    if not isinstance(target, type):
        return False
    if field.auto_created and target._meta.app_label in above(app):
        return True
    return bool(len(path) > 1 and climbs(target, path[1:], app))


def runs_up(path: str, app: str) -> bool:
    """Whether the look-up can be read from some model this app knows, and each reading goes up."""
    answers = [climbs(model, path.lstrip("-").split(LOOKUP_SEP), app) for model in known_models(app)]
    read = [answer for answer in answers if answer is not None]
    return bool(read) and all(read)


def upward_accessors(app: str) -> set[str]:
    """Names such as `submission_set` that only the models above give to known models."""
    names = set()
    for model in known_models(app):
        for field in model._meta.get_fields(include_hidden=True):
            accessor = getattr(field, "get_accessor_name", None)
            target = field.related_model
            if field.auto_created and accessor and target and target._meta.app_label in above(app):
                names.add(accessor())
    down = {
        field.get_accessor_name()
        for model in known_models(app)
        for field in model._meta.related_objects
        if field.related_model._meta.app_label not in above(app)
    }
    mine = {
        field.name for model in known_models(app) for field in model._meta.fields + model._meta.many_to_many
    }
    return {name for name in names if name and not name.endswith("+")} - down - mine


def upward_lookups(app: str, source: str) -> list[str]:
    """The names in queries that follow a reverse relation to an app above, as "line: name"."""
    accessors = upward_accessors(app)
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name, paths = called(node), []
        if name in PATH_ARGUMENTS:
            paths += [keyword.arg for keyword in node.keywords if keyword.arg]
        if name in PATH_STRINGS:
            paths += strings(node)
        found += [f"{node.lineno}: {path}" for path in paths if path and runs_up(path, app)]
        if isinstance(node.func, ast.Attribute) and name in MANAGER_METHODS:
            owner = node.func.value
            if isinstance(owner, ast.Attribute) and owner.attr in accessors:
                found.append(f"{node.lineno}: {owner.attr}.{name}")
    return found


def upward(check: object, app: str) -> list[str]:
    assert callable(check)
    return [
        f"{path.relative_to(ROOT)}:{line}"
        for path in modules(app)
        for line in check(app, path.read_text("utf-8"))
    ]


def reverse_names() -> Iterator[tuple[str, str, str]]:
    """(app, query name, accessor) of one relation from a model above to a model of each app but the last."""
    for app in LINE[:-1]:
        for model in apps.get_app_config(app).get_models():
            for field in model._meta.related_objects:
                visible = not field.name.endswith("+")
                if visible and field.related_model._meta.app_label in above(app) and runs_up(field.name, app):
                    yield app, field.name, field.get_accessor_name() or ""


@pytest.mark.pure
@pytest.mark.parametrize("app", LINE)
def test_lookups_run_down_the_line(app: str) -> None:
    assert upward(upward_lookups, app) == []


@pytest.mark.pure
def test_upward_lookups_are_found() -> None:
    samples = list(reverse_names())
    assert {app for app, _, _ in samples} == set(LINE[:-1])
    for app, name, accessor in samples:
        assert upward_lookups(app, f"rows.filter({name}__isnull=True)"), name
        assert upward_lookups(app, f"rows.annotate(n=Count({name!r}))"), name
        assert upward_lookups(app, f"rows.prefetch_related({name!r})"), name
        if accessor in upward_accessors(app):
            assert upward_lookups(app, f"row.{accessor}.all()"), accessor
    assert upward_lookups("progress", "rows.filter(submission__versions__isnull=True)") == []


# Migrations -------------------------------------------------------------------------------------------------
def pending(state: ProjectState) -> list[str]:
    """The changes between the migrations and this state of our models, one line each."""
    loader = MigrationLoader(None)
    changes = MigrationAutodetector(loader.project_state(), state).changes(graph=loader.graph)
    return [
        f"{app}: {operation.describe()}"
        for app, migrations in changes.items()
        for migration in migrations
        for operation in migration.operations
    ]


@pytest.mark.pure
def test_migrations_are_written() -> None:
    assert pending(ProjectState.from_apps(apps)) == []


@pytest.mark.pure
def test_pending_migration_is_found() -> None:
    state = ProjectState.from_apps(apps)
    state.models["curriculum", "month"].fields["stray"] = models.IntegerField(default=0)
    assert pending(state) == ["curriculum: Add field stray to month"]


# Names ------------------------------------------------------------------------------------------------------
def nameless(paths: Iterable[Path]) -> list[str]:
    """Python modules and packages whose names say nothing of what they are about."""
    return [
        str(path) for path in paths if path.suffix == ".py" and UNNAMEABLE & {path.stem, *path.parent.parts}
    ]


@pytest.mark.pure
def test_modules_are_named_after_something() -> None:
    assert nameless(path.relative_to(ROOT) for path in project_files()) == []


@pytest.mark.pure
def test_nameless_modules_are_found() -> None:
    bad = [Path("people/utils.py"), Path("people/services/join.py"), Path("tests/helpers.py")]
    assert nameless([*bad, Path("people/dates.py")]) == [str(path) for path in bad]


# Addresses and foreign code ---------------------------------------------------------------------------------
def addresses(text: str) -> list[str]:
    """Hosts that packages come from: the machine's own configuration decides where they are fetched."""
    return [host for host in ADDRESSES if re.search(rf"(?<![\w-]){re.escape(host)}\b", text)]


@pytest.mark.pure
def test_no_file_names_a_registry() -> None:
    named = {path: addresses(path.read_text("utf-8", errors="replace")) for path in project_files()}
    assert {str(path): hosts for path, hosts in named.items() if hosts} == {}


@pytest.mark.pure
def test_registry_addresses_are_found() -> None:
    for host in ADDRESSES:
        assert addresses(f'"resolved": "https://registry.{host}/a.tgz"') == [host]
    assert addresses("https://github.com/sponsors") == []


def foreign(path: Path, content: bytes) -> str:
    """Why this looks like a browser file of somebody else, or nothing."""
    if {"vendor", "node_modules"} & set(path.parts[:-1]):
        return "is in a folder of copies"
    if re.search(r"\.min\.\w+$|\.(woff2?|ttf|otf|eot|pfb|wasm|map)$", path.name):
        return "has the name of a built file"
    if path.suffix in (".js", ".mjs", ".css"):
        if any(len(line) > 1000 for line in content.splitlines()):
            return "has lines that no person writes"
        if re.search(rb"@license|@preserve|/\*!|Copyright|SPDX", content):
            return "carries a notice of its authors"
    return ""


@pytest.mark.pure
def test_browser_files_are_our_own() -> None:
    reasons = {
        path.relative_to(ROOT): foreign(path.relative_to(ROOT), path.read_bytes()) for path in project_files()
    }
    assert {str(path): reason for path, reason in reasons.items() if reason} == {}


@pytest.mark.pure
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("static/vendor/htmx/htmx.js", b"1"),
        ("static/js/pdf.min.mjs", b"1"),
        ("static/fonts/serif.woff2", b"wOF2"),
        ("static/js/library.js", b"x" * 2000),
        ("static/css/library.css", b"/*! normalise 8 */"),
    ],
)
def test_foreign_browser_files_are_found(name: str, content: bytes) -> None:
    assert foreign(Path(name), content)


@pytest.mark.pure
def test_own_browser_file_is_let_through() -> None:
    assert foreign(Path("static/js/cairn.js"), b'document.addEventListener("submit", save);\n') == ""


# Templates --------------------------------------------------------------------------------------------------
INLINE = {
    r"<style\b": "a style element",
    r"<[^>]*\sstyle\s*=": "a style attribute",
    r"<script\b(?![^>]*\bsrc\s*=)(?![^>]*\btype\s*=\s*\"application/json\")": "a script with content",
    r"<[^>]*\son\w+\s*=": "an event attribute",
    r"<[^>]*\shx-on\b": "an htmx event attribute",
    r"=\s*[\"']?\s*(javascript|js):": "a script address",
}


def inline(template: str) -> list[str]:
    """What the policy would block in this template, each named once."""
    bare = re.sub(r"\{#.*?#\}|\{% comment.*?endcomment %\}", "", template, flags=re.DOTALL)
    # Without template tags, whose own ">" would end an element early.
    bare = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", bare, flags=re.DOTALL)
    return [what for pattern, what in INLINE.items() if re.search(pattern, bare, re.IGNORECASE)]


@pytest.mark.pure
def test_templates_hold_nothing_inline() -> None:
    # A mail has no style sheet to point to, and no policy: what its reader strips is all that it may have.
    templates = [
        path
        for path in project_files()
        if path.suffix in (".html", ".svg") and path.parent != ROOT / "templates/people/mail"
    ]
    assert templates
    found = {path: inline(path.read_text("utf-8")) for path in templates}
    assert {str(path): faults for path, faults in found.items() if faults} == {}


@pytest.mark.pure
@pytest.mark.parametrize(
    "template",
    [
        "<style>p { color: red }</style>",
        '<p {% if a > b %}class="x"{% endif %} style="{{ colour }}">',
        "<script>start()</script>",
        '<script type="module">start()</script>',
        '<button\n  onclick="go()">',
        '<div hx-on:click="go()">',
        "<a href='javascript:go()'>",
        '<div hx-vals="js:{a: go()}">',
    ],
)
def test_inline_code_is_found(template: str) -> None:
    assert inline(template)


@pytest.mark.pure
def test_clean_template_is_let_through() -> None:
    clean = """{# style="" #}<script src="{% static 'js/cairn.js' %}" type="module"></script>
    <script type="application/json">{"a": 1}</script><p class="style" data-on="1">on = off</p>"""
    assert inline(clean) == []


# Commands ---------------------------------------------------------------------------------------------------
@pytest.mark.pure
@pytest.mark.parametrize(
    "name", sorted(name for name, app in get_commands().items() if app in [*LINE, "config"])
)
def test_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        load_command_class(get_commands()[name], name).create_parser("manage.py", name).parse_args(["--help"])
    assert ended.value.code == 0
    assert "usage: manage.py" in capsys.readouterr().out


# Lock files -------------------------------------------------------------------------------------------------
def locked(name: str) -> set[str]:
    """The packages of a lock file, with their versions."""
    lines = (ROOT / name).read_text().splitlines()
    return {line.split(" ")[0] for line in lines if re.match(r"[a-z0-9]", line)}


@pytest.mark.pure
def test_site_is_tried_with_the_packages_it_runs_with() -> None:
    site = locked("requirements-site.txt")
    assert {"django", "gunicorn", "psycopg", "whitenoise"} <= {line.split("==")[0] for line in site}
    assert site <= locked("requirements.txt")
