"""Thin doors: one file per kind of page."""
