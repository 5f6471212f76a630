"""The rules of the house, kept by machine. What each rule is for stands in docs/tour.md.

import-linter keeps the directions of imports; here stand those it cannot see (strings), the three roads, the one
outbox, budgets, states, names, words, pins and pages.
"""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.module_loading import import_string

from ganzohr.config import messages, wiring

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "ganzohr"
ROOMS = sorted(folder.parent.name for folder in PACKAGE.glob("*/apps.py"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LAYERS = [line.split(" | ") for line in PROJECT["tool"]["importlinter"]["contracts"][0]["layers"]]
HEIGHT = {room: -number for number, line in enumerate(LAYERS) for room in line}

# A budget is raised here, in a commit that says why: path or path::function → lines
RAISED: dict[str, int] = {}


def python_files(*patterns: str) -> Iterator[Path]:
    """Our own Python files, without migrations."""
    for pattern in patterns or ("**/*.py",):
        yield from (file for file in sorted(PACKAGE.glob(pattern)) if "migrations" not in file.parts)


def templates() -> Iterator[Path]:
    """Every template."""
    yield from (
        file for file in sorted(PACKAGE.glob("*/templates/**/*")) if file.suffix in {".html", ".txt", ".xml", ".svg"}
    )


def room_of(file: Path) -> str:
    """The room a file belongs to."""
    return file.relative_to(PACKAGE).parts[0]


def name_of(file: Path) -> str:
    """A file as one would say it."""
    return str(file.relative_to(ROOT))


def strings(file: Path) -> Iterator[str]:
    """Every literal of a file that is not its documentation."""
    tree = ast.parse(file.read_text())
    documentation = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.value


def above(room: str, other: str) -> bool:
    """Whether the other room stands above this one, or beside it."""
    return other in HEIGHT and other != room and HEIGHT[other] >= HEIGHT[room]


# Rooms and directions


def test_every_folder_is_a_room_of_the_layers_and_of_the_settings() -> None:
    folders = sorted(folder.name for folder in PACKAGE.iterdir() if folder.is_dir() and folder.name != "__pycache__")
    assert folders == ROOMS == sorted(settings.ROOMS) == sorted(HEIGHT)


def test_foreign_keys_point_to_the_same_room_or_below() -> None:
    wrong = [
        f"{model._meta.label}.{field.name} → {field.related_model._meta.label}"
        for model in apps.get_models()
        if model._meta.app_label in HEIGHT
        for field in model._meta.get_fields()
        if field.is_relation and field.concrete and not isinstance(field.related_model, str | None)
        if above(model._meta.app_label, field.related_model._meta.app_label)
    ]
    assert wrong == []


@pytest.mark.parametrize("room", [room for room in ROOMS if room not in {"config", "proofs"}])
def test_code_names_no_page_and_no_function_of_a_room_above(room: str) -> None:
    wrong = [
        f"{name_of(file)}: {text}"
        for file in python_files(f"{room}/**/*.py")
        for text in strings(file)
        if (found := re.fullmatch(r"(?:ganzohr\.(\w+)(?:\.\w+)*)|(?:(\w+):\w+)", text))
        and above(room, found[1] or found[2])
    ]
    assert wrong == []


def url_names(resolver: URLResolver | None = None, prefix: str = "") -> dict[str, URLPattern]:
    """Every URL by its name."""
    found: dict[str, URLPattern] = {}
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            found |= url_names(entry, f"{prefix}{entry.namespace}:" if entry.namespace else prefix)
        else:
            found[f"{prefix}{entry.name}"] = entry
    return found


def test_every_url_has_a_name_and_every_name_in_a_template_exists() -> None:
    names = url_names()
    wrong = [
        f"{name_of(file)}: {name}"
        for file in templates()
        for name in re.findall(r"{%\s*url\s+[\"']([^\"']+)[\"']", file.read_text())
        if name not in names
    ]
    assert ([name for name in names if "None" in name], wrong) == ([], [])


def test_no_page_that_asks_for_a_role_lies_behind_an_outer_door() -> None:
    doors = tuple(door.removeprefix("/") for door in wiring.DOORS)
    open_pages = {name: entry for name, entry in url_names().items() if str(entry.pattern).startswith(doors)}
    assert [name for name, entry in open_pages.items() if hasattr(entry.callback, "required_role")] == []
    assert {name.partition(":")[0] for name in open_pages} == {"website", "notifications", "knowledge", "channels"}


# Three roads upwards


def test_every_function_named_in_the_wiring_exists() -> None:
    named = [
        *wiring.CLAIMS,
        *(listener.function for row in wiring.LISTENERS.values() for listener in row),
        *wiring.DOORBELLS.values(),
        *(round_.function for round_ in wiring.ROUNDS),
        *wiring.KEEPERS,
        *wiring.GREETINGS,
        *wiring.RAW.values(),
        *wiring.ASK_PAGES.values(),
        *(name for row in wiring.SLOTS.values() for name in row),
    ]
    assert [name for name in named if not callable(import_string(name))] == []


def test_every_event_is_heard_and_every_listener_listens_to_something_told() -> None:
    """An event nobody tells is a road that leads nowhere."""
    told = {word for file in python_files() if file.stem != "events" for word in re.findall(r"\w+", file.read_text())}
    assert sorted(kind.__name__ for kind in wiring.LISTENERS if kind.__name__ not in told) == []


def test_the_last_claim_is_the_inbox() -> None:
    assert wiring.CLAIMS[-1] == "ganzohr.inbox.actions.receive"


# One way out

SENDERS = re.compile(
    r"^\s*(?:from|import) (smtplib|imaplib|imapclient|poplib|ftplib|httpx|requests|urllib3|urllib\.request|http\.client"
    r"|aiohttp|aiosmtplib|websockets|pycurl|telnetlib|xmlrpc|dns|boto3|paramiko)\b"
    r"|(?:socket\.(?:create_connection|socket|getaddrinfo)|open_connection|create_connection|urlopen)\(",
    re.M,
)
CALLS = re.compile(
    r"httpx\.(?:get|post|put|patch|delete|head|options|request|stream|Client|AsyncClient|HTTPTransport)\("
    r"|requests\.(?:get|post|put|patch|delete|head|request|Session)\(|smtplib\.SMTP(?:_SSL)?\(|IMAPClient\("
)
# Who knows of the network at all, and which of them open a line: everybody else asks `core.reach` and `core.web`
OPENS = {"ganzohr/core/reach.py", "ganzohr/core/web.py", "ganzohr/accounts/calls.py"}  # resolve, check, then connect
KNOWS_ERRORS = {  # and catch them by name
    *(f"ganzohr/channels/connectors/mail/{name}.py" for name in ("connector", "reading", "xoauth")),
    "ganzohr/channels/connectors/meta/graph.py",
}
ON_CHECKED_LINES = {"ganzohr/channels/connectors/mail/imap.py", "ganzohr/channels/connectors/mail/sending.py"}
ASKS_ITSELF = {"ganzohr/config/supervisor.py"}  # its own /health
LISTENS = {"ganzohr/config/sockets.py"}


def test_only_the_guard_opens_lines_to_the_world() -> None:
    may = OPENS | KNOWS_ERRORS | ON_CHECKED_LINES | ASKS_ITSELF | LISTENS
    files = [file for file in python_files() if room_of(file) != "proofs"]
    assert [name_of(file) for file in files if name_of(file) not in may and SENDERS.search(file.read_text())] == []
    assert [name_of(file) for file in files if name_of(file) not in OPENS and CALLS.search(file.read_text())] == []


@pytest.mark.parametrize(
    "line",
    ["import aiohttp", "    from urllib3 import x", "import smtplib", "socket.socket(2)", "loop.open_connection(h)"],
)
def test_whoever_opened_a_line_past_the_guard_would_be_seen(line: str) -> None:
    assert SENDERS.search(line)


# Budgets


def functions(file: Path) -> Iterator[tuple[str, int, bool]]:
    """Name, lines without documentation, and whether it takes a request, of every function of a file."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            first = node.body[0]
            said = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            words = (first.end_lineno or 0) - first.lineno + 1 if said else 0
            arguments = [argument.arg for argument in node.args.args]
            yield node.name, node.end_lineno - node.lineno + 1 - words, arguments[:1] == ["request"]


def is_door(file: Path) -> bool:
    """Whether a file holds views."""
    return "views" in (file.stem, file.parent.name) or file.stem in {"api", "forms", "urls", "permissions"}


def test_files_functions_views_and_templates_keep_their_budgets() -> None:
    over = []
    for file in [*python_files(), *PACKAGE.glob("**/*.css"), *PACKAGE.glob("**/*.js")]:
        if "vendor" not in file.parts:
            over.append((name_of(file), len(file.read_text().splitlines()), 400))
    over += [(name_of(file), len(file.read_text().splitlines()), 120) for file in templates()]
    for file in python_files():
        for name, lines, takes_request in functions(file):
            view = takes_request and is_door(file) and not name.startswith("_")
            over.append((f"{name_of(file)}::{name}", lines, 15 if view else 40))
    assert [
        f"{name}: {lines} > {RAISED.get(name, limit)}" for name, lines, limit in over if lines > RAISED.get(name, limit)
    ] == []


def test_core_stays_small() -> None:
    assert sum(len(file.read_text().splitlines()) for file in python_files("core/**/*.py")) <= 900


# States


# Many rows at once, claimed under a lock in the same transaction: path → why
SETS_STATE = {"ganzohr/channels/intake.py": "a batch of deliveries, each read under SKIP LOCKED"}


def statements(file: Path) -> Iterator[tuple[int, str]]:
    """Line and kind of what doors must not do and of every state that is set by hand."""
    for node in ast.walk(ast.parse(file.read_text())):
        targets = node.targets if isinstance(node, ast.Assign) else []
        if any(isinstance(target, ast.Attribute) and target.attr == "state" for target in targets):
            yield node.lineno, "state"  # type: ignore[attr-defined]
        called = node.func if isinstance(node, ast.Call) else None
        if is_door(file) and isinstance(called, ast.Attribute) and called.attr in {"save", "bulk_create", "delete"}:
            yield called.lineno, called.attr


def test_states_move_through_one_function_and_doors_save_nothing() -> None:
    wrong = [
        f"{name_of(file)}:{line} {kind}"
        for file in python_files()
        for line, kind in statements(file)
        if not (kind == "state" and name_of(file) in SETS_STATE)
    ]
    assert wrong == []


# Locks

# Claims pass over what is locked, so they wait for nobody.
WAITING_LOCK = re.compile(r"select_for_update\((?!.*(?:no_key|skip_locked)=True)|FOR UPDATE(?!.* SKIP LOCKED)")


def test_no_lock_that_waits_keeps_others_from_referring_to_the_row() -> None:
    """At the commit of whoever wrote a row, its foreign keys would wait for us, who may wait for them: a deadlock."""
    found = {name_of(file) for file in python_files() if WAITING_LOCK.search(file.read_text())}
    assert found == set()


# Names, words, pins, pages


def test_no_file_has_a_name_that_says_nothing() -> None:
    forbidden = {"utils", "helpers", "services", "managers", "signals", "tasks", "misc", "common"}
    assert [
        name_of(file) for file in python_files() if forbidden & {file.stem, *file.relative_to(PACKAGE).parts[:-1]}
    ] == []


@pytest.mark.parametrize("room", ROOMS)
def test_catalogues_are_complete(room: str) -> None:
    assert messages.check(room) == []


def tracked() -> list[Path]:
    """Every file of the repository; every file on disk where there is no git."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    names = listed.stdout.decode().split("\0") if listed.returncode == 0 else []
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def test_no_file_names_a_package_index_and_pins_hold_no_address() -> None:
    hosts = re.compile(r"py[p]i\.org|files\.python[h]osted|registry\.npm[j]s")
    files = [file for file in tracked() if file.suffix not in {".png", ".woff2", ".ico", ".xlsx", ".eml"}]
    assert [name_of(file) for file in files if hosts.search(file.read_text(errors="replace"))] == []
    assert [file.name for file in (ROOT / "requirements").iterdir() if "://" in file.read_text()] == []


UNSAFE = re.compile(
    r"<script(?![^>]*\b(?:src=|type=.application/(?:ld\+)?json))|<style|\sstyle=|\son[a-z]+=|javascript:|hx-on|js:|\|\s*safe\b"
    r"|(?:src|srcset)=[\"']https?://|<link[^>]+href=[\"']https?://",
    re.IGNORECASE,
)


def test_pages_hold_no_inline_script_or_style_and_nothing_from_another_host() -> None:
    wrong = [
        f"{name_of(file)}: {found.group()}"
        for file in templates()
        if file.suffix == ".html" and file.parent.name not in ("mail", "document")  # whole in themselves, for elsewhere
        for found in UNSAFE.finditer(file.read_text())
    ]
    assert wrong == []


def test_every_setting_is_documented() -> None:
    text = (ROOT / "docs/operating.md").read_text()
    used = {
        name
        for file in python_files("config/*.py")
        for name in re.findall(r"\"(GANZOHR_[A-Z0-9_]+)\"", file.read_text())
    }
    assert sorted(name for name in used if f"`{name}`" not in text and not name.startswith("GANZOHR_DEMO")) == []


def test_every_dependency_is_documented() -> None:
    text = (ROOT / "docs/dependencies.md").read_text()
    listed = [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"]]
    names = [re.match(r"[\w.-]+", entry) for entry in listed]
    assert [name[0] for name in names if name and f"| {name[0]} |" not in text] == []


@pytest.mark.django_db
def test_migrations_say_what_the_models_say() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_test_that_keeps_something_safe_exists() -> None:
    named = re.findall(r"(tests/\S+\.py)::(\w+)", (ROOT / "docs/security.md").read_text())
    missing = [f"{file}::{name}" for file, name in named if f"def {name}(" not in (ROOT / file).read_text()]
    assert (len(named) > 30, missing) == (True, [])
