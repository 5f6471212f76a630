"""What stands around the demo's desk: mail servers that take everything, the career site, the mailboxes of everybody.

One process, told by the environment; ends on SIGINT or SIGTERM.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

from ganzohr.proofs import mailstandin
from ganzohr.proofs.mailservers import GONE, maildir

DESK = "karriere@auental.example"
PASSWORD = "sample"  # noqa: S105  only on loopback, only in the demo


class Everybody(Mapping[str, str]):
    """Every address has a mailbox."""

    def __getitem__(self, address: str) -> str:
        """The same password for all."""
        if "@" not in address:
            raise KeyError(address)
        return PASSWORD

    def __iter__(self) -> Iterator[str]:
        """Nobody in particular."""
        return iter(())

    def __len__(self) -> int:
        """Nobody in particular."""
        return 0


def main() -> None:
    """Start all, wait to be told to end."""
    import django

    django.setup()  # the mailboxes are drawn by its templates; nothing here touches the database
    from ganzohr.proofs import mailroom, site

    logging.getLogger("mail.log").setLevel(logging.ERROR)
    folder = Path(os.environ["GANZOHR_DEMO_MAILS"])
    smtp_port = int(os.environ["GANZOHR_DEMO_SMTP"])
    told = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told.set())
    imap = mailstandin.ImapServer(
        Everybody(), lambda address: maildir(folder, address), int(os.environ["GANZOHR_DEMO_IMAP"])
    )
    smtp = mailstandin.SmtpServer(Everybody(), lambda address: maildir(folder, address), GONE, smtp_port)
    widget = f"{os.environ['GANZOHR_URL']}/w/sample-career-site/widget.js"
    servers = [
        site.serve(int(os.environ["GANZOHR_DEMO_SITE"]), widget),
        mailroom.serve(int(os.environ["GANZOHR_DEMO_MAILROOM"]), folder, smtp_port, (DESK,)),
    ]
    told.wait()
    ending: list[mailstandin.Stoppable] = [*servers, imap, smtp]
    for server in ending:
        server.stop()


if __name__ == "__main__":
    main()
