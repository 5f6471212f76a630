"""Somebody at the desk who answers: a thread that approves an answer in one conversation after another."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from ganzohr.proofs.crash.bodies import KEY

if TYPE_CHECKING:
    from ganzohr.directory.models import Colleague
    from ganzohr.inbox.models import Conversation

QUIET = "4915"
BATCH = 50
APART = 0.25  # seconds


class Answers:
    """Answers people who wrote once, each once, until enough are queued. Whatever fails is done again with its key."""

    def __init__(self, wanted: int, by: Colleague) -> None:
        self.wanted, self.by = wanted, by
        self.queued, self.again = 0, 0
        self.last, self.asked = 0, 0.0
        self.troubles: list[str] = []
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        from django.db import Error, close_old_connections, connection

        while not self.is_over.wait(0.05):
            if self.queued >= self.wanted:
                time.sleep(0.1)
                continue
            try:
                close_old_connections()
                self._some()
            except Error:
                self.again += 1
                connection.close()
                time.sleep(0.2)
            except Exception as error:
                self.troubles.append(f"answering failed: {type(error).__name__}: {error}"[:300])
                self.is_over.set()
        connection.close()

    def _some(self) -> None:
        from ganzohr.inbox.models import Conversation

        rows = Conversation.objects.filter(pk__gt=self.last, handle__external_id__startswith=QUIET)
        for one in rows.filter(channel__app__key=KEY).order_by("pk")[:BATCH]:
            if self.queued >= self.wanted or self.is_over.is_set():
                return
            self._answer(one)
            self.last = one.pk
            self.queued += 1

    def _answer(self, conversation: Conversation) -> None:
        from ganzohr.audit import actions as audit
        from ganzohr.inbox.actions import answer

        newest = conversation.messages.filter(direction="in").order_by("-id").values_list("pk", flat=True)[0]
        answer(
            conversation, text=f"Ja. Deine Frage war {newest}.", by=self.by, actor=audit.round_("proof"),
            knows_message_id=newest, key="proof",
        )  # fmt: skip

    def ask_for_more(self) -> None:
        """A few a second beyond what was wanted, so that there is something to send when a process dies over it."""
        now = time.monotonic()
        if self.queued >= self.wanted and now > self.asked + APART:
            self.wanted, self.asked = self.queued + 1, now

    def wait_for(self, wanted: int, patience: float = 60.0) -> None:
        """Until so many are queued, or nobody is left to be answered."""
        self.wanted, until = wanted, time.monotonic() + patience
        while self.queued < wanted and time.monotonic() < until and not self.is_over.wait(0.1):
            pass

    def stop(self) -> None:
        """No more."""
        self.is_over.set()
        self.thread.join(10)
