"""Mail servers of common providers, guessed from an address; everything can be changed. Values in, values out."""

from __future__ import annotations

from collections.abc import Mapping

# `plus`: where answers may come back to name+token@…; elsewhere they would bounce, and the token stands in the subject
_PLUS = {"plus": "+"}
_MICROSOFT = {"imap_host": "outlook.office365.com", "smtp_host": "smtp.office365.com", "auth": "microsoft", **_PLUS}
_ONE = {"smtp_port": 465, "smtp_security": "tls"}
_GOOGLE = {"imap_host": "imap.gmail.com", "smtp_host": "smtp.gmail.com", **_ONE, **_PLUS}

PROVIDERS: dict[str, Mapping[str, object]] = {
    "gmail.com": _GOOGLE,
    "googlemail.com": _GOOGLE,
    "outlook.com": _MICROSOFT,
    "outlook.de": _MICROSOFT,
    "hotmail.com": _MICROSOFT,
    "live.com": _MICROSOFT,
    "live.nl": _MICROSOFT,
    "gmx.de": {"imap_host": "imap.gmx.net", "smtp_host": "mail.gmx.net"},
    "gmx.net": {"imap_host": "imap.gmx.net", "smtp_host": "mail.gmx.net"},
    "gmx.at": {"imap_host": "imap.gmx.net", "smtp_host": "mail.gmx.net"},
    "gmx.ch": {"imap_host": "imap.gmx.net", "smtp_host": "mail.gmx.net"},
    "web.de": {"imap_host": "imap.web.de", "smtp_host": "smtp.web.de"},
    "t-online.de": {"imap_host": "secureimap.t-online.de", "smtp_host": "securesmtp.t-online.de", **_ONE},
    "freenet.de": {"imap_host": "mx.freenet.de", "smtp_host": "mx.freenet.de"},
    "mailbox.org": {"imap_host": "imap.mailbox.org", "smtp_host": "smtp.mailbox.org", **_PLUS},
    "posteo.de": {"imap_host": "posteo.de", "smtp_host": "posteo.de", **_PLUS},
    "icloud.com": {"imap_host": "imap.mail.me.com", "smtp_host": "smtp.mail.me.com", **_PLUS},
    "yahoo.com": {"imap_host": "imap.mail.yahoo.com", "smtp_host": "smtp.mail.yahoo.com", **_ONE},
    "yahoo.de": {"imap_host": "imap.mail.yahoo.com", "smtp_host": "smtp.mail.yahoo.com", **_ONE},
    "bluewin.ch": {"imap_host": "imaps.bluewin.ch", "smtp_host": "smtpauths.bluewin.ch", **_ONE},
    "kpnmail.nl": {"imap_host": "imap.kpnmail.nl", "smtp_host": "smtp.kpnmail.nl"},
    "ziggo.nl": {"imap_host": "imap.ziggo.nl", "smtp_host": "smtp.ziggo.nl"},
    "telenet.be": {"imap_host": "imap.telenet.be", "smtp_host": "smtp.telenet.be"},
}


def guess(address: str) -> dict[str, object]:
    """Settings to begin with for this address; for a domain nobody knows, the names most servers have."""
    domain = address.rpartition("@")[2].strip().lower()
    usual: dict[str, object] = {
        "imap_host": f"imap.{domain}",
        "imap_port": 993,
        "imap_security": "tls",
        "smtp_host": f"smtp.{domain}",
        "smtp_port": 587,
        "smtp_security": "starttls",
        "auth": "password",
        "user": address,
        "plus": "",
    }
    return {**usual, **PROVIDERS.get(domain, {})}
