"""The desk starts, survives and ends: each story drives real processes on a data folder of its own."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from ganzohr.config import supervisor
from tests.prepared import prepare

pytestmark = pytest.mark.slow
PATIENCE = 120.0  # a busy machine
SOON = 10.0  # three seconds by the supervisor's own clock; the rest is the machine's


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_until(true: Callable[[], bool], patience: float = PATIENCE) -> float:
    """How long it took until it was true."""
    started = time.monotonic()
    while not true():
        assert time.monotonic() - started < patience, "waited in vain"
        time.sleep(0.03)
    return time.monotonic() - started


class Desk:
    """A desk under test."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = free_port()
        self.prefix = ""
        self.log = home / "log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Start it; the seconds until /health answered 200."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ganzohr", "--port", str(self.port)],
            env=self.environment(),
            stderr=self.log.open("ab"),
        )
        return wait_until(lambda: self.health() is not None)

    def environment(self) -> dict[str, str]:
        """The environment without settings of this test run."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("GANZOHR_", "DJANGO_"))}
        below = {"GANZOHR_URL": f"http://127.0.0.1:{self.port}{self.prefix}"} if self.prefix else {}
        return clean | {"GANZOHR_HOME": str(self.home)} | below

    def health(self) -> dict[str, object] | None:
        """What /health says; None while it does not say 200."""
        asking = http.client.HTTPConnection("127.0.0.1", self.port, timeout=3)
        try:
            asking.request("GET", f"{self.prefix}/health")
            answer = asking.getresponse()
            return dict(json.loads(answer.read())) if answer.status == 200 else None
        except (OSError, http.client.HTTPException):
            return None
        finally:
            asking.close()

    def is_whole(self) -> bool:
        """Whether web, worker and database live."""
        said = self.health()
        return said is not None and (said["database"], said["worker"]) == ("alive", "alive")

    def child(self, word: str) -> psutil.Process:
        """The child whose command line holds this word."""
        assert self.process
        children = psutil.Process(self.process.pid).children()
        return next(child for child in children if any(word in part for part in _command(child)))

    def family(self) -> list[psutil.Process]:
        """The supervisor and everything below it."""
        assert self.process
        top = psutil.Process(self.process.pid)
        return [top, *top.children(recursive=True)]

    def listening(self) -> set[str]:
        """What those of the family listen with that are still there when asked."""
        return {name for process in self.family() for name in _listens(process)}


def _command(process: psutil.Process) -> list[str]:
    with suppress(psutil.NoSuchProcess):  # also a zombie
        return list(process.cmdline())
    return []


def _listens(process: psutil.Process) -> list[str]:
    with suppress(psutil.NoSuchProcess):
        return [process.name()] if process.net_connections("tcp") else []
    return []


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A desk in a temporary folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="gzd-") as folder:
        Path(folder).chmod(0o711)
        made = Desk(Path(folder))
        yield made
        if made.process and made.process.poll() is None:
            made.process.terminate()
            made.process.wait(10)


@pytest.fixture
def ready(desk: Desk) -> Desk:
    """A desk that was started once before."""
    prepare(desk.home)
    return desk


def gone(processes: list[psutil.Process]) -> bool:
    """Whether none of them lives."""
    return not any(_lives(process) for process in processes)


def _lives(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):  # it may end between two questions
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def test_a_desk_starts_quickly_refuses_a_second_and_ends_without_a_trace(desk: Desk) -> None:
    desk.start()
    wait_until(desk.is_whole)
    second = subprocess.run(
        [sys.executable, "-m", "ganzohr", "--port", str(free_port())],
        env=desk.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (second.returncode, second.stderr) == (
        2,
        f"A desk is already running on {desk.home} (process {desk.family()[0].pid}).\n",
    )
    family = desk.family()
    assert "postgres" not in desk.listening()
    family[0].send_signal(signal.SIGTERM)
    assert wait_until(lambda: gone(family)) < SOON
    assert desk.process and desk.process.wait() == 0
    desk.start()
    assert sum(desk.child("web").cpu_times()[:2]) < 6  # of the processor; a busy machine doubles it
    desk.process.send_signal(signal.SIGINT)
    assert desk.process.wait(SOON) == 0


def test_whatever_is_killed_comes_back(ready: Desk) -> None:
    ready.start()
    wait_until(ready.is_whole)
    for word in ("web", "worker", "bin/postgres"):
        victim = ready.child(word)
        victim.kill()
        wait_until(lambda word=word, victim=victim: _has_another(ready, word, victim.pid))  # type: ignore[misc]
        wait_until(ready.is_whole)


def _has_another(desk: Desk, word: str, pid: int) -> bool:
    with suppress(StopIteration, psutil.NoSuchProcess):
        return desk.child(word).pid != pid
    return False


def test_a_killed_supervisor_takes_its_children_along_and_the_desk_starts_again(ready: Desk) -> None:
    ready.start()
    family = ready.family()
    family[0].kill()
    assert ready.process
    ready.process.wait()
    assert wait_until(lambda: gone(family)) < SOON
    ready.start()
    wait_until(ready.is_whole)


SESSION = """
from importlib import import_module
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from ganzohr.accounts.models import User
user = User.objects.create_user("manager@example.org", role="manager")
session = import_module(settings.SESSION_ENGINE).SessionStore()
session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
session.save()
print(session.session_key)
"""


def ask(desk: Desk, path: str, cookie: str = "") -> tuple[int, str]:
    asking = http.client.HTTPConnection("127.0.0.1", desk.port, timeout=30)
    asking.request("GET", path, headers={"Cookie": cookie} if cookie else {})
    answer = asking.getresponse()
    said = answer.read().decode("utf-8", "replace")
    asking.close()
    return answer.status, said


def test_below_a_path_every_address_leads_there_and_open_live_pages_do_not_hold_up_the_end(ready: Desk) -> None:
    ready.prefix = "/ganzohr"
    ready.start()
    assert ask(ready, "/ganzohr/")[0] == 302
    status, sign_in = ask(ready, "/ganzohr/accounts/sign-in/")
    named = set(re.findall(r'(?:href|src|action)="(/[^"]*)"', sign_in))
    assert (status, {one for one in named if not one.startswith("/ganzohr/")}) == (200, set())
    assert {ask(ready, one)[0] for one in named if "/static/" in one} == {200}
    made = subprocess.run(
        [sys.executable, "-m", "ganzohr", "manage", "shell", "-v0", "-c", SESSION],
        env=ready.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    cookie = f"ganzohr_session={made.stdout.strip()}"
    status, today = ask(ready, "/ganzohr/", cookie)
    linked = set(re.findall(r'(?:href|src|action|hx-get|hx-post|sse-connect)="(/[^"]*)"', today))
    assert (status, {one for one in linked if not one.startswith("/ganzohr/")}) == (200, set())
    pages = []
    for _ in range(3):
        page = http.client.HTTPConnection("127.0.0.1", ready.port, timeout=10)
        page.request("GET", "/ganzohr/live?topics=inbox", headers={"Cookie": cookie})
        pages.append(page.getresponse())
    assert {(page.status, page.headers["Content-Type"]) for page in pages} == {(200, "text/event-stream")}
    family = ready.family()
    family[0].send_signal(signal.SIGTERM)
    assert wait_until(lambda: gone(family)) < SOON
    assert [line for line in ready.log.read_text().splitlines() if "Traceback" in line or "ERROR" in line] == []


@pytest.mark.parametrize("role", [[], ["web"]])
def test_settings_that_make_no_sense_are_refused_in_words_all_at_once_and_nothing_is_made(
    desk: Desk, role: list[str]
) -> None:
    wrong = desk.environment() | {
        "GANZOHR_HOME": str(desk.home / "new"),
        "GANZOHR_URL": "desk.example.org",
        "GANZOHR_HOOKS_PORT": "70000",
        "DATABASE_URL": "mysql://x",
        "GANZOHR_LANGUAGE": "fr",
        "GANZOHR_TIME_ZONE": "Berlin",
        "GANZOHR_LOG_LEVEL": "loud",
        "GANZOHR_SECRET_KEY": "short",
    }
    port = ["--port", str(free_port())] if role else []
    said = subprocess.run(
        [sys.executable, "-m", "ganzohr", *role, *port], env=wrong, capture_output=True, text=True, check=False
    )
    assert said.returncode == 2
    assert said.stderr == (
        "Ganzohr cannot start; please mend its settings:\n"
        "  GANZOHR_URL is 'desk.example.org'; it must be an address such as https://desk.example.org.\n"
        "  GANZOHR_HOOKS_PORT is '70000'; it must be a port, at most 65535.\n"
        "  DATABASE_URL must look like postgresql://user:password@host:5432/name.\n"
        "  GANZOHR_LANGUAGE is 'fr'; it must be one of de, en, nl.\n"
        "  GANZOHR_TIME_ZONE is 'Berlin'; it must be a time zone such as Europe/Berlin.\n"
        "  GANZOHR_LOG_LEVEL is 'LOUD'; it must be one of DEBUG, INFO, WARNING, ERROR.\n"
        "  GANZOHR_SECRET_KEY must have at least 32 characters.\n"
    )
    assert not (desk.home / "new").exists()


def test_nothing_is_ready_where_somebody_else_listens(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(supervisor, "LETTING_GO", 0.0)
    monkeypatch.setenv("GANZOHR_HOST", "127.0.0.1")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(SystemExit) as ended:
            supervisor.check_ports([0, port])
    assert ended.value.code == 2
    words = f"Cannot listen on 127.0.0.1:{port} (Address already in use). Choose another port with --port.\n"
    assert capsys.readouterr().err == words
    supervisor.check_ports([port])
