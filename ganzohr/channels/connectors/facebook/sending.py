"""Writing: below a comment for all, to one person by Messenger, a like, a hiding. Rules are checked at this moment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from ganzohr.channels.connectors.base import SEND_SECONDS, Account, Outcome, OutgoingFile, Sending
from ganzohr.channels.connectors.facebook import roads
from ganzohr.channels.connectors.facebook.place import PART
from ganzohr.channels.connectors.meta import graph
from ganzohr.channels.connectors.meta.graph import Answer
from ganzohr.channels.connectors.meta.values import moment, text_id
from ganzohr.core import deadline, times

MOST_PUBLIC, MOST_PRIVATE = 8000, 2000
MOST_BYTES = 25_000_000
WINDOW, HUMAN_WINDOW, PRIVATE_REPLY = timedelta(hours=24), timedelta(days=7), timedelta(days=7)
WORDS = frozenset({"answer", "notice", "standing", "promise"})
LIKE = "👍"


class Refused(Exception):
    """Our own rules say no; nothing has left."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code, self.detail = code, detail


@dataclass(frozen=True)
class Goal:
    """What an answer is bound to, checked."""

    comment_id: str
    post_id: str
    recipient_id: str
    message_id: str
    written_at: datetime | None
    is_private: bool

    @property
    def thing(self) -> str:
        """What stands in public: the comment, else the post."""
        return self.comment_id or self.post_id


def send(account: Account, sending: Sending) -> Outcome:
    """Writes one thing, in time; never raises for what a platform may do."""
    try:
        with deadline.within(SEND_SECONDS):
            return _send(account, sending, goal_of(sending))
    except Refused as refused:
        return Outcome("refused", code=refused.code, detail=refused.detail)
    except roads.WrongPath as wrong:
        return Outcome("refused", code="wrong_path", detail=str(wrong)[:200])


def goal_of(sending: Sending) -> Goal:
    """The target as it was bound to the message; raises `Refused` for one that nobody of ours made."""
    target = sending.target
    ids = {name: _id(target, name) for name in ("comment_id", "post_id", "recipient_id")}
    said = {str(one.get("visibility") or "") for one in (target, sending.payload)}
    in_public = bool(ids["comment_id"] or ids["post_id"])
    if not in_public and not ids["recipient_id"]:
        raise Refused("no_target")
    if not in_public and "public" in said:
        raise Refused("wrong_path", "a private talk has no public side")
    is_private = "private" in said or not in_public
    written_at, mid = moment(target.get("written_at")), text_id(target.get("message_id"))
    return Goal(**ids, message_id=mid, written_at=written_at, is_private=is_private)


def _id(target: Mapping[str, Any], name: str) -> str:
    found = text_id(target.get(name))
    if found and not roads.ID.fullmatch(found):
        raise Refused("target_invalid", name)
    return found


def _send(account: Account, sending: Sending, goal: Goal) -> Outcome:
    if sending.kind == "reaction":
        return _react(account, sending, goal)
    if sending.kind in ("hide", "unhide"):
        return _hide(account, sending, goal)
    if sending.kind == "read":
        return _seen(account, sending, goal)
    if sending.kind not in WORDS:
        raise Refused("not_possible", sending.kind[:40])
    text = _words(sending, MOST_PRIVATE if goal.is_private else MOST_PUBLIC)
    if not goal.is_private:
        return _reply(account, sending, goal, text)
    if goal.recipient_id:
        return _talk(account, sending, goal, text)
    return _private_reply(account, sending, goal, text)


def _words(sending: Sending, most: int) -> str:
    text = str(sending.payload.get("text") or "").strip()
    if len(text) > most:
        raise Refused("too_long", f"{len(text)} of {most}")
    if not text and not sending.files:
        raise Refused("not_possible", "nothing to say")
    return text


def page_of(account: Account) -> str:
    """Our page; raises `Refused` when it is not known."""
    page_id = text_id(account.settings.get("page_id"))
    if not page_id:
        raise Refused("not_possible", "the page is not known")
    return page_id


# In public


def _reply(account: Account, sending: Sending, goal: Goal, text: str) -> Outcome:
    """An answer below a comment or a post, which everybody reads."""
    values: dict[str, str] = {"message": text} if text else {}
    if len(sending.files) > 1 or any(not one.content_type.startswith("image/") for one in sending.files):
        raise Refused("not_possible", "a comment takes one picture")
    roads.reply_road(goal.thing)
    if sending.files:
        answer = _upload_photo(account, sending.files[0])
        id_ = text_id(answer.body.get("id"))
        if not (answer.is_good and id_):
            return _nothing_seen(answer, sending)
        values["attachment_id"] = id_
    answer = roads.write(account, "POST", goal.thing, "comments", values)
    return graph.outcome(answer, lambda body: text_id(body.get("id")) or None, sending.attempt)


def _upload_photo(account: Account, file: OutgoingFile) -> Answer:
    part = {"source": (file.name, file.content, file.content_type)}
    return roads.write(account, "POST", page_of(account), "photos", {"published": "false"}, files=part)


def _nothing_seen(answer: Answer, sending: Sending) -> Outcome:
    """A file was not taken before anybody saw anything: whatever happened, it may be tried again."""
    outcome = graph.outcome(answer, lambda _: None, sending.attempt)
    if outcome.state == "unclear":
        return replace(outcome, state="refused", retry_at=times.now() + graph.rest(answer, sending.attempt))
    return outcome


def _react(account: Account, sending: Sending, goal: Goal) -> Outcome:
    wish = str(sending.payload.get("reaction") or "")
    if goal.thing and not goal.recipient_id:
        answer = roads.write(account, "POST" if wish else "DELETE", goal.thing, "likes", {})
        return _done(answer, sending, f"{goal.thing}:like")
    if not goal.message_id:
        raise Refused("no_target")
    payload = {"message_id": goal.message_id, "reaction": LIKE if wish == "like" else wish}
    return _act(account, sending, goal, "react" if wish else "unreact", payload)


def _hide(account: Account, sending: Sending, goal: Goal) -> Outcome:
    if not goal.comment_id:
        raise Refused("no_target")
    answer = roads.write(account, "POST", goal.comment_id, "", {"is_hidden": sending.kind == "hide"})
    return _done(answer, sending, f"{goal.comment_id}:{sending.kind}")


def _done(answer: Answer, sending: Sending, id_: str) -> Outcome:
    """Doing it twice is doing it once, so an unclear one is simply done again (see `find`)."""
    return graph.outcome(answer, lambda _: id_, sending.attempt)


# To one person


def _talk(account: Account, sending: Sending, goal: Goal, text: str) -> Outcome:
    """A message in a talk that the person opened."""
    head = {"recipient": {"id": goal.recipient_id}, **_allowed(sending)}
    attached: list[dict[str, Any]] = []
    with deadline.within(roads.UPLOAD_SECONDS):
        for file in sending.files:
            answer = _upload(account, file)
            id_ = text_id(answer.body.get("attachment_id"))
            if not (answer.is_good and id_):
                return _nothing_seen(answer, sending)
            attached.append({"attachment": {"type": _type(file), "payload": {"attachment_id": id_}}})
    messages = ([{"text": text}] if text else []) + attached
    return _one_by_one(account, sending, head, messages)


def _one_by_one(account: Account, sending: Sending, head: dict[str, Any], messages: list[dict[str, Any]]) -> Outcome:
    """Words and files are messages of their own; once one has arrived, the rest never leaves again by itself."""
    first: Outcome | None = None
    for number, message in enumerate(messages, start=1):
        key = sending.key[:900] if number == len(messages) else f"{sending.key[:900]}{PART}{number}"
        values = {**head, "message": {**message, "metadata": key}}
        outcome = _message(roads.write(account, "POST", page_of(account), "messages", values), sending)
        if outcome.state != "accepted":
            return outcome if first is None else Outcome("unclear", code="half_sent", detail=outcome.code)
        first = first or outcome
    return first or Outcome("refused", code="not_possible")


def _message(answer: Answer, sending: Sending) -> Outcome:
    outcome = graph.outcome(answer, lambda body: text_id(body.get("message_id")) or None, sending.attempt)
    if outcome.state != "accepted":
        return outcome
    return replace(outcome, recipient_id=text_id(answer.body.get("recipient_id")))


def _allowed(sending: Sending) -> dict[str, str]:
    """Within a day after the person wrote, anything; up to seven days only words of a person; then nothing."""
    wrote = moment(sending.payload.get("window_from"))
    age = times.now() - wrote if wrote else timedelta()
    if age <= WINDOW:
        return {"messaging_type": "RESPONSE"}
    if age > HUMAN_WINDOW:
        raise Refused("window_closed", f"{age.days} days")
    if sending.payload.get("by_person") is not True:
        raise Refused("author_rule", "after a day only words that a person wrote may leave")
    return {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}


def _private_reply(account: Account, sending: Sending, goal: Goal, text: str) -> Outcome:
    """The one private message that a comment allows, for seven days."""
    if sending.files or not text:
        raise Refused("not_possible", "the first private message is words only")
    if goal.written_at and times.now() - goal.written_at > PRIVATE_REPLY:
        raise Refused("window_closed", "the comment is older than seven days")
    recipient = {"comment_id": goal.comment_id} if goal.comment_id else {"post_id": goal.post_id}
    message = {"text": text, "metadata": sending.key[:900]}
    values = {"recipient": recipient, "messaging_type": "RESPONSE", "message": message}
    outcome = _message(roads.write(account, "POST", page_of(account), "messages", values), sending)
    if outcome.code == "private_reply_used" and sending.attempt > 1:  # it may be ours, of the time before
        return replace(outcome, state="unclear", retry_at=None)
    return outcome


def _upload(account: Account, file: OutgoingFile) -> Answer:
    if len(file.content) > MOST_BYTES:
        raise Refused("message_too_big", f"{len(file.content)} bytes")
    message = {"attachment": {"type": _type(file), "payload": {"is_reusable": True}}}
    part = {"filedata": (file.name, file.content, file.content_type)}
    values = {"message": json.dumps(message)}
    return roads.write(account, "POST", page_of(account), "message_attachments", values, files=part)


def _type(file: OutgoingFile) -> str:
    main = file.content_type.partition("/")[0]
    return main if main in ("image", "video", "audio") else "file"


def _seen(account: Account, sending: Sending, goal: Goal) -> Outcome:
    if not goal.recipient_id:
        raise Refused("not_possible", "comments have no read mark")
    return _act(account, sending, goal, "mark_seen", {})


def _act(account: Account, sending: Sending, goal: Goal, action: str, payload: Mapping[str, Any]) -> Outcome:
    values = {"recipient": {"id": goal.recipient_id}, "sender_action": action}
    answer = roads.write(
        account, "POST", page_of(account), "messages", values | ({"payload": dict(payload)} if payload else {})
    )
    return _done(answer, sending, f"{goal.message_id or goal.recipient_id}:{action}")
