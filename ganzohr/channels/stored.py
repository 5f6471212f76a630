"""Bytes lie in the storage before the transaction begins that names them, for it may be a network away, and nothing
waits for a network while it holds locks. What no row names in the end goes again: a rollback takes back the row, not
the file.

`in_one_transaction` is the whole of it. Where a transaction is taken back in parts, as the intake's is, `swept` stands
around it and `named_with_its_block` inside of it and of each part. What a kill leaves behind, or a commit whose end
nobody heard, is deleted by a round days later (`config/strays.py`).
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from ganzohr.channels import pictures
from ganzohr.core import times

log = logging.getLogger(__name__)
PLACE = "messages/%Y/%m/"  # where a round looks for what nobody names


class NotStored(Exception):
    """The storage did not take a file, and nothing was done."""


class File(Protocol):
    """A file with its bytes at hand."""

    @property
    def name(self) -> str: ...

    @property
    def content(self) -> bytes: ...


class Lying(NamedTuple):
    """Under which name of the storage, and how many bytes."""

    name: str
    size: int


@dataclass
class _Sweep:
    """What lies there, by the very file it was, and what of it rows name."""

    lying: dict[str, File] = field(default_factory=dict)
    ready: dict[int, Lying] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)


_sweep: ContextVar[_Sweep | None] = ContextVar("sweep", default=None)


@contextmanager
def in_one_transaction(files: Iterable[File]) -> Iterator[None]:
    """Put these, then do what is done within in one transaction; those no row named go again. Raises `NotStored`."""
    with swept():
        try:
            for file in files:
                put(file)
        except Exception as error:
            log.exception("a file could not be stored")
            raise NotStored from error
        with transaction.atomic(), named_with_its_block():
            yield


@contextmanager
def swept() -> Iterator[None]:
    """Stands outside of any transaction: of what is put within, whatever no row names at the end is deleted."""
    mine = _Sweep()
    token = _sweep.set(mine)
    try:
        yield
    finally:
        _sweep.reset(token)
        for name in mine.lying.keys() - mine.named:
            _delete(name)


@contextmanager
def named_with_its_block() -> Iterator[None]:
    """Stands inside of a transaction or a savepoint: where it fails, no row names what was named within."""
    held = _sweep.get()
    before = set(held.named) if held else set()
    try:
        yield
    except BaseException:
        if held:
            held.named = before
        raise


def put(file: File) -> Lying:
    """Store the bytes of this file, pictures without what their camera wrote."""
    content = pictures.plain(file.content)
    wanted = default_storage.generate_filename(times.now().strftime(PLACE) + plain_name(file.name))
    lying = Lying(default_storage.save(wanted, ContentFile(content)), len(content))
    if held := _sweep.get():
        held.lying[lying.name] = file  # held, too, so that no other object can have its number meanwhile
        held.ready[id(file)] = lying
    return lying


def named(file: File) -> Lying:
    """Where the bytes of this file lie, for the row that names them from now on. Each row has its own: a file nobody
    put before, or that is another row's, is put now."""
    held = _sweep.get()
    lying = held.ready.get(id(file)) if held else None
    if lying is None or (held and lying.name in held.named):
        lying = put(file)
    if held:
        held.named.add(lying.name)
    return lying


def plain_name(name: str) -> str:
    """Under which name bytes lie: only the ending is the sender's. No other file has it, so one look finds it free."""
    ending = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    own = secrets.token_hex(10)
    return f"{own}.{ending}" if ending.isalnum() and len(ending) <= 8 else own


def _delete(name: str) -> None:
    try:
        default_storage.delete(name)
    except Exception:  # the work is done, or has failed for a reason of its own
        log.exception("a stored file that no row names could not be deleted")
