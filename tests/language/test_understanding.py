"""Understanding texts with the starter catalogue, on questions it has never seen."""

from __future__ import annotations

import csv
import itertools
import time
import tomllib
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

from ganzohr.language.encoder import embed
from ganzohr.language.kinds import KindExample
from ganzohr.language.topics import Choice, TopicExample, TopicText, fit_for_topics
from ganzohr.language.understanding import Model, Understanding, train, understand, understand_all

HERE = Path(__file__).parent
LANGUAGES = ("de", "nl", "en")


def catalogue() -> tuple[list[str], list[TopicExample], list[TopicText]]:
    """The starter catalogue as values: names by number, examples, descriptions."""
    read = {
        language: tomllib.loads(files("ganzohr.topics").joinpath(f"texts/{language}.toml").read_text("utf-8"))
        for language in LANGUAGES
    }
    names = list(read["de"])
    rows = [
        (text, language, names.index(name))
        for language, topics in read.items()
        for name, topic in topics.items()
        for text in topic["examples"]
    ]
    made = embed([fit_for_topics(text) for text, _, _ in rows])
    told = [
        TopicText(topic[part], language, names.index(name))
        for language, topics in read.items()
        for name, topic in topics.items()
        for part in ("name", "description")
    ]
    return names, [TopicExample(*row, vector) for row, vector in zip(rows, made, strict=True)], told


@pytest.fixture(scope="module")
def learnt() -> tuple[list[str], list[TopicExample], list[TopicText], Model]:
    names, examples, told = catalogue()
    return names, examples, told, train(examples, told)


def unseen(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def test_unseen_questions_find_their_topic_and_being_sure_is_being_right(
    learnt: tuple[list[str], list[TopicExample], list[TopicText], Model],
) -> None:
    names, _, _, model = learnt
    rows = unseen("unseen.tsv")
    found = understand_all([row["text"] for row in rows], [""] * len(rows), model)
    first = [names[one.topics[0].topic] == row["topic"] for one, row in zip(found, rows, strict=True)]
    three = [row["topic"] in {names[c.topic] for c in one.topics} for one, row in zip(found, rows, strict=True)]
    sure = [right for one, right in zip(found, first, strict=True) if one.sure]
    share = len(rows)
    assert sum(first) / share >= 0.76
    assert sum(three) / share >= 0.87
    assert len(sure) / share >= 0.55
    assert sum(sure) / len(sure) >= 0.94
    assert [one.language for one in found] == [row["language"] for row in rows]
    assert sum(one.kind == "question" for one in found) / share >= 0.93


def test_unseen_messages_are_of_their_kind(
    learnt: tuple[list[str], list[TopicExample], list[TopicText], Model],
) -> None:
    rows = unseen("unseen_kinds.tsv")
    found = understand_all([row["text"] for row in rows], [row["language"] for row in rows], learnt[3])
    right = [one.kind == row["kind"] for one, row in zip(found, rows, strict=True)]
    lost = [row["text"] for one, row in zip(found, rows, strict=True) if row["kind"] == "question" != one.kind]
    assert sum(right) / len(rows) >= 0.83
    assert lost == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("😂😂😂", "reaction"),
        ("!!!", "reaction"),
        ("https://example.org/win", "nonsense"),
        ("aaaaaaaaaaa", "nonsense"),
        ("@anna @jonas", "reaction"),
        ("??", "question"),
        ("12345", "other"),
        ("", "reaction"),
    ],
)
def test_texts_without_words_need_no_learning_and_have_no_topic(
    text: str, kind: str, learnt: tuple[list[str], list[TopicExample], list[TopicText], Model]
) -> None:
    found = understand(text, "de", learnt[3])
    assert (found.kind, found.topics, found.sure, found.language) == (kind, (), False, "de")


def test_who_introduces_themselves_and_asks_is_heard_as_asking(
    learnt: tuple[list[str], list[TopicExample], list[TopicText], Model],
) -> None:
    names, _, _, model = learnt
    found = understand(
        "Hallo, ich bin die Mia, 17 Jahre alt. Was verdient man in der Ausbildung im ersten Jahr? LG Mia", "", model
    )
    assert (found.kind, names[found.topics[0].topic], found.sure) == ("question", "salary", True)


def test_many_at_once_are_understood_as_each_alone(
    learnt: tuple[list[str], list[TopicExample], list[TopicText], Model],
) -> None:
    model = learnt[3]
    texts = [row["text"] for row in unseen("unseen.tsv")[::9]] + [
        "👍",
        "",
        "Hallo. Was verdient man? Wann geht es los?",
    ]
    together = understand_all(texts, ["de"] * len(texts), model)
    for text, found in zip(texts, together, strict=True):
        alone = understand(text, "de", model)
        assert _rounded(found) == _rounded(alone)
    assert understand_all(["👍", ""], ["", ""], model)[0].kind == "reaction"
    assert understand_all([], [], model) == []


def _rounded(found: Understanding) -> Understanding:
    topics = tuple(Choice(choice.topic, round(choice.confidence, 3)) for choice in found.topics)
    return replace(found, kind_confidence=round(found.kind_confidence, 3), topics=topics)


def test_another_language_is_never_sure(learnt: tuple[list[str], list[TopicExample], list[TopicText], Model]) -> None:
    found = understand("Combien gagne-t-on pendant la première année de formation chez vous ?", "", learnt[3])
    assert (found.language, found.sure, len(found.topics)) == ("other", False, 3)


def test_a_choice_is_learnt_at_once_and_forgotten_without_trace(
    learnt: tuple[list[str], list[TopicExample], list[TopicText], Model],
) -> None:
    names, examples, told, model = learnt
    text = "Gibt es bei euch Kugelschreiber mit Firmenlogo?"
    before = understand(text, "de", model)
    chosen = TopicExample(text, "de", names.index("sites"), embed([fit_for_topics(text)])[0])
    after = understand(text, "de", train([*examples, chosen], told, before=model))
    forgotten = understand(text, "de", train(examples, told, before=model))
    assert names[after.topics[0].topic] == "sites"
    assert (before.topics, before.sure) == (forgotten.topics, forgotten.sure)


def test_a_kind_is_learnt_at_once() -> None:
    text = "Ahoi ihr Landratten"
    vector = embed([text])[0]
    learnt = [KindExample(text, "de", "praise", vector)] * 3
    assert understand(text, "de", train([], [], learnt)).kind == "praise"


def test_a_topic_with_three_examples_is_proposed_but_never_chosen(
    learnt: tuple[list[str], list[TopicExample], list[TopicText], Model],
) -> None:
    names, examples, told, model = learnt
    new = len(names)
    texts = [
        "Habt ihr eine Werksfeuerwehr?",
        "wie kommt man zur werksfeuerwehr",
        "Sucht ihr Leute für die Werksfeuerwehr",
    ]
    rows = [TopicExample(text, "de", new, vector) for text, vector in zip(texts, embed(texts), strict=True)]
    fourth = TopicExample("Werksfeuerwehr, nehmt ihr da noch wen?", "de", new, embed(["Werksfeuerwehr"])[0])
    asked = "Wer ist bei eurer Werksfeuerwehr?"
    more = [*told, TopicText("Werksfeuerwehr", "de", new)]
    three = understand(asked, "de", train([*examples, *rows], more, before=model))
    four = understand(asked, "de", train([*examples, *rows, fourth], more, before=model))
    assert (three.topics[0].topic, three.sure, four.topics[0].topic) == (new, False, new)


def test_a_desk_without_topics_still_knows_language_and_kind() -> None:
    found = understand("Wann fängt die Ausbildung an?", "", train([], []))
    assert (found.language, found.kind, found.topics, found.sure) == ("de", "question", (), False)


def test_nothing_is_sure_among_few_examples_of_one_topic() -> None:
    told = [TopicText("Gehalt", "de", 1)]
    found = understand("Was verdient man?", "de", train([], told))
    assert ([choice.topic for choice in found.topics], found.sure) == ([1], False)


def test_learning_twenty_topics_with_24_examples_is_quick(
    learnt: tuple[list[str], list[TopicExample], list[TopicText], Model],
) -> None:
    names, examples, told, model = learnt
    few = [
        one
        for topic in range(len(names))
        for one in itertools.islice((example for example in examples if example.topic == topic), 24)
    ]
    started = time.process_time()
    train(few, told, before=model)
    assert time.process_time() - started < 2.0
