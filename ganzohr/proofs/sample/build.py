"""Fills an empty desk with the sample: `python -m ganzohr.proofs.sample.build`, told by the demo's environment."""

from __future__ import annotations

import os
from pathlib import Path


def main() -> None:
    """Tables, employer, channels, history, the last two days; then the words that say where to look."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ganzohr.config.settings")
    from ganzohr.config import catalogues

    catalogues.compile_all()
    django.setup()
    from ganzohr.config import migrating

    migrating.ensure()
    from ganzohr.proofs.sample import accounts, employer, fresh, history, where

    firm = employer.build()
    channels = where.build(firm)
    history.build(firm, channels)
    lena = fresh.build(channels)
    Path(os.environ["GANZOHR_HOME"], "demo.txt").write_text(accounts.words(lena), encoding="utf-8")


if __name__ == "__main__":
    main()
