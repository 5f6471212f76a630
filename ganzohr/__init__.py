"""Ganzohr: the self-hosted community desk for employer brands."""

__version__ = "0.1.0"
