"""`./run messages [room …]`: collect the words of rooms into their catalogues and say what is missing; 1 if something is."""

from __future__ import annotations

import sys

from ganzohr.config import catalogues


def rooms() -> list[str]:
    """Every room, by its folder."""
    return sorted(folder.parent.name for folder in catalogues.PACKAGE.glob("*/apps.py"))


def renew(room: str) -> list[str]:
    """Write both catalogues of a room; what is wrong with them."""
    found = catalogues.sentences(room)
    wrong = []
    for language in catalogues.LANGUAGES:
        catalogue = catalogues.renewed(room, language, found)
        catalogues.write(room, language, catalogue)
        wrong += [f"{room} {language}: {words}" for words in catalogues.complaints(language, catalogue)]
    return wrong


def main(arguments: list[str]) -> int:
    """Without rooms: all. `--compile` only compiles."""
    if arguments == ["--compile"]:
        catalogues.compile_all()
        return 0
    unknown = set(arguments) - set(rooms())
    if unknown:
        print(f"There is no room {', '.join(sorted(unknown))}.", file=sys.stderr)
        return 2
    wrong = [words for room in arguments or rooms() for words in renew(room)]
    for words in wrong:
        print(words)
    print(f"{len(wrong)} to mend" if wrong else "All catalogues are complete.")
    return 1 if wrong else 0
