"""django-helpdesk 2.6.1 in an environment of its own, on the same PostgreSQL. Only with --peers."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from ganzohr.proofs.bench import letters
from ganzohr.proofs.bench.ground import ROOT, Ground, Part, tell
from ganzohr.proofs.bench.meter import Span

PACKAGES = ("django-helpdesk==2.6.1", "psycopg[binary,pool]", "gunicorn")
FOLDER = Path(__file__).parent / "helpdesk"


def python() -> str:
    """Its Python, set up on first use; kept beside the tools, so that the next run is quick."""
    folder = ROOT / ".tools" / "helpdesk"
    found = folder / "bin" / "python"
    if not (folder / ".ready").exists():
        tell("django-helpdesk is installed beside")
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        pip = [str(found), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES]
        subprocess.run(pip, check=True, stderr=subprocess.DEVNULL)
        (folder / ".ready").touch()
    return str(found)


def _told(**more: str) -> dict[str, str]:
    return {"DJANGO_SETTINGS_MODULE": "settings", "PYTHONPATH": str(FOLDER), **more}


@contextmanager
def helpdesk(ground: Ground) -> Iterator[Part]:
    """Its part, on a database of its own."""
    command = [python(), str(FOLDER / "part.py")]
    is_new = "helpdesk" not in ground.databases
    if is_new:
        ground.make("helpdesk")
    with ground.part("helpdesk", command, **_told()) as part:
        if is_new:
            part.ask("lay")
        yield part


def take(part: Part, first: int, count: int) -> Span:
    """What it costs to take these mails in, each in a transaction."""
    mails = [letters.mail(n).decode() for n in range(first, first + count)]
    taken, span = part.timed("take", mails=mails)
    if taken != count:
        raise RuntimeError(f"django-helpdesk took {taken} of {count} mails")
    return span


@dataclass(frozen=True)
class Served:
    """Its list over HTTP."""

    process: psutil.Process
    port: int
    path: str
    headers: dict[str, str]


@contextmanager
def serving(ground: Ground, tickets: int) -> Iterator[Served]:
    """Its pages under the same WSGI server as the plain view, with as many tickets."""
    with helpdesk(ground) as part:
        tell(f"django-helpdesk is filled with {tickets:,} tickets")
        part.ask("fill", tickets=tickets)
        cookie, path = part.ask("cookie")
    with ground.connect("helpdesk") as connection:
        connection.execute("VACUUM ANALYZE")
    command = [
        python(), "-m", "gunicorn", "wsgi:application", "--workers", "2", "--worker-class", "gthread", "--threads", "4",
        "--keep-alive", "30", "--bind", "127.0.0.1:{port}", "--log-level", "error",
    ]  # fmt: skip
    with ground.serving("helpdesk", command, **_told()) as (process, port):
        yield Served(process, port, path, {"Cookie": cookie, "Accept": "application/json", "User-Agent": "bench"})
