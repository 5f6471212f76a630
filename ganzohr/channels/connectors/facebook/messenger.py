"""What people write to our page by Messenger, and what became of what we wrote to them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ganzohr.channels.connectors.base import Incoming, IncomingFile, What
from ganzohr.channels.connectors.facebook.place import PART, Place, file_behind, fingerprint, made_id
from ganzohr.channels.connectors.meta.codes import number
from ganzohr.channels.connectors.meta.values import moment, part, parts, text, text_id

Values = Mapping[str, Any]
FILES = frozenset(
    {"image", "video", "audio", "file", "sticker", "animated_image", "ig_reel", "reel", "post", "ig_post"}
)


@dataclass(frozen=True)
class Event:
    """One event of a talk. `person` is the other side, whoever of us two acted."""

    place: Place
    values: Values
    sender: str
    person: str
    is_own: bool
    is_aside: bool  # another app holds the talk; we only listen

    @property
    def at(self) -> datetime:
        """When it happened."""
        times = (part(self.values, name).get("watermark") for name in ("read", "delivery"))
        return self.place.when(self.values.get("timestamp"), *times)

    def target(self, mid: str = "") -> dict[str, str]:
        """What answering it needs; nothing for what we said ourselves."""
        said = {"message_id": mid} if mid else {}
        return {} if self.is_own else {"recipient_id": self.person, "page_id": self.place.page_id, **said}

    def incoming(self, what: What, external_id: str, *, headers: Values | None = None, **values: Any) -> Incoming:
        """Something of this event, with all that the rest of it has in common."""
        own = {"from": self.sender} if self.is_own else {}
        aside = {"standby": True} if self.is_aside else {}
        return Incoming(
            what=what,
            external_id=external_id,
            sender_id=self.person or ("" if what == "account" else f"unknown:{external_id}"[:300]),
            provider_at=self.at,
            headers={**own, **aside, **(headers or {})},
            is_own=self.is_own,
            account=self.place.page_id,
            **values,
        )


def read_event(place: Place, values: Values, *, is_aside: bool = False) -> Iterator[Incoming]:
    """Everything that one event says; usually one thing, which may come as a list of such."""
    found: list[Incoming] = []
    for name, reader in READERS.items():
        for said in parts(values, name):
            found += reader(_event(place, {**values, name: said}, is_aside))
    if found:
        yield from found
        return
    event = _event(place, values, is_aside)
    known = {"sender", "recipient", "timestamp", "seq"}
    name = next((name for name in values if name not in known), "nothing")
    yield place.unsupported(f"messaging {name}", values, event.person)


def _event(place: Place, values: Values, is_aside: bool) -> Event:
    sender, recipient = _end(values, "sender"), _end(values, "recipient")
    is_echo = part(values, "message").get("is_echo") is True
    is_own = is_echo or (bool(sender) and sender in place.ours)
    return Event(place, values, sender, (recipient if is_own else sender) or sender, is_own, is_aside)


def _end(values: Values, name: str) -> str:
    end = part(values, name)
    plain = text_id(end.get("id")) or text_id(values.get(name)) or text_id(values.get(f"{name}_id"))
    reference = text_id(end.get("user_ref")) or (
        text_id(part(values, "optin").get("user_ref")) if name == "sender" else ""
    )
    return plain or (f"user_ref:{reference}" if reference else "")


# Messages


def _message(event: Event) -> Iterator[Incoming]:
    said = part(event.values, "message")
    mid = text_id(said.get("mid")) or text_id(said.get("id"))
    if not mid and not said:
        return
    if said.get("is_deleted") is True and not mid:
        return
    if said.get("is_deleted") is True:
        yield event.incoming("delete", made_id(mid, "deleted"), reply_to=mid)
        return
    headers = _form(said) | _links(said)
    if event.is_own:
        headers |= _own_key(said)
    headers["referral"] = _advertisement(said)
    yield event.incoming(
        "message",
        mid or made_id("message", event.sender, fingerprint(event.values)),
        text=text(said, "text"),
        reply_to=text_id(part(said, "reply_to").get("mid")),
        source=_source(event.values, said),
        files=_files(said),
        target=event.target(mid),
        headers={name: one for name, one in headers.items() if one not in ("", [], {})},
    )


def _advertisement(said: Values) -> dict[str, str]:
    """What stood on the advertisement that brought them."""
    shown = part(part(said, "referral"), "ads_context_data")
    return {"headline": title} if (title := text(shown, "ad_title")[:300]) else {}


def _own_key(said: Values) -> dict[str, Any]:
    """What we sent along: our key, and whether further parts of the same thing follow."""
    key, part_, _number = text(said, "metadata").partition(PART)
    return {"key": key, "is_part": bool(part_) or "", "app_id": text_id(said.get("app_id"))}


def _form(said: Values) -> dict[str, Any]:
    """What it was beside words."""
    kinds = [text(one, "type").lower() for one in _attached(said)]
    story, button = part(part(said, "reply_to"), "story"), part(said, "quick_reply")
    if said.get("is_unsupported") is True:
        return {"form": "unsupported"}
    if said.get("sticker_id") or "sticker" in kinds or any(_payload(one).get("sticker_id") for one in _attached(said)):
        return {"form": "sticker"}
    if story or "story_mention" in kinds:
        return {"form": "story", "link": text(story, "url")}
    if button:
        return {"form": "button", "payload": text(button, "payload")[:1000]}
    return _form_of(kinds, said) if kinds and not FILES & set(kinds) else {}


def _form_of(kinds: list[str], said: Values) -> dict[str, Any]:
    """Something attached that is no file: a place, a link, or a kind we do not know."""
    if "location" in kinds:
        return {"form": "location", "location": _location(said)}
    is_link = kinds[0] in ("fallback", "share", "")
    return {} if is_link and text(said, "text") else {"form": "share" if is_link else kinds[0][:40]}


def _attached(said: Values) -> list[dict[str, Any]]:
    return parts(said, "attachments")


def _payload(attached: Values) -> dict[str, Any]:
    return part(attached, "payload")


def _location(said: Values) -> dict[str, Any]:
    for one in _attached(said):
        where = part(_payload(one), "coordinates")
        found = {name: where.get(short) for name, short in (("latitude", "lat"), ("longitude", "long"))}
        if all(isinstance(value, int | float) and math.isfinite(value) for value in found.values()):
            return {**found, "name": text(one, "title")[:200]}
    return {}


def _links(said: Values) -> dict[str, Any]:
    """What was shared: title and address of each."""
    shared = [one for one in _attached(said) if text(one, "type").lower() not in FILES | {"location"}]
    found = [
        {"title": text(one, "title")[:300] or text(_payload(one), "title")[:300], "url": address[:2000]}
        for one in shared
        if (address := text(one, "url") or text(_payload(one), "url"))
    ]
    return {"links": found}


def _files(said: Values) -> tuple[IncomingFile, ...]:
    """Pictures, voices and files, each once: a sticker may come in two forms."""
    found: dict[str, IncomingFile] = {}
    for one in _attached(said):
        kind = text(one, "type").lower()
        if kind not in FILES:
            continue
        kind = {"ig_reel": "video", "reel": "video", "animated_image": "image", "post": "image"}.get(kind, kind)
        name = text(one, "name") or text(_payload(one), "name", "title")
        file = file_behind(text(_payload(one), "url") or text(one, "url", "file_url"), kind, name)
        if file:
            found.setdefault(file.reference, file)
    return tuple(found.values())


def _source(values: Values, said: Values) -> str:
    """What brought the person here: a link of ours, an advertisement, the chat on a page."""
    referral = part(said, "referral") or part(part(values, "postback"), "referral") or part(values, "referral", "optin")
    tags = [text(one, "source") for one in parts(said, "tags")]
    named = text(referral, "ref") or text_id(referral.get("ad_id"))
    return (named or text(referral, "source") or next(filter(None, tags), ""))[:120]


def _edit(event: Event) -> Iterator[Incoming]:
    said = part(event.values, "message_edit")
    mid = text_id(said.get("mid")) or text_id(said.get("message_id"))
    count = number(said.get("num_edit"))
    if mid:
        id_ = made_id(mid, "edit", str(count) if count is not None else fingerprint(said))
        headers = {"number": count} if count is not None else {}
        yield event.incoming("edit", id_, text=text(said, "text"), reply_to=mid, headers=headers)


def _reaction(event: Event) -> Iterator[Incoming]:
    said = part(event.values, "reaction")
    mid, action = text_id(said.get("mid")), text(said, "action").lower()
    is_removed = action in ("unreact", "remove", "removed")
    yield event.incoming(
        "reaction",
        made_id("reaction", mid, event.sender, action or "react", fingerprint([event.at.isoformat(), said])),
        text=text(said, "emoji", "reaction"),
        reply_to=mid,
        headers={"removed": True} if is_removed else {},
    )


def _postback(event: Event) -> Iterator[Incoming]:
    """A button was pressed: its words are the person's words."""
    said = part(event.values, "postback")
    id_ = text_id(said.get("mid")) or made_id("postback", event.sender, fingerprint(event.values))
    yield event.incoming(
        "message",
        id_,
        text=text(said, "title", "payload"),
        source=_source(event.values, {}),
        target=event.target(text_id(said.get("mid"))),
        headers={"form": "postback", "payload": text(said, "payload")[:1000]},
    )


# What became of ours


def _delivery(event: Event) -> Iterator[Incoming]:
    said = part(event.values, "delivery")
    mids = said.get("mids")
    ids = [mid for one in (mids if isinstance(mids, list) else []) if (mid := text_id(one))]
    yield from (_status(event, mid, "delivered") for mid in ids)
    if not ids:
        yield from _receipt(event, said, "delivered")


def _read(event: Event) -> Iterator[Incoming]:
    said = part(event.values, "read")
    mid = text_id(said.get("mid"))
    if mid:
        yield _status(event, mid, "read")
    else:
        yield from _receipt(event, said, "read")


def _status(event: Event, mid: str, status: str) -> Incoming:
    return event.incoming("status", made_id(mid, status), reply_to=mid, headers={"status": status})


def _receipt(event: Event, said: Values, status: str) -> Iterator[Incoming]:
    until = moment(said.get("watermark"))
    if until:
        id_ = made_id(status, event.person, text_id(said.get("watermark")))
        yield event.incoming("receipt", id_, headers={"status": status, "watermark": until.isoformat()})


# Around the talk


def _optin(event: Event) -> Iterator[Incoming]:
    """The person agreed to be written to (or no longer)."""
    said = part(event.values, "optin")
    is_news = text(said, "type") in ("notification_messages", "one_time_notif_req")
    status = text(said, "notification_messages_status").upper()
    headers = {
        "consent": "messenger_news" if is_news else "messenger",
        "given": "STOP" not in status,
        "detail": (text(said, "title") or text(said, "topic") or text(said, "ref"))[:200],
    }
    id_ = made_id("optin", event.person, fingerprint(event.values))
    yield event.incoming("consent", id_, headers=headers, source=_source(event.values, {}))


def _referral(event: Event) -> Iterator[Incoming]:
    """Somebody opened the talk by a link of ours: no words yet, but what brought them."""
    said = part(event.values, "referral")
    if not text(said, "ref") or not event.person:
        return
    id_ = made_id("referral", event.person, fingerprint(event.values))
    headers = {"form": "referral", "detail": text(said, "source")[:80]}
    source = _source(event.values, {})
    yield event.incoming("message", id_, source=source, target=event.target(), headers=headers, is_automatic=True)


def _policy(event: Event) -> Iterator[Incoming]:
    """Meta tells our page off, or forgives it."""
    said = part(event.values, "policy_enforcement")
    is_blocked = text(said, "action").lower() not in ("unblock", "")
    headers: dict[str, Any] = {"problem": "page_restricted" if is_blocked else "", "detail": text(said, "reason")[:300]}
    if not is_blocked:
        headers["settles"] = True
    yield event.incoming("account", made_id("policy", fingerprint(event.values)), headers=headers)


def _handover(event: Event) -> Iterator[Incoming]:
    """A talk went to another app, or came back to us. It is no trouble of the account."""
    name = next(name for name in HANDOVERS if name in event.values)
    yield event.place.unsupported(f"messaging {name}", event.values, event.person)


HANDOVERS = ("pass_thread_control", "take_thread_control", "request_thread_control", "app_roles")
READERS: dict[str, Callable[[Event], Iterator[Incoming]]] = {
    "message": _message,
    "message_edit": _edit,
    "reaction": _reaction,
    "postback": _postback,
    "delivery": _delivery,
    "read": _read,
    "optin": _optin,
    "referral": _referral,
    "policy_enforcement": _policy,
    **dict.fromkeys(HANDOVERS, _handover),
}
NAMES = frozenset(READERS)
