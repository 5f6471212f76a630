"""Thin doors of the inbox."""
