"""What connecting a page needs: which pages a token reaches, subscribing one, and each step looked at by itself.

Somebody waits in front of the page: every call is short, and those of one look run side by side.
"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ganzohr.channels.connectors.base import Account, Trouble
from ganzohr.channels.connectors.facebook.reading import PROBES
from ganzohr.channels.connectors.meta import graph, tokens
from ganzohr.channels.connectors.meta.tokens import QUICK
from ganzohr.channels.connectors.meta.values import parts, text, text_id

NEEDED = frozenset({"feed", "messages"})
FIELDS = (
    *("feed", "mention", "ratings", "messages", "message_echoes", "message_edits", "message_reactions"),
    *("message_deliveries", "message_reads", "messaging_postbacks", "messaging_optins", "messaging_referrals"),
    *("messaging_handovers", "messaging_policy_enforcement", "standby"),
)
STEPS = ("token", "page", "comments", "messages", "subscribed")
COMMENT = re.compile(r"\d+_\d+", re.ASCII)
NOT_A_USER = frozenset({"bad_parameter", "target_gone", "not_possible"})


@dataclass(frozen=True)
class PageFound:
    """A page that a token reaches, with the page's own token."""

    page_id: str
    name: str
    token: str


def pages(account: Account) -> list[PageFound]:
    """The pages that this token reaches: those of a (system) user, or the one page whose token it is already.

    Raises `Trouble`.
    """
    params = {"fields": "id,name,access_token", "limit": "100"}
    answer = graph.call(account, "GET", "me/accounts", params=params, timeout=QUICK)
    if answer.code in NOT_A_USER:
        return [_itself(account)]
    if not answer.is_good:
        raise Trouble(answer.code, answer.words)
    found = parts(answer.body, "data")
    known = [PageFound(text_id(one.get("id")), text(one, "name"), text(one, "access_token")) for one in found]
    return [one for one in known if one.page_id and one.token]


def _itself(account: Account) -> PageFound:
    answer = graph.call(account, "GET", "me", params={"fields": "id,name,category"}, timeout=QUICK)
    if not answer.is_good:
        raise Trouble(answer.code, answer.words)
    return PageFound(text_id(answer.body.get("id")), text(answer.body, "name"), account.secrets["access_token"])


def subscribe(account: Account) -> str:
    """Let the page tell our app everything we read; '' when it does now, else a problem code."""
    values = {"subscribed_fields": ",".join(FIELDS)}
    return graph.call(account, "POST", f"{_page_id(account)}/subscribed_apps", json=values, timeout=QUICK).code


def unsubscribe(account: Account) -> str:
    """Let the page tell our app nothing any more; '' when that is so, else a problem code."""
    return graph.call(account, "DELETE", f"{_page_id(account)}/subscribed_apps", timeout=QUICK).code


def subscribed(account: Account) -> list[str]:
    """What the page tells our app at present. Raises `Trouble`."""
    answer = graph.call(account, "GET", f"{_page_id(account)}/subscribed_apps", timeout=QUICK)
    if not answer.is_good:
        raise Trouble(answer.code, answer.words)
    return sorted(_fields(answer))


def is_gone(account: Account, comment_id: str) -> bool:
    """Whether the platform says of this very comment that it is not there, or not for us: it has one code for both. An
    error of any other kind says nothing."""
    if not COMMENT.fullmatch(comment_id):
        return False  # a name of our own making, which the platform cannot know
    answer = graph.call(account, "GET", comment_id, params={"fields": "id"}, timeout=QUICK)
    return answer.code == "target_gone"


def reads_people(account: Account) -> bool:
    """Whether the platform says that this token may read what people write; without that, comments merely seem gone."""
    about = tokens.about(account)
    return about.is_known and not about.lacks("pages_read_user_content")


def steps(account: Account) -> dict[str, str]:
    """Each of STEPS with '' where it works, else the code of what does not. Speaks to the platform."""
    page_id = _page_id(account)
    if not page_id or not account.secrets.get("access_token"):
        return dict.fromkeys(STEPS, "no_secret")
    asked = [("me", {"fields": "id"}), *((f"{page_id}/{edge}", params) for edge, params in PROBES)]
    with ThreadPoolExecutor(len(asked)) as side_by_side:
        who, *answers = side_by_side.map(lambda one: _get(account, *one), asked)
    if not who.is_good:
        return dict.fromkeys(STEPS, who.code)
    wrong_page = "" if text_id(who.body.get("id")) == page_id else "permission_missing"
    codes = [answer.code for answer in answers]
    return dict(zip(STEPS, ("", wrong_page, *codes[:2], codes[2] or _subscribed(answers[2])), strict=True))


def _get(account: Account, path: str, params: dict[str, str]) -> graph.Answer:
    return graph.call(account, "GET", path, params=params, timeout=QUICK)


def _subscribed(answer: graph.Answer) -> str:
    return "" if _fields(answer) >= NEEDED else "not_subscribed"


def _fields(answer: graph.Answer) -> set[str]:
    listed = [app.get("subscribed_fields") for app in parts(answer.body, "data")]
    return {str(one) for fields in listed if isinstance(fields, list) for one in fields}


def _page_id(account: Account) -> str:
    return text_id(account.settings.get("page_id"))
