"""Messenger over Graph: sending with its window, private replies to comments, talks to look things up."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ganzohr.proofs.meta import errors, shapes
from ganzohr.proofs.meta.fields import Field, of_request, paged, parse, shown
from ganzohr.proofs.meta.graph import Asking, Road, Roads, owner
from ganzohr.proofs.meta.page_roads import TIME
from ganzohr.proofs.meta.world import Comment, Letter, Media, Page, Person, Post, Talk

LONGEST = 2000
WINDOW, HUMAN_WINDOW, PRIVATE_REPLY = timedelta(hours=24), timedelta(days=7), timedelta(days=7)
ACTIONS = ("typing_on", "typing_off", "mark_seen", "react", "unreact")


def _send(asking: Asking) -> dict[str, Any]:
    page, values = asking.thing, asking.values
    recipient = values.get("recipient")
    if not isinstance(recipient, dict) or not recipient:
        raise errors.bad("The parameter recipient is required")
    if page.is_restricted:
        raise errors.restricted()
    if below := recipient.get("comment_id") or recipient.get("post_id"):
        return _private_reply(asking, str(below))
    person = asking.platform.world.things.get(str(recipient.get("id")))
    talk = asking.platform.world.talks.get((page.id, str(recipient.get("id"))))
    if not isinstance(person, Person) or talk is None:
        raise errors.bad("No matching user found", 2018001)
    if values.get("sender_action"):
        return _act(asking, talk)
    if person.has_blocked_us:
        raise errors.unavailable()
    _check_window(asking, talk)
    return _put(asking, talk)


def _check_window(asking: Asking, talk: Talk) -> None:
    kind, tag = str(asking.values.get("messaging_type") or "RESPONSE"), str(asking.values.get("tag") or "")
    if kind not in ("RESPONSE", "UPDATE", "MESSAGE_TAG") or (kind == "MESSAGE_TAG") != bool(tag):
        raise errors.bad("Invalid parameter")
    if tag not in ("", "HUMAN_AGENT"):
        raise errors.bad("Invalid parameter", details="")  # the other tags are gone since April 2026
    wrote = talk.last_of_person()
    allowed = HUMAN_WINDOW if tag else WINDOW
    if wrote is None or asking.platform.now() - wrote > allowed:
        raise errors.outside_window()


def _private_reply(asking: Asking, id_: str) -> dict[str, Any]:
    """To the one who wrote a comment, or a post on our page."""
    comment, platform = asking.platform.world.things.get(id_), asking.platform
    asking.road = "comment.private_reply"
    if not isinstance(comment, Comment | Post) or comment.is_removed or owner(comment) != asking.thing.id:
        raise errors.gone(id_, "POST")
    if comment.was_replied_privately:
        raise errors.GraphError(10900, "(#10900) Activity already replied to")
    if comment.by is None or comment.by.has_blocked_us:
        raise errors.GraphError(10903, "(#10903) This user cannot reply to this activity")
    if platform.now() - comment.at > PRIVATE_REPLY:
        raise errors.outside_window()
    done = _put(asking, platform.world.talk(asking.thing, comment.by), private_reply_to=comment.id)
    comment.was_replied_privately = True
    return done


def _put(asking: Asking, talk: Talk, private_reply_to: str = "") -> dict[str, Any]:
    message = asking.values.get("message")
    if not isinstance(message, dict):
        raise errors.bad("The parameter message is required")
    text = str(message.get("text") or "")
    media = _attached(asking, message.get("attachment") or {})
    if not text and not media:
        raise errors.bad("Message cannot be empty, must provide valid attachment or text", 2018005)
    if len(text) > LONGEST:
        raise errors.bad("Length of param message[text] must be less than or equal to 2000", 2018031)
    platform, person = asking.platform, talk.person
    answered = str((message.get("reply_to") or {}).get("mid", ""))
    letter = Letter(platform.world.ids.mid(), True, "text" if text else "file", text, platform.now(), dict(message))
    letter.media, letter.reply_to = media, answered
    talk.letters.append(letter)
    asking.accept(talk.place.id, person.id, letter.id, text)
    said = {"mid": letter.id, "is_echo": True, "app_id": int(platform.app_id), **({"text": text} if text else {})}
    if message.get("metadata"):
        said["metadata"] = message["metadata"]
    if private_reply_to:
        said["reply_to"] = {"comment_id": private_reply_to}
    assert isinstance(talk.place, Page)
    platform.tell_page(talk.place, "message_echoes", shapes.messaging(talk, letter.at, by_us=True, message=said))
    platform.people.arrives(talk, letter)
    return {"recipient_id": person.id, "message_id": letter.id}


def _attached(asking: Asking, attachment: dict[str, Any]) -> str:
    platform = asking.platform
    upload = asking.request.files.get("filedata")
    if upload:
        return platform.keep_media(upload.content, upload.content_type, upload.name, is_ours=True).id
    payload = attachment.get("payload") or {}
    if known := str(payload.get("attachment_id", "")):
        if not isinstance(platform.world.things.get(known), Media):
            raise errors.bad("Invalid attachment id", 2018046)
        return known
    if url := str(payload.get("url", "")):
        return platform.keep_media(b"", "text/uri-list", url, is_ours=True).id
    return ""


def _act(asking: Asking, talk: Talk) -> dict[str, Any]:
    action = str(asking.values["sender_action"])
    asking.road = f"messenger.{action}"
    if action not in ACTIONS:
        raise errors.bad("Param sender_action must be one of {" + ", ".join(ACTIONS) + "}")
    if action in ("react", "unreact"):
        payload = asking.values.get("payload") or {}
        letter = next((one for one in talk.letters if one.id == payload.get("message_id")), None)
        if letter is None:
            raise errors.bad("Invalid message id", 2018046)
        emoji = str(payload.get("reaction") or "") if action == "react" else ""
        letter.reactions["us"] = emoji
        asking.accept(talk.place.id, talk.person.id, letter.id, emoji)
    return {"recipient_id": talk.person.id}


def _upload(asking: Asking) -> dict[str, Any]:
    message = asking.values.get("message") or {}
    media = _attached(asking, message.get("attachment") or {})
    if not media:
        raise errors.bad("An upload needs a file or an address", 2018047)
    return {"attachment_id": media}


# Reading


def draw_letter(talk: Talk, letter: Letter, fields: list[Field]) -> dict[str, Any]:
    """A message as asked for."""
    ends = [{"id": talk.person.id, "name": talk.person.name}, {"id": talk.place.id, "name": talk.place.name}]
    sender, recipient = reversed(ends) if letter.by_us else ends
    values = {
        "id": letter.id, "created_time": letter.at.strftime(TIME), "message": letter.text, "from": sender,
        "to": {"data": [recipient]}, "is_unsupported": False,
    }  # fmt: skip
    return shown(values, fields)


def _letters(asking: Asking, talk: Talk, one: Field) -> dict[str, Any]:
    found = [letter for letter in reversed(talk.letters) if not letter.is_removed]
    address = f"{asking.platform.url}/v25.0/{talk.id}/messages"
    return paged(found, one, lambda each, fields: draw_letter(talk, each, fields), address, "id,created_time")


def draw_talk(asking: Asking, talk: Talk, fields: list[Field]) -> dict[str, Any]:
    """A talk as asked for."""
    people = [{"name": talk.person.name, "id": talk.person.id}, {"name": talk.place.name, "id": talk.place.id}]
    last = max((letter.at for letter in talk.letters), default=asking.platform.now())
    values = {
        "id": talk.id, "link": f"/{talk.place.id}/inbox/{talk.id}/", "updated_time": last.strftime(TIME),
        "message_count": len(talk.letters), "snippet": talk.letters[-1].text[:80] if talk.letters else "",
        "participants": {"data": people}, "senders": {"data": people}, "can_reply": True,
        "messages": lambda one: _letters(asking, talk, one),
    }  # fmt: skip
    return shown(values, fields)


def _talks(asking: Asking) -> dict[str, Any]:
    wanted = str(asking.values.get("user_id", ""))
    talks = [
        talk
        for talk in asking.platform.world.each(Talk)
        if talk.place is asking.thing and talk.letters and wanted in ("", talk.person.id)
    ]
    talks.sort(key=lambda talk: talk.letters[-1].at, reverse=True)
    one = of_request(asking.values, "id,link,updated_time")
    address = f"{asking.platform.url}/v25.0/{asking.thing.id}/conversations"
    return paged(talks, one, lambda talk, fields: draw_talk(asking, talk, fields), address, "id,link,updated_time")


def _read_talk(asking: Asking) -> dict[str, Any]:
    return draw_talk(asking, asking.thing, of_request(asking.values, "id,updated_time").inside)


def _read_letters(asking: Asking) -> dict[str, Any]:
    return _letters(asking, asking.thing, of_request(asking.values, "id,created_time"))


def _read_letter(asking: Asking) -> dict[str, Any]:
    pair = asking.platform.world.talk_of(asking.thing.id)
    assert pair
    return draw_letter(pair[0], asking.thing, of_request(asking.values, "id,created_time").inside)


def _read_person(asking: Asking) -> dict[str, Any]:
    person: Person = asking.thing
    first, _, last = person.name.partition(" ")
    values = {"id": person.id, "name": person.name, "first_name": first, "last_name": last}
    return shown(values, parse(str(asking.values.get("fields") or "id,first_name,last_name")))


ROADS: Roads = {
    ("POST", Page, "messages"): Road("messenger.send", "pages_messaging", _send),
    ("POST", Page, "message_attachments"): Road("messenger.upload", "pages_messaging", _upload),
    ("GET", Page, "conversations"): Road("messenger.talks", "pages_messaging", _talks),
    ("GET", Talk, ""): Road("messenger.talk", "pages_messaging", _read_talk),
    ("GET", Talk, "messages"): Road("messenger.letters", "pages_messaging", _read_letters),
    ("GET", Letter, ""): Road("messenger.letter", "pages_messaging", _read_letter),
    ("GET", Person, ""): Road("person.read", "pages_messaging", _read_person),
}
