"""How somebody writes: upset or pleased, and whether it cannot wait. Words of three languages; a hint for people."""

from __future__ import annotations

import re
from typing import Literal

Mood = Literal["pleased", "neutral", "upset"]

# Danger to life, or somebody who may harm themselves: a person must look at once.
_EMERGENCY = re.compile(
    r"\b(?:notfall|notarzt|lebensgefahr|bewusstlos\w*|herzinfarkt|schlaganfall|atemnot|keine luft|suizid\w*|selbstmord|"
    r"mich umbringen|mir (?:das leben nehmen|(?:etwas|was) antun)|nicht mehr leben|vergiftet|überdosis|"
    r"schmerzen (?:in der|im) (?:brust|arm)|brustschmerzen|blutet stark|"
    r"spoed(?:geval)?|noodgeval|levensgevaar|bewusteloos|hartaanval|hartinfarct|beroerte|ademnood|benauwd|zelfmoord|zelfdoding|"
    r"niet meer leven|pijn op de borst|vergiftigd|overdosis|"
    r"emergency|unconscious|heart attack|stroke|can'?t breathe|cannot breathe|suicid\w*|kill myself|end my life|"
    r"(?:pains?|pain) in my chest|chest pains?|overdose|poisoned|bleeding heavily)\b",
    re.I,
)
_NOT_AN_EMERGENCY = re.compile(
    r"\b(?:notfall(?:sanitäter\w*|ambulanz|aufnahme|pflege\w*|mediz\w*)|"
    r"emergency (?:medicine|nurse|department|room|nursing)|spoed(?:eisende hulp|verpleegkundige|afdeling|zorg))\b",
    re.I,
)
# Somebody waits and the hour counts.
_HURRY = re.compile(
    r"\b(?:dringend|eilt|so schnell wie möglich|asap|sofort|noch heute|heute noch|bis heute|bis morgen|"
    r"(?:heute|morgen) (?:um \w+ )?(?:gespräch|termin|vorstellungsgespräch|abgabe|frist|bewerbungsschluss)|"
    r"dringende?|zo snel mogelijk|vandaag nog|nog vandaag|voor morgen|haast|met spoed|"
    r"(?:vandaag|morgen) (?:een |mijn |om \w+ )?(?:gesprek|afspraak|deadline)|"
    r"urgent(?:ly)?|as soon as possible|right away|by today|by tomorrow|before tomorrow|"
    r"(?:today|tomorrow)'?s? (?:interview|appointment|deadline)|"
    r"(?:interview|appointment|deadline) (?:is )?(?:today|tomorrow))\b",
    re.I,
)
_UPSET = re.compile(
    r"\b(?:frechheit|unverschämt\w*|unmöglich|lächerlich|enttäusch\w*|ärger\w*|sauer|wütend|schlecht\w*|katastroph\w*|"
    r"nie wieder|peinlich|schämt|skandal\w*|unfassbar|belachelijk|schandalig|boos|woedend|teleurgesteld|"
    r"waardeloos|waardeloze|nooit meer|onbeschoft|ridiculous|outrageous|disappointed|angry|furious|"
    r"terrible|awful|worst|shame|never again|unbelievable|rude)\b|"
    r"[😡🤬😠👎😤]",
    re.I,
)
_PLEASED = re.compile(
    r"\b(?:super|toll\w*|klasse|großartig\w*|wunderbar\w*|spitze|genial|liebe es|begeistert|freu\w*|herzlichen dank|"
    r"vielen dank|geweldig\w*|fijn\w*|prachtig|leuk\w*|topp?ers?|bedankt|dankjewel|"
    r"great|wonderful|amazing|lovely|awesome|love|brilliant|thank you|excellent|happy)\b|[😍🥰❤😊👏🎉]",
    re.I,
)


def is_emergency(text: str) -> bool:
    """The words speak of danger to life; jobs in emergency departments do not."""
    return bool(_EMERGENCY.search(_NOT_AN_EMERGENCY.sub("", text)))


def is_urgent(text: str) -> bool:
    """Danger to life, or the writer says that the hour counts."""
    return is_emergency(text) or bool(_HURRY.search(text))


def mood_of(text: str, kind: str) -> Mood:
    """Complaints are upset, praise is pleased; otherwise the words decide."""
    upset = len(_UPSET.findall(text)) + (2 if kind == "complaint" else 0)
    pleased = len(_PLEASED.findall(text)) + (2 if kind == "praise" else 0)
    if upset == pleased:
        return "neutral"
    return "upset" if upset > pleased else "pleased"
