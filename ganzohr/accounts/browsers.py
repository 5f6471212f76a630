"""What to call a browser, from the line it sends."""

from __future__ import annotations

BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def browser(line: str) -> str:
    """`Firefox`, or nothing when we do not know it."""
    return next((name for sign, name in BROWSERS if sign in line), "")


def system(line: str) -> str:
    """`Android`, or nothing when we do not know it."""
    return next((name for sign, name in SYSTEMS if sign in line), "")
