"""WhatsApp over Graph: sending with window and templates, files, what a number and its account are."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from typing import Any

from ganzohr.proofs.meta import errors, shapes
from ganzohr.proofs.meta.fields import of_request, paged, parse, shown
from ganzohr.proofs.meta.graph import Asking, Road, Roads, Waba
from ganzohr.proofs.meta.web import Response
from ganzohr.proofs.meta.world import Letter, Media, Number, Person, Talk, Template

WINDOW = timedelta(hours=24)
LONGEST, LONGEST_CAPTION = 4096, 1024
FILES = ("image", "audio", "video", "document", "sticker")
KINDS = ("text", "template", "reaction", "location", "contacts", "interactive", *FILES)
LINK_LASTS, OURS_LAST, THEIRS_LAST = timedelta(minutes=5), timedelta(days=30), timedelta(days=7)
SCOPE, MANAGE = "whatsapp_business_messaging", "whatsapp_business_management"
NUMBER_FIELDS = "id,verified_name,display_phone_number,quality_rating"
TEMPLATE_FIELDS = "name,parameter_format,components,language,status,category,id"


def _send(asking: Asking) -> dict[str, Any]:
    values = asking.values
    if values.get("messaging_product") != "whatsapp":
        raise errors.bad("The parameter messaging_product is required.")
    if values.get("status"):
        return _mark_read(asking)
    kind = str(values.get("type") or "text")
    if kind not in KINDS:
        raise errors.bad("Param type must be one of {" + ", ".join(KINDS).upper() + "} - got " + kind)
    if not isinstance(values.get(kind), dict | list):
        raise errors.bad(f"The parameter {kind} is required.", 2494010)
    person = _person(asking)
    number: Number = asking.thing
    if person is None:
        return _accepted(asking, None, Letter(asking.platform.world.ids.wamid(), True, kind, "", asking.platform.now()))
    talk = asking.platform.world.talk(number, person)
    text = _words(asking, kind, values[kind])
    wrote = talk.last_of_person()
    if kind not in ("template",) and (wrote is None or asking.platform.now() - wrote > WINDOW):
        if asking.platform.tells_window_later:
            return _fail(asking, talk, kind, text, errors.re_engage())
        raise errors.re_engage()
    if not asking.platform.take_from_pair(number.id, person.id):
        raise errors.by_name("pair_limit", "")
    if kind == "reaction":
        return _react(asking, talk, values["reaction"])
    return _accepted(asking, talk, _letter(asking, kind, text))


def _person(asking: Asking) -> Person | None:
    to, user_id = str(asking.values.get("to") or "").lstrip("+"), str(asking.values.get("recipient") or "")
    if not to and not user_id:
        raise errors.bad("The parameter to is required.")
    people = asking.platform.world.each(Person)
    return next((one for one in people if (user_id and one.user_id == user_id) or (to and one.phone == to)), None)


def _words(asking: Asking, kind: str, body: Any) -> str:
    if kind == "text":
        text = str(body.get("body") or "")
        if not text:
            raise errors.bad("The parameter text['body'] is required.")
        if len(text) > LONGEST:
            raise errors.bad(f"Param text['body'] must be at most {LONGEST} characters long.")
        return text
    if kind == "template":
        return _filled(asking, body)
    if kind in FILES:
        known = asking.platform.world.things.get(str(body.get("id", "")))
        if not body.get("link") and not isinstance(known, Media):
            raise errors.bad("Invalid parameter", details="The media id is not known")
        if len(str(body.get("caption") or "")) > LONGEST_CAPTION:
            raise errors.bad(f"Param {kind}['caption'] must be at most {LONGEST_CAPTION} characters long.")
        return str(body.get("caption") or "")
    if kind == "interactive":
        return str((body.get("body") or {}).get("text", ""))
    return str(body.get("emoji", "")) if kind == "reaction" else ""


def _filled(asking: Asking, body: dict[str, Any]) -> str:
    template = _template(asking, str(body.get("name")), str((body.get("language") or {}).get("code")))
    given = [
        parameter
        for component in body.get("components") or []
        if str(component.get("type", "")).lower() == "body"
        for parameter in component.get("parameters") or []
    ]
    wanted = list(dict.fromkeys(re.findall(r"{{(\w+)}}", template.body)))
    if len(given) != len(wanted):
        details = f"body: number of localizable_params ({len(given)}) is not the expected number ({len(wanted)})"
        words = "(#132000) Number of parameters does not match the expected number of params"
        raise errors.GraphError(132000, words, details=details)
    text = template.body
    for place, parameter in zip(wanted, given, strict=True):
        text = text.replace("{{" + place + "}}", str(parameter.get("text", "")))
    return text


def _template(asking: Asking, name: str, language: str) -> Template:
    for one in asking.platform.world.each(Template):
        if isinstance(one, Template) and (one.name, one.language, one.waba_id) == (
            name,
            language,
            asking.thing.waba_id,
        ):
            if one.status != "APPROVED":
                raise errors.GraphError(132015, "(#132015) Template is paused", details=one.status)
            return one
    details = f"template name ({name}) does not exist in {language}"
    words = "(#132001) Template name does not exist in the translation"
    raise errors.GraphError(132001, words, status=404, details=details)


def _letter(asking: Asking, kind: str, text: str) -> Letter:
    platform, values = asking.platform, asking.values
    letter = Letter(platform.world.ids.wamid(), True, kind, text, platform.now(), dict(values))
    letter.callback = str(values.get("biz_opaque_callback_data") or "")
    letter.reply_to = str((values.get("context") or {}).get("message_id", ""))
    if kind in FILES:
        letter.media = str(values[kind].get("id", ""))
    return letter


def _answer(asking: Asking, letter: Letter) -> dict[str, Any]:
    values = asking.values
    to, user_id = str(values.get("to") or ""), str(values.get("recipient") or "")
    contact = {"input": to, "wa_id": to.lstrip("+")} if to else {"input": user_id, "user_id": user_id}
    message = {"id": letter.id} | ({"message_status": "accepted"} if letter.kind == "template" else {})
    return {"messaging_product": "whatsapp", "contacts": [contact], "messages": [message]}


def _accepted(asking: Asking, talk: Talk | None, letter: Letter) -> dict[str, Any]:
    """Taken; what becomes of it is told by statuses. A number nobody has fails there, not here."""
    to = talk.person.phone if talk else str(asking.values.get("to") or asking.values.get("recipient"))
    letter.text = letter.text or str((asking.values.get("text") or {}).get("body", ""))
    if talk and talk.person.is_capped and letter.kind == "template":
        return _fail(asking, talk, letter.kind, letter.text, errors.GraphError(
            131049, "This message was not delivered to maintain healthy ecosystem engagement."))  # fmt: skip
    if talk is None or talk.person.has_blocked_us:
        talk = talk or Talk("t_0", asking.thing, Person("0", "", to.lstrip("+")))
        error = shapes.problem(131026, "Message undeliverable", "Message Undeliverable.")
        asking.platform.tell_number(asking.thing, shapes.status(talk, letter, "failed", asking.platform.now(), [error]))
    else:
        asking.accept(asking.thing.id, to, letter.id, letter.text)
        talk.letters.append(letter)
        asking.platform.people.arrives(talk, letter)
    return _answer(asking, letter)


def _fail(asking: Asking, talk: Talk, kind: str, text: str, error: errors.GraphError) -> dict[str, Any]:
    letter = _letter(asking, kind, text)
    said = shapes.problem(error.code, error.message.partition(") ")[2] or error.message, error.details or error.message)
    asking.platform.tell_number(asking.thing, shapes.status(talk, letter, "failed", asking.platform.now(), [said]))
    return _answer(asking, letter)


def _react(asking: Asking, talk: Talk, body: dict[str, Any]) -> dict[str, Any]:
    asking.road = "whatsapp.react"
    letter = next((one for one in talk.letters if one.id == body.get("message_id")), None)
    if letter is None:
        raise errors.bad("Invalid parameter", details="Message not found")
    letter.reactions["us"] = str(body.get("emoji") or "")
    made = _letter(asking, "reaction", letter.reactions["us"])
    asking.accept(asking.thing.id, talk.person.phone, made.id, made.text)
    return _answer(asking, made)


def _mark_read(asking: Asking) -> dict[str, Any]:
    asking.road = "whatsapp.read"
    pair = asking.platform.world.talk_of(str(asking.values.get("message_id")))
    if pair is None or asking.values["status"] != "read":
        raise errors.bad("Invalid parameter", details="Message not found")
    for letter in pair[0].letters:
        if not letter.by_us and letter.at <= pair[1].at:
            letter.progress = "read"
    return {"success": True}


# Files


def _upload(asking: Asking) -> dict[str, Any]:
    upload = asking.request.files.get("file")
    if upload is None or asking.values.get("messaging_product") != "whatsapp":
        raise errors.bad("The parameter file is required.")
    kind = str(asking.values.get("type") or upload.content_type)
    return {"id": asking.platform.keep_media(upload.content, kind, upload.name, is_ours=True).id}


def _media(asking: Asking) -> dict[str, Any]:
    media: Media = asking.thing
    if asking.platform.now() - media.at > (OURS_LAST if media.is_ours else THEIRS_LAST):
        raise errors.gone(media.id, "GET")
    media.opened_at = asking.platform.now()
    return {
        "messaging_product": "whatsapp",
        "url": f"{asking.platform.url}/{media.id}/download",
        "mime_type": media.content_type,
        "sha256": hashlib.sha256(media.content).hexdigest(),
        "file_size": len(media.content),
        "id": media.id,
    }


def _download(asking: Asking) -> Response:
    media: Media = asking.thing
    if media.opened_at is None or asking.platform.now() - media.opened_at > LINK_LASTS:
        return Response(b"", 404, "text/plain")
    return Response(media.content, 200, media.content_type)


def _forget_media(asking: Asking) -> dict[str, Any]:
    del asking.platform.world.things[asking.thing.id]
    return {"success": True}


# Numbers, accounts, templates


def _draw_number(number: Number, values: dict[str, Any]) -> dict[str, Any]:
    known = {
        "id": number.id, "verified_name": number.name, "display_phone_number": number.phone,
        "quality_rating": number.quality, "messaging_limit_tier": number.sender_limit, "status": "CONNECTED",
    }  # fmt: skip
    return shown(known, parse(str(values.get("fields") or NUMBER_FIELDS)))


def _numbers(asking: Asking) -> dict[str, Any]:
    numbers = [one for one in asking.platform.world.each(Number) if one.waba_id == asking.thing.id]
    one = of_request(asking.values, NUMBER_FIELDS)
    return paged(numbers, one, lambda number, _: _draw_number(number, asking.values), asking.platform.url, "id")


def _draw_template(template: Template) -> dict[str, Any]:
    return {
        "name": template.name,
        "parameter_format": "POSITIONAL" if re.search(r"{{\d+}}", template.body) else "NAMED",
        "components": [{"type": "BODY", "text": template.body}],
        "language": template.language,
        "status": template.status,
        "category": template.category,
        "id": template.id,
    }


def _templates(asking: Asking) -> dict[str, Any]:
    wanted = {name: str(asking.values[name]) for name in ("name", "language", "status") if name in asking.values}
    found = [
        one
        for one in asking.platform.world.each(Template)
        if one.waba_id == asking.thing.id and all(getattr(one, name) == value for name, value in wanted.items())
    ]
    one = of_request(asking.values, TEMPLATE_FIELDS)
    address = f"{asking.platform.url}/v25.0/{asking.thing.id}/message_templates"
    return paged(found, one, lambda each, fields: shown(_draw_template(each), fields), address, TEMPLATE_FIELDS)


def _subscription(asking: Asking) -> dict[str, Any]:
    numbers = [one for one in asking.platform.world.each(Number) if one.waba_id == asking.thing.id]
    if asking.request.method != "GET":
        for number in numbers:
            number.is_subscribed = asking.request.method == "POST"
        return {"success": True}
    app = {"whatsapp_business_api_data": {"id": asking.platform.app_id, "name": "Ganzohr", "link": ""}}
    return {"data": [app] if any(one.is_subscribed for one in numbers) else []}


ROADS: Roads = {
    ("POST", Number, "messages"): Road("whatsapp.send", SCOPE, _send),
    ("POST", Number, "media"): Road("media.upload", SCOPE, _upload),
    ("GET", Media, ""): Road("media.address", SCOPE, _media),
    ("GET", Media, "download"): Road("media.download", SCOPE, _download),
    ("DELETE", Media, ""): Road("media.forget", SCOPE, _forget_media),
    ("GET", Number, ""): Road("number.read", MANAGE, lambda asking: _draw_number(asking.thing, asking.values)),
    ("GET", Waba, "phone_numbers"): Road("number.list", MANAGE, _numbers),
    ("GET", Waba, "message_templates"): Road("template.list", MANAGE, _templates),
    ("GET", Waba, ""): Road("waba.read", MANAGE, lambda asking: {"id": asking.thing.id, "name": "Ganzohr"}),
    **{
        (method, Waba, "subscribed_apps"): Road("waba.subscription", MANAGE, _subscription)
        for method in ("GET", "POST", "DELETE")
    },
}
