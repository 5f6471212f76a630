"""Which language a text is in."""

import pytest

from ganzohr.language.detect import detect


@pytest.mark.parametrize(
    ("text", "hint", "expected"),
    [
        ("Wann fängt die Ausbildung an?", "", "de"),
        ("Wanneer begint de opleiding?", "", "nl"),
        ("When does the training start?", "", "en"),
        ("wann fängt das an", "nl", "de"),
        ("ok super", "nl", "nl"),
        ("danke", "de", "de"),
        ("😂😂", "en", "en"),
        ("", "", ""),
        ("Je voudrais savoir si vous avez encore des places de stage pour le mois de mars", "", "other"),
        ("Kolay gelsin, iş başvurusu için hangi belgeler gerekiyor acaba?", "de", "other"),
        ("Когда начинается обучение?", "de", "other"),
        ("هل يمكنني التقدم", "", "other"),
        ("@name @link 0171", "nl", "nl"),
    ],
)
def test_the_language_is_one_of_ours_or_plainly_another(text: str, hint: str, expected: str) -> None:
    assert detect(text, hint) == expected
