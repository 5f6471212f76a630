"""Mail: IMAP (IDLE, polling) in, SMTP out; passwords or the sign-in of Microsoft and Google."""

from __future__ import annotations

from ganzohr.channels.connectors.mail.connector import MailConnector

connector = MailConnector()
