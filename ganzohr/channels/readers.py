"""Long readers (IMAP IDLE, long polling): one holder per channel by a lease row, taken over when the holder is gone.

The keeper runs in the worker, one thread for each channel it holds. What a reader finds is stored first, then its
cursor is saved: after a crash the last thing comes twice and is recognised by its key.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import socket
import threading
from typing import cast

from django.db import close_old_connections, connection
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from ganzohr.channels import accounts, actions, connectors, health
from ganzohr.channels.connectors.base import Read, Reads, Trouble
from ganzohr.channels.models import Channel, Lease
from ganzohr.core import crypto, times

log = logging.getLogger(__name__)
LEASE = dt.timedelta(seconds=20)  # and LOOK_EVERY until somebody sees it: within 30 s of a death another one reads
LOOK_EVERY = 5.0
STATE = Channel.State


class Reader(threading.Thread):
    """Reads one channel until told to stop, or until its lease is somebody else's."""

    def __init__(self, channel_id: int, holder: str, stop: threading.Event) -> None:
        super().__init__(name=f"reader-{channel_id}", daemon=True)
        self.channel_id = channel_id
        self.holder = holder
        self.stop = stop

    def run(self) -> None:
        """Read; trouble is written down for people, and the keeper tries again after a rest."""
        try:
            self._read()
        except Trouble as trouble:
            health.note(self.channel_id, trouble.code, trouble.detail)
        except crypto.Unreadable:
            health.note(self.channel_id, "unreadable")
        except Exception as error:  # the desk lives on; people see that something is wrong
            log.exception("reading channel %s ended", self.channel_id)
            health.note(self.channel_id, "reading_failed", type(error).__name__)
        finally:
            connection.close()

    def _read(self) -> None:
        channel = Channel.objects.get(pk=self.channel_id)
        lease = Lease.objects.get(channel=channel, holder=self.holder)
        reads = cast(Reads, accounts.connector_of(channel))
        for read in reads.read(accounts.account_of(channel), lease.cursor, self.stop):
            self._keep(channel, read)
            if self.stop.is_set():
                return

    def _keep(self, channel: Channel, read: Read) -> None:
        close_old_connections()
        if read.body:
            actions.store(channel, read.path, read.headers, read.body)
        else:
            health.note(channel.pk, "")
        if read.secrets:
            actions.save_secrets(channel, read.secrets)
        if not Lease.objects.filter(channel=channel, holder=self.holder).update(cursor=dict(read.cursor)):
            self.stop.set()


def keep(stop: threading.Event) -> None:
    """Hold leases and run their readers until `stop` is set (keeper); everything ends within a second then."""
    holder = f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"
    running: dict[int, Reader] = {}
    try:
        while True:
            try:
                _turn(holder, running)
            except Exception:  # the database may be away for a moment
                log.exception("the keeper of readers could not look")
            if stop.wait(LOOK_EVERY):
                return
    finally:
        _end(holder, running)


def _turn(holder: str, running: dict[int, Reader]) -> None:
    close_old_connections()
    wanted = set(_readable().values_list("pk", flat=True))
    for channel_id, reader in list(running.items()):
        if channel_id not in wanted or not _take(channel_id, holder):
            reader.stop.set()
        if not reader.is_alive():
            del running[channel_id]
    for channel_id in wanted - set(running):
        if _take(channel_id, holder):
            running[channel_id] = Reader(channel_id, holder, threading.Event())
            running[channel_id].start()


def _readable() -> QuerySet[Channel]:
    """Channels that must be read now: ours, and those left behind with a standing answer; not while they rest."""
    kinds = [kind for kind in connectors.KINDS if connectors.connector(kind).abilities.reads_itself]
    answers = ~Q(state=STATE.DISCONNECTED) | ~Q(standing_answer={})
    rested = Q(rests_until=None) | Q(rests_until__lte=times.now())
    return Channel.objects.filter(answers, rested, kind__in=kinds).exclude(settings={})


def _take(channel_id: int, holder: str) -> bool:
    """Take the lease or make it last longer; False when somebody else holds it. By the clock of the database, since
    those of two machines differ."""
    Lease.objects.bulk_create([Lease(channel_id=channel_id, holder="", until=Now())], ignore_conflicts=True)
    free = Q(holder=holder) | Q(until__lte=Now())
    return bool(Lease.objects.filter(free, channel_id=channel_id).update(holder=holder, until=Now() + LEASE))


def _end(holder: str, running: dict[int, Reader]) -> None:
    for reader in running.values():
        reader.stop.set()
    for reader in running.values():
        reader.join(0.8)
    gone = [channel_id for channel_id, reader in running.items() if not reader.is_alive()]
    Lease.objects.filter(holder=holder, channel_id__in=gone).update(until=Now())
    connection.close()
