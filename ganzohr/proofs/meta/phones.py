"""What people do on their phones: WhatsApp messages of every kind, calls, a new number, a stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ganzohr.proofs.meta import shapes
from ganzohr.proofs.meta.world import Letter, Number, Person, Talk

if TYPE_CHECKING:
    from ganzohr.proofs.meta.platform import Platform


class Phones:
    """The WhatsApp half of the people's side."""

    platform: Platform

    def whatsapp(self, number: Number, person: Person, text: str, *, reply_to: str = "", at: Any = None) -> Letter:
        """Somebody writes to our number."""
        return self._say(number, person, "text", text, {"text": {"body": text}}, reply_to=reply_to, at=at)

    def media(
        self, number: Number, person: Person, content: bytes, content_type: str, name: str = "", caption: str = "",
        at: Any = None,
    ) -> Letter:  # fmt: skip
        """Somebody sends a picture, a film or a document."""
        kind = content_type.partition("/")[0]
        kind = kind if kind in ("image", "video", "audio") else "document"
        more = ({"caption": caption} if caption else {}) | ({"filename": name} if kind == "document" else {})
        return self._file(number, person, kind, content, content_type, caption, more, at)

    def voice(self, number: Number, person: Person, content: bytes, *, at: Any = None) -> Letter:
        """Somebody speaks (ogg with opus)."""
        kind = "audio/ogg; codecs=opus"
        return self._file(number, person, "audio", content, kind, "", {"voice": True}, at)

    def location(self, number: Number, person: Person, latitude: float, longitude: float, name: str = "") -> Letter:
        """Somebody says where they are."""
        place = {"latitude": latitude, "longitude": longitude} | ({"name": name} if name else {})
        return self._say(number, person, "location", name, {"location": place})

    def unsupported(self, number: Number, person: Person) -> Letter:
        """Something the platform itself does not hand on (a poll, a view-once picture)."""
        details = "Message type is currently not supported."
        body = {"errors": [shapes.problem(131051, "Message type unknown", details)]}
        return self._say(number, person, "unsupported", "", body)

    def press_button(self, number: Number, person: Person, text: str, reply_to: str) -> Letter:
        """A button below a template of ours is pressed."""
        return self._say(number, person, "button", text, {"button": {"payload": text, "text": text}}, reply_to=reply_to)

    def correct(self, letter: Letter, text: str) -> None:
        """Somebody edits a message of theirs."""
        letter.text, letter.edits = text, letter.edits + 1
        changed = {"type": "text", "text": {"body": text}}
        self._about(letter, "edit", {"original_message_id": letter.id, "message": changed})

    def revoke(self, letter: Letter) -> None:
        """Somebody deletes a message of theirs for all."""
        letter.is_removed, letter.text = True, ""
        self._about(letter, "revoke", {"original_message_id": letter.id})

    def call(self, number: Number, person: Person, *, at: Any = None) -> str:
        """Somebody calls and nobody can take it; the id of the call."""
        with self.platform.lock:
            id_ = "wacid." + self.platform.world.ids.letters(36)
            now = at or self.platform.now()
            head = {
                "id": id_,
                "to": number.phone.lstrip("+"),
                **shapes.from_whom(person),
                "direction": "USER_INITIATED",
            }
            ended = {"status": "FAILED", "start_time": str(shapes.seconds(now)), "end_time": str(shapes.seconds(now))}
            for event, more in (("connect", {}), ("terminate", ended)):
                call = {**head, "event": event, "timestamp": str(shapes.seconds(now)), **more}
                entry = shapes.number_change(number, "calls", contacts=[shapes.contact(person)], calls=[call])
                self.platform.tell_number(number, entry)
            talk = self.platform.world.talk(number, person)
            talk.letters.append(Letter(id_, False, "call", "", now))
            return id_

    def stop_marketing(self, number: Number, person: Person, *, is_stopped: bool = True) -> None:
        """Somebody wants no offers any more, by the app's own button."""
        said = {
            "wa_id": person.phone, "user_id": person.user_id, "category": "marketing_messages",
            "value": "stop" if is_stopped else "resume", "detail": "User requested to stop marketing messages",
            "timestamp": shapes.seconds(self.platform.now()),
        }  # fmt: skip
        entry = shapes.number_change(
            number, "user_preferences", contacts=[shapes.contact(person)], user_preferences=[said]
        )
        self.platform.tell_number(number, entry)

    def change_number(self, number: Number, person: Person, phone: str) -> None:
        """The same person with another number."""
        old, person.phone = person.phone, phone.lstrip("+")
        body = f"User {person.name} changed from {old} to {person.phone}"
        said = {"system": {"body": body, "wa_id": person.phone, "type": "user_changed_number"}}
        self._system(number, old, said)

    def change_user_id(self, number: Number, person: Person) -> str:
        """The platform gives the person another id; the old one."""
        old, person.user_id = person.user_id, f"DE.{self.platform.world.ids.digits(19)}"
        update = {
            "wa_id": person.phone, "user_id": {"previous": old, "current": person.user_id},
            "detail": "User changed their user id", "timestamp": str(shapes.seconds(self.platform.now())),
        }  # fmt: skip
        entry = shapes.number_change(
            number, "user_id_update", contacts=[shapes.contact(person)], user_id_update=[update]
        )
        self.platform.tell_number(number, entry)
        return old

    def quality(self, number: Number, event: str = "FLAGGED", limit: str = "TIER_250") -> None:
        """The platform thinks worse (or better) of our number."""
        number.quality, number.sender_limit = ("RED" if event in ("FLAGGED", "DOWNGRADE") else "GREEN"), limit
        value = {"display_phone_number": number.phone.lstrip("+"), "event": event, "current_limit": limit}
        entry = {"id": number.waba_id, "time": shapes.seconds(self.platform.now()), "changes": [
            {"field": "phone_number_quality_update", "value": value}]}  # fmt: skip
        self.platform.tell_number(number, entry)

    def sent_elsewhere(self, number: Number, person: Person, text: str, *, at: Any = None) -> Letter:
        """A colleague answered on the phone that shares our number."""
        with self.platform.lock:
            talk = self.platform.world.talk(number, person)
            letter = Letter(self.platform.world.ids.wamid(), True, "text", text, at or self.platform.now())
            letter.progress = "delivered"
            talk.letters.append(letter)
            said = {
                "from": number.phone.lstrip("+"), "to": person.phone, "to_user_id": person.user_id, "id": letter.id,
                "timestamp": str(shapes.seconds(letter.at)), "type": "text", "text": {"body": text},
            }  # fmt: skip
            entry = shapes.number_change(
                number, "smb_message_echoes", contacts=[shapes.contact(person)], message_echoes=[said]
            )
            self.platform.tell_number(number, entry)
            return letter

    # Below

    def _say(
        self, number: Number, person: Person, kind: str, text: str, body: dict[str, Any], *,
        reply_to: str = "", media: str = "", at: Any = None,
    ) -> Letter:  # fmt: skip
        with self.platform.lock:
            talk = self.platform.world.talk(number, person)
            letter = Letter(self.platform.world.ids.wamid(), False, kind, text, at or self.platform.now(), body, media)
            letter.reply_to = reply_to
            talk.letters.append(letter)
            self.platform.tell_number(number, shapes.whatsapp(talk, letter))
            return letter

    def _file(
        self, number: Number, person: Person, kind: str, content: bytes, content_type: str, text: str,
        more: dict[str, Any], at: Any,
    ) -> Letter:  # fmt: skip
        with self.platform.lock:
            kept = self.platform.keep_media(content, content_type, str(more.get("filename", "")), is_ours=False)
            return self._say(number, person, kind, text, {kind: shapes.file_of(kept, **more)}, media=kept.id, at=at)

    def _about(self, letter: Letter, kind: str, said: dict[str, Any]) -> None:
        talk = self._talk(letter)
        event = Letter(self.platform.world.ids.wamid(), False, kind, "", self.platform.now(), {kind: said})
        assert isinstance(talk.place, Number)
        self.platform.tell_number(talk.place, shapes.whatsapp(talk, event))

    def _react_by_phone(self, talk: Talk, letter: Letter, emoji: str) -> None:
        letter.reactions[talk.person.id] = emoji
        self._about(letter, "reaction", {"message_id": letter.id} | ({"emoji": emoji} if emoji else {}))

    def _system(self, number: Number, phone: str, said: dict[str, Any]) -> None:
        now = self.platform.now()
        message = {
            "from": phone, "id": self.platform.world.ids.wamid(), "timestamp": str(shapes.seconds(now)),
            "type": "system", **said,
        }  # fmt: skip
        self.platform.tell_number(number, shapes.number_change(number, "messages", messages=[message]))

    def _talk(self, letter: Letter) -> Talk:
        raise NotImplementedError
