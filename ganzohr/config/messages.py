"""`./run messages [room …]`: collect the words of rooms into their catalogues and say what is missing."""

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


def check(room: str) -> list[str]:
    """What is wrong with the catalogues of a room as they stand, also sentences nobody collected."""
    found = catalogues.sentences(room)
    wrong = []
    for language in catalogues.LANGUAGES:
        held = {(message.id, message.context) for message in catalogues.read(room, language) if message.id}
        wanted = {(sentence.id, sentence.context) for sentence in found}
        wrong += [f"{room} {language}: not collected: {words!r}" for words, _context in sorted(wanted - held, key=str)]
        wrong += [f"{room} {language}: no longer used: {words!r}" for words, _context in sorted(held - wanted, key=str)]
        wrong += [
            f"{room} {language}: {words}" for words in catalogues.complaints(language, catalogues.read(room, language))
        ]
    return wrong


def main(arguments: list[str]) -> int:
    """Without rooms: all. `--compile` only compiles, `--check` writes nothing."""
    if arguments == ["--compile"]:
        catalogues.compile_all()
        return 0
    only_check = "--check" in arguments
    arguments = [word for word in arguments if word != "--check"]
    unknown = set(arguments) - set(rooms())
    if unknown:
        print(f"There is no room {', '.join(sorted(unknown))}.", file=sys.stderr)
        return 2
    wrong = [words for room in arguments or rooms() for words in (check(room) if only_check else renew(room))]
    for words in wrong:
        print(words)
    print(f"{len(wrong)} to mend" if wrong else "All catalogues are complete.")
    return 1 if wrong else 0
