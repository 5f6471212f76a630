"""Small mail servers in Python for machines without Postfix and Dovecot: SMTP (aiosmtpd) into Maildirs, IMAP out of
them.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import re
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path
from typing import Any, Protocol

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

Where = Callable[[str], Path]
_count = itertools.count()
logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd warns of itself at every sign-in


class Stoppable(Protocol):
    """Something that runs until it is told to stop."""

    def stop(self) -> None:
        """Ends it."""


def deliver(folder: Path, raw: bytes) -> None:
    """One mail into a Maildir, whole or not at all."""
    name = f"{time.time_ns():020d}.{os.getpid()}.{next(_count)}"
    (folder / "tmp").mkdir(parents=True, exist_ok=True)
    (folder / "new").mkdir(parents=True, exist_ok=True)
    (folder / "tmp" / name).write_bytes(raw)
    (folder / "tmp" / name).rename(folder / "new" / name)


class SmtpServer:
    """Takes mail for known mailboxes (plus addresses included), refuses unknown ones, bounces what goes to a domain
    that is gone.
    """

    def __init__(self, passwords: Mapping[str, str], where: Where, gone: str, port: int = 0) -> None:
        self.passwords, self.where, self.gone = passwords, where, gone
        self._controller = Controller(
            self,
            hostname="127.0.0.1",
            port=port or _free_port(),
            data_size_limit=40_000_000,
            authenticator=self._authenticate,
            auth_require_tls=False,
            auth_exclude_mechanism=["LOGIN"],
        )
        self._controller.start()
        self.port = int(self._controller.port)

    def stop(self) -> None:
        """Ends the server."""
        self._controller.stop()

    def _authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        good = self.passwords.get(data.login.decode().lower()) == data.password.decode()
        return AuthResult(success=good, handled=False)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802
        """Takes or refuses a recipient."""
        if not self._box(address) and not self._is_gone(address):
            return "550 5.1.1 nobody of that name here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Delivers at once."""
        head = f"Return-Path: <{envelope.mail_from}>\r\n".encode()
        for address in envelope.rcpt_tos:
            box = self._box(address)
            if box:
                traced = head + f"Delivered-To: {address}\r\nReceived: by ganzohr.test; {formatdate()}\r\n".encode()
                deliver(self.where(box), (traced + envelope.content).replace(b"\r\n", b"\n"))
            elif envelope.mail_from and (sender := self._box(envelope.mail_from)):
                deliver(self.where(sender), b"Return-Path: <>\n" + _bounce(address, sender, envelope.content))
        return "250 2.0.0 taken"

    def _box(self, address: str) -> str:
        local, _, domain = address.lower().rpartition("@")
        box = f"{local.partition('+')[0]}@{domain}"
        return box if box in self.passwords else ""

    def _is_gone(self, address: str) -> bool:
        domain = address.lower().rpartition("@")[2]
        return domain == self.gone or domain.endswith(f".{self.gone}")


def _bounce(address: str, sender: str, content: bytes) -> bytes:
    message = EmailMessage()
    message["From"] = "MAILER-DAEMON@mx.ganzohr.test"
    message["To"] = sender
    message["Subject"] = "Undelivered Mail Returned to Sender"
    message["Auto-Submitted"] = "auto-replied"
    message["Message-ID"] = make_msgid(domain="mx.ganzohr.test")
    message["Date"] = formatdate()
    mark = f"={time.time_ns()}="
    del message["MIME-Version"]
    head = (
        message.as_bytes().rstrip(b"\n")
        + (
            f'\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary="{mark}"\n\n'
            f"--{mark}\n\nYour mail to <{address}> could not be delivered.\n\n--{mark}\n"
            "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.ganzohr.test\n\n"
            f"Final-Recipient: rfc822; {address}\nAction: failed\nStatus: 5.1.1\n"
            f"Diagnostic-Code: X-Ganzohr; nobody lives here\n\n--{mark}\nContent-Type: message/rfc822\n\n"
        ).encode()
    )
    return head + content.replace(b"\r\n", b"\n") + f"\n--{mark}--\n".encode()


class ImapServer:
    """LOGIN, SELECT, UID SEARCH, UID FETCH, IDLE, UID STORE, APPEND, NOOP, LOGOUT over Maildirs."""

    def __init__(self, passwords: Mapping[str, str], where: Where, port: int = 0) -> None:
        self.passwords, self.where = passwords, where
        self.stopping = threading.Event()
        self._server = _Server(("127.0.0.1", port), _Session, self)
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()

    def stop(self) -> None:
        """Ends the server and its sessions."""
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(
        self, address: tuple[str, int], handler: type[socketserver.StreamRequestHandler], imap: ImapServer
    ) -> None:
        self.imap = imap
        super().__init__(address, handler)


class _Session(socketserver.StreamRequestHandler):
    """One connection."""

    server: _Server
    address = ""
    folder: Path | None = None

    def handle(self) -> None:
        """Commands until LOGOUT or the line breaks."""
        self._say("* OK [CAPABILITY IMAP4rev1 IDLE UIDPLUS] ready")
        with contextlib.suppress(OSError, ValueError):
            while line := self.rfile.readline(70_000):
                tag, _, rest = line.decode("latin-1").strip().partition(" ")
                name, _, args = rest.partition(" ")
                if name.upper() == "UID":
                    name, _, args = f"UID {args}".partition(" ")[2].partition(" ")
                    name = f"uid_{name}"
                do = getattr(self, f"_do_{name.lower()}", None)
                if do is None:
                    self._say(f"{tag} BAD unknown command")
                elif do(tag, args):
                    return

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode("latin-1", "replace") + b"\r\n")

    def _do_capability(self, tag: str, args: str) -> None:
        self._say("* CAPABILITY IMAP4rev1 IDLE UIDPLUS")
        self._say(f"{tag} OK done")

    def _do_login(self, tag: str, args: str) -> None:
        user, password = (_unquote(part) for part in re.findall(r'"(?:[^"\\]|\\.)*"|\S+', args)[:2])
        good = self.server.imap.passwords.get(user.lower()) == password
        self.address = user.lower() if good else ""
        self._say(f"{tag} OK signed in" if good else f"{tag} NO [AUTHENTICATIONFAILED] Authentication failed.")

    def _do_select(self, tag: str, args: str) -> None:
        name = _unquote(args)
        if not self.address or name.upper() not in ("INBOX", "SENT"):
            self._say(f"{tag} NO [NONEXISTENT] no such folder")
            return
        base = self.server.imap.where(self.address)
        self.folder = base if name.upper() == "INBOX" else base / ".Sent"
        mails = _mails(self.folder)
        self._say(f"* {len(mails)} EXISTS")
        self._say(f"* OK [UIDVALIDITY {_validity(self.folder)}] valid")
        self._say(f"* OK [UIDNEXT {max(mails, default=0) + 1}] next")
        self._say(f"{tag} OK [READ-WRITE] selected")

    _do_examine = _do_select

    def _do_noop(self, tag: str, args: str) -> None:
        self._say(f"{tag} OK done")

    def _do_list(self, tag: str, args: str) -> None:
        self._say('* LIST (\\HasNoChildren) "/" INBOX')
        self._say('* LIST (\\HasNoChildren \\Sent) "/" Sent')
        self._say(f"{tag} OK done")

    def _do_uid_search(self, tag: str, args: str) -> None:
        mails = _mails(self.folder)
        wanted = re.search(r"UID (\S+)", args)
        found = [uid for uid in mails if not wanted or _within(uid, wanted.group(1), max(mails, default=0))]
        header = re.search(r'HEADER "?Message-ID"? (\S+)', args, re.IGNORECASE)
        if header:
            needle = _unquote(header.group(1)).encode()
            found = [uid for uid in found if needle in mails[uid].read_bytes()]
        self._say("* SEARCH " + " ".join(map(str, found)))
        self._say(f"{tag} OK done")

    def _do_uid_fetch(self, tag: str, args: str) -> None:
        which, _, what = args.partition(" ")
        mails = _mails(self.folder)
        for number, (uid, path) in enumerate(mails.items(), 1):
            if _within(uid, which, max(mails, default=0)):
                self._fetch(number, uid, path, what)
        self._say(f"{tag} OK done")

    def _fetch(self, number: int, uid: int, path: Path, what: str) -> None:
        raw = path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        if "BODY" not in what:
            self._say(f"* {number} FETCH (UID {uid} RFC822.SIZE {len(raw)})")
            return
        self.wfile.write(f"* {number} FETCH (UID {uid} BODY[]<0> {{{len(raw)}}}\r\n".encode() + raw + b")\r\n")

    def _do_uid_store(self, tag: str, args: str) -> None:
        for uid, path in _mails(self.folder).items():
            if (
                uid == int(args.split(" ", maxsplit=1)[0])
                and "\\seen" in args.lower()
                and path.parent.name == "new"
                and self.folder
            ):
                (self.folder / "cur").mkdir(exist_ok=True)
                path.rename(self.folder / "cur" / f"{path.name}:2,S")
        self._say(f"{tag} OK done")

    def _do_append(self, tag: str, args: str) -> None:
        size = re.search(r"\{(\d+)\+?\}$", args)
        name = _unquote(args.split(" ", maxsplit=1)[0])
        if not size:
            self._say(f"{tag} BAD no literal")
            return
        self._say("+ go on")
        raw = self.rfile.read(int(size.group(1)))
        self.rfile.readline()
        base = self.server.imap.where(self.address)
        deliver(base if name.upper() == "INBOX" else base / f".{name}", raw)
        self._say(f"{tag} OK appended")

    def _do_idle(self, tag: str, args: str) -> None:
        self._say("+ idling")
        known = len(_mails(self.folder))
        self.connection.settimeout(0.2)
        done = b""
        while not done.endswith(b"\n") and not self.server.imap.stopping.is_set():
            with contextlib.suppress(TimeoutError):
                piece = self.connection.recv(100)
                if not piece:
                    raise ConnectionError
                done += piece
            count = len(_mails(self.folder))
            if count != known:
                known = count
                self._say(f"* {count} EXISTS")
        self.connection.settimeout(None)
        self._say(f"{tag} OK idle ended")

    def _do_logout(self, tag: str, args: str) -> bool:
        self._say("* BYE")
        self._say(f"{tag} OK done")
        return True


def _unquote(text: str) -> str:
    text = text.strip()
    return text[1:-1].replace('\\"', '"').replace("\\\\", "\\") if text.startswith('"') else text


def _mails(folder: Path | None) -> dict[int, Path]:
    """UIDs are kept in a file beside the mails, so they stay what they are."""
    if folder is None:
        return {}
    paths = sorted((p for name in ("new", "cur") for p in (folder / name).glob("*")), key=lambda path: path.name)
    index = folder / "uids"
    with _lock:
        known = index.read_text().split() if index.exists() else []
        names = [path.name.partition(":")[0] for path in paths]
        known += [name for name in names if name not in set(known)]
        folder.mkdir(parents=True, exist_ok=True)
        index.write_text("\n".join(known))
    numbers = {name: number for number, name in enumerate(known, 1)}
    return dict(sorted((numbers[path.name.partition(":")[0]], path) for path in paths))


_lock = threading.Lock()


def _validity(folder: Path) -> int:
    mark = folder / "uidvalidity"
    if not mark.exists():
        folder.mkdir(parents=True, exist_ok=True)
        mark.write_text(str(int(time.time())))
    return int(mark.read_text())


def _within(uid: int, ranges: str, last: int) -> bool:
    for piece in ranges.split(","):
        low, _, high = piece.partition(":")
        begin = last if low == "*" else int(low)
        end = begin if not high else last if high == "*" else int(high)
        if min(begin, end) <= uid <= max(begin, end):
            return True
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
