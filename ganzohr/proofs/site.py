"""The career site of the demo's employer with the widget's script tag: its own origin, a strict policy."""

from __future__ import annotations

import tomllib
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import urlsplit

from ganzohr.proofs.little_web import Answered, Asked, Server

FOLDER = Path(__file__).with_name("site_pages")
NAMES = {"de": "Deutsch", "nl": "Nederlands", "en": "English"}
PRIVACY = {"de": "datenschutz", "nl": "privacy", "en": "privacy"}


def serve(port: int, widget_src: str) -> Server:
    """Serve it on loopback: `/`, `/nl/`, `/en/`, each with its privacy page."""
    return Server(port, lambda asked: _answer(asked, widget_src))


def _answer(asked: Asked, widget_src: str) -> Answered:
    if asked.path == "/site.css":
        return Answered(_file("site.css"), "text/css; charset=utf-8")
    if asked.path == "/haus.svg":
        return Answered(_file("haus.svg"), "image/svg+xml")
    parts = [part for part in asked.path.split("/") if part]
    language = parts.pop(0) if parts and parts[0] in NAMES else "de"
    if not parts:
        return _page(language, _start(language), widget_src)
    if parts == [PRIVACY[language]]:
        return _page(language, _privacy(language), widget_src)
    return Answered("Not found\n", "text/plain", 404)


def policy(widget_src: str) -> str:
    """As strict as a careful employer's: the desk's address is all that is added for the widget."""
    parts = urlsplit(widget_src)
    desk = f"{parts.scheme}://{parts.netloc}"
    return (
        f"default-src 'none'; script-src {desk}; connect-src {desk}; style-src 'self'; img-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    )


@cache
def _file(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


@cache
def _words(language: str) -> dict[str, Any]:
    return tomllib.loads(_file(f"{language}.toml"))


def _page(language: str, main: str, widget_src: str) -> Answered:
    words = _words(language)
    home = "/" if language == "de" else f"/{language}/"
    values = {key: escape(value) for key, value in words.items() if isinstance(value, str)}
    body = Template(_file("page.html")).substitute(
        values,
        language=language,
        main=main,
        home=home,
        privacy_url=f"{home}{PRIVACY[language]}",
        languages=" ".join(_language(code, language) for code in NAMES),
        widget=escape(widget_src),
    )
    return Answered(body, headers={"Content-Security-Policy": policy(widget_src)})


def _language(code: str, current: str) -> str:
    href = "/" if code == "de" else f"/{code}/"
    here = ' aria-current="true"' if code == current else ""
    return f'<a href="{href}" lang="{code}" hreflang="{code}"{here}>{NAMES[code]}</a>'


def _start(language: str) -> str:
    words = _words(language)
    values = {key: escape(value) for key, value in words.items() if isinstance(value, str)}
    return Template(_file("start.html")).substitute(
        values,
        ways="".join(map(_way, words["ways"])),
        jobs="".join(map(_job, words["jobs"])),
        voices="".join(map(_voice, words["voices"])),
        sites="".join(
            f"<li><b>{escape(one['name'])}</b><span>{escape(one['text'])}</span></li>" for one in words["sites"]
        ),
    )


def _way(one: dict[str, str]) -> str:
    return (
        f'<li><h3>{escape(one["name"])}</h3><p>{escape(one["text"])}</p><p class="fact">{escape(one["fact"])}</p></li>'
    )


def _job(one: dict[str, str]) -> str:
    cells = "".join(f"<td>{escape(one[name])}</td>" for name in ("site", "time"))
    return f'<tr><th scope="row">{escape(one["name"])}</th>{cells}</tr>'


def _voice(one: dict[str, str]) -> str:
    return (
        f"<figure><blockquote>{escape(one['text'])}</blockquote><figcaption>{escape(one['who'])}</figcaption></figure>"
    )


def _privacy(language: str) -> str:
    words = _words(language)
    paragraphs = "".join(f"<p>{escape(text)}</p>" for text in words["privacy_text"])
    return f'<section class="text"><h1>{escape(words["privacy"])}</h1>{paragraphs}</section>'
