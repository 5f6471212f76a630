"""Fills an empty desk with the sample: `python -m ganzohr.proofs.sample.build`, told by the demo's environment."""

from __future__ import annotations

import os
import threading
from pathlib import Path


def main() -> None:
    """Tables, employer, channels, history, the last days; then the words that say where to look."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ganzohr.config.settings")
    from ganzohr.config import catalogues

    catalogues.compile_all()
    django.setup()
    from ganzohr.config import migrating

    threading.Thread(target=_fetch_what_understands, daemon=True).start()
    migrating.ensure()
    from ganzohr.proofs.sample import accounts, employer, fresh, history, platforms, where

    firm = employer.build()
    channels = where.build(firm)
    history.build(firm, channels)
    platforms.build(firm)
    lena = fresh.build(channels)
    Path(os.environ["GANZOHR_HOME"], "demo.txt").write_text(accounts.words(lena), encoding="utf-8")


def _fetch_what_understands() -> None:
    """What understanding texts needs takes seconds to read; the tables are made meanwhile."""
    import scipy.linalg.lapack  # noqa: F401
    import sklearn.feature_extraction.text  # noqa: F401

    from ganzohr.language.encoder import embed

    embed(["Hallo"])


if __name__ == "__main__":
    main()
