"""Words the platform approved beforehand: the only ones that may begin a talk or go on with one after its window."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ganzohr.channels.connectors.base import Account, Template, Trouble
from ganzohr.channels.connectors.meta import graph
from ganzohr.channels.connectors.meta.values import part, parts, text, text_id

FIELDS = "name,language,category,status,components"
MOST_PAGES = 50
_VALUE = re.compile(r"\{\{\s*([^{}]{1,60}?)\s*\}\}")


def templates(account: Account) -> list[Template]:
    """Every template of the account. Raises `Trouble`."""
    business = text_id(account.settings.get("waba_id"))
    if not business:
        raise Trouble("no_secret", "the WhatsApp Business Account is not named")
    return [_template(one) for page in _pages(account, business) for one in parts(page, "data") if text(one, "name")]


def _pages(account: Account, business: str) -> Iterator[dict[str, Any]]:
    after = ""
    for _page in range(MOST_PAGES):
        params = {"fields": FIELDS, "limit": "100", **({"after": after} if after else {})}
        answer = graph.call(account, "GET", f"{business}/message_templates", params=params)
        if not answer.is_good:
            raise Trouble(answer.code, answer.words)
        yield answer.body
        paging = part(answer.body, "paging")
        before, after = after, text(part(paging, "cursors"), "after")
        if not text(paging, "next") or not after or after == before:
            return


def _template(told: Mapping[str, Any]) -> Template:
    components = {text(one, "type").upper(): one for one in parts(told, "components")}
    body = text(components.get("BODY", {}), "text")
    return Template(
        name=text(told, "name"),
        language=text(told, "language"),
        category=text(told, "category").lower(),
        body=body,
        values=tuple(dict.fromkeys(_VALUE.findall(body))),
        is_approved=text(told, "status").upper() == "APPROVED" and _is_plain(components),
    )


def _is_plain(components: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether the body's values are all that is asked for: no picture, no value in a heading or a button's address."""
    header = components.get("HEADER", {})
    buttons = parts(components.get("BUTTONS", {}), "buttons")
    addresses = [text(header, "text"), *(text(one, "url") for one in buttons)]
    has_media = text(header, "format").upper() not in ("", "TEXT")
    return "BODY" in components and not has_media and not any(_VALUE.search(one) for one in addresses)
