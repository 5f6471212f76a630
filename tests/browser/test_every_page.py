"""Every page of the demo, found by following links: for everybody, in German, on every screen, by keyboard."""

from __future__ import annotations

import gzip
import os
import re
import signal
import subprocess
import sys
import tempfile
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
FOCUS = """() => {
  let one = document.activeElement;
  while (one && one.shadowRoot && one.shadowRoot.activeElement) one = one.shadowRoot.activeElement;
  if (!one || one === document.body) return null;
  const style = getComputedStyle(one);
  const near = one.closest("label, .row, li, .search") || one;
  const shown = (s) => s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2;
  return {what: one.outerHTML.slice(0, 120), isMain: one.tagName === "MAIN",
          // the browser itself marks the parts of a date
          visible: shown(style) || shown(getComputedStyle(near)) || one.type === "datetime-local",
          tabindex: one.tabIndex};
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


def signed_in(browser: Any, demo: Demo, **options: Any) -> Any:
    context = browser.new_context(locale="de-DE", timezone_id="Europe/Berlin", **options)
    page = context.new_page()
    page.goto(demo.sign_in)
    return page


def test_the_demo_has_many_pages(demo: Demo) -> None:
    assert len(demo.pages) > 25, demo.pages


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(demo: Demo, browser: Any, scheme: Any) -> None:
    page, found = signed_in(browser, demo, color_scheme=scheme, viewport={"width": 1440, "height": 900}), {}
    for path in [*demo.pages, demo.visitor]:
        page.goto(urljoin(demo.base, path))
        result = Axe().run(page)
        if result.violations_count:
            found[path] = [(one["id"], one["nodes"][0]["html"][:160]) for one in result.response["violations"]]
    page.context.close()
    assert found == {}


def test_no_page_asks_another_host_and_no_console_complains(demo: Demo, browser: Any) -> None:
    page = signed_in(browser, demo, viewport={"width": 1440, "height": 900})
    foreign: set[str] = set()
    complaints: list[str] = []
    page.on(
        "request",
        lambda request: foreign.add(request.url) if not request.url.startswith((demo.base, "data:")) else None,
    )
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for path in demo.pages:
        page.goto(urljoin(demo.base, path))
    page.context.close()
    assert (foreign, complaints) == (set(), [])


@pytest.mark.parametrize("width", [360, 390, 768, 1024, 1440])
def test_no_page_scrolls_sideways_also_with_longer_labels(demo: Demo, browser: Any, width: int) -> None:
    page = signed_in(browser, demo, viewport={"width": width, "height": 844}, has_touch=width < 500)
    too_wide = {}
    for path in [*demo.pages, demo.visitor]:
        page.goto(urljoin(demo.base, path))
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if width == 390:
            over = max(over, page.evaluate(WIDER))
        if over > 0:
            too_wide[path] = over
    page.context.close()
    assert too_wide == {}


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


def test_a_crawl_in_german_finds_no_english_sentence(demo: Demo, browser: Any) -> None:
    page, words, found = signed_in(browser, demo, viewport={"width": 1440, "height": 900}), english(), {}
    for path in [*demo.pages, demo.visitor]:
        page.goto(urljoin(demo.base, path))
        assert page.locator("html").get_attribute("lang") == "de", path
        if left := sorted({text for text in page.evaluate(TEXTS) if text in words}):
            found[path] = left
    page.context.close()
    assert found == {}


def test_every_page_can_be_walked_by_keyboard(demo: Demo, browser: Any) -> None:
    page = signed_in(browser, demo, viewport={"width": 1440, "height": 900})
    wrong: dict[str, list[str]] = {}
    for path in demo.pages:
        page.goto(urljoin(demo.base, path))
        for _ in range(14):
            page.keyboard.press("Tab")
            at = page.evaluate(FOCUS)
            if at and not at["isMain"] and (not at["visible"] or at["tabindex"] > 0):
                wrong.setdefault(path, []).append(at["what"])
    page.context.close()
    assert wrong == {}


def test_the_keys_are_shown_by_one_key_and_hidden_by_escape(demo: Demo, browser: Any) -> None:
    page = signed_in(browser, demo, viewport={"width": 1440, "height": 900})
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
