"""One message of a person (or of ours, told back to us) as an `Incoming`, whatever its kind."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ganzohr.channels.connectors.base import Incoming, IncomingFile, clean
from ganzohr.channels.connectors.meta import codes
from ganzohr.channels.connectors.meta.values import loads, moment, part, parts, text, text_id
from ganzohr.channels.connectors.whatsapp import media, people
from ganzohr.channels.connectors.whatsapp.people import Person
from ganzohr.channels.connectors.whatsapp.stopping import stop_word

Values = Mapping[str, Any]
MEDIA = ("image", "video", "audio", "document", "sticker", "voice")
MOST_LINES = 100


@dataclass(frozen=True)
class Place:
    """Where a change of the webhook happened: our number, and the moment its entry was made."""

    account: str
    at: datetime
    value: Values

    @property
    def number(self) -> str:
        """Our own number as people see it."""
        return text_id(part(self.value, "metadata").get("display_phone_number"))


@dataclass(frozen=True)
class Content:
    """What somebody wrote: their words, the form it came in, and what belongs to that form."""

    text: str = ""
    form: str = ""
    more: Values = field(default_factory=dict)
    files: tuple[IncomingFile, ...] = ()


def received(place: Place, message: Values) -> Incoming:
    """A message that came to us."""
    return _incoming(place, message, people.writer(place.value, message), is_own=False)


def sent_elsewhere(place: Place, message: Values) -> Incoming:
    """A message of ours from the phone beside the desk; it belongs to the talk with whom it went to."""
    found = _incoming(place, message, people.addressee(place.value, message), is_own=True)
    return replace(found, headers={**found.headers, "from": text_id(message.get("from"))})


def from_history(place: Place, thread: Values, message: Values) -> Incoming:
    """A message from before the number was connected."""
    context = part(thread, "context")
    phone = text_id(context.get("wa_id")) or text_id(thread.get("id"))
    person = Person(
        text_id(context.get("user_id")), phone, text_id(context.get("parent_user_id")), text(context, "username")[:160]
    )
    ours = (digits(place.number), digits(place.account))
    is_own = bool(text_id(message.get("to"))) or digits(text_id(message.get("from"))) in ours
    found = _incoming(place, message, person, is_own=is_own)
    return replace(found, headers={**found.headers, "is_history": True})


def digits(number: str) -> str:
    """A number as the platform compares it; never empty, so that nothing is equal to nothing."""
    return "".join(one for one in number if one.isdigit()) or number or "-"


def unsupported(place: Place, form: str, thing: Values) -> Incoming:
    """Something we know no use for; the delivery says so and is kept."""
    id_ = text_id(thing.get("id")) or made_up(thing)
    return Incoming("unsupported", id_, "", place.at, headers={"form": form[:60]}, account=place.account)


def made_up(thing: Values) -> str:
    """An id for what has none: the same thing has the same one."""
    return "no-id:" + hashlib.sha256(json.dumps(thing, sort_keys=True, default=str).encode()).hexdigest()[:40]


def _incoming(place: Place, message: Values, person: Person, *, is_own: bool) -> Incoming:
    kind = text(message, "type")
    common = _common(place, message, person, is_own=is_own)
    if kind == "reaction":
        return _reaction(common, part(message, "reaction"))
    if kind == "edit":
        return _edit(common, part(message, "edit"))
    if kind == "revoke":
        original = text_id(part(message, "revoke").get("original_message_id"))
        return replace(common, what="delete", reply_to=original) if original else _lost(common, kind)
    if kind == "system":
        return _system(place, message, common)
    found = content(message, first(place.value, "errors"))
    headers = {**common.headers, **found.more, **({"form": found.form} if found.form else {})}
    if not is_own and found.form in ("", "button") and stop_word(found.text):
        headers["stop"] = True
    return replace(common, text=found.text, files=found.files, headers=headers, source=_source(message))


def _common(place: Place, message: Values, person: Person, *, is_own: bool) -> Incoming:
    id_ = text_id(message.get("id")) or made_up(message)
    group, context = text_id(message.get("group_id")), part(message, "context")
    target = {
        "to": person.phone,
        "recipient": person.user_id or person.parent_id,
        "group_id": group,
        "message_id": id_,
        "phone_number_id": place.account,
    }
    said = {
        "is_forwarded": context.get("forwarded") is True or context.get("frequently_forwarded") is True,
        "username": person.username,
        "group_id": group,
        "referral": referral(message),
    }
    return Incoming(
        what="message",
        external_id=id_,
        sender_id=person.id or f"unknown:{id_}"[:300],  # nobody must be taken for somebody else
        sender_name=person.name,
        provider_at=moment(message.get("timestamp")) or place.at,
        thread_key=f"group:{group}" if group else "",
        reply_to=text_id(context.get("id")),
        target={name: one for name, one in target.items() if one},
        headers={name: one for name, one in said.items() if one},
        is_own=is_own,
        account=place.account,
        also_known_as=person.others,
    )


def _reaction(common: Incoming, reaction: Values) -> Incoming:
    emoji = text(reaction, "emoji")[:40]
    headers = common.headers if emoji else {**common.headers, "removed": True}
    return replace(common, what="reaction", text=emoji, reply_to=text_id(reaction.get("message_id")), headers=headers)


def _edit(common: Incoming, edit: Values) -> Incoming:
    """The new words; a picture stays the same when its caption changes."""
    found, original = content(part(edit, "message"), {}), text_id(edit.get("original_message_id"))
    return replace(common, what="edit", text=found.text, reply_to=original) if original else _lost(common, "edit")


def _lost(common: Incoming, form: str) -> Incoming:
    """A change that does not say of what."""
    return replace(common, what="unsupported", headers={"form": form})


def _system(place: Place, message: Values, common: Incoming) -> Incoming:
    system = part(message, "system")
    told = replace(common, original=text(system, "body"))
    change = people.change_told_in_talk(place.value, message)
    if change is None:  # another phone, another key: of no use to us
        return replace(told, what="unsupported", headers={"form": (text(system, "type") or "system")[:60]})
    return identity(told, change)


def identity(common: Incoming, change: people.Change) -> Incoming:
    """Somebody goes by another id from now on; `was_also` are further old ones."""
    headers = {"was": change.old[0], "was_also": list(change.old[1:])}
    new, others = change.new.id, change.new.others
    return replace(common, what="identity", sender_id=new, also_known_as=others, headers=headers, target={})


def content(message: Values, error: Values) -> Content:
    """What a message holds. What the platform could not pass on, or we do not know, is still a message."""
    kind = text(message, "type")
    read = _READERS.get(kind)
    found = read(message) if read else None
    if found is not None:
        return found
    error = first(message, "errors") or error
    why = {"code": codes.code_of(error), "detail": codes.detail_of(error)} if error else {}
    words = text(part(message, kind), "body", "text", "caption") or text(message, "body", "caption")
    return Content(words, "unsupported", {**why, **({"type": kind[:60]} if kind else {})})


def _text(message: Values) -> Content | None:
    body = part(message, "text")
    return Content(text(body, "body") or text(message, "text", "body")) if body or text(message, "text") else None


def _media(message: Values) -> Content | None:
    kind = text(message, "type")
    found = part(message, kind)
    file = media.reference(kind, found)
    words = text(found, "caption")
    if file is None and not words:
        return None
    form = "voice" if kind == "voice" or found.get("voice") is True else kind
    return Content(words, form, {}, (file,) if file else ())


def _location(message: Values) -> Content | None:
    found = part(message, "location")
    numbers = {name: _number(found.get(name)) for name in ("latitude", "longitude")}
    words = {name: text(found, name)[:500] for name in ("name", "address", "url")}
    if None in numbers.values():
        return None
    return Content("", "location", {"location": {**numbers, **{name: one for name, one in words.items() if one}}})


def _contacts(message: Values) -> Content | None:
    found = [_card(card) for card in parts(message, "contacts")[:MOST_LINES]]
    return Content("", "contacts", {"contacts": found}) if found else None


def _card(card: Values) -> dict[str, Any]:
    phones = [text_id(one.get("phone")) or text_id(one.get("wa_id")) for one in parts(card, "phones")]
    emails = [text(one, "email")[:254] for one in parts(card, "emails")]
    name = text(part(card, "name"), "formatted_name", "first_name")[:160]
    return {"name": name, "phones": [one for one in phones if one], "emails": [one for one in emails if one]}


def _interactive(message: Values) -> Content | None:
    found = part(message, "interactive")
    reply = part(found, "button_reply", "list_reply")
    if reply:
        words, more = (
            text(reply, "title"),
            {"payload": text_id(reply.get("id")), "description": text(reply, "description")},
        )
        return Content(words, "button", {name: one for name, one in more.items() if one})
    if part(found, "nfm_reply"):
        return _form(part(found, "nfm_reply"))
    permission = part(found, "call_permission_reply")
    return Content("", "call_permission", {"response": text(permission, "response")}) if permission else None


def _form(reply: Values) -> Content:
    """A form somebody filled in: what they chose and wrote, line by line."""
    try:
        answers = loads(text(reply, "response_json").encode())
    except ValueError:
        answers = None
    known = answers if isinstance(answers, dict) else {}
    lines = [
        f"{name}: {one}" for name, one in known.items() if name != "flow_token" and isinstance(one, str | int | float)
    ]
    return Content(clean("\n".join(lines[:MOST_LINES])), "form", {"name": text(reply, "name")[:160]})


def _button(message: Values) -> Content | None:
    found = part(message, "button")
    payload = text(found, "payload")[:300]
    return Content(text(found, "text") or payload, "button", {"payload": payload} if payload else {}) if found else None


def _order(message: Values) -> Content | None:
    found = part(message, "order")
    items = [
        {
            "id": text_id(one.get("product_retailer_id")),
            "quantity": _number(one.get("quantity")),
            "price": _number(one.get("item_price")),
            "currency": text(one, "currency")[:10],
        }
        for one in parts(found, "product_items")[:MOST_LINES]
    ]
    order = {"catalog": text_id(found.get("catalog_id")), "items": items}
    return Content(text(found, "text"), "order", {"order": order}) if found else None


def _opened(_message: Values) -> Content:
    """Somebody opened the talk for the first time and has written nothing yet."""
    return Content("", "opened")


_READERS: Mapping[str, Callable[[Values], Content | None]] = {
    "text": _text,
    **dict.fromkeys(MEDIA, _media),
    "location": _location,
    "contacts": _contacts,
    "interactive": _interactive,
    "button": _button,
    "order": _order,
    "request_welcome": _opened,
}


def referral(message: Values) -> dict[str, str]:
    """The advertisement or post somebody came from."""
    found = part(message, "referral")
    if not found:
        return {}
    names = ("source_type", "source_id", "source_url", "headline", "body")
    said = {name: text_id(found.get(name)) if name == "source_id" else text(found, name)[:1000] for name in names}
    return {name: one for name, one in said.items() if one}


def _source(message: Values) -> str:
    found = referral(message)
    return f"{found.get('source_type', 'ad')}:{found['source_id']}"[:120] if found.get("source_id") else ""


def first(values: Values, name: str) -> dict[str, Any]:
    """The first object of a list; {} when there is none."""
    return next(iter(parts(values, name)), {})


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None
