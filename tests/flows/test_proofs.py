"""The proofs themselves, as somebody who cloned the repository runs them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ganzohr.proofs.demo import free_port
from ganzohr.proofs.forms import Browser

ROOT = Path(__file__).resolve().parents[2]


def command(*arguments: str, temporary: Path) -> subprocess.Popen[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GANZOHR_", "DJANGO_"))}
    kept |= {"PYTHONPATH": str(ROOT), "TMPDIR": str(temporary)}
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "ganzohr", *arguments],
        env=kept,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A folder of our own that PostgreSQL's user can reach; it must be empty at the end."""
    with tempfile.TemporaryDirectory(prefix="gzp-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o711)
        yield folder


def test_six_people_ask_at_once_and_each_gets_the_right_answer_once(temporary: Path) -> None:
    record = temporary / "record"
    walk = command("prove", "main-job", "--record", str(record), temporary=temporary)
    said, _ = walk.communicate(timeout=170)
    assert said.splitlines()[-1] == "main-job: 6 asked, 6 answered, 0 crossed, 0 lost, 0 double", said
    assert walk.returncode == 0
    assert sorted(file.name for file in record.iterdir()) == [
        "01-website-lena.txt",
        "02-website-lena.txt",
        "03-mail-jonas.txt",
        "04-mail-jonas.txt",
        "05-hand-noor.txt",
        "06-hand-noor.txt",
    ]
    assert [file.name for file in temporary.iterdir()] == ["record"]


def test_the_demo_starts_signs_in_by_one_click_and_leaves_nothing_behind(temporary: Path) -> None:
    port = free_port()
    demo = command("demo", "--port", str(port), temporary=temporary)
    assert demo.stdout
    lines: list[str] = []
    try:
        for line in demo.stdout:
            lines.append(line.strip())
            if "Ctrl-C" in line:
                break
        assert f"Ganzohr is ready: http://127.0.0.1:{port}" in lines, lines
        link = next(line.split()[-1] for line in lines if line.startswith("Sophie"))
        browser = Browser(f"http://127.0.0.1:{port}")
        assert "ganzohr" in browser.get(link).text
        assert browser.get("/inbox/").status == 200
        drain = threading.Thread(target=demo.stdout.read, daemon=True)
        drain.start()
    finally:
        demo.send_signal(signal.SIGINT)
    assert demo.wait(timeout=20) == 0
    assert list(temporary.iterdir()) == []
