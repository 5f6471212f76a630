"""A signed-in IMAP connection, and what went wrong in words."""

from __future__ import annotations

import contextlib
import imaplib
import socket
import ssl
from collections.abc import Iterator

from imapclient import IMAPClient, SocketTimeout  # type: ignore[import-untyped,unused-ignore]
from imapclient.exceptions import IMAPClientError, LoginError  # type: ignore[import-untyped,unused-ignore]

from ganzohr.channels.connectors.base import Trouble
from ganzohr.channels.connectors.mail import signin
from ganzohr.channels.connectors.mail.settings import MailAccount, Server, refused_login, trouble
from ganzohr.core import reach as reachable

CONNECT_SECONDS = 15.0
READ_SECONDS = 30.0


class _Line(imaplib.IMAP4):
    """A line to a server that may be spoken to, encrypted from the first byte or not."""

    def __init__(self, server: Server) -> None:
        self.server = server
        super().__init__(server.host, server.port, CONNECT_SECONDS)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        line = reachable.connect(self.server.host, self.server.port, CONNECT_SECONDS, reachable.MAIL_PORTS)
        if self.server.security != "tls":
            return line
        return ssl.create_default_context().wrap_socket(line, server_hostname=self.server.host)


class _Client(IMAPClient):  # type: ignore[misc,unused-ignore]
    """A client over such a line."""

    def __init__(self, server: Server) -> None:
        self.server = server
        timeout = SocketTimeout(CONNECT_SECONDS, READ_SECONDS)
        super().__init__(server.host, server.port, ssl=server.security == "tls", use_uid=True, timeout=timeout)

    def _create_IMAP4(self) -> imaplib.IMAP4:  # noqa: N802  (the library's name)
        return _Line(self.server)


def connect(account: MailAccount) -> IMAPClient:
    """A signed-in connection with nothing selected yet; raises `Trouble`."""
    client = reach(account)
    try:
        sign_in(client, account)
    except BaseException:
        close(client)
        raise
    return client


def reach(account: MailAccount) -> IMAPClient:
    """An encrypted connection, not signed in; raises `Trouble`."""
    server = account.imap
    server.must_be_safe()
    try:
        client = _Client(server)
        client.socket().setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if server.security == "starttls":
            client.starttls(ssl.create_default_context())
    except OSError as error:
        raise trouble(error) from error
    except IMAPClientError as error:
        raise Trouble(
            "tls_failed" if server.security == "starttls" else "connection_refused", str(error)[:200]
        ) from error
    return client


def sign_in(client: IMAPClient, account: MailAccount) -> None:
    """Signs in; raises `Trouble`."""
    try:
        if account.uses_oauth:
            client.oauth2_login(account.user, signin.access_token(account))
        else:
            client.login(account.user, signin.password(account, "imap"))
    except LoginError as error:
        raise refused_login(str(error), account.uses_oauth) from error
    except OSError as error:
        raise trouble(error) from error
    except IMAPClientError as error:
        lost = isinstance(error, client.AbortError)
        raise (
            Trouble("connection_refused", "closed") if lost else refused_login(str(error), account.uses_oauth)
        ) from error


def select(client: IMAPClient, folder: str, readonly: bool = True) -> dict[bytes, object]:
    """Opens the folder; raises `Trouble` when it does not exist."""
    try:
        found: dict[bytes, object] = client.select_folder(folder, readonly=readonly)
    except OSError as error:
        raise trouble(error) from error
    except client.AbortError as error:
        raise Trouble("connection_refused", "closed") from error
    except IMAPClientError as error:
        raise Trouble("folder_missing", str(error)[:200]) from error
    return found


def close(client: IMAPClient) -> None:
    """Ends the connection without waiting for anybody."""
    with contextlib.suppress(Exception):  # the connection is given up; whatever it says is of no use
        client.shutdown()


@contextlib.contextmanager
def connected(account: MailAccount) -> Iterator[IMAPClient]:
    """A connection for a moment."""
    client = connect(account)
    try:
        yield client
    finally:
        close(client)
