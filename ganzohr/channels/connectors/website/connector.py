"""The website as a channel. Nothing leaves the machine: an answer is sent when it stands on the private page."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from ganzohr.channels.connectors.base import Abilities, Account, Incoming, Outcome, Sending
from ganzohr.channels.connectors.website.letter import MAX_TEXT, SIGNATURE, Letter, signature, unpack


class Website:
    """See `connectors/base.py` for what each method promises."""

    kind = "website"
    abilities = Abilities(public=False, private=True, files=True, max_length=MAX_TEXT, idempotent=True)

    def delivery_key(self, account: Account, path: str, headers: Mapping[str, str], body: bytes) -> bytes:
        """Visit and letter id: a submission sent again is the same delivery, whatever else changed in it."""
        try:
            letter = unpack(body)
        except ValueError:
            return hashlib.sha256(body).digest()
        return f"{letter.visit}:{letter.id}".encode()

    def verify(self, account: Account, path: str, headers: Mapping[str, str], body: bytes) -> bool:
        """Signed by our own page with this channel's secret."""
        secret = account.secrets.get("signing", "")
        given = next((value for name, value in headers.items() if name.lower() == SIGNATURE), "")
        return bool(secret) and hmac.compare_digest(signature(secret, body).encode(), given.encode())

    def parse(self, account: Account, headers: Mapping[str, str], body: bytes) -> list[Incoming]:
        """One letter is one message of the visitor's one thread."""
        return [_incoming(unpack(body))]

    def send(self, account: Account, sending: Sending) -> Outcome:
        """Accepted at once: the private page shows what the outbox holds as accepted for this visit."""
        visit = str(sending.target.get("visit") or "")
        if not visit:
            return Outcome("refused", code="no_target", detail="the answer is bound to no visit")
        return Outcome("accepted", external_id=f"{visit}:{sending.key}")

    def find(self, account: Account, sending: Sending) -> Outcome | None:
        """Sending is a fact of our own database, so an interrupted one is simply made again."""
        return self.send(account, sending)

    def check(self, account: Account) -> str:
        """Works as soon as its signing secret is there."""
        return "" if account.secrets.get("signing") else "no_secret"


def _incoming(letter: Letter) -> Incoming:
    return Incoming(
        what="message",
        external_id=f"{letter.visit}:{letter.id}",
        sender_id=letter.visit,
        sender_name=letter.name,
        provider_at=letter.at,
        text=letter.text,
        original=letter.original,
        thread_key=letter.visit,
        source=letter.source,
        files=letter.files,
        target={"visit": letter.visit},
        headers={
            "mail_address": letter.mail_address,
            "page": letter.page,
            "page_language": letter.language,  # the text itself says which language the person writes
            "by": letter.by,
        },
        consent=letter.consent,
    )
