"""The mailboxes of everybody in the demo on one page: read a mail, follow its links, reply by real SMTP."""

from __future__ import annotations

import hashlib
import smtplib
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import formataddr, formatdate, make_msgid
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

from django.template import Context, Engine
from django.template.base import Template

from ganzohr.proofs.little_web import Answered, Asked, Server, see
from ganzohr.proofs.maildirs import Letter, Mailbox, boxes, letters, read

FOLDER = Path(__file__).with_name("mailroom_pages")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# A mail is shown as mail programs do: its own styles, no script, its links in a new window.
MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox {}"
SANDBOX = "allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"
FILES = {
    "mailroom.css": "text/css; charset=utf-8",
    "mailroom.js": "text/javascript; charset=utf-8",
    "mailroom.svg": "image/svg+xml",
}


def serve(port: int, folder: Path, smtp_port: int, hidden: tuple[str, ...] = ()) -> Server:
    """Serve it on loopback. `folder` holds Maildirs (see `mailservers.maildir`); `hidden` ones stay unseen."""
    room = Mailroom(folder, smtp_port, hidden)
    return Server(port, room.answer)


class Mailroom:
    """Reads Maildirs, never changes them; remembers while it runs what was opened; sends what somebody replies."""

    def __init__(self, folder: Path, smtp_port: int, hidden: tuple[str, ...] = ()) -> None:
        self.folder, self.smtp_port, self.hidden = folder, smtp_port, hidden
        self.opened: set[str] = set()

    def answer(self, asked: Asked) -> Answered:
        """One request."""
        if asked.path == "/" and asked.form is None:
            return self._page(asked)
        if asked.path == "/" and asked.form is not None:
            return self._post(asked)
        if asked.path == "/html":
            return self._html(asked)
        name = asked.path.removeprefix("/")
        if name in FILES:
            return Answered(_file(name), FILES[name])
        return Answered("Not found\n", "text/plain; charset=utf-8", 404)

    def _page(self, asked: Asked) -> Answered:
        all_boxes = [box for box in boxes(self.folder) if box.address not in self.hidden]
        chosen = asked.query.get("box", "")
        box = next((one for one in all_boxes if one.address == chosen), all_boxes[0] if all_boxes else None)
        mails = letters(self.folder, box.address) if box else []
        wanted = asked.query.get("mail", "")
        shown = next((mail for mail in mails if mail.id == wanted), None)
        self.opened.update({shown.id} if shown else ())
        context = {
            "boxes": [(one, len(set(one.ids) - self.opened)) for one in all_boxes],
            "box": box,
            "mails": [(mail, mail.id not in self.opened) for mail in mails],
            "mail": shown,
            "is_writing": "write" in asked.query,
            "is_sent": "sent" in asked.query,
            "problem": asked.query.get("problem", ""),
            "revision": _revision(all_boxes),
            "to": next(iter(self.hidden), ""),
        }
        return Answered(_template().render(Context(context)), headers={"Content-Security-Policy": POLICY})

    def _html(self, asked: Asked) -> Answered:
        mail = read(self.folder, asked.query.get("box", ""), asked.query.get("mail", ""))
        body = mail.html if mail and mail.html else ""
        body = body.replace("<head>", '<head><base target="_blank">', 1)
        return Answered(body, headers={"Content-Security-Policy": MAIL_POLICY.format(SANDBOX)})

    def _post(self, asked: Asked) -> Answered:
        form = asked.form or {}
        box, known = form.get("box", ""), form.get("mail", "")
        answered = read(self.folder, box, known) if known else None
        there = {"box": box, **({"mail": known} if known else {})}
        if not form.get("text", "").strip() or not (answered or form.get("to")):
            return see("/?" + urlencode({**there, "problem": "empty"}))
        name = next((one.name for one in boxes(self.folder) if one.address == box), "")
        mail = _compose(box, name, form, answered)
        try:
            with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=10) as smtp:
                smtp.send_message(mail, from_addr=box)
        except (OSError, smtplib.SMTPException):
            return see("/?" + urlencode({**there, "problem": "smtp"}))
        return see("/?" + urlencode({**there, "sent": "1"}))


def _compose(box: str, name: str, values: Mapping[str, str], answered: Letter | None) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = formataddr((name, box)) if name else box
    mail["Date"] = formatdate(localtime=True)
    mail["Message-ID"] = make_msgid(domain=box.rpartition("@")[2] or "example.org")
    text = values["text"].strip() + "\n"
    if answered:
        mail["To"] = answered.reply_to or answered.sender
        subject = answered.subject
        mail["Subject"] = subject if subject.lower().startswith(("re:", "aw:")) else f"AW: {subject}"
        if answered.message_id:
            mail["In-Reply-To"] = answered.message_id
            mail["References"] = " ".join([*answered.references, answered.message_id])
        quoted = "\n".join(f"> {line}" for line in answered.text.strip().splitlines())
        text += f"\nAm {answered.at:%d.%m.%Y um %H:%M} schrieb {answered.sender_name or answered.sender}:\n{quoted}\n"
    else:
        mail["To"] = " ".join(values["to"].split())
        mail["Subject"] = " ".join((values.get("subject") or "Frage").split())
    mail.set_content(text)
    return mail


def _revision(all_boxes: list[Mailbox]) -> str:
    said = "|".join(f"{box.address}:{len(box.ids)}" for box in all_boxes)
    return hashlib.sha256(said.encode()).hexdigest()[:12]


@cache
def _file(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


@cache
def _template() -> Template:
    return Engine(autoescape=True).from_string(_file("mailroom.html"))
