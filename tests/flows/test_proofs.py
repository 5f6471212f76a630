"""The proofs themselves, as somebody who cloned the repository runs them."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
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


def test_ten_people_ask_at_once_and_each_gets_the_right_answer_once(temporary: Path) -> None:
    record = temporary / "record"
    walk = command("prove", "main-job", "--record", str(record), temporary=temporary)
    said, _ = walk.communicate(timeout=300)
    assert said.splitlines()[-1] == "main-job: 10 asked, 10 answered, 0 crossed, 0 lost, 0 double", said
    assert walk.returncode == 0
    assert sorted(file.name for file in record.iterdir()) == [
        "01-website-lena.txt",
        "02-website-lena.txt",
        "03-mail-jonas.txt",
        "04-mail-jonas.txt",
        "05-hand-noor.txt",
        "06-hand-noor.txt",
        "07-comment-mia.txt",
        "08-comment_private-mia.txt",
        "09-whatsapp-ben.txt",
        "10-whatsapp-ben.txt",
    ]
    taken = [json.loads(line) for file in sorted(record.iterdir())[6:] for line in file.read_text().splitlines()]
    assert [one["road"] for one in taken if one["text"]] == [
        "comment.reply", "comment.private_reply", "whatsapp.send", "whatsapp.send",
    ]  # fmt: skip
    assert [file.name for file in temporary.iterdir()] == ["record"]


def test_the_demo_signs_in_by_one_click_plays_a_platform_and_leaves_nothing_behind(temporary: Path) -> None:
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
        drain = threading.Thread(target=demo.stdout.read, daemon=True)
        drain.start()
        network = Browser(next(line.split()[-1] for line in lines if line.startswith("The network's page")))
        names = re.findall(r"Facebook-Seite|WhatsApp", browser.get("/channels/").text)
        assert set(names) == {"Facebook-Seite", "WhatsApp"}
        comment_and_answer(browser, network)
    finally:
        demo.send_signal(signal.SIGINT)
    assert demo.wait(timeout=20) == 0
    assert list(temporary.iterdir()) == []


def comment_and_answer(desk: Browser, network: Browser) -> None:
    """Somebody comments on the network's page; it arrives at the desk, and the answer stands below the comment."""
    asked, told = "Habt ihr in der Küche auch Ausbildungsplätze?", "Ja, zwei im August, als Köchin oder als Koch."
    page, before = network.get("/"), newest(desk)
    network.submit(page, page.form(field="text"), {"text": asked}, ("tu", "kommentieren"))
    eventually(lambda: newest(desk) > before)
    talk = desk.get(f"/inbox/{newest(desk)}/")
    assert asked in talk.text
    talk = desk.submit(talk, talk.form(field="text", action="/answer"), {"text": told})
    assert talk.status == 200, talk.text
    eventually(lambda: told in network.get("/").text)


def newest(desk: Browser) -> int:
    """The number of the newest conversation in the inbox."""
    links = (re.match(r"/inbox/(\d+)/", link) for link in desk.get("/inbox/").links)
    return max(int(link[1]) for link in links if link)


def eventually(has_come: Callable[[], bool], patience: float = 90.0) -> None:
    """Return once it is true."""
    until = time.monotonic() + patience
    while not has_come():
        assert time.monotonic() < until, "it did not come"
        time.sleep(0.3)
