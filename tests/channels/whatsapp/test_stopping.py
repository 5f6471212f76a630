"""Who says stop is heard; who merely uses the word goes on talking."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganzohr.channels.connectors.whatsapp.stopping import LONGEST, STOP_WORDS, stop_word

SIGNS = st.text(st.sampled_from(" \n\t.!?,;:-_*'\"()…"), max_size=4)


@given(st.sampled_from(sorted(STOP_WORDS)), SIGNS, SIGNS, st.randoms())
def test_a_stop_word_is_one_however_it_is_written(word: str, before: str, after: str, choice: object) -> None:
    written = "".join(one.upper() if choice.random() < 0.5 else one for one in word)  # type: ignore[attr-defined]
    assert stop_word(before + written + after) is True


@given(st.sampled_from(sorted(STOP_WORDS)), st.text(st.characters(categories=["L"]), min_size=2, max_size=9))
def test_a_stop_word_within_a_sentence_is_talk(word: str, other: str) -> None:
    assert stop_word(f"{word} {other}") is (f"{word} {other}".casefold() in STOP_WORDS)


@given(st.text(max_size=3 * LONGEST))
def test_it_answers_for_every_text(text: str) -> None:
    assert stop_word(text) in (True, False)


@pytest.mark.parametrize("text", ["", "Stop by tomorrow?", "Wo muss ich mich abmelden?", "non-stop", "🛑", "stop" * 20])
def test_talk_goes_on(text: str) -> None:
    assert stop_word(text) is False
