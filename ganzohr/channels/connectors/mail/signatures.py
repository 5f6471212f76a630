"""Where the signature of a run of text begins: the mark "-- ", phones that advertise themselves, footers of lists and
lawyers.
"""

from __future__ import annotations

import re

MOST_SIGNATURE_LINES = 12
MOST_FOOTER_LINES = 40
_MARK = re.compile(r"^\s{0,2}(?:--|—|––|__)\s*$")
_RULER = re.compile(r"^\s*([-_=~—–*])(?:\s?\1){2,}\s*$")
_DEVICE = (
    r"(?:i-?phone|i-?pad|i-?pod|android\w*|smartphone|handy|mobiltelefon|mobil(?:ger\wt)?|mobile(?: phone"
    r"| device)?|phone|telefoon|telefon|blackberry|samsung|galaxy|huawei"
    r"|xiaomi|redmi|pixel|oneplus|nokia|windows|outlook|mail|mailapp|e-?mail app|gmx|web\.de|freenet|t-online"
    r"|yahoo\S*|proton\S*|k-9|k-9 mail|thunderbird|tablet|apple watch|gmail"
    r"|mail[ -]app|fairphone|sony|xperia|motorola|htc|lg)"
)
_PHONE = re.compile(
    rf"^\W{{0,3}}(?:"
    rf"(?:sent|gesendet|verzonden|verstuurd|envoyé|inviato|enviado|enviada|skickat|sendt|wysłan\w*|отправлено"
    rf"|lähetetty|odesláno)\s"
    rf"(?:from|via|using|with|by|von|mit|aus|vanaf|met|van|via|de|depuis|da|dal|desde|do|från|fra|z|ze|с"
    rf"|из)?\s?(?:my|meinem|meiner|mein|der|mijn|de|mon|ma|mio|mi|meu|min|a|the|mojego)?\s?"
    rf"(?:[^\s,.?!]+\s){{0,3}}?{_DEVICE}\b(?:[^\s,?!]*(?:\s[^\s,?!]+){{0,4}}"
    rf"|\S*\. (?:please|sorry|excuse|bitte)\b[^?]{{0,60}})"
    rf"|(?:diese (?:nachricht|e-?mail|mail) wurde )?(?:von|mit|aus) (?:meine[mr]|mein"
    rf"|der) (?:[^\s,.?!]+\s){{0,3}}?{_DEVICE}\b[^,?!]{{0,40}}(?:gesendet|verschickt|geschrieben)[^,?!]{{0,20}}"
    rf"|(?:get|holen sie sich|hol dir|download|laden sie)\s.{{0,20}}outlook.{{0,80}}|outlook (?:für|voor"
    rf"|for) (?:ios|android).{{0,80}}|ontvang outlook.{{0,60}}"
    rf"|(?:gesendet|sent|verzonden) (?:mit|with|met) (?:der )?(?:gmx|web\.de|1&1|t-online|freenet)\b.{{0,60}}"
    rf")\.?\W{{0,3}}$",
    re.IGNORECASE,
)
_FOOTER = re.compile(
    r"mailing list|listinfo|unsubscribe|abmelden|abbestellen|uitschrijven|afmelden|vertraulich|confidential"
    r"|vertrouwelijk|disclaimer|haftungsausschluss"
    r"|intended (?:solely|only) for|nur für den|ausschließlich für den|irrtümlich erhalten"
    r"|received this (?:e-?mail|message) in error|ten onrechte ontvangen"
    r"|avast|virenfrei|virus-?free|virusvrij|virengeprüft|google groups|reply to this email directly|view it on git",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"(?:\b(?:tel|telefon|telefoon|fon|phone|mobil|mobile|mob|fax|handy|durchwahl|t|m)\b\.?\s*[:."
    r"|]?\s*[+(]?\d[\d\s/().\-]{5,})|\bwww\.\S+|https?://\S+|\b[\w.+-]+@[\w-]+\.\w+"
    r"|\b\d{5}\s+[A-ZÄÖÜ]|\b\d{4}\s?[A-Z]{2}\s+[A-Z]|\bGmbH\b|\bAG\b|\bB\.?V\.?\b|\bHRB\b|\bLtd\b|\bInc\b"
    r"|gesch(?:ä|ae)ftsf(?:ü|ue)hr|amtsgericht|ust-?id|kvk",
    re.IGNORECASE,
)


def is_contact(text: str) -> bool:
    """A line as in a contact block: telephone, address, register, website."""
    return bool(_CONTACT.search(text[:500]))


def is_footer(text: str) -> bool:
    """A line of a list's or a lawyer's footer, or of a virus scanner."""
    return bool(_FOOTER.search(text[:1000]))


def is_phone(text: str) -> bool:
    """A line a mail program adds about itself."""
    return len(text) <= 160 and bool(_PHONE.match(text.strip()))


def signature_start(texts: list[str]) -> int:
    """Index of the first line of the signature; the number of lines when there is none."""
    end, fenced = len(texts), False
    for at, text in enumerate(texts):
        fenced ^= text.lstrip().startswith("```")
        if at and not fenced and len(text) <= 200 and _is_start(text, texts[at + 1 : at + 2 + 2 * MOST_FOOTER_LINES]):
            end = at
            break
    return _without_phone(texts, end)


def _is_start(text: str, rest: list[str]) -> bool:
    if not _MARK.match(text) and not _RULER.match(text):
        return False
    said = [line for line in rest if line.strip()]
    if _MARK.match(text):
        return (
            text.startswith("-- ")
            or (len(said) <= MOST_SIGNATURE_LINES and not any(_asks(line) for line in said))
            or _mostly_footer(said)
        )
    return _mostly_footer(said)


def _asks(text: str) -> bool:
    return bool(re.search(r"\?(?:\s|$)", re.sub(r"https?://\S+", "", text)))


def _mostly_footer(said: list[str]) -> bool:
    if not said or len(said) > MOST_FOOTER_LINES:
        return False
    if any(is_footer(line) for line in said[:4]):
        return True
    return (
        len(said) <= MOST_SIGNATURE_LINES
        and sum(is_contact(line) for line in said) * 3 >= len(said)
        and not any(map(_asks, said))
    )


def _without_phone(texts: list[str], end: int) -> int:
    """Takes lines such as "Sent from my iPhone" and the scanner's word off the end."""
    at = end
    while at > 0:
        text = texts[at - 1]
        if text.strip() and not is_phone(text):
            break
        at -= 1
        if text.strip():
            end = at
    return end
