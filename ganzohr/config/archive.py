"""The one file of a backup: a tar of database, files and keys, with a list of what has to be in it at its end."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any

FORMAT = 1
LIST = "manifest.json"
DUMP = "database.dump"
FOLDERS = ("files", "keys")


class Unusable(Exception):
    """Why a backup cannot be used, in words."""


class Counted(io.RawIOBase):
    """Reads on behalf of another file and knows the hash of what went by."""

    def __init__(self, source: IO[bytes]) -> None:
        self.source = source
        self.hash = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        block = self.source.read(size)
        self.hash.update(block)
        return block


class Writer:
    """Writes a backup beside its place and moves it there when it is whole."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.draft = target.with_name(f".{target.name}.part")
        self.parts: dict[str, str] = {}

    def __enter__(self) -> Writer:
        self.draft.unlink(missing_ok=True)
        self.draft.touch(mode=0o600)
        self.tar = tarfile.open(self.draft, "w:gz", compresslevel=3)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        self.tar.close()
        if kind is None and self.target.exists():
            self.draft.unlink(missing_ok=True)
            raise Unusable(f"{self.target} was written by somebody else meanwhile; nothing was written over it.")
        if kind is None:
            self.draft.replace(self.target)
        else:
            self.draft.unlink(missing_ok=True)

    def add(self, name: str, path: Path) -> None:
        """One file; a file that vanished meanwhile is left out."""
        try:
            with path.open("rb") as source:
                entry = self.tar.gettarinfo(arcname=name, fileobj=source)
                entry.uid = entry.gid = 0
                entry.uname = entry.gname = ""
                counted = Counted(source)
                self.tar.addfile(entry, counted)
        except FileNotFoundError:
            return
        self.parts[name] = counted.hash.hexdigest()

    def conclude(self, facts: dict[str, Any]) -> None:
        """Write the list of what is in it, last."""
        text = json.dumps({"format": FORMAT, **facts, "parts": self.parts}, indent=1).encode()
        entry = tarfile.TarInfo(LIST)
        entry.size = len(text)
        self.tar.addfile(entry, io.BytesIO(text))


def check_is_file(source: Path) -> None:
    """`Unusable` where there is nothing to read."""
    if not source.is_file():
        raise Unusable(f"{source} is no file." if source.exists() else f"There is no file {source}.")


def unpack(source: Path, folder: Path) -> dict[str, Any]:
    """Unpack a backup into an empty folder and check every part; its facts. `Unusable` if it is not whole."""
    found: dict[str, str] = {}
    check_is_file(source)
    try:
        with tarfile.open(source, "r:gz") as tar:
            for entry in tar:
                found[entry.name] = _unpack_one(tar, entry, folder)
        facts: dict[str, Any] = json.loads((folder / LIST).read_text())
    except (tarfile.TarError, EOFError, OSError, ValueError, KeyError) as error:
        raise Unusable(f"{source} is not a whole backup of Ganzohr ({error}).") from error
    if facts["format"] > FORMAT:
        raise Unusable(f"{source} was made by a newer version of Ganzohr; install that version first.")
    del found[LIST]
    if found != facts["parts"]:
        names = ", ".join(sorted(_differing(found, facts["parts"]))[:5])
        raise Unusable(f"{source} is damaged, other than when it was made: {names}.")
    return facts


def _differing(found: dict[str, str], listed: dict[str, str]) -> Iterator[str]:
    yield from (name for name in found.keys() | listed.keys() if found.get(name) != listed.get(name))


def _unpack_one(tar: tarfile.TarFile, entry: tarfile.TarInfo, folder: Path) -> str:
    path = PurePosixPath(entry.name)
    content = tar.extractfile(entry) if entry.isreg() else None
    allowed = entry.name in (LIST, DUMP) or (path.parts[0] in FOLDERS and ".." not in path.parts)
    if content is None or not allowed:
        raise ValueError(f"{entry.name} does not belong into a backup")
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    counted = Counted(content)
    with target.open("wb") as file:
        target.chmod(0o600)
        shutil.copyfileobj(counted, file)
    return counted.hash.hexdigest()
