"""A reader of pages without script: finds the forms of a page and submits them as a browser would."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx


@dataclass
class Form:
    """A form: where it goes, how, its fields as the page filled them, its buttons as (name, value)."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    is_multipart: bool = False


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.by_id: dict[str, Form] = {}
        self.links: list[str] = []
        self.words: list[str] = []
        self._form: Form | None = None
        self._area = ""
        self._select = ""
        self._mute = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        elif tag in {"script", "style"}:
            self._mute += 1
        elif tag == "form":
            multipart = given.get("enctype") == "multipart/form-data"
            self._form = Form(given.get("action", ""), given.get("method", "get").lower(), is_multipart=multipart)
            self.forms.append(self._form)
            self.by_id[given.get("id", "")] = self._form
        else:
            self._control(tag, given, set(dict(attrs)))

    def _control(self, tag: str, given: dict[str, str], names: set[str]) -> None:
        form = self.by_id.get(given["form"]) if given.get("form") else self._form
        if form is None or "disabled" in names:
            return
        name = given.get("name", "")
        if tag == "button" or (tag == "input" and given.get("type") == "submit"):
            form.buttons.append((name, given.get("value", "")))
        elif tag == "textarea":
            self._area = name
            form.fields[name] = ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in names or self._select not in form.fields):
            form.fields[self._select] = given.get("value", "")
        elif tag == "input" and name and self._counts(given, names):
            form.fields[name] = given.get("value", "on" if given.get("type") in {"checkbox", "radio"} else "")

    @staticmethod
    def _counts(given: dict[str, str], names: set[str]) -> bool:
        return given.get("type") not in {"checkbox", "radio", "file"} or "checked" in names

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._area = ""
        elif tag == "select":
            self._select = ""
        elif tag in {"script", "style"}:
            self._mute -= 1

    def handle_data(self, data: str) -> None:
        if self._area and self._form is not None:
            self._form.fields[self._area] += data
        elif not self._mute:
            self.words.append(data)


@dataclass
class Page:
    """A page that was fetched."""

    url: str
    status: int
    body: str

    def __post_init__(self) -> None:
        reader = _Reader()
        reader.feed(self.body)
        self.forms, self.links = reader.forms, reader.links
        self.text = " ".join(" ".join(reader.words).split())

    def form(self, *, field: str = "", action: str = "") -> Form:
        """The first form that has this field and this piece in its address; LookupError if there is none."""
        for form in self.forms:
            if (not field or field in form.fields) and action in urljoin(self.url, form.action):
                return form
        raise LookupError(f"no form with field {field!r} and action {action!r} on {self.url} ({self.status})")


class Browser:
    """Somebody who reads pages and sends forms; keeps cookies, runs no script."""

    def __init__(self, base: str, source: str = "") -> None:
        self.base = base
        way = httpx.HTTPTransport(local_address=source or None)
        self.client = httpx.Client(follow_redirects=True, timeout=30, trust_env=False, transport=way)

    def get(self, path: str) -> Page:
        """Fetch a page."""
        return self._page(self.client.get(urljoin(self.base, path)))

    def submit(self, page: Page, form: Form, changes: Mapping[str, str], button: tuple[str, str] | None = None) -> Page:
        """Send a form of that page with these fields changed."""
        values = {**form.fields, **changes}
        if button and button[0]:
            values[button[0]] = button[1]
        target = urljoin(page.url, form.action or page.url)
        headers = {"Referer": page.url, "Origin": self.base.rstrip("/")}
        if form.method == "get":
            return self._page(self.client.get(target, params=values))
        if form.is_multipart:
            files = {name: (None, value) for name, value in values.items()}
            return self._page(self.client.post(target, files=files, headers=headers))
        return self._page(self.client.post(target, data=values, headers=headers))

    def close(self) -> None:
        """Let go of the connections."""
        self.client.close()

    @staticmethod
    def _page(response: httpx.Response) -> Page:
        return Page(str(response.url), response.status_code, response.text)
