"""Lines of the log: what failed and where, never what somebody outside wrote, their address or a private link.

The text of an exception is not ours: PostgreSQL quotes the row it refused, a parser the line it did not understand, a
mail server the recipient. So a line holds the kind of every exception and its frames, and of its text only what comes
from the machine: the reason of a failed system call, the code of a refused statement.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import re
import traceback
from collections.abc import Iterator
from copy import copy
from types import TracebackType
from typing import Any

LONGEST_CHAIN = 20
_TOKENS = re.compile(
    r"(/(?:ask|v|g|hooks/[^/\s]+|accounts/(?:demo|start|join|password/reset/key)|inbox/\d+/undo)/)[^/\s\"'?>]+"
)
_ADDRESS = re.compile(r"[^\s<>\"'(),:;@/]+@[^\s<>\"'(),:;@/]+")
_FAILED_TASK = re.compile(r"exception=(\w+)\(.*", re.DOTALL)
_Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Line(logging.Formatter):
    """One entry of the log, safe to keep and to send to somebody else."""

    def format(self, record: logging.LogRecord) -> str:
        """The entry; what other handlers noted on the record is not used."""
        safe = copy(record)
        safe.exc_text = None
        if isinstance(record.args, tuple):
            safe.args = tuple(kind(one) if isinstance(one, BaseException) else one for one in record.args)
        if isinstance(record.msg, BaseException):
            safe.msg = kind(record.msg)
        elif record.name.startswith("django.security") and record.exc_info:
            safe.msg, safe.args = "a request was refused", None  # the message is the exception's text
        return super().format(safe)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  (logging calls it so)
        """The words of the entry, without tokens and addresses."""
        said = _FAILED_TASK.sub(r"exception=\1>", super().formatMessage(record))
        return _ADDRESS.sub("…@…", _TOKENS.sub(r"\1…", said))

    def formatException(self, ei: _Raised) -> str:  # noqa: N802
        """Frames and kinds of the exception and of those that led to it."""
        return "\n".join(part for one in _chain(ei[1]) for part in _told(one))


class JsonLine(Line):
    """The same entry as one JSON object on one line, for a machine that collects logs."""

    def format(self, record: logging.LogRecord) -> str:
        """What a line says, in parts: `at`, `level`, `logger`, `process`, `message`, and `failure` if there is one."""
        message, _, failure = super().format(record).partition("\nTraceback")
        entry = {
            "at": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "process": record.process,
            "message": message,
        }
        return json.dumps(entry | ({"failure": f"Traceback{failure}"} if failure else {}), ensure_ascii=False)


def kind(error: BaseException) -> str:
    """What sort of exception it is, with what the machine (and nobody else) says about it."""
    name = type(error).__qualname__
    if isinstance(error, OSError) and error.errno:
        return f"{name}: {os.strerror(error.errno)}"
    code = _code(error) or _code(error.__cause__)
    return f"{name}: {code}" if code else name


def _code(error: BaseException | None) -> str:
    """SQLSTATE and the name of the constraint, where PostgreSQL said no."""
    diagnosis: Any = getattr(error, "diag", None)
    found = (getattr(error, "sqlstate", None), getattr(diagnosis, "constraint_name", None))
    return " ".join(str(one) for one in found if one)


def _chain(error: BaseException | None) -> list[BaseException]:
    """The exception after those that led to it, each once."""
    found: list[BaseException] = []
    while error is not None and error not in found and len(found) < LONGEST_CHAIN:
        found.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return found[::-1]


def _told(error: BaseException) -> Iterator[str]:
    yield "Traceback (most recent call last):"
    yield "".join(traceback.format_tb(error.__traceback__)).rstrip("\n")
    yield kind(error)
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from (part for each in _chain(one) for part in _told(each))
