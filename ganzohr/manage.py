"""Django's own commands: `python -m ganzohr.manage makemigrations inbox`."""

from __future__ import annotations

import os
import sys


def main(arguments: list[str] | None = None) -> None:
    """Run one command of Django with the settings of the desk."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ganzohr.config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(["ganzohr manage", *(sys.argv[1:] if arguments is None else arguments)])


if __name__ == "__main__":
    main()
