"""What connecting a page needs: which pages a token reaches, subscribing one, and each step looked at by itself."""

from __future__ import annotations

from dataclasses import dataclass

from ganzohr.channels.connectors.base import Account, Trouble
from ganzohr.channels.connectors.facebook.reading import PROBES
from ganzohr.channels.connectors.meta import graph
from ganzohr.channels.connectors.meta.values import parts, text, text_id

NEEDED = frozenset({"feed", "messages"})
FIELDS = (
    *("feed", "mention", "ratings", "messages", "message_echoes", "message_edits", "message_reactions"),
    *("message_deliveries", "message_reads", "messaging_postbacks", "messaging_optins", "messaging_referrals"),
    *("messaging_handovers", "messaging_policy_enforcement", "standby"),
)
STEPS = ("token", "page", "comments", "messages", "subscribed")


@dataclass(frozen=True)
class PageFound:
    """A page that a token reaches, with the page's own token."""

    page_id: str
    name: str
    token: str


def pages(account: Account) -> list[PageFound]:
    """The pages that this (system) user's token reaches. Raises `Trouble`."""
    answer = graph.call(account, "GET", "me/accounts", params={"fields": "id,name,access_token", "limit": "100"})
    if not answer.is_good:
        raise Trouble(answer.code, answer.words)
    found = parts(answer.body, "data")
    return [PageFound(text_id(one.get("id")), text(one, "name"), text(one, "access_token")) for one in found]


def subscribe(account: Account) -> str:
    """Let the page tell our app everything we read; '' when it does now, else a problem code."""
    values = {"subscribed_fields": ",".join(FIELDS)}
    return graph.call(account, "POST", f"{_page_id(account)}/subscribed_apps", json=values).code


def steps(account: Account) -> dict[str, str]:
    """Each of STEPS with '' where it works, else the code of what does not. Speaks to the platform."""
    page_id = _page_id(account)
    who = graph.call(account, "GET", "me", params={"fields": "id"})
    if not who.is_good or not page_id:
        return dict.fromkeys(STEPS, who.code or "no_secret")
    wrong_page = "" if text_id(who.body.get("id")) == page_id else "permission_missing"
    answers = [graph.call(account, "GET", f"{page_id}/{edge}", params=params) for edge, params in PROBES]
    codes = [answer.code for answer in answers]
    return dict(zip(STEPS, ("", wrong_page, *codes[:2], codes[2] or _subscribed(answers[2])), strict=True))


def _subscribed(answer: graph.Answer) -> str:
    listed = [app.get("subscribed_fields") for app in parts(answer.body, "data")]
    fields = {str(one) for fields in listed if isinstance(fields, list) for one in fields}
    return "" if fields >= NEEDED else "not_subscribed"


def _page_id(account: Account) -> str:
    return text_id(account.settings.get("page_id"))
