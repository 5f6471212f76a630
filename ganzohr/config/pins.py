"""`./run pins`: every package, its version and hashes, from pyproject.toml into requirements/*.txt. Names no index."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
ADDRESS = re.compile(r"https?://|^\s*(-i|--index-url|--extra-index-url|--find-links|-f)\b", re.MULTILINE)
OURS = "# Written by ./run pins from pyproject.toml; do not edit.\n"


def uv() -> str:
    """The uv to use, or the end of the program in words."""
    beside = [Path(sys.executable).with_name("uv"), ROOT / ".tools/bin/uv"]
    found = shutil.which("uv") or next((str(path) for path in beside if path.exists()), None)
    if not found:
        print("./run pins needs uv.", file=sys.stderr)
        raise SystemExit(2)
    return found


def compile_pins(name: str, *arguments: str, source: str = "pyproject.toml") -> None:
    """Write one file of pins; versions that stand in it already are kept unless `--upgrade` is said."""
    target = ROOT / "requirements" / f"{name}.txt"
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    subprocess.run(
        [
            *(
                uv(),
                "pip",
                "compile",
                source,
                "--universal",
                "--python-version",
                "3.11",
                "--generate-hashes",
                "--quiet",
            ),
            *("--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"),
            *("--output-file", str(target), *arguments),
        ],
        cwd=ROOT,
        env=environment,
        check=True,
    )
    text = target.read_text().removeprefix(OURS)
    if ADDRESS.search(text):
        raise SystemExit(f"{target} would name an address of an index.")
    target.write_text(OURS + text)


def main(arguments: list[str]) -> int:
    """`./run pins [--upgrade]`."""
    upgrade = [word for word in arguments if word == "--upgrade"]
    compile_pins("base", *upgrade)
    compile_pins("dev", "--group", "dev", "--constraint", "requirements/base.txt", *upgrade)
    compile_pins("tools", *upgrade, source="requirements/tools.in")
    return 0
