"""HTML of a mail to text; quoted blocks become lines with '>' so that the trimming sees them."""

from __future__ import annotations

import re
from html import unescape

from ganzohr.channels.connectors.mail.words import clean

MOST_HTML = 1_000_000
_OPEN, _CLOSE = "\ue000", "\ue001"
_DEEPEST = 200


def text_of(html: str) -> str:
    """Readable text of the HTML; bounded in time and memory, never raises."""
    html = clean(html[:MOST_HTML]).replace(_OPEN, "").replace(_CLOSE, "")
    marked = re.sub(r"<blockquote\b[^<>]*>", rf"\g<0><div>{_OPEN}</div>", html, flags=re.IGNORECASE)
    marked = re.sub(r"</blockquote\s*>", rf"<div>{_CLOSE}</div>\g<0>", marked, flags=re.IGNORECASE)
    try:
        if _depth(marked) > _DEEPEST:
            raise RecursionError
        from inscriptis import get_text  # slow to load, and not needed to start
        from inscriptis.model.config import ParserConfig

        text = str(get_text(marked, ParserConfig()))
    except Exception:  # lxml and inscriptis raise several kinds on damaged pages; plain stripping always works
        text = _stripped(marked)
    return _quoted(text)


def _depth(html: str) -> int:
    deepest = depth = 0
    for closing in re.findall(r"<(/?)(?:div|span|table|tbody|tr|td|font|b|i|p|ul|li|blockquote|center)\b", html):
        depth = max(0, depth - 1) if closing else depth + 1
        deepest = max(deepest, depth)
    return deepest


def _stripped(html: str) -> str:
    for start, end in (("<script", "</script"), ("<style", "</style"), ("<head>", "</head"), ("<!--", "--")):
        html = _without(html, start, end)
    html = re.sub(r"<(?:br|/p|/div|/tr|/li|/h\d)\b[^<>]*>", "\n", html, flags=re.IGNORECASE)
    return unescape(re.sub(r"<[^<>]*>", " ", html))


def _without(html: str, start: str, end: str) -> str:
    """The page without these parts, in one pass (a search by pattern would take quadratic time on hostile pages)."""
    low, kept, at = html.lower(), [], 0
    if len(low) != len(html):
        return html
    while (begin := low.find(start, at)) >= 0:
        kept.append(html[at:begin])
        stop = low.find(end, begin + len(start))
        if stop < 0:
            return " ".join(kept)
        at = stop
    return " ".join([*kept, html[at:]])


def _quoted(text: str) -> str:
    depth, lines = 0, []
    for raw in text.splitlines():
        line = raw.rstrip()
        depth += line.count(_OPEN)
        shown = line.replace(_OPEN, "").replace(_CLOSE, "").rstrip()
        if shown or not (_OPEN in line or _CLOSE in line):
            lines.append(f"{'>' * min(depth, 20)} {shown.strip()}".rstrip() if depth else shown)
        depth = max(0, depth - line.count(_CLOSE))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
