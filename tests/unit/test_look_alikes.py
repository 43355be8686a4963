"""Names that look alike, and names that nobody may have."""

import time
import unicodedata
from dataclasses import replace
from datetime import date

import pytest

from chat.errors import BadName
from chat.languages import all_languages
from chat.model.messages import MessageKind
from chat.model.people import Person
from chat.text.look_alikes import (
    has_mixed_scripts,
    load_table,
    look_alike,
    look_alike_keys,
    skeleton,
    unicode_version,
)
from chat.text.name_rules import validate_name
from chat.text.names import NAME_LIMIT, former_name, split_former_name
from chat.ui.rows.event_texts import event_text, summary_text
from chat.ui.theme.widgets import FORMER_COLOUR, avatar_colour
from tests.golden.corpus import messages_by_name


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Mary", "rnary"),
        ("Mary", "RNARY"),
        ("Alice", "AIice"),
        ("Alice", "A1ice"),
        ("Alice", "A|ice"),
        ("Bob", "B0b"),
        ("Bob", "\u0412\u043e\u042c"),
        ("Ann", "ANN"),
        ("Ann", "\uff21\uff4e\uff4e"),
        ("Ann", "A\u200cnn"),
        ("Ann", "Ann\ufe0f"),
        ("Ann", "\U0001d400\U0001d427\U0001d427"),
        ("paypal", "\u0440\u0430\u0443\u0440\u0430\u04cf"),
        ("Alpha", "\u0391lpha"),
        ("José", "Jose\u0301"),
        ("小明", "⼩明"),
    ],
    ids=ascii,
)
def test_names_that_look_alike_have_a_key_in_common(name: str, other: str) -> None:
    assert look_alike(name, other)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Ann", "Anna"),
        ("Ian", "Lan"),
        ("Ai", "Al"),
        ("José", "Jose"),
        ("小明", "小月"),
        ("Ann", "Än"),
    ],
)
def test_names_that_differ_to_the_eye_have_none(name: str, other: str) -> None:
    assert not look_alike(name, other)


# Default_Ignorable_Code_Point of Unicode 17 (DerivedCoreProperties.txt).
DEFAULT_IGNORABLE = (
    "AD 34F 61C 115F-1160 17B4-17B5 180B-180F 200B-200F 202A-202E 2060-206F 3164 FE00-FE0F FEFF "
    "FFA0 FFF0-FFF8 1BCA0-1BCA3 1D173-1D17A E0000-E0FFF"
)


def test_default_ignorable_characters_make_no_other_name() -> None:
    key, count = look_alike_keys("Ann"), 0
    for each in DEFAULT_IGNORABLE.split():
        first, _, last = each.partition("-")
        for code in range(int(first, 16), int(last or first, 16) + 1):
            assert look_alike_keys(f"A{chr(code)}nn") == key
            count += 1
    assert count == 4_174


@pytest.mark.parametrize(
    "name",
    ["\u0410nn", "Ann\u0430", "\u03a9mega", "\u0416ack Smith", "\u3042\uae40", "Bo\u0432"],
    ids=ascii,
)
def test_word_of_several_alphabets_is_refused(name: str) -> None:
    assert has_mixed_scripts(name)
    with pytest.raises(BadName, match="mixes letters of different alphabets"):
        validate_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "Анна",
        "Ann Анна",
        "山田たろう",
        "ボブ山田",
        "김민수 Kim",
        "小明Ann",
        "ㄅㄆ小明",
        "Ωμέγα",
        "Жанна 2",
        "नेहा",
        "عمر",
    ],
)
def test_word_of_one_alphabet_or_of_east_asia_is_a_name(name: str) -> None:
    assert validate_name(name) == unicodedata.normalize("NFKC", name)


@pytest.mark.parametrize(
    "name",
    [
        "everyone",
        "Everyone",
        "HERE",
        "all",
        "AII",
        "a11",
        "Channel",
        "channeI",
        "所有人",
        "大家",
        "全員",
        "tous",
        "todos",
    ],
)
def test_group_is_nobodys_name(name: str) -> None:
    with pytest.raises(BadName):
        validate_name(name)


@pytest.mark.parametrize(
    "name", ["Alice invited Bob. Eve", "Alice: yes. Eve", "Bob is gone! Eve", "鲍勃。Eve"]
)
def test_sentence_is_no_name(name: str) -> None:
    with pytest.raises(BadName, match="reads like something that the chat says"):
        validate_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "Dr. Ann",
        "J. R. R. Tolkien",
        "Prof. Dr. Lee",
        "Ann!",
        "Who?",
        "O'Neil",
        "Ann (they)",
        "St. John",
        "Ann @ work",
    ],
)
def test_name_with_marks_is_no_sentence(name: str) -> None:
    assert validate_name(name) == name


LINES = [
    (MessageKind.JOINED, ""),
    (MessageKind.JOINED, "room"),
    (MessageKind.LEFT, ""),
    (MessageKind.LEFT, "room"),
    (MessageKind.ROOM_CREATED, "Bo"),
    (MessageKind.INVITED, "Bo"),
    (MessageKind.REMOVED, "Bo"),
    (MessageKind.ROOM_RENAMED, "Bo"),
    (MessageKind.TOPIC_CHANGED, "Bo"),
    (MessageKind.TOPIC_CHANGED, ""),
    (MessageKind.ARCHIVED, ""),
    (MessageKind.REOPENED, ""),
    (MessageKind.PERSON_RENAMED, "Bo\nAl"),
]


@pytest.mark.parametrize(("kind", "text"), LINES)
def test_line_of_the_chat_is_no_name_in_any_of_its_languages(kind: MessageKind, text: str) -> None:
    event = replace(messages_by_name()["joined"], kind=kind, text=text, author=Person(1, "Al"))
    for t in all_languages():
        two = [event, replace(event, author=Person(2, "Cy"))]
        lines = {event_text(event, t)}
        if kind in {MessageKind.JOINED, MessageKind.LEFT, MessageKind.INVITED}:
            lines.add(summary_text(two, t))
        for line in lines:
            with pytest.raises(BadName, match="reads like something that the chat says"):
                validate_name(line.rstrip(".。"))


def test_all_kinds_of_lines_are_tried() -> None:
    others = {MessageKind.TEXT, MessageKind.DICE_ROLLED}
    assert {kind for kind, _ in LINES} == set(MessageKind) - others


def test_mark_of_a_former_bearer_cannot_be_typed() -> None:
    day = date(2026, 5, 3)
    assert former_name("Ann", day) == "Ann (–2026-05-03)"
    assert split_former_name(former_name("Ann", day, 3)) == ("Ann", day)
    assert split_former_name("Ann (–2026-15-03)") is None
    assert split_former_name("Ann") is None
    assert avatar_colour(former_name("Ann", day)) == FORMER_COLOUR != avatar_colour("Ann")
    long_name = former_name("Ann " * 8, day, 12)
    assert len(long_name) <= NAME_LIMIT
    assert long_name.endswith("… (–2026-05-03, 12)")
    for name in (
        former_name("Ann", day),
        "Ann (-2026-05-03)",
        "Ann [ 2026/5/3]",
        "Ann （—2026-05-03）",
    ):
        with pytest.raises(BadName, match="A date like this marks a name that somebody had"):
            validate_name(name)


def test_table_is_the_one_of_the_standard() -> None:
    assert unicode_version() == "17.0.0"
    # Examples of UTS 39, 4.
    assert skeleton("\u0440\u0430ypal") == skeleton("paypal")
    assert skeleton("m") == "rn"
    assert skeleton(skeleton("\u0460mega")) == skeleton("\u0460mega")


def test_key_of_a_name_takes_no_time_once_the_table_is_read() -> None:
    load_table()
    begin = time.process_time()
    for number in range(1_000):
        look_alike_keys(f"Maximilian {number} Иванов")
    assert time.process_time() - begin < 0.5
