"""Everything on its way out: claimed, fenced, sent outside any transaction, its outcome stored.

The fence is committed before the call. Whatever happens after it, a thing leaves again only if the platform said no, if
the platform itself knows our key, or if a person says so. Nothing is fenced before a thread is free to send it, and
holds are asked once more when its files are there, so a hold is in force with its commit: only calls under way finish.
Channels do not wait for each other, things of one lane leave one after another. The threads below fetch files, speak to
platforms, and never touch the database. No call begins that might outlast its lease: who comes too late for that says
nothing to anybody and tries again.
"""

from __future__ import annotations

import contextvars
import datetime as dt
import logging
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace

from django.core.files.storage import default_storage
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F

from ganzohr.channels import accounts, alike, clock, health, holds, outcomes
from ganzohr.channels.claiming import DESK, Door, fence
from ganzohr.channels.connectors.base import SEND_SECONDS, Account, Connector, Outcome, OutgoingFile, Sending
from ganzohr.channels.models import Outgoing
from ganzohr.core import times
from ganzohr.core.points import point

log = logging.getLogger(__name__)
MOST_AT_ONCE = 16
MOST_LOOKS = 3
BATCH = 50
SPAN, LITTLE_MORE = 15.0, 1.0  # seconds of claiming; and of waiting then for what does not hang
PAUSE = 1.0  # seconds between two tries to write something down
MOMENT = 0.5
LONGEST_CALL = dt.timedelta(seconds=SEND_SECONDS + 10)
STATE = Outgoing.State


@dataclass(frozen=True)
class Call:
    """One fenced sending and what is needed to speak to its platform without a database; its files are fetched last."""

    outgoing: Outgoing
    connector: Connector
    account: Account
    sending: Sending


class Flight:
    """What one call of `send_waiting` has under way, and how wide each door stands open.

    A door opens for one thing, and by one more with each that was accepted; trouble closes it to one again.
    """

    def __init__(self) -> None:
        self.flying: dict[Future[Call | Outcome], Call] = {}
        self.widths: Counter[int] = Counter()
        self.resting: set[int] = set()

    @property
    def free(self) -> int:
        """How many more may be sent at the same time."""
        return MOST_AT_ONCE - len(self.flying)

    def width(self, door: Door) -> int:
        """How many more may leave through this door now."""
        if door.id in self.resting:
            return 0
        under_way = sum((call.outgoing.channel_id or DESK) == door.id for call in self.flying.values())
        return min(1 + self.widths[door.id], door.abilities.at_once) - under_way

    def learn(self, call: Call, outcome: Outcome) -> None:
        """How it went decides how wide its door stands open."""
        door = call.outgoing.channel_id or DESK
        self.widths[door] = self.widths[door] + 1 if outcome.state == "accepted" else 0
        if outcome.state == "refused" and health.rest_after(outcome.code):
            self.resting.add(door)


def send_waiting() -> int:
    """Send what waits and may leave (doorbell `outbox`); how many were tried; none where our clock is wrong."""
    if clock.is_wrong():
        return 0
    tried, flight = 0, Flight()
    with ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="outbox") as pool:
        try:
            while True:
                tried += _give_up_leases() + _fly(flight, pool)
                if not flight.flying:
                    return tried
        except Exception:
            _land_all(flight)
            raise


def _fly(flight: Flight, pool: ThreadPoolExecutor) -> int:
    """Claim and send until nothing waits that may leave, or the span is over and a little more; how many were tried.
    What hangs longer than that is in the air still, and keeps nobody else here."""
    tried, until = 0, time.monotonic() + SPAN
    flight.resting.clear()  # by now the row of the channel says so
    while (at := time.monotonic()) < until + LITTLE_MORE:
        claimed = fence(flight.free, flight.width) if flight.free and at < until else []
        for outgoing in claimed:
            call = _call(outgoing)
            if isinstance(call, Call):
                _begin(flight, pool, _with_files if outgoing.payload.get("files") else _send, call)
            else:
                outcomes.store(outgoing, call)
        tried += len(claimed)
        if not claimed and not flight.flying:
            break
        _land(flight, pool)
    return tried


def _begin(flight: Flight, pool: ThreadPoolExecutor, work: Callable[[Call], Call | Outcome], call: Call) -> None:
    flight.flying[pool.submit(contextvars.copy_context().run, work, call)] = call


def _land_all(flight: Flight) -> None:
    """After an error: what a platform says about one thing is true whatever befell another, or the database, for which
    we wait as long as the lease of what it said lasts. Nothing begins any more."""
    while flight.flying:
        try:
            _land(flight)
        except Exception as error:
            log.exception("outcomes of calls under way could not be stored")
            for future in [one for one in flight.flying if one.done()]:
                if not _is_away(error) or _is_over(flight.flying[future].outgoing):
                    del flight.flying[future]
            time.sleep(PAUSE if flight.flying else 0)
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()


def _is_away(error: BaseException) -> bool:
    """Whether it was the database, and not what was to be stored."""
    if isinstance(error, BaseExceptionGroup):
        return any(_is_away(one) for one in error.exceptions)
    return isinstance(error, OperationalError | InterfaceError)


def _is_over(outgoing: Outgoing) -> bool:
    return outgoing.leased_until is None or times.now() > outgoing.leased_until


def _land(flight: Flight, pool: ThreadPoolExecutor | None = None) -> None:
    """Write down what came back, and let go whose files are there; a slow platform keeps nobody from looking for more
    for longer than a moment. What cannot be written down stays in the air."""
    done = wait(flight.flying, timeout=MOMENT, return_when=FIRST_COMPLETED).done
    said: dict[Future[Call | Outcome], tuple[Call, Outcome]] = {}
    for future in done:
        call, found = flight.flying[future], future.result()
        if isinstance(found, Outcome):
            said[future] = call, found
        elif pool is None or holds.keeps(call.outgoing):
            said[future] = call, Outcome("refused", code="late", retry_at=times.now())
        else:
            del flight.flying[future]
            _begin(flight, pool, _send, found)
    if not said:
        return
    point("send.after_call")
    outcomes.store_all([(call.outgoing, outcome) for call, outcome in said.values()])
    point("send.after_outcome")
    for future, (call, outcome) in said.items():
        del flight.flying[future]
        flight.learn(call, outcome)


def _call(outgoing: Outgoing) -> Call | Outcome:
    """What to say to whom; or the refusal, when that cannot be put together."""
    try:
        account = accounts.account_of(outgoing.channel) if outgoing.channel else accounts.desk_account()
        if account is None:  # its mail channel went this very moment
            return Outcome("refused", code="no_account", retry_at=times.now())
        return Call(outgoing, accounts.connector_of(outgoing.channel), account, _sending(outgoing))
    except (KeyError, ValueError) as error:
        return Outcome("refused", code="not_possible", detail=type(error).__name__)


def _sending(outgoing: Outgoing) -> Sending:
    same = alike.others(outgoing) if accounts.connector_of(outgoing.channel).abilities.finds_words else frozenset()
    known = (outgoing.key, outgoing.kind, outgoing.target, outgoing.payload, (), outgoing.attempts)
    return Sending(*known, since=outgoing.created_at, others=same)


def _with_files(call: Call) -> Call | Outcome:
    """With the bytes of its files, which may lie across a network; or the refusal, when they cannot be had."""
    try:
        files = tuple(_file(entry) for entry in call.outgoing.payload.get("files", ()))
    except FileNotFoundError as error:
        return Outcome("refused", code="file_missing", detail=str(error.filename or "")[:100])
    except (KeyError, ValueError) as error:
        return Outcome("refused", code="not_possible", detail=type(error).__name__)
    except Exception as error:  # whatever the storage raises: nobody has heard anything yet
        log.exception("outgoing %s: its files cannot be had", call.outgoing.pk)
        return Outcome("refused", code="files_away", detail=type(error).__name__, retry_at=times.now())
    return replace(call, sending=replace(call.sending, files=files))


def _file(entry: dict[str, str]) -> OutgoingFile:
    with default_storage.open(entry["path"]) as stored:
        return OutgoingFile(entry["name"], entry["content_type"], stored.read())


def _is_late(call: Call) -> bool:
    """Whether the lease might end while we speak, and somebody else believe nobody does."""
    leased_until = call.outgoing.leased_until
    return leased_until is None or times.now() > leased_until - LONGEST_CALL


def _send(call: Call) -> Outcome:
    """In a thread. After a call that ended we do not know how, our own message is looked for at once."""
    if _is_late(call):
        return Outcome("refused", code="late", retry_at=times.now())
    try:
        outcome = call.connector.send(call.account, call.sending)
    except Exception as error:  # a connector must not raise; if it does, nobody knows what the platform heard
        log.exception("outgoing %s: the connector failed", call.outgoing.pk)
        outcome = Outcome("unclear", code="crashed", detail=type(error).__name__)
    if outcome.state != "unclear":
        return outcome
    if call.connector.abilities.idempotent:
        return Outcome("refused", code=outcome.code, detail=outcome.detail, retry_at=times.now())
    return _find(call) or outcome


def _find(call: Call) -> Outcome | None:
    """What the platform says about a sending of ours: it has it, it never had it (again, then), or it cannot tell."""
    try:
        found = call.connector.find(call.account, call.sending)
    except Exception:  # looking must never make anything worse
        log.exception("outgoing %s: looking for it failed", call.outgoing.pk)
        return None
    if found is None or found.state == "unclear":
        return None
    if found.state == "refused":
        return Outcome("refused", code="not_arrived", detail=found.detail, retry_at=times.now())
    return found


def _give_up_leases() -> int:
    """What was fenced by a worker that is gone: unclear, and looked for by the round below."""
    rows = Outgoing.objects.filter(state=STATE.SENDING, leased_until__lt=times.now()).select_related("channel__app")
    left = list(rows[:BATCH])
    for outgoing in left:
        outcomes.store(outgoing, Outcome("unclear", code="crashed"))
    return len(left)


def look_again() -> int:
    """Look at the platform for unclear things, three times further and further apart (round); how many were settled."""
    if clock.is_wrong():
        return 0
    settled = 0
    for outgoing in _claim_looks():
        call = _call(outgoing)
        found = _look(call) if isinstance(call, Call) else None
        if found is not None:
            settled += outcomes.store(outgoing, found)
    return settled


def _look(call: Call) -> Outcome | None:
    if call.connector.abilities.idempotent:
        return Outcome("refused", code="crashed", retry_at=times.now())
    whole = _with_files(call)
    return _find(whole) if isinstance(whole, Call) else None


def _claim_looks() -> list[Outgoing]:
    now = times.now()
    due = Outgoing.objects.filter(state=STATE.UNCLEAR, looks__lt=MOST_LOOKS, leased_until__lte=now)
    with transaction.atomic():
        rows = list(due.select_for_update(skip_locked=True, of=("self",)).select_related("channel__app")[:BATCH])
        for row in rows:
            next_look = now + dt.timedelta(minutes=2 * 5**row.looks)
            Outgoing.objects.filter(pk=row.pk).update(looks=F("looks") + 1, leased_until=next_look)
    return rows
