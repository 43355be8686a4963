"""The cursor of the message field: derived from changes, and from the client's reports."""

from hypothesis import given
from hypothesis import strategies as st

from chat.text.utf16 import utf16_length, utf16_prefix
from chat.ui.composer.message_field import moved_cursor
from tests.conftest import NewUser

TEXTS = st.text(alphabet="ab c😀", max_size=12)


@given(TEXTS, st.text(alphabet="xyz", min_size=1, max_size=4), st.data())
def test_cursor_is_after_inserted_text(text: str, inserted: str, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(text)))
    before = data.draw(st.integers(0, len(text)))
    assert moved_cursor(
        text, text[:position] + inserted + text[position:], before
    ) == position + len(inserted)


@given(TEXTS, TEXTS.filter(bool), st.data())
def test_text_inserted_at_the_cursor_is_recognised_among_equal_letters(
    text: str, inserted: str, data: st.DataObject
) -> None:
    cursor = data.draw(st.integers(0, len(text)))
    after = text[:cursor] + inserted + text[cursor:]
    assert moved_cursor(text, after, cursor) == cursor + len(inserted)


@given(st.text(alphabet="xyz", max_size=4), TEXTS, st.data())
def test_removing_a_prefix_shifts_the_cursor(sent: str, rest: str, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(rest)))
    assert moved_cursor(sent + rest, rest, len(sent) + position) == position


@given(TEXTS, TEXTS, st.integers(-1, 20))
def test_cursor_is_always_within_the_text(before: str, after: str, position: int) -> None:
    assert 0 <= moved_cursor(before, after, min(max(position, 0), len(before))) <= len(after)


@given(TEXTS, st.data())
def test_client_offsets_are_utf_16_code_units(text: str, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(text)))
    assert utf16_prefix(text, utf16_length(text[:position])) == text[:position]
    assert utf16_prefix("😀", 1) == ""


async def test_picked_emoji_is_inserted_at_the_cursor(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await ann.composer.types("😀 see you")
    await ann.composer.moves_cursor(6, 6)
    await ann.clicks("Choose an emoji")
    await ann.emoji_picker.picks("🎉")
    await ann.composer.waits_for_text("😀 see🎉 you")
    await ann.clicks("Choose an emoji")
    await ann.emoji_picker.picks("👋")
    await ann.composer.waits_for_text("😀 see🎉👋 you")
    await ann.composer.moves_cursor(0, 2)
    await ann.clicks("Choose an emoji")
    await ann.emoji_picker.picks("🎈")
    await ann.composer.waits_for_text("🎈 see🎉👋 you")


async def test_mentions_and_shortcodes_are_completed_in_the_middle_of_a_text(
    new_user: NewUser,
) -> None:
    ann = await new_user("Ann")
    await new_user("Bob")
    await ann.composer.types("hello @")
    await ann.until(lambda: "Bob*" in ann.composer.completions)
    await ann.composer.types("hello @ you")
    await ann.until(lambda: not ann.composer.completions)
    await ann.composer.types("hello @b you")
    await ann.until(lambda: ann.composer.completions == ["Bob*"])
    await ann.composer.clicks_completion("Bob")
    await ann.composer.waits_for_text("hello @Bob you")
    await ann.composer.types("hello @Bob :tada you")
    await ann.until(lambda: "🎉*" in ann.composer.completions)
    await ann.composer.types("hello @Bob :tada: you")
    await ann.until(lambda: not ann.composer.completions)
    await ann.composer.types("hello @Bob :tada: and :wave: to you")
    await ann.composer.waits_for_text("hello @Bob 🎉 and 👋 to you")
    await ann.composer.types("`:tada:` :tada: hello @Bob 🎉 and 👋 to you")
    await ann.composer.waits_for_text("`:tada:` 🎉 hello @Bob 🎉 and 👋 to you")
