"""Every page of the demo, found by following links: for everybody, in German, on every screen, by keyboard."""

from __future__ import annotations

import gzip
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from babel.messages.pofile import read_po
from django.conf import settings

import ganzohr
from ganzohr.config.catalogues import same_on_purpose
from ganzohr.proofs.demo import free_port
from ganzohr.proofs.forms import Browser as Reader

ROOT = Path(__file__).resolve().parents[2]
SKIPPED = re.compile(
    r"/(static|accounts/logout|accounts/demo|g|live|inbox/files|health)(/|$)|\.(svg|png|webmanifest|js)$|export"
)
# What people see who are not signed in, also when a link leads nowhere any more.
SIGNED_OUT = (
    "/accounts/sign-in/",
    "/accounts/sign-in/off/",
    "/accounts/password/forgotten/",
    "/accounts/password/forgotten/sent/",
    "/accounts/password/forgotten/1-wrong-link/",
    "/accounts/start/wrong/",
    "/accounts/join/wrong/",
    "/ask/wrong/",
    "/v/wrong/",
    "/d/wrong/",
    "/nowhere/",
)
# Remembers whatever gets the focus, and whether that can be seen.
WATCH = """() => {
  window.reached = [];
  const shown = (s) => s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2;
  document.addEventListener("focusin", () => {
    let one = document.activeElement;
    while (one && one.shadowRoot && one.shadowRoot.activeElement) one = one.shadowRoot.activeElement;
    if (!one || one === document.body) return;
    const near = one.closest("label, .row, li, .search") || one;
    // the browser itself marks the parts of a date; the main part is only jumped to
    const isSeen = shown(getComputedStyle(one)) || shown(getComputedStyle(near)) || one.type === "datetime-local";
    const isWell = one.tagName === "MAIN" || (isSeen && one.tabIndex <= 0);
    window.reached.push({what: one.outerHTML.slice(0, 120), isWell: isWell});
  });
}"""
WIDER = """() => {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const labels = [];
  while (walk.nextNode()) {
    const at = walk.currentNode.parentElement;
    const isLabel = at && at.closest("button, a.button, th, dt, label, .tabs, .rail__link");
    if (isLabel && walk.currentNode.data.trim()) labels.push(walk.currentNode);
  }
  for (const node of labels) {
    const text = node.data.trim();
    node.data = node.data.replace(text, text + " nnnnn".repeat(Math.ceil(text.length * 0.05)));
  }
  return document.documentElement.scrollWidth - document.documentElement.clientWidth;
}"""
OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
TEXTS = """() => {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  while (walk.nextNode()) {
    const at = walk.currentNode.parentElement;
    if (at && !at.closest("script, style, kbd, .words, [lang]:not(html), option"))
      found.push(walk.currentNode.data.trim().replace(/\\s+/g, " "));
  }
  for (const one of document.querySelectorAll("[aria-label], [title], [placeholder]"))
    for (const name of ["aria-label", "title", "placeholder"])
      if (one.hasAttribute(name)) found.push(one.getAttribute(name).trim());
  return found.filter(Boolean);
}"""


@dataclass(frozen=True)
class Demo:
    """A running demo."""

    base: str
    sign_in: str
    visitor: str
    pages: tuple[str, ...]


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GANZOHR_", "DJANGO_"))}
    with tempfile.TemporaryDirectory(prefix="gzd-", dir="/tmp") as name:
        Path(name).chmod(0o711)
        kept |= {"PYTHONPATH": str(ROOT), "TMPDIR": name}
        command = [sys.executable, "-P", "-m", "ganzohr", "demo", "--port", str(port)]
        with subprocess.Popen(command, env=kept, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            lines = []
            for line in process.stdout:
                lines.append(line.strip())
                if "Ctrl-C" in line:
                    break
            base = f"http://127.0.0.1:{port}"
            sign_in = next(line.split()[-1] for line in lines if line.startswith("Sophie"))
            visitor = next(line.split()[-1] for line in lines if line.startswith("Lena"))
            yield Demo(base, sign_in, visitor, pages_of(base, sign_in))
            process.send_signal(signal.SIGINT)
            process.wait(20)


def pages_of(base: str, sign_in: str) -> tuple[str, ...]:
    """One address of each kind of page that a signed-in admin can reach by links."""
    from django.urls import Resolver404, resolve

    reader, found, waiting = Reader(base), {}, ["/"]
    reader.get(sign_in)
    seen: set[str] = set()
    while waiting:
        path = waiting.pop(0)
        bare = urlsplit(path).path
        try:
            name = resolve(bare).view_name
        except Resolver404:
            continue
        variant = name + ("?mode=ask" if "mode=ask" in path else "")
        if path in seen or variant in found or SKIPPED.search(bare):
            continue
        seen.add(path)
        page = reader.get(path)
        if page.status != 200 or "<html" not in page.body[:200]:
            continue
        found[variant] = path
        for link in page.links:
            target = urlsplit(urljoin(base + path, link))
            if target.netloc == urlsplit(base).netloc:
                waiting.append(target.path + (f"?{target.query}" if target.query else ""))
    reader.close()
    return tuple(found.values())


def new_page(browser: Any, demo: Demo, *, is_signed_in: bool = True, **options: Any) -> Any:
    context = browser.new_context(locale="de-DE", timezone_id="Europe/Berlin", reduced_motion="reduce", **options)
    page = context.new_page()
    if is_signed_in:
        page.goto(demo.sign_in)
    return page


def english() -> set[str]:
    """Every sentence of the source that German says otherwise."""
    allowed, found = same_on_purpose() | set(dict(settings.LANGUAGES).values()), set()  # a language names itself
    for file in Path(ganzohr.__file__).parent.glob("*/locale/de/LC_MESSAGES/django.po"):
        with file.open("rb") as stream:
            for message in read_po(stream):
                for text in message.id if isinstance(message.id, tuple) else [message.id]:
                    if text and "%" not in text and text not in allowed and str(text) not in str(message.string):
                        found.add(str(text))
    return found


class Walk:
    """Every page opened twice, on a desk and in a hand; what was wrong with which, by what was looked for."""

    def __init__(self, demo: Demo) -> None:
        self.demo = demo
        self.words = english()
        self.wrong: dict[str, dict[str, Any]] = defaultdict(dict)
        self.path = ""

    def note(self, what: str, found: Any) -> None:
        """Only what is there is wrong."""
        if found:
            self.wrong[what][self.path] = found

    def at_a_desk(self, page: Any, path: str) -> None:
        """The page by mouse and keyboard, in both schemes, at three widths."""
        self.path = path
        page.goto(urljoin(self.demo.base, path))
        self.note("language", page.locator("html").get_attribute("lang") != "de")
        self.note("words", sorted({text for text in page.evaluate(TEXTS) if text in self.words}))
        self.note("axe light", violations(page))
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        self.note("axe dark", violations(page, {"runOnly": ["color-contrast"]}))
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        for width in (1440, 1024, 768):
            page.set_viewport_size({"width": width, "height": 844})
            self.note("sideways", page.evaluate(OVER))
        page.set_viewport_size({"width": 1440, "height": 900})
        page.evaluate(WATCH)
        for _ in range(14):
            page.keyboard.press("Tab")
        reached = page.evaluate("window.reached")
        is_lost = not reached and page.locator("a[href], button, input:not([type=hidden])").count()
        self.note("keyboard", "nothing" if is_lost else [one["what"] for one in reached if not one["isWell"]])

    def in_a_hand(self, page: Any, path: str) -> None:
        """The page under a finger, at two widths, and with longer words."""
        self.path = path
        page.set_viewport_size({"width": 360, "height": 740})
        page.goto(urljoin(self.demo.base, path))
        self.note("sideways", page.evaluate(OVER))
        page.set_viewport_size({"width": 390, "height": 844})
        self.note("sideways", max(page.evaluate(OVER), page.evaluate(WIDER)))


def violations(page: Any, options: dict[str, Any] | None = None) -> list[tuple[str, str]]:
    found = Axe().run(page, options=options)
    return [(one["id"], one["nodes"][0]["html"][:160]) for one in found.response["violations"]]


@pytest.fixture(scope="module")
def walk(demo: Demo, browser: Any) -> Walk:
    walk = Walk(demo)
    wide: Any = {"viewport": {"width": 1440, "height": 900}}
    page = new_page(browser, demo, **wide)
    listen(page, walk)
    for path in [*demo.pages, demo.visitor]:
        walk.at_a_desk(page, path)
    page.context.close()
    page = new_page(browser, demo, is_signed_in=False, **wide)
    for path in SIGNED_OUT:
        walk.at_a_desk(page, path)
    page.context.close()
    page = new_page(browser, demo, has_touch=True, viewport={"width": 360, "height": 740})
    for path in [*demo.pages, demo.visitor]:
        walk.in_a_hand(page, path)
    page.context.close()
    page = new_page(browser, demo, is_signed_in=False, has_touch=True, viewport={"width": 360, "height": 740})
    for path in SIGNED_OUT:
        walk.in_a_hand(page, path)
    page.context.close()
    return walk


def listen(page: Any, walk: Walk) -> None:
    """Note what a page asks another host, and what its console complains about."""

    def asked(request: Any) -> None:
        if not request.url.startswith((walk.demo.base, "data:")):
            walk.wrong["foreign"][request.url] = walk.path

    def said(text: str) -> None:
        walk.wrong["console"][text] = walk.path

    page.on("request", asked)
    page.on("console", lambda one: said(f"{one.text} {one.location['url']}") if one.type == "error" else None)
    page.on("pageerror", lambda error: said(str(error)))


def test_the_demo_has_many_pages(demo: Demo) -> None:
    assert len(demo.pages) > 25, demo.pages


@pytest.mark.parametrize(
    "what", ["axe light", "axe dark", "foreign", "console", "sideways", "language", "words", "keyboard"]
)
def test_on_every_page_nothing_is_wrong_with(walk: Walk, what: str) -> None:
    assert walk.wrong[what] == {}


def test_the_keys_are_shown_by_one_key_and_hidden_by_escape(demo: Demo, browser: Any) -> None:
    page = new_page(browser, demo, viewport={"width": 1440, "height": 900})
    page.goto(f"{demo.base}/inbox/")
    page.keyboard.press("?")
    page.locator("dialog[open]").wait_for()
    page.keyboard.press("Escape")
    page.locator("dialog[open]").wait_for(state="detached")
    page.context.close()


def test_the_inbox_is_small_compressed_and_quick_to_reach(demo: Demo) -> None:
    reader = Reader(demo.base)
    reader.get(demo.sign_in)
    answer = reader.client.get(f"{demo.base}/inbox/?state=any")
    assert answer.headers["content-encoding"] == "gzip"
    assert len(answer.content) <= 80_000
    assets = re.findall(r'(?:href|src)="(/static/[^"]+\.(?:css|js))"', answer.text)
    weight = sum(len(gzip.compress(reader.client.get(urljoin(demo.base, path)).content)) for path in set(assets))
    assert weight <= 60_000, weight
    reader.close()
