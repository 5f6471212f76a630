"""What a message brought beside words: a place, cards, an order, links, stars, an advertisement. Kept small, told in
words."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, ngettext

Values = Mapping[str, Any]
MOST = 20
LONGEST = 500
REFERRAL = ("headline", "body", "source_url")
PLACE = ("name", "address", "url")


@dataclass(frozen=True)
class Line:
    """One of the facts in words; with an address where it leads somewhere."""

    words: str
    link: str = ""


# Keeping


def of(headers: Values) -> dict[str, Any]:
    """The facts among these headers, in a form that every database takes; {} where there are none."""
    kept = ((name, keep(headers[name])) for name, keep in KEPT.items() if headers.get(name) not in (None, "", [], {}))
    return {name: found for name, found in kept if found not in (None, "", [], {})}


def _words(value: object) -> str:
    return value.replace("\0", "").strip()[:LONGEST] if isinstance(value, str) else ""


def _number(value: object) -> float | int | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number and math.isfinite(value) and abs(value) < 1e12 else None  # type: ignore[arg-type, return-value]


def _chosen(value: object, names: tuple[str, ...]) -> dict[str, str]:
    given = value if isinstance(value, Mapping) else {}
    return {name: words for name in names if (words := _words(given.get(name)))}


def _listed(value: object) -> list[Any]:
    return list(value[:MOST]) if isinstance(value, list | tuple) else []


def _place(value: object) -> dict[str, Any]:
    given = value if isinstance(value, Mapping) else {}
    at = {name: _number(given.get(name)) for name in ("latitude", "longitude")}
    return {**_chosen(value, PLACE), **({} if None in at.values() else at)}


def _cards(value: object) -> list[dict[str, Any]]:
    cards = [one for one in _listed(value) if isinstance(one, Mapping)]
    return [
        {"name": _words(one.get("name")), **{name: _several(one.get(name)) for name in ("phones", "emails")}}
        for one in cards
    ]


def _several(value: object) -> list[str]:
    return [words for one in _listed(value) if (words := _words(one))]


def _order(value: object) -> list[dict[str, Any]]:
    items = _listed(value.get("items") if isinstance(value, Mapping) else value)
    return [
        {**_chosen(one, ("id", "currency")), **{name: _number(one.get(name)) for name in ("quantity", "price")}}
        for one in items
        if isinstance(one, Mapping)
    ]


def _links(value: object) -> list[dict[str, str]]:
    return [found for one in _listed(value) if (found := _chosen(one, ("title", "url")))]


KEPT: dict[str, Callable[[object], Any]] = {
    "location": _place,
    "contacts": _cards,
    "order": _order,
    "links": _links,
    "link": _words,
    "rating": _number,
    "recommends": lambda value: value if isinstance(value, bool) else None,
    "referral": lambda value: _chosen(value, REFERRAL),
    "response": _words,
}


# Telling


def lines(more: Values) -> list[Line]:
    """Every fact in words, in the reader's language."""
    return [line for name, tell in TOLD.items() if name in more for line in tell(more[name])]


def _tell_stars(value: float) -> Iterator[Line]:
    stars = round(value)
    words = ngettext("%(n)d star of 5", "%(n)d stars of 5", stars) % {"n": stars}
    yield Line(f"{'★' * stars}{'☆' * (5 - stars)} {words}" if 0 <= stars <= 5 else words)


def _tell_recommends(value: bool) -> Iterator[Line]:
    yield Line(gettext("Recommends us") if value else gettext("Does not recommend us"))


def _tell_place(value: Values) -> Iterator[Line]:
    known = [value[name] for name in ("name", "address") if value.get(name)]
    if known:
        yield Line(", ".join(known), _safe(value.get("url", "")))
    if "latitude" in value:
        yield Line(f"{value['latitude']:.6f}, {value['longitude']:.6f}")


def _tell_cards(value: list[Values]) -> Iterator[Line]:
    for card in value:
        yield Line(", ".join(filter(None, [card["name"], *card["phones"], *card["emails"]])))


def _tell_order(value: list[Values]) -> Iterator[Line]:
    for item in value:
        price = f" · {item['price']:.2f} {item.get('currency', '')}".rstrip() if item.get("price") is not None else ""
        yield Line(f"{item['quantity'] or 1:g} × {item.get('id', '?')}{price}")


def _tell_links(value: list[Values]) -> Iterator[Line]:
    for link in value:
        yield Line(link.get("title") or link.get("url", ""), _safe(link.get("url", "")))


def _tell_link(value: str) -> Iterator[Line]:
    yield Line(value, _safe(value))


def _tell_referral(value: Values) -> Iterator[Line]:
    words = " – ".join(value[name] for name in ("headline", "body") if value.get(name))
    yield Line(words or value.get("source_url", ""), _safe(value.get("source_url", "")))


def _tell_response(value: str) -> Iterator[Line]:
    words = {"accept": gettext("We may call"), "reject": gettext("We may not call")}
    yield Line(words.get(value.lower(), value))


TOLD: dict[str, Callable[[Any], Iterator[Line]]] = {
    "rating": _tell_stars,
    "recommends": _tell_recommends,
    "location": _tell_place,
    "contacts": _tell_cards,
    "order": _tell_order,
    "links": _tell_links,
    "link": _tell_link,
    "referral": _tell_referral,
    "response": _tell_response,
}


def _safe(address: str) -> str:
    return address if address.lower().startswith(("https://", "http://")) else ""
