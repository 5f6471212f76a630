"""Handing a mail to the SMTP server, step by step, so that the outcome is known: taken, refused, again later, or
unclear.

Only after the last line of the mail went out can the outcome be unclear; before it the server cannot have taken
anything.
"""

from __future__ import annotations

import base64
import contextlib
import smtplib
import socket
import ssl
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

from ganzohr.channels.connectors.base import Outcome, Trouble
from ganzohr.channels.connectors.mail import signin, xoauth
from ganzohr.channels.connectors.mail.settings import MailAccount, refused_login, trouble
from ganzohr.core import deadline
from ganzohr.core import reach as reachable

CONNECT_SECONDS = 15.0
TALK_SECONDS = 20.0
VERDICT_SECONDS = 60.0
ENOUGH_SECONDS = 20.0  # with less left for a verdict the last line is not said: nobody would hear what became of it
_LATER = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))


def send(account: MailAccount, message: EmailMessage, recipients: list[str], attempt: int = 1) -> Outcome:
    """Sends one mail by the deadline around; never raises for what a server may do."""
    own_id = str(message["Message-ID"])
    try:
        payload = message.as_bytes()
    except (UnicodeError, ValueError) as error:
        return Outcome("refused", code="recipient_refused", detail=type(error).__name__)
    smtp = None
    try:
        smtp = connect(account)
        return _hand_over(smtp, account.address, recipients, payload, own_id, attempt)
    except Trouble as problem:
        return _again(problem.code, problem.detail, attempt)
    except (OSError, UnicodeError, ValueError) as error:  # smtplib's exceptions are OSErrors
        code = trouble(error if isinstance(error, OSError) else ConnectionError()).code
        return _again(code, type(error).__name__, attempt)
    finally:
        if smtp is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                smtp.close()


def connect(account: MailAccount) -> smtplib.SMTP:
    """A connection that is encrypted and signed in; raises `Trouble`."""
    smtp = reach(account)
    try:
        sign_in(smtp, account)
    except BaseException:
        smtp.close()
        raise
    return smtp


def reach(account: MailAccount) -> smtplib.SMTP:
    """An encrypted connection, not signed in; raises `Trouble`."""
    server = account.smtp
    server.must_be_safe()
    name = account.address.rpartition("@")[2] or "localhost"
    try:
        smtp = _open(server.host, server.port, server.security == "tls", name)
        if server.security == "starttls":
            smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo(name)
    except smtplib.SMTPNotSupportedError as error:
        raise Trouble("tls_failed", "the server offers no STARTTLS") from error
    except OSError as error:  # smtplib's exceptions are OSErrors too
        raise trouble(error) from error
    return smtp


class _Line(smtplib.SMTP):
    """A line to a server that may be spoken to."""

    def _get_socket(self, host: str, port: int, timeout: float | None) -> socket.socket:
        return reachable.connect(host, port, CONNECT_SECONDS, reachable.MAIL_PORTS)


class _EncryptedLine(smtplib.SMTP_SSL, _Line):
    """The same, encrypted from the first byte: SMTP_SSL wraps what `_Line` connects."""


def _open(host: str, port: int, encrypted: bool, name: str) -> smtplib.SMTP:
    if encrypted:
        smtp: smtplib.SMTP = _EncryptedLine(
            host, port, name, timeout=CONNECT_SECONDS, context=ssl.create_default_context()
        )
    else:
        smtp = _Line(host, port, name, timeout=CONNECT_SECONDS)
    _socket(smtp).settimeout(TALK_SECONDS)
    smtp.ehlo(name)
    return smtp


def _socket(smtp: smtplib.SMTP) -> socket.socket:
    if smtp.sock is None:
        raise smtplib.SMTPServerDisconnected("closed")
    return smtp.sock


def sign_in(smtp: smtplib.SMTP, account: MailAccount) -> None:
    """Signs in where the account has something to sign in with; raises `Trouble`."""
    secret = "" if account.uses_oauth else signin.password(account, "smtp")
    if not account.uses_oauth and not secret:
        return
    try:
        if account.uses_oauth:
            _xoauth2(smtp, account)
        else:
            smtp.login(account.user, secret)
    except smtplib.SMTPAuthenticationError as error:
        later = error.smtp_code // 100 == 4
        words = _words(error.smtp_error)
        raise (Trouble("rate_limited", words) if later else refused_login(words, account.uses_oauth)) from error
    except smtplib.SMTPNotSupportedError as error:
        raise Trouble("login_refused", "the server offers no sign-in we know") from error
    except OSError as error:
        raise trouble(error) from error


def _xoauth2(smtp: smtplib.SMTP, account: MailAccount) -> None:
    initial = base64.b64encode(xoauth.xoauth2(account.user, signin.access_token(account)).encode()).decode()
    code, answer = smtp.docmd("AUTH", f"XOAUTH2 {initial}")
    if code == 334:  # the server explains itself and waits for an empty line
        code, answer = smtp.docmd("")
    if code not in (235, 503):
        raise smtplib.SMTPAuthenticationError(code, answer)


def _hand_over(
    smtp: smtplib.SMTP, sender: str, recipients: list[str], payload: bytes, own_id: str, attempt: int
) -> Outcome:
    options = [f"size={len(payload)}"] if smtp.has_extn("size") else []
    code, answer = smtp.mail(sender, options)
    if code != 250:
        return _refusal(code, answer, "message_too_big" if code == 552 else "sender_refused", attempt)
    for recipient in recipients:
        code, answer = smtp.rcpt(recipient)
        if code not in (250, 251):
            return _refusal(code, answer, "recipient_refused", attempt)
    code, answer = smtp.docmd("DATA")
    if code != 354:
        return _refusal(code, answer, "content_refused", attempt)
    try:
        smtp.send(_dotted(payload))
    except OSError:  # smtplib's exceptions are OSErrors
        if not _is_short_of_time():
            raise
    if _is_short_of_time():  # by its size, as a rule: no trouble of the whole channel
        return _again("too_slow", f"{len(payload)} bytes were not handed over in time", attempt)
    return _verdict(smtp, own_id, attempt)


def _is_short_of_time() -> bool:
    try:
        return deadline.left(ENOUGH_SECONDS) < ENOUGH_SECONDS
    except TimeoutError:
        return True


def _verdict(smtp: smtplib.SMTP, own_id: str, attempt: int) -> Outcome:
    """The last line, and what the server says to it: 2xx is a yes, 4xx and 5xx are a no; all else nobody knows."""
    try:
        _socket(smtp).settimeout(deadline.left(VERDICT_SECONDS))
        smtp.send(b".\r\n")
        code, answer = smtp.getreply()
    except TimeoutError:
        return Outcome("unclear", own_id, "timeout_after")
    except (OSError, smtplib.SMTPException) as error:
        timed_out = isinstance(error.__context__, TimeoutError) or "timed out" in str(error)
        return Outcome("unclear", own_id, "timeout_after" if timed_out else "dropped")
    if code // 100 == 2:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            smtp.putcmd("QUIT")  # a farewell; what is said to it changes nothing and is not waited for
        return Outcome("accepted", own_id, detail=_words(answer))
    if code // 100 in (4, 5):
        return _refusal(code, answer, "message_too_big" if code == 552 else "content_refused", attempt)
    return Outcome("unclear", own_id, "dropped", f"{code} {_words(answer)}")  # no yes and no no: it has the whole mail


def _dotted(payload: bytes) -> bytes:
    body = payload.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    body = body.replace(b"\r\n.", b"\r\n..")
    body = b"." + body if body.startswith(b".") else body
    return body if body.endswith(b"\r\n") else body + b"\r\n"


def _refusal(code: int, answer: bytes, name: str, attempt: int) -> Outcome:
    words = f"{code} {_words(answer)}"
    if code == 552 and name == "recipient_refused":
        return Outcome("refused", code="quota_full", detail=words)
    if code // 100 == 5:
        return Outcome("refused", code=name, detail=words)
    return _again("connection_refused" if code in (-1, 421) else "asked_to_wait", words, attempt)


def _again(code: str, detail: str, attempt: int) -> Outcome:
    wait = _LATER[min(max(attempt, 1), len(_LATER)) - 1]
    return Outcome("refused", code=code, detail=detail[:300], retry_at=datetime.now(UTC) + wait)


def _words(answer: object) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
    return " ".join(text.split())[:280]
