"""WhatsApp's Cloud API. See `connectors/base.py` for what each method promises."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from ganzohr.channels.connectors.base import (
    Abilities,
    Account,
    Incoming,
    IncomingFile,
    Outcome,
    Rate,
    Sending,
    Template,
)
from ganzohr.channels.connectors.meta import graph, signed
from ganzohr.channels.connectors.meta.values import text, text_id
from ganzohr.channels.connectors.whatsapp import media, sending, templates
from ganzohr.channels.connectors.whatsapp.parse import parse

FIELDS = "display_phone_number,verified_name,quality_rating,status,throughput,name_status"

# States of a number that keep it from working. Flagged and restricted ones still answer whoever wrote to them.
STATES: Mapping[str, str] = {
    "BANNED": "page_restricted",
    "RATE_LIMITED": "rate_limited",
    **dict.fromkeys(("DELETED", "DISCONNECTED", "MIGRATED", "OFFLINE", "PENDING", "UNVERIFIED"), "number_offline"),
}


class WhatsApp:
    """One number of ours; private talks only."""

    kind = "whatsapp"
    abilities = Abilities(
        public=False,
        private=True,
        files=True,
        max_length=sending.MAX_LENGTH,
        window_hours=24,
        reactions=("👍", "❤️", "🙏"),
        templates=True,
        marks_read=True,
        fetches=True,
        rates=(Rate(60, 1),),  # 80 a second for a number
        at_once=8,
    )

    def delivery_key(self, account: Account, path: str, headers: Mapping[str, str], body: bytes) -> bytes:
        """The raw bytes: WhatsApp repeats a delivery unchanged."""
        return hashlib.sha256(body).digest()

    def verify(self, account: Account, path: str, headers: Mapping[str, str], body: bytes) -> bool:
        """Signed with one of the app's secrets."""
        return signed.verify(signed.app_secrets(account), headers, body)

    def handshake(self, account: Account, query: Mapping[str, str]) -> str | None:
        """The challenge, for whoever knows the word we agreed on with Meta."""
        token, given = account.secrets.get("verify_token", ""), query.get("hub.verify_token", "")
        is_ours = bool(token) and hmac.compare_digest(token.encode(), given.encode("utf-8", "replace"))
        return query.get("hub.challenge", "") if is_ours and query.get("hub.mode") == "subscribe" else None

    def parse(self, account: Account, headers: Mapping[str, str], body: bytes) -> list[Incoming]:
        """Every message, status, call, wish and piece of news in it, for whichever of our numbers."""
        return parse(body)

    def send(self, account: Account, sending_: Sending) -> Outcome:
        """Sends within the person's window, or a template; `unclear` when the platform's answer was lost."""
        return sending.send(account, sending_)

    def find(self, account: Account, sending_: Sending) -> Outcome | None:
        """The platform cannot be asked; but its later status brings our key back (`headers["key"]`)."""
        return None

    def fetch(self, account: Account, reference: str) -> IncomingFile:
        """The bytes behind a reference."""
        return media.fetch(account, reference)

    def templates(self, account: Account) -> list[Template]:
        """Every template of the account; `is_approved` only for those the desk can fill in."""
        return templates.templates(account)

    def check(self, account: Account) -> str:
        """'' when all is well with the number; `quality_low` is a warning, everything still leaves."""
        answer = self._standing(account)
        if answer is None:
            return "no_secret"
        warning = "quality_low" if text(answer.body, "quality_rating").upper() == "RED" else ""
        return answer.code or STATES.get(text(answer.body, "status").upper(), "") or warning

    def standing(self, account: Account) -> dict[str, str]:
        """What the platform says of the number: number, name, quality, state, speed; {} when it does not answer."""
        answer = self._standing(account)
        if answer is None or not answer.is_good:
            return {}
        speed = answer.body.get("throughput")
        return {
            "number": text(answer.body, "display_phone_number"),
            "name": text(answer.body, "verified_name"),
            "quality": text(answer.body, "quality_rating").lower(),
            "state": text(answer.body, "status").lower(),
            "speed": text(speed, "level").lower() if isinstance(speed, dict) else "",
        }

    def _standing(self, account: Account) -> graph.Answer | None:
        number = text_id(account.settings.get("phone_number_id"))
        if not number or not account.secrets.get("access_token"):
            return None
        return graph.call(account, "GET", number, params={"fields": FIELDS})
