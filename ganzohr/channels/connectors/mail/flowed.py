"""format=flowed (RFC 3676): lines that end in a space belong together."""

from __future__ import annotations


def unflow(text: str, delete_space: bool = False) -> str:
    """The text with its own flowed lines joined. Quoted lines stay as they are: they are cut or shown as quotes."""
    done: list[str] = []
    waiting = ""
    for raw in text.splitlines():
        if raw.startswith(">"):
            done, waiting = _closed(done, waiting), ""
            done.append(raw.rstrip())
            continue
        line = raw[1:] if raw.startswith(" ") else raw
        if line == "-- ":
            done, waiting = [*_closed(done, waiting), line], ""
        elif line.endswith(" "):
            waiting += line[:-1] if delete_space else line
        else:
            done, waiting = [*done, waiting + line], ""
    return "\n".join(_closed(done, waiting))


def _closed(done: list[str], waiting: str) -> list[str]:
    return [*done, waiting.rstrip()] if waiting else done
