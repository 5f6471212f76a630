"""What leaves by WhatsApp: words, files, templates, reactions, read marks.

Everything is checked again right before the call: whom it goes to, by which number, and whether the person's window is
open. Our key travels along, so that a later status can settle what a lost answer left unclear.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from ganzohr.channels.connectors.base import SEND_SECONDS, Account, Outcome, OutgoingFile, Sending
from ganzohr.channels.connectors.meta import graph
from ganzohr.channels.connectors.meta.values import moment, parts, text_id
from ganzohr.channels.connectors.whatsapp import media
from ganzohr.core import deadline, times

MAX_LENGTH = 4096
MAX_CAPTION = 1024
WINDOW = timedelta(hours=24)
LIKE = "👍"

_PHONE = re.compile(r"\+?[0-9]{5,20}")
_USER_ID = re.compile(r"[A-Za-z]{2}\.[A-Za-z0-9.]{1,200}")
_GROUP_ID = re.compile(r"[\w.=:@+/-]{5,200}")
_MESSAGE_ID = re.compile(r"[\w.=:+/-]{3,300}")
_TEMPLATE = re.compile(r"[a-z0-9_]{1,512}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([_-][A-Za-z0-9]{2,4}){0,2}")

Body = dict[str, Any]


class Refused(Exception):
    """Something that must not leave, found before any call."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.outcome = Outcome("refused", code=code, detail=detail)


@dataclass(frozen=True)
class Post:
    """One person, reached from one of our numbers."""

    account: Account
    number: str
    address: Mapping[str, str]
    sending: Sending


def send(account: Account, sending: Sending) -> Outcome:
    """Sends one thing; ends in an outcome whatever happens, and in time."""
    try:
        with deadline.within(SEND_SECONDS):
            return _send(account, sending)
    except Refused as refused:
        return refused.outcome


def _send(account: Account, sending: Sending) -> Outcome:
    number = _number(account, sending.target)
    if sending.kind == "read":
        return _harmless(_mark_read(account, number, sending))
    post = Post(account, number, _address(sending.target), sending)
    if sending.kind in ("hide", "unhide"):
        raise Refused("not_possible", "nothing can be hidden in a private talk")
    if sending.kind == "template" or sending.payload.get("template"):
        return _call(post, {"type": "template", "template": _template(sending.payload.get("template"))})
    _must_be_open(sending.payload.get("window_from"))
    if sending.kind == "reaction":
        return _harmless(_call(post, _reaction(sending)))
    return _words_and_files(post)


def _number(account: Account, target: Mapping[str, Any]) -> str:
    """Our number, which must be the one the person wrote to."""
    number = text_id(account.settings.get("phone_number_id"))
    bound = text_id(target.get("phone_number_id"))
    if not number or not account.secrets.get("access_token"):
        raise Refused("no_secret", "the number is not connected")
    if bound and bound != number:
        raise Refused("target_invalid", "the message came to another number of ours")
    return number


def _address(target: Mapping[str, Any]) -> dict[str, str]:
    """How the person is reached: by number, by business-scoped id, or by both; a group by its own id."""
    group = text_id(target.get("group_id"))
    if group:
        if not _GROUP_ID.fullmatch(group):
            raise Refused("target_invalid")
        return {"recipient_type": "group", "to": group}
    to, recipient = text_id(target.get("to")), text_id(target.get("recipient"))
    if not to and not recipient:
        raise Refused("no_target")
    known = {
        "to": to if _PHONE.fullmatch(to) else "",
        "recipient": recipient if _USER_ID.fullmatch(recipient) else "",
    }
    found = {name: one for name, one in known.items() if one}
    if not found:
        raise Refused("target_invalid")
    return {"recipient_type": "individual", **found}


def _must_be_open(window_from: object) -> None:
    """Free words only within 24 hours of theirs. Where nobody told us the moment, the platform says so itself."""
    since = moment(window_from)
    if since is not None and times.now() - since >= WINDOW:
        raise Refused("window_closed", "more than 24 hours since their last message")


def _mark_read(account: Account, number: str, sending: Sending) -> Outcome:
    body = {"messaging_product": "whatsapp", "status": "read", "message_id": _message_id(sending.target)}
    answer = graph.call(account, "POST", f"{number}/messages", json=body)
    return graph.outcome(answer, lambda _body: "", sending.attempt)


def _harmless(outcome: Outcome) -> Outcome:
    """What may be repeated without anybody noticing is never unclear: it simply goes again."""
    if outcome.state != "unclear":
        return outcome
    return replace(outcome, state="refused", retry_at=times.now() + timedelta(seconds=30))


def _message_id(target: Mapping[str, Any]) -> str:
    found = text_id(target.get("message_id"))
    if not _MESSAGE_ID.fullmatch(found):
        raise Refused("no_target", "no message to speak of")
    return found


def _reaction(sending: Sending) -> Body:
    emoji = str(sending.payload.get("reaction") or "")
    emoji = LIKE if emoji == "like" else emoji
    if len(emoji) > 20 or (emoji and emoji.isascii()):
        raise Refused("not_possible", "no emoji")
    return {"type": "reaction", "reaction": {"message_id": _message_id(sending.target), "emoji": emoji}}


def _template(given: object) -> Body:
    """An approved template with its values put in: numbered ones as a list, named ones as a table."""
    told: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    name, language = str(told.get("name") or ""), str(told.get("language") or "")
    if not _TEMPLATE.fullmatch(name) or not _LANGUAGE.fullmatch(language):
        raise Refused("not_possible", "no such template")
    values = told.get("values") or ()
    components = [{"type": "body", "parameters": list(_parameters(values))}] if values else []
    found: Body = {"name": name, "language": {"code": language}}
    return {**found, "components": components} if components else found


def _parameters(values: object) -> Iterator[dict[str, str]]:
    named = isinstance(values, Mapping)
    pairs = values.items() if isinstance(values, Mapping) else enumerate(_listed(values))
    for name, value in pairs:
        words = " ".join(str(value).split())  # the platform takes no line breaks here
        if not words:
            raise Refused("not_possible", "a value of the template is missing")
        yield {"type": "text", **({"parameter_name": str(name)} if named else {}), "text": words}


def _listed(values: object) -> Sequence[Any]:
    return values if isinstance(values, list | tuple) else [values]


def _words_and_files(post: Post) -> Outcome:
    """Everything of one answer, in order. Once the first part left, what then fails is for a person to judge."""
    bodies = list(_bodies(post))
    first = Outcome("refused", code="not_possible", detail="nothing to send")
    for position, body in enumerate(bodies):
        outcome = _call(post, body, is_last=position == len(bodies) - 1)
        if position == 0:
            first = outcome
        if outcome.state != "accepted":
            return outcome if position == 0 else _half_sent(outcome, position, len(bodies))
    return first


def _half_sent(outcome: Outcome, sent: int, wanted: int) -> Outcome:
    return Outcome(
        "unclear", code="half_sent", detail=f"{sent} of {wanted} left, then {outcome.code} {outcome.detail}"[:300]
    )


def _bodies(post: Post) -> Iterator[Body]:
    words, files = str(post.sending.payload.get("text") or ""), post.sending.files
    if len(words) > MAX_LENGTH:
        raise Refused("too_long", f"{len(words)} of {MAX_LENGTH} characters")
    if not words.strip() and not files:
        raise Refused("not_possible", "nothing to send")
    kinds = [media.sent_as(file) for file in files]
    if "" in kinds:
        raise Refused("message_too_big")
    with deadline.within(media.UPLOAD_SECONDS):
        ids = _upload_all(post, files)
    has_caption = bool(files) and bool(words) and len(words) <= MAX_CAPTION and kinds[0] != "audio"
    quote = _quote(post.sending)
    if words.strip() and not has_caption:
        yield {"type": "text", "text": {"body": words, "preview_url": "https://" in words}, **quote}
        quote = {}
    for position, (file, kind, id_) in enumerate(zip(files, kinds, ids, strict=True)):
        caption = {"caption": words} if has_caption and position == 0 else {}
        name = {"filename": file.name} if kind == "document" else {}
        yield {"type": kind, kind: {"id": id_, **caption, **name}, **(quote if position == 0 else {})}


def _quote(sending: Sending) -> Body:
    """An answer shows which message it answers; what the desk says by itself does not."""
    found = text_id(sending.target.get("message_id"))
    if sending.kind != "answer" or not _MESSAGE_ID.fullmatch(found):
        return {}
    return {"context": {"message_id": found}}


def _upload_all(post: Post, files: Sequence[OutgoingFile]) -> list[str]:
    """Lays all files down before anything is said, so that a failure here leaves no half answer."""
    found = []
    for file in files:
        outcome = graph.outcome(media.upload(post.account, post.number, file), _own_id, post.sending.attempt)
        if outcome.state != "accepted":
            failed = Refused(outcome.code)
            failed.outcome = _harmless(outcome)
            raise failed
        found.append(outcome.external_id)
    return found


def _own_id(body: Mapping[str, Any]) -> str | None:
    return text_id(body.get("id")) or None


def _call(post: Post, body: Body, *, is_last: bool = True) -> Outcome:
    """Our key travels with the last part only: a status that brings it back says that everything left."""
    key = {"biz_opaque_callback_data": post.sending.key[:500]} if is_last else {}
    whole = {"messaging_product": "whatsapp", **post.address, **body, **key}
    answer = graph.call(post.account, "POST", f"{post.number}/messages", json=whole)
    return graph.outcome(answer, _message_of, post.sending.attempt)


def _message_of(body: Mapping[str, Any]) -> str | None:
    return next((text_id(one.get("id")) for one in parts(body, "messages") if text_id(one.get("id"))), None)
