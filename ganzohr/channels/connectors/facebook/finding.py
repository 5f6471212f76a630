"""Looking for something of ours at the platform after a call that ended we do not know how."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ganzohr.channels.connectors.base import FIND_SECONDS, Account, Outcome, Sending
from ganzohr.channels.connectors.facebook.sending import WORDS, Goal, Refused, goal_of, page_of
from ganzohr.channels.connectors.meta import graph
from ganzohr.channels.connectors.meta.values import moment, part, parts, text, text_id
from ganzohr.core import deadline

SKEW = timedelta(minutes=5)  # their clock and ours
PATIENCE = 3.0  # seconds: what the platform took a moment ago may show a moment later
NOT_THERE = Outcome("refused", code="not_arrived")


@dataclass(frozen=True)
class Lost:
    """What is looked for: our words, from when on, and the ids of other things of ours that say the same."""

    words: str
    since: datetime
    others: frozenset[str]


def find(account: Account, sending: Sending) -> Outcome | None:
    """Accepted with its id, refused when it surely is not there, None when that cannot be told."""
    try:
        goal = goal_of(sending)
        if sending.kind not in WORDS:
            return NOT_THERE  # a like or a hiding: once more does no harm
        words = _plain(str(sending.payload.get("text") or ""))
        if not words or sending.since is None or (goal.is_private and sending.files):
            return None
        with deadline.within(FIND_SECONDS):
            return _look(account, goal, Lost(words, sending.since - SKEW, sending.others))
    except Refused:
        return None


def _look(account: Account, goal: Goal, lost: Lost) -> Outcome | None:
    found = _once(account, goal, lost)
    if found == NOT_THERE:
        time.sleep(PATIENCE)
        found = _once(account, goal, lost)
    return found


def _once(account: Account, goal: Goal, lost: Lost) -> Outcome | None:
    if not goal.is_private:
        return _among_comments(account, goal, lost)
    if goal.recipient_id:
        return _in_talk(account, goal.recipient_id, lost)
    return _private_reply(account, goal, lost)


def _among_comments(account: Account, goal: Goal, lost: Lost) -> Outcome | None:
    params = {"fields": "id,from,message,created_time", "order": "reverse_chronological", "limit": "100"}
    answer = graph.call(account, "GET", f"{goal.thing}/comments", params=params)
    return _ours(account, answer.body, lost) if answer.is_good else None


def _in_talk(account: Account, person: str, lost: Lost) -> Outcome | None:
    fields = "id,messages.limit(50){id,message,from,created_time}"
    params = {"platform": "messenger", "user_id": person, "fields": fields}
    answer = graph.call(account, "GET", f"{page_of(account)}/conversations", params=params)
    if not answer.is_good:
        return None
    talks = parts(answer.body, "data")
    return _ours(account, part(talks[0], "messages"), lost) if talks else None  # they wrote, so there is one to see


def _private_reply(account: Account, goal: Goal, lost: Lost) -> Outcome | None:
    """A comment that may still be answered privately was not; one that may not was, but perhaps by somebody else."""
    if not goal.comment_id:
        return None
    fields = {"fields": "can_reply_privately,from"}
    answer = graph.call(account, "GET", goal.comment_id, params=fields)
    if not answer.is_good:
        return None
    if answer.body.get("can_reply_privately") is True:
        return NOT_THERE
    person = text_id(part(answer.body, "from").get("id"))
    found = _in_talk(account, person, lost) if person else None
    return found if found and found.state == "accepted" else None


def _ours(account: Account, listed: Mapping[str, Any], lost: Lost) -> Outcome | None:
    """Our own words in this list, from when on they can be there; None when the list does not tell.

    Words of ours that are another thing's are not these, and where another one's id is not known yet, nobody can say.
    """
    all_of_it, page_id = parts(listed, "data"), page_of(account)
    recent = [one for one in all_of_it if (moment(one.get("created_time")) or lost.since) >= lost.since]
    by_us = [one for one in recent if text_id(part(one, "from").get("id")) == page_id]
    same = [text_id(one.get("id")) for one in by_us if _plain(text(one, "message")) == lost.words]
    mine = [id_ for id_ in same if id_ not in lost.others]
    if mine:
        return None if "" in lost.others else Outcome("accepted", external_id=mine[0])
    has_more = bool(part(listed, "paging").get("next")) and len(recent) == len(all_of_it)
    return None if has_more or not isinstance(listed.get("data"), list) else NOT_THERE


def _plain(words: str) -> str:
    return " ".join(words.split())
