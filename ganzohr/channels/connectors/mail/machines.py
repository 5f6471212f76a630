"""Who wrote it, a person or a program: auto-replies, automatic mail, mailing lists."""

from __future__ import annotations

import re
from email.message import Message

from ganzohr.channels.connectors.mail.headers import value

OWN_MARK = "X-Ganzohr"

_AWAY = re.compile(
    r"""^(?:
      automatische?\ (?:antwort|abwesenheits\w*|r(?:ü|ue)ckmeldung|eingangsbest(?:ä|ae)tigung|benachrichtigung)\b
    | abwesenheits(?:notiz|nachricht|meldung|assistent|info\w*|benachrichtigung)\b
    | abwesen(?:d|heit)(?:\s*[:!-]|$)
    | (?:ich\ bin\ )?(?:au(?:ß|ss)er\ haus|nicht\ im\ (?:haus|b(?:ü|ue)ro))\b
    | urlaubs(?:notiz|benachrichtigung|meldung)
    | out[\ -]of[\ -](?:the[\ -])?office\b | \[?ooo\]?\s*: | vacation\ (?:reply|notice)
    | auto(?:matic|mated)?[\ -]?(?:reply|response)\b
    | away\ from\ (?:my|the)\ (?:mail|desk|office)
    | automatisch(?:e)?\ (?:antwoord|beantwoord\w*|reactie|bericht)\b
    | afwezig(?:heid)?(?:\s*[:!-]|$) | afwezigheids(?:bericht|melding|assistent)\b
    | (?:ik\ ben\ )?niet\ (?:aanwezig|op\ kantoor)\b | buiten\ kantoor\b | met\ (?:vakantie|verlof)\s*[:!-]
    | r(?:é|e)ponse\ automatique\b | absence\ du\ bureau | risposta\ automatica\b | fuori\ (?:sede|ufficio)\b
    | respuesta\ autom(?:á|a)tica\b | fuera\ de\ la\ oficina | resposta\ autom(?:á|a)tica
    | odpowied(?:ź|z)\ automatyczna | autosvar\b | automatisk\ svar | automaattinen\ vastaus
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_REPLIER_HEADERS = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply", "x-mail-autoreply")
_ROBOTS = re.compile(
    r"^(?:no|do[-_.]?not|nicht|niet)[-_.]?(?:reply|antworten|beantwoorden)\b|^(?:noreply|donotreply|auto-?reply)\b"
)


def own_mark(message: Message) -> str:
    """What our own mail carries; '' on mail of others."""
    return value(message, OWN_MARK)[:200]


def is_auto_reply(message: Message, subject: str) -> bool:
    """An answer by a program to one of our mails: out of office, "we received your mail"."""
    submitted = value(message, "auto-submitted").lower()
    if submitted.startswith(("auto-replied", "auto-notified")):
        return True
    if any(value(message, name).lower() not in ("", "no", "0", "false") for name in _REPLIER_HEADERS):
        return True
    if value(message, "precedence").lower() in ("auto_reply", "auto-reply"):
        return True
    away = bool(_AWAY.match(subject.strip()))
    return away and (
        submitted not in ("", "no") or _answers(message) or _is_machine_made(message) or _is_plain_away(subject)
    )


def _answers(message: Message) -> bool:
    return bool(
        value(message, "in-reply-to")
        or value(message, "references")
        or value(message, "x-ms-exchange-inbox-rules-loop")
    )


def _is_plain_away(subject: str) -> bool:
    """Subjects no person writes by hand."""
    return bool(
        re.match(
            r"(?i)(automati\w+\s\w+|out of office|abwesenheitsnotiz|afwezigheids|autosvar|r.ponse auto)",
            subject.strip(),
        )
    )


def is_automatic(message: Message, sender: str) -> bool:
    """Sent by a program, not in answer to a mail: newsletters, alerts, notices of other systems."""
    submitted = value(message, "auto-submitted").lower()
    if submitted and not submitted.startswith("no"):
        return True
    if value(message, "precedence").lower() in ("bulk", "junk"):
        return True
    return bool(_ROBOTS.match(sender)) or _is_machine_made(message)


def _is_machine_made(message: Message) -> bool:
    wanted = value(message, "x-auto-response-suppress").lower()
    return bool(wanted) and wanted != "none" and ("all" in wanted or "autoreply" in wanted)


def is_mailing_list(message: Message) -> bool:
    """Came through a mailing list or newsletter."""
    named = any(
        value(message, name) for name in ("list-id", "list-post", "list-unsubscribe", "mailing-list", "x-mailing-list")
    )
    return named or value(message, "precedence").lower() == "list"
