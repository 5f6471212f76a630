"""One mail per ask, in the colleague's words, with a link and a way to reply that only this mail knows."""

from __future__ import annotations

import datetime as dt

import pytest

from ganzohr.audit import actions as audit
from ganzohr.channels.connectors.mail import compose
from ganzohr.channels.models import Channel, Outgoing
from ganzohr.core import times
from ganzohr.directory.models import Colleague
from ganzohr.notifications import actions
from ganzohr.notifications.budget import MAILS_A_DAY
from ganzohr.notifications.models import Ask, Letter
from tests.notifications.trial import MONDAY, WORDS, mail_token_of, token_of

pytestmark = pytest.mark.django_db
BOSS = audit.Actor("user", "1", "sophie@auental.example")


def the_mail() -> Outgoing:
    return Outgoing.objects.get()


def test_an_ask_is_one_mail_to_the_colleague_with_the_question_a_link_and_a_reply_address(ask: Ask) -> None:
    mail = the_mail()
    assert (mail.kind, mail.channel, mail.target["to"]) == ("ask", None, "karin@auental.example")
    assert mail.payload["reply_to"] == f"karriere+{mail_token_of(ask)}@auental.example"
    assert mail.payload["text"].count(f"/ask/{token_of(ask)}/") == 1
    assert mail.payload["text"].count("> Is part-time possible?") == 1
    assert mail.payload["html"].count('class="button"') == 1


def test_the_database_holds_no_token(ask: Ask) -> None:
    held = Ask.objects.values().get()
    assert [name for name, value in held.items() if token_of(ask) in str(value)] == []
    assert bytes(held["token_hash"]) != bytes(held["mail_token_hash"])


def test_whoever_sees_the_reply_address_cannot_open_the_page(ask: Ask, client) -> None:  # type: ignore[no-untyped-def]
    assert client.get(f"/ask/{mail_token_of(ask)}/").status_code == 404


def test_the_message_id_we_will_send_is_known_beforehand(ask: Ask) -> None:
    assert ask.message_id == compose.message_id(the_mail().key, "karriere@auental.example")
    assert Letter.objects.get().message_id == ask.message_id


def test_asking_twice_with_one_key_is_one_mail_and_one_ask(ask: Ask, karin: Colleague) -> None:
    again = actions.ask(kind="trial", subject_id=5, colleague=karin, due_at=None, words=WORDS, key="trial:5")
    assert (again.pk, Ask.objects.count(), Outgoing.objects.count()) == (ask.pk, 1, 1)


def test_without_plus_addresses_the_token_stands_in_the_subject(mailbox: Channel, karin: Colleague) -> None:
    mailbox.settings = {"address": "karriere@auental.example", "plus": ""}
    mailbox.save()
    made = actions.ask(kind="trial", subject_id=6, colleague=karin, due_at=None, words=WORDS, key="trial:6")
    payload = the_mail().payload
    assert payload["reply_to"] == "karriere@auental.example"
    assert payload["subject"] == f"Can you answer this? [#{mail_token_of(made)}]"


@pytest.mark.parametrize(
    ("language", "address", "greeting", "reply"),
    [
        ("de", "informal", "Hallo Karin,", "Oder antworte einfach auf diese Mail. Stichworte genügen."),
        ("de", "formal", "Guten Tag Karin Wöhlert,", "Oder antworten Sie einfach auf diese Mail. Stichworte genügen."),
        ("nl", "informal", "Hoi Karin,", "Of beantwoord gewoon deze mail. Een paar woorden zijn genoeg."),
        (
            "nl",
            "formal",
            "Goedendag Karin Wöhlert,",
            "U kunt ook gewoon deze mail beantwoorden. Een paar woorden zijn genoeg.",
        ),
        ("en", "informal", "Hello Karin,", "Or just reply to this mail. A few words are enough."),
    ],
)
def test_the_mail_speaks_the_colleagues_language_and_form(
    karin: Colleague, language: str, address: str, greeting: str, reply: str
) -> None:
    karin.language, karin.address = language, address
    karin.save()
    actions.ask(kind="trial", subject_id=5, colleague=karin, due_at=None, words=WORDS, key="k")
    lines = the_mail().payload["text"].splitlines()
    assert (lines[0], lines.count(reply)) == (greeting, 1)


def test_a_shared_mailbox_is_greeted_without_a_name(mailbox: Channel) -> None:
    box = Colleague.objects.create(
        name="Ausbildung", kind="mailbox", email="ausbildung@auental.example", language="de", address="formal"
    )
    actions.ask(kind="trial", subject_id=5, colleague=box, due_at=None, words=WORDS, key="k")
    assert the_mail().payload["text"].splitlines()[0] == "Guten Tag,"


def test_a_mail_offers_to_be_away_only_to_those_whose_page_does(mailbox: Channel, karin: Colleague) -> None:
    box = Colleague.objects.create(name="Ausbildung", kind="mailbox", email="ausbildung@auental.example", language="en")
    karin.language = "en"
    karin.save()
    offered = []
    for number, colleague in enumerate((karin, box)):
        actions.ask(kind="trial", subject_id=number, colleague=colleague, due_at=None, words=WORDS, key=f"k{number}")
        payload = Outgoing.objects.latest("id").payload
        offered.append(["that you are away" in payload[form] for form in ("text", "html")])
    assert offered == [[True, True], [False, False]]


def test_words_of_a_question_cannot_become_markup(karin: Colleague) -> None:
    words = actions_words('<script>alert(1)</script> & "so"')
    actions.ask(kind="trial", subject_id=5, colleague=karin, due_at=None, words=words, key="k")
    payload = the_mail().payload
    assert (payload["html"].count("<script"), payload["text"].count('> <script>alert(1)</script> & "so"')) == (0, 1)


def actions_words(question: str):  # type: ignore[no-untyped-def]
    from ganzohr.notifications.letters import AskWords

    return AskWords("Subject", question, [], [], "Answer now")


def test_who_has_no_address_or_has_left_cannot_be_asked_and_nothing_is_kept(karin: Colleague) -> None:
    nobody = Colleague.objects.create(name="Ohne Adresse")
    karin.left_at = MONDAY
    karin.save()
    for colleague in (nobody, karin):
        with pytest.raises(actions.CannotBeAsked):
            actions.ask(
                kind="trial", subject_id=5, colleague=colleague, due_at=None, words=WORDS, key=f"k{colleague.pk}"
            )
        assert actions.tell(colleague=colleague, subject="s", text="t", key=f"t{colleague.pk}") is None
    assert (Ask.objects.count(), Outgoing.objects.count()) == (0, 0)


def test_over_the_budget_a_mail_waits_for_the_morning_unless_it_is_due_before(karin: Colleague) -> None:
    for number in range(MAILS_A_DAY):
        actions.tell(colleague=karin, subject="s", text="t", key=f"told:{number}")
    actions.ask(
        kind="trial", subject_id=1, colleague=karin, due_at=MONDAY + dt.timedelta(days=3), words=WORDS, key="late"
    )
    actions.ask(
        kind="trial", subject_id=2, colleague=karin, due_at=MONDAY + dt.timedelta(hours=2), words=WORDS, key="soon"
    )
    leaves = dict(Outgoing.objects.filter(kind="ask").values_list("key", "not_before"))
    assert leaves == {"letter:late": dt.datetime(2026, 11, 24, 7, 0, tzinfo=dt.UTC), "letter:soon": MONDAY}


def test_the_budget_is_one_over_all_kinds_and_apart_for_each_colleague(karin: Colleague) -> None:
    ida = Colleague.objects.create(name="Ida", email="ida@auental.example")
    for number in range(MAILS_A_DAY):
        actions.tell(colleague=karin, subject="s", text="t", key=f"told:{number}")
    actions.tell(colleague=ida, subject="s", text="t", key="ida")
    assert Outgoing.objects.get(key="letter:ida").not_before == MONDAY


def test_sending_again_keeps_the_link_makes_it_last_and_is_another_mail_once_per_key(ask: Ask) -> None:
    with times.frozen(MONDAY + dt.timedelta(days=20)):
        actions.resend(ask, BOSS, key="again")
        actions.resend(ask, BOSS, key="again")
    ask.refresh_from_db()
    texts = list(Outgoing.objects.values_list("payload__text", flat=True))
    assert [text.count(token_of(ask)) for text in texts] == [1, 1]
    assert ask.expires_at == MONDAY + dt.timedelta(days=41)
    assert Letter.objects.filter(ask=ask).values("message_id").distinct().count() == 2


def test_a_mail_that_waits_does_not_leave_after_the_ask_is_withdrawn(karin: Colleague) -> None:
    for number in range(MAILS_A_DAY):
        actions.tell(colleague=karin, subject="s", text="t", key=f"told:{number}")
    made = actions.ask(kind="trial", subject_id=5, colleague=karin, due_at=None, words=WORDS, key="k")
    assert actions.revoke("trial", 5, BOSS) == 1
    assert actions.revoke("trial", 5, BOSS) == 0
    made.refresh_from_db()
    assert (made.revoked_at, Outgoing.objects.get(kind="ask").state) == (MONDAY, "taken_back")


def test_a_withdrawn_ask_is_not_sent_again(ask: Ask) -> None:
    actions.revoke("trial", 5, BOSS)
    actions.resend(ask, BOSS, key="again")
    assert Outgoing.objects.count() == 1


def test_telling_hangs_under_the_ask_and_a_reply_to_it_finds_the_ask(ask: Ask, karin: Colleague) -> None:
    letter = actions.tell(colleague=karin, subject="Thank you", text="It is out.\n\n> Yes.", key="told", ask=ask)
    told = Outgoing.objects.get(kind="told")
    assert letter is not None and letter.ask == ask
    assert (told.target["in_reply_to"], told.payload["text"].count("/ask/")) == (ask.message_id, 0)
    assert told.payload["text"].splitlines()[2:5] == ["It is out.", "", "> Yes."]


def test_erasing_takes_asks_mails_and_what_the_outbox_said(ask: Ask) -> None:
    assert actions.forget("trial", [5]) == 1
    mail = the_mail()
    assert (Ask.objects.count(), Letter.objects.count(), mail.payload, mail.target, mail.state) == (
        0,
        0,
        {},
        {},
        "taken_back",
    )
