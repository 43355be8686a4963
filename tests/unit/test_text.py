"""Names and texts: which are valid, and the error for each that is not."""

import unicodedata
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chat.errors import BadName, BadText, TextTooLong
from chat.languages import ENGLISH
from chat.model.attachments import Attachment, Blob
from chat.model.messages import Message, MessageKind
from chat.model.people import Person
from chat.text.message_text import TEXT_LIMIT, is_blank, validate_text
from chat.text.name_rules import validate_name
from chat.text.names import NAME_LIMIT, name_key, visible_length
from chat.text.previews import message_preview

FLAG_OF_SCOTLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
ZALGO = "".join(letter + "\u0300\u0301\u0302\u0303\u0316\u0317\u0318\u0319" for letter in "Zalgo")

# The length of the column; SQLite ignores it, other engines do not.
NAME_COLUMN_LENGTH = 128

GOOD_NAMES = {
    "plain": ("Ann", "Ann"),
    "one letter": ("A", "A"),
    "a digit": ("7", "7"),
    "with a space": ("Ann Lee", "Ann Lee"),
    "spaces around and doubled": ("  Ann   Lee ", "Ann Lee"),
    "spaces of other kinds": ("\u00a0Ann\u3000Lee\u2003", "Ann Lee"),
    "full width": ("Ａｎｎ１", "Ann1"),
    "a ligature": ("ﬁn", "fin"),
    "an accent typed apart": ("Rene\u0301", "Ren\u00e9"),
    "umlaut": ("Jürgen Groß", "Jürgen Groß"),
    "apostrophe and dash": ("Mary-Jane O’Hara", "Mary-Jane O’Hara"),
    "Chinese": ("小明", "小明"),
    "Arabic": ("محمد", "محمد"),
    "Hebrew with points": ("שָׁלוֹם", unicodedata.normalize("NFKC", "שָׁלוֹם")),
    "Hindi": ("क्षत्रिय", "क्षत्रिय"),
    "Persian with a non-joiner": ("علی\u200cرضا", "علی\u200cرضا"),
    "Vietnamese": ("Nguyễn Thị", "Nguyễn Thị"),
    "an emoji": ("🦊", "🦊"),
    "an emoji with its selector": ("❤\ufe0f", "❤\ufe0f"),
    "a family": (FAMILY, FAMILY),
    "a skin tone": ("👩🏽\u200d🚀", "👩🏽\u200d🚀"),
    "a flag": ("🇨🇭", "🇨🇭"),
    "32 letters": ("x" * 32, "x" * 32),
    "32 letters, full width": ("ｘ" * 32, "x" * 32),
    "32 letters, each with an accent apart": ("x\u0301" * 32, "x\u0301" * 32),
    "32 with a space": ("x" * 15 + " " + "y" * 16, "x" * 15 + " " + "y" * 16),
    "eight families": (FAMILY * 8, FAMILY * 8),
}

# All characters with Unicode's property Bidi_Control.
BIDI_CONTROLS = {
    *("\u061c", "\u200e", "\u200f"),
    *("\u202a", "\u202b", "\u202c", "\u202d", "\u202e"),
    *("\u2066", "\u2067", "\u2068", "\u2069"),
}

BLANK = "Name cannot be blank!"

# Characters that are invisible, or that normalisation joins or lengthens.
AWKWARD_CHARACTERS = st.sampled_from(
    "aßŁé ＡﬁΣς\u0301\u0344\u00b4\u200d\u3164\u3000\u1680\u202e\n👩\ufdfa"
)

# Invalid names, each with a word of the reason.
BAD_NAMES = {
    "nothing": ("", BLANK),
    "a space": (" ", BLANK),
    "many spaces": (" " * 40, BLANK),
    "no-break spaces": ("\u00a0\u00a0", BLANK),
    "wide spaces": ("\u3000\u2003", BLANK),
    "a zero-width space": ("\u200b", "cannot be seen"),
    "joiners": ("\u200d\u200d", "cannot be seen"),
    "a soft hyphen": ("\u00ad", "cannot be seen"),
    "a byte order mark": ("\ufeff", "cannot be seen"),
    "a Hangul filler": ("\u3164", "cannot be seen"),
    "Hangul fillers of other kinds": ("\u115f\u1160\uffa0", "cannot be seen"),
    "a Braille blank": ("\u2800", "cannot be seen"),
    "an accent on nothing": ("\u0301", "cannot be seen"),
    "a selector": ("\ufe0f", "cannot be seen"),
    "invisible in several ways": ("\u200b \u3164\u2800 \u200d", "cannot be seen"),
    "right-to-left override": ("Ann\u202egnp", "turn the text around"),
    "left-to-right override": ("\u202dAnn", "turn the text around"),
    "only overrides": ("\u202e\u202c", "turn the text around"),
    "NUL": ("An\x00n", "control"),
    "escape": ("\x1b[31mAnn", "control"),
    "a line break": ("Ann\nhas left the chat.", "control"),
    "a tab": ("Ann\tLee", "control"),
    "delete": ("Ann\x7f", "control"),
    "next line": ("Ann\x85Lee", "control"),
    "a line separator": ("Ann\u2028Lee", "control"),
    "a paragraph separator": ("Ann\u2029Lee", "control"),
    "a high surrogate alone": ("Ann\ud83d", "control"),
    "a low surrogate alone": ("\udc4dAnn", "control"),
    "a private character": ("\ue000", "control"),
    "33 letters": ("x" * 33, "at most 32"),
    "33 letters, full width": ("ｘ" * 33, "at most 32"),
    "33 with a space": ("x" * 16 + " " + "y" * 16, "at most 32"),
    "nine families": (FAMILY * 9, "at most 32"),
    "one character that is eighteen, twice": ("\ufdfa\ufdfa", "at most 32"),
    "a novel": ("x" * 1_000_000, "too long"),
    "200 stacked accents": ("Z" + "\u0301" * 200, ""),
    "40 stacked accents": ("Z" + "\u0301" * 40, ""),
    "zalgo": (ZALGO, ""),
}


@pytest.mark.parametrize(("typed", "stored"), GOOD_NAMES.values(), ids=GOOD_NAMES)
def test_valid_name_is_normalised(typed: str, stored: str) -> None:
    assert validate_name(typed) == stored


@pytest.mark.parametrize(("typed", "reason"), BAD_NAMES.values(), ids=BAD_NAMES)
def test_invalid_name_is_refused_with_the_reason(typed: str, reason: str) -> None:
    with pytest.raises(BadName) as error:
        validate_name(typed)
    message = str(error.value)
    assert message == BLANK if reason == BLANK else reason in message
    assert "\n" not in message


@pytest.mark.parametrize("control", sorted(BIDI_CONTROLS), ids=ascii)
def test_name_with_a_bidi_control_is_refused(control: str) -> None:
    with pytest.raises(BadName, match="turn the text around"):
        validate_name(f"Ann{control}Lee")


# Characters of the property Default_Ignorable_Code_Point, of each of its ranges.
IGNORABLE = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b\u180e\u180f\u200b\u2060\u2064\u2065\u206a\u3164\ufe00\ufe0d"
    "\ufeff\uffa0\ufff0\U0001bca0\U0001d173\U000e0001\U000e0020\U000e007f\U000e0100\U000e0fff"
)


@pytest.mark.parametrize("c", IGNORABLE, ids=ascii)
@pytest.mark.parametrize("template", ["Ann{}", "A{}nn", "{}Ann", "小{}明", "🦊{}"], ids=ascii)
def test_name_with_a_character_that_is_not_drawn_is_refused_and_compared_without_it(
    c: str, template: str
) -> None:
    with pytest.raises(BadName):
        validate_name(template.format(c))
    assert name_key(template.format(c)) == name_key(template.format(""))


@pytest.mark.parametrize(
    "c", ["\u0378", "\u2fe0", "\U0001fbff", "\U000e1000", "\U0003ffff"], ids=ascii
)
def test_name_with_an_unassigned_character_is_refused(c: str) -> None:
    with pytest.raises(BadName, match=r"not drawn|control"):
        validate_name(f"Ann{c}")


@pytest.mark.parametrize(
    "name",
    ["می\u200cخواهم", "ක්\u200dෂ", "👩\u200d🚀", "❤\ufe0f", "☎\ufe0e", FLAG_OF_SCOTLAND, "🫩"],
    ids=ascii,
)
def test_name_keeps_characters_that_change_what_is_drawn(name: str) -> None:
    assert validate_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "everyone",
        "Everyone",
        "ＨＥＲＥ",
        "here",
        "he\u200dre",
        "@Alice",
        "＠Alice",
        "@",
        "Ann#1",
        "Ann # 12",
        "Ann＃3",
    ],
    ids=ascii,
)
def test_name_that_means_something_else_is_refused(name: str) -> None:
    with pytest.raises(BadName, match="means something else"):
        validate_name(name)


@pytest.mark.parametrize("name", ["Everyone else", "Hereward", "a@b", "#1", "C#", "Ann 1", "#ann"])
def test_name_that_only_resembles_one_of_these_is_valid(name: str) -> None:
    assert validate_name(name) == name


@given(st.text(max_size=40) | st.text(AWKWARD_CHARACTERS, max_size=40))
@example("a" + "\u0344" * 100)
@example("\ufdfa")
@example("¨a´")
@example(" \u0301 a")
@settings(deadline=None, database=None)
def test_accepted_name_is_visible_and_normalised_only_once(typed: str) -> None:
    try:
        name = validate_name(typed)
    except BadName:
        return
    assert validate_name(name) == name
    assert 1 <= visible_length(name) <= NAME_LIMIT
    assert len(name) <= NAME_COLUMN_LENGTH
    assert not {unicodedata.category(c) for c in name} & {"Cc", "Cs", "Co", "Zl", "Zp"}
    assert not set(name) & BIDI_CONTROLS
    assert name == name.strip()
    assert "  " not in name


@pytest.mark.parametrize(
    "lookalike",
    ["ann", "ANN", "Ａｎｎ", "ａｎｎ", "𝐀𝐧𝐧", "Ann\u200b", "A\u200dnn", "Ann\u3164", "An\u00adn"],
    ids=ascii,
)
def test_lookalike_names_share_a_key(lookalike: str) -> None:
    assert name_key(lookalike) == name_key("Ann")


@given(st.text(st.characters(max_codepoint=127), max_size=40))
@settings(deadline=None, database=None)
def test_name_key_of_ascii_is_that_of_the_same_name_beside_another_script(text: str) -> None:
    slow = name_key(f"{text}é")
    assert name_key(text) == slow.removesuffix("é").rstrip()


@pytest.mark.parametrize(
    ("one", "other"), [("STRASSE", "straße"), ("Σίσυφος", "ΣΊΣΥΦΟΣ"), ("Rene\u0301", "RENÉ")]
)
def test_name_key_ignores_case_in_any_script(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


def test_different_names_have_different_keys() -> None:
    names = ["Ann", "Anna", "An", "Bob", "René", "Rene", "小明", "小红", "Ann 2", FAMILY, "👨"]
    assert len({name_key(name) for name in names}) == len(names)


def test_text_of_ten_thousand_characters_is_accepted() -> None:
    text = "🦊" * TEXT_LIMIT
    assert TEXT_LIMIT == 10_000
    assert validate_text(text) == text


def test_too_long_text_error_says_by_how_much() -> None:
    with pytest.raises(TextTooLong) as error:
        validate_text("x" * 10_001)
    assert (error.value.length, error.value.limit) == (10_001, 10_000)
    assert "10,001 characters and 10,000 fit" in str(error.value)
    assert "Shorten it by 1." in str(error.value)


def test_text_length_is_checked_first() -> None:
    with pytest.raises(TextTooLong):
        validate_text("\x00" * 10_001)
    with pytest.raises(TextTooLong):
        validate_text(" " * 10_001)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("hel\x00lo", "NUL"),
        ("hello \ud83d", "half a character"),
        ("\udc4d hello", "half a character"),
        ("", "nothing to send"),
        ("   ", "nothing to send"),
        ("\n\r\n\t", "nothing to send"),
        ("\u00a0\u3000\u2028", "nothing to send"),
        ("\u200b\u200d\ufeff", "nothing to send"),
        ("\u3164 \u2800", "nothing to send"),
        ("\ufe0f", "nothing to send"),
    ],
    ids=ascii,
)
def test_invalid_text_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(BadText, match=reason):
        validate_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "  indented\n\tcode  \n\n",
        "Windows\r\nlines",
        "ﬁ Ａ ½ e\u0301",
        "שלום \u202babc\u202c",
        FAMILY,
        "❤\ufe0f",
        "\x1b[31m",
        "0",
        ".",
    ],
    ids=ascii,
)
def test_accepted_text_is_returned_unchanged(text: str) -> None:
    assert validate_text(text) == text


@given(st.text(st.characters(), max_size=60))
@settings(deadline=None, database=None)
def test_random_text_is_returned_unchanged_or_refused(text: str) -> None:
    try:
        assert validate_text(text) == text
    except BadText:
        assert is_blank(text) or "\x00" in text or any("\ud800" <= c <= "\udfff" for c in text)


@pytest.mark.parametrize(
    ("text", "thumbnail_type", "preview", "labelled_preview"),
    [
        ("words", "image/webp", "words", "words"),
        ("", "image/webp", "hills.jpg", "Picture: hills.jpg"),
        ("", "", "hills.jpg", "File: hills.jpg"),
    ],
    ids=["text", "picture", "file"],
)
def test_preview_is_the_text_or_else_the_name_of_the_first_file(
    text: str, thumbnail_type: str, preview: str, labelled_preview: str
) -> None:
    blob = Blob("hash", 1, thumbnail_type=thumbnail_type)
    file = Attachment("id", "hills.jpg", "image/jpeg", blob)
    sent_at = datetime(2026, 1, 1, tzinfo=UTC)
    message = Message(
        1, 1, Person(1, "Ann"), MessageKind.TEXT, text, sent_at, change_number=1, files=(file,)
    )
    assert message_preview(message) == preview
    assert message_preview(message, ENGLISH) == labelled_preview
    assert message_preview(replace(message, text="", files=()), ENGLISH) == ""
