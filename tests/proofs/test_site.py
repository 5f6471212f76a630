"""The demo's career site and its room of mailboxes."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest

from ganzohr.proofs import mailroom, site
from ganzohr.proofs.mailservers import GONE, maildir
from ganzohr.proofs.mailstandin import SmtpServer
from ganzohr.proofs.stage import Everybody

DESK = "karriere@auental.example"


@pytest.fixture
def career_site() -> Iterator[httpx.Client]:
    server = site.serve(0, "http://127.0.0.1:9/w/key/widget.js")
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}") as client:
        yield client
    server.stop()


@pytest.mark.parametrize(("path", "language"), [("/", "de"), ("/nl/", "nl"), ("/en/", "en"), ("/nl/privacy", "nl")])
def test_each_language_has_its_page_with_the_one_script_and_no_other_host(
    career_site: httpx.Client, path: str, language: str
) -> None:
    page = career_site.get(path)
    assert page.status_code == 200
    assert f'<html lang="{language}">' in page.text
    assert re.findall(r'<script[^>]*src="([^"]+)"', page.text) == ["http://127.0.0.1:9/w/key/widget.js"]
    assert "style=" not in page.text and "$" not in page.text
    assert "script-src http://127.0.0.1:9;" in page.headers["Content-Security-Policy"]
    links = re.findall(r'(?:href|src)="(/[^"#]*)', page.text)
    assert [link for link in links if career_site.get(link).status_code != 200] == []


def test_what_is_not_there_is_said(career_site: httpx.Client) -> None:
    assert [career_site.get(path).status_code for path in ("/jobs", "/../site.py", "/nl/datenschutz")] == [404] * 3


@pytest.fixture
def post(tmp_path: Path) -> Iterator[SmtpServer]:
    server = SmtpServer(Everybody(), lambda address: maildir(tmp_path, address), GONE)
    yield server
    server.stop()


def send(server: SmtpServer, to: str, text: str, **headers: str) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"Kliniken Auental <{DESK}>", to, "Antwort"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    with smtplib.SMTP("127.0.0.1", server.port, timeout=10) as smtp:
        smtp.send_message(mail)


@pytest.fixture
def room(tmp_path: Path, post: SmtpServer) -> Iterator[httpx.Client]:
    server = mailroom.serve(0, tmp_path, post.port, (DESK,))
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}") as client:
        yield client
    server.stop()


def test_a_reply_leaves_as_a_real_mail_with_its_thread(room: httpx.Client, post: SmtpServer, tmp_path: Path) -> None:
    reply_to = "karriere+abc234@auental.example"
    send(post, "Lena <lena@post.example>", "Ja, das geht: https://example.org/x", Message_ID="<a@b>", Reply_To=reply_to)
    listed = room.get("/?box=lena@post.example").text
    mail = re.search(r"mail=([^\"&]+)", listed)
    assert mail
    shown = room.get(f"/?box=lena@post.example&mail={mail.group(1)}").text
    assert '<a href="https://example.org/x"' in shown
    form = {"box": "lena@post.example", "mail": mail.group(1), "text": "Danke"}
    assert room.post("/", data=form).headers["Location"].endswith("sent=1")
    [got] = [path.read_text() for path in (maildir(tmp_path, DESK) / "new").iterdir()]
    assert f"To: {reply_to}" in got and "In-Reply-To: <a@b>" in got and "> Ja, das geht" in got
    assert DESK not in re.findall(r"box=([^\"&]+)", room.get("/").text)


def test_what_was_not_opened_yet_is_marked_and_no_box_jumps(room: httpx.Client, post: SmtpServer) -> None:
    for name in ("lena", "anna", "lena"):
        send(post, f"{name} <{name}@post.example>", "Ja, das geht.")
    first = room.get("/?box=lena@post.example").text
    mail = re.findall(r"mail=([^\"&]+)", first)[0]
    room.get(f"/?box=lena@post.example&mail={mail}")
    last = room.get("/?box=lena@post.example").text
    assert [re.findall(r"<b>(anna|lena)</b>.*?<i[^>]*>(\d+)", html) for html in (first, last)] == [
        [("anna", "1"), ("lena", "2")], [("anna", "1"), ("lena", "1")],
    ]  # fmt: skip
    assert [html.count('<li class="new">') for html in (first, last)] == [2, 1]
    assert room.get("/mailroom.svg").headers["Content-Type"] == "image/svg+xml"


def test_an_empty_room_says_what_to_do(room: httpx.Client) -> None:
    assert "Stell eine Frage" in room.get("/").text


def test_no_path_leads_out_of_the_mailboxes(room: httpx.Client) -> None:
    answers = [room.get("/html", params={"box": box, "mail": "x"}) for box in ("../..@mail", "a/../b@c", "")]
    assert [(answer.status_code, answer.text) for answer in answers] == [(200, "")] * 3
