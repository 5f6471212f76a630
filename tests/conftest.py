"""One private PostgreSQL for the whole run, made by the desk's own recipe and removed afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis

_WANTED = ("chromium", "dovecot", "postfix")
_LONGEST = (
    "tests/browser/test_every_page.py",
    "tests/flows/test_proofs.py",
    "tests/config/test_desk.py",
    "tests/browser/test_look.py",
    "tests/browser/test_inbox.py",
    "tests/proofs/test_crash.py",
    "tests/test_permissions.py",
    "tests/config/test_backup.py",
    "tests/browser/test_circle.py",
    "tests/browser/test_widget.py",
)
# A busy machine is no finding, and a build fails for the same reason twice.
hypothesis.register_profile(
    "desk", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
hypothesis.load_profile("desk")

_home: list[Path] = []
_server: list[subprocess.Popen[bytes]] = []


@pytest.hookimpl(tryfirst=True)
def pytest_configure() -> None:
    """Before settings are read: a data folder of our own and a server in it; workers of xdist use their parent's."""
    if os.environ.get("CI") == "true" and _missing():
        pytest.exit(f"nothing may be skipped here, but this machine has no {' and no '.join(_missing())}", returncode=1)
    if "GANZOHR_TEST_HOME" not in os.environ:
        _start_server()
    os.environ["GANZOHR_HOME"] = os.environ["GANZOHR_TEST_HOME"]
    os.environ["DJANGO_SETTINGS_MODULE"] = "ganzohr.config.settings"
    os.environ["GANZOHR_REACH"] = "127.0.0.0/8,::1/128"  # where the stand-ins for platforms live
    import django

    from ganzohr.config import catalogues

    catalogues.compile_all()
    django.setup()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, so that no process works on one of them alone at the end."""
    rank = {name: place for place, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: rank.get(item.nodeid.partition("::")[0], len(rank)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line about what could not be tried here."""
    if _missing():
        terminalreporter.write_line(f"Not tried for real, because not installed: {', '.join(_missing())}.")


def _missing() -> list[str]:
    path = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin"
    return [name for name in _WANTED if not shutil.which(name, path=path)]


def _start_server() -> None:
    from ganzohr.config.postgres import Server

    for name in [name for name in os.environ if name.startswith("GANZOHR_") or name == "DATABASE_URL"]:
        del os.environ[name]
    home = Path(tempfile.mkdtemp(prefix="gzt-"))
    home.chmod(0o711)
    os.environ["GANZOHR_TEST_HOME"] = str(home)
    _home.append(home)
    _server.append(Server(home, quick=True).start(output=subprocess.DEVNULL))


def pytest_unconfigure() -> None:
    """Nothing stays behind."""
    from ganzohr.config.postgres import stop

    for child in _server:
        stop(child)
    for home in _home:
        shutil.rmtree(home, ignore_errors=True)
        del os.environ["GANZOHR_TEST_HOME"]


@pytest.fixture(autouse=True)
def language() -> Iterator[None]:
    """Every test starts in English, the language of the source."""
    from django.utils import translation

    with translation.override("en"):
        yield
