"""Where the desk keeps what is its own: database, keys, files. Never in the repository."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path


def home() -> Path:
    """The data folder: GANZOHR_HOME, else /var/lib/ganzohr for root and a folder of the user's for everybody else."""
    named = os.environ.get("GANZOHR_HOME")
    if named:
        return Path(named).expanduser().absolute()
    if os.geteuid() == 0:
        return Path("/var/lib/ganzohr")
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "ganzohr"


def ensure_folder(folder: Path, mode: int = 0o711) -> Path:
    """The folder exists; if it had to be made it has this mode. Folders above are left as they are."""
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=mode, exist_ok=True)
        folder.chmod(mode)
    return folder


def made_once(path: Path, make: Callable[[], str]) -> str:
    """What stands in the file; written once, however many ask at the same time, and readable by its owner only."""
    ensure_folder(path.parent, 0o700)
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        pass
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(make() + "\n")
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text().strip()
