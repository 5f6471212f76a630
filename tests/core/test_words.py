"""Time stands still when told to, words speak in the right form, keys open what they closed."""

from __future__ import annotations

import datetime as dt

import pytest
from cryptography.fernet import Fernet
from django.template import Context, Template
from django.utils import translation
from pytest_django.fixtures import Settings

from ganzohr.core import crypto, times, words

NOON = dt.datetime(2026, 3, 29, 12, tzinfo=dt.UTC)


def test_a_frozen_clock_stands_and_then_goes_on() -> None:
    with times.frozen(NOON):
        assert times.now() == NOON
    assert times.now() > NOON
    with pytest.raises(ValueError, match="time zone"), times.frozen(dt.datetime(2026, 1, 1)):  # noqa: DTZ001
        pass


def test_speaking_changes_language_and_form_only_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translation, "pgettext", lambda form, text: f"[{translation.get_language()} {form}] {text}")
    with words.speak("de", "formal"):
        assert words.say("Hello %(name)s", name="Ida") == "[de formal] Hello Ida"
        with words.speak("nl", "informal"):
            assert words.say("100 %") == "[nl informal] 100 %"
        template = Template("{% load words %}{% say 'Hello %(name)s' name=name %}")
        assert template.render(Context({"name": "<b>"})) == "[de formal] Hello &lt;b&gt;"
    assert (translation.get_language(), words.address()) == ("en", "informal")


def test_one_and_many() -> None:
    assert [words.say_n("%(count)s day", "%(count)s days", count) for count in (1, 2)] == ["1 day", "2 days"]


def test_what_was_closed_with_an_older_key_opens_and_is_renewed_with_the_newest(settings: Settings) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [old]
    token = crypto.encrypt("geheim")
    settings.ENCRYPTION_KEYS = [new, old]
    renewed = crypto.renew(token)
    settings.ENCRYPTION_KEYS = [new]
    assert crypto.decrypt(renewed) == "geheim"
    with pytest.raises(crypto.Unreadable):
        crypto.decrypt(token)


def test_a_signature_holds_for_its_purpose_its_time_and_its_value() -> None:
    token = crypto.sign("ask", "12")
    assert crypto.unsign("ask", token) == "12"
    assert crypto.unsign("visit", token) is None
    assert crypto.unsign("ask", token.replace("12", "13", 1)) is None
    assert crypto.unsign("ask", token, max_age=dt.timedelta(seconds=-1)) is None
    assert (len(crypto.new_token()), len(crypto.token_hash("x"))) == (43, 32)
