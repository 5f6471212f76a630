"""`./run prepare`: everything a new version needs before it starts: packages (by `run` itself), words, database.

Then nothing is written beside the data folder any more: web and worker may start from a folder they cannot change.
"""

from __future__ import annotations

import argparse
import os


def main(arguments: list[str]) -> int:
    """Prepare, and say whether the database had to change."""
    argparse.ArgumentParser(prog="./run prepare", description=__doc__).parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ganzohr.config.settings")
    import django

    from ganzohr.config import catalogues, migrating
    from ganzohr.config.backup import Source
    from ganzohr.config.datafolder import home

    catalogues.compile_all()
    django.setup()
    with Source(home()).running():
        print("The database has its new shape." if migrating.ensure() else "The database is up to date.")
    return 0
