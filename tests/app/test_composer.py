"""The composer: where its text goes, how large it grows, and which message it edits."""

import pytest

from chat.text.formatting import Mark, Selection, toggle_mark
from chat.ui.composer.message_field import MAX_HEIGHT_SHARE, MessageField
from tests.conftest import NewUser


async def test_empty_field_says_where_its_text_goes(new_user: NewUser) -> None:
    ann, _ = await new_user("Ann"), await new_user("Bob")
    assert ann.composer.hint == "Message #Lobby"
    await ann.sidebar.opens_direct_conversation("Bob")
    await ann.until(lambda: ann.composer.hint == "Message Bob")
    await ann.composer.posts("between us")
    await ann.message_menu.runs("between us", "Reply in thread")
    await ann.until(lambda: ann.composer.hint == "Reply in thread…")
    await ann.rooms_dialog.creates_room("Kitchen", private=True)
    await ann.until(lambda: ann.composer.hint == "Message Kitchen")
    await ann.room_dialog.submits_field("Name", "Pantry")
    await ann.until(lambda: ann.composer.hint == "Message Pantry")


@pytest.mark.parametrize("height", [640, 844, 900, 1080])
def test_field_grows_to_a_share_of_the_page(height: int) -> None:
    field = MessageField("", on_enter=lambda: None, on_text_change=lambda: None)
    field.fit(height)
    assert field.max_lines is not None
    used = 21 * field.max_lines + 20
    assert MAX_HEIGHT_SHARE * height - 21 < used <= MAX_HEIGHT_SHARE * height


def test_field_has_three_lines_on_the_lowest_page() -> None:
    field = MessageField("", on_enter=lambda: None, on_text_change=lambda: None)
    field.fit(100)
    assert field.max_lines == 3


async def test_row_of_the_edited_message_is_marked(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.composer.posts("first")
    await ann.composer.posts("second")
    await ann.message_menu.runs("first", "Edit")
    await ann.until(lambda: ann.timeline.is_edited_row("first"))
    assert not ann.timeline.is_edited_row("second")
    await bob.timeline.waits_for_message("second")
    assert not bob.timeline.is_edited_row("first")
    await ann.message_menu.runs("second", "Edit")
    await ann.until(lambda: ann.timeline.is_edited_row("second"))
    await ann.until(lambda: not ann.timeline.is_edited_row("first"))
    await ann.page_script.presses("escape")
    await ann.until(lambda: not ann.timeline.is_edited_row("second"))


async def test_row_is_not_marked_any_more_when_the_edit_is_stored(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await ann.composer.posts("first")
    await ann.composer.starts_editing_last_message("first")
    await ann.until(lambda: ann.timeline.is_edited_row("first"))
    await ann.composer.posts("changed")
    await ann.timeline.waits_for_message("changed")
    await ann.until(lambda: not ann.timeline.is_edited_row("changed"))


async def test_last_message_is_edited_before_the_client_reports_its_emptied_field(
    new_user: NewUser,
) -> None:
    ann = await new_user("Ann")
    ann.page_script.late_changes = []
    await ann.composer.posts("teh")
    await ann.composer.starts_editing_last_message("teh")
    await ann.page_script.reports_late_changes()
    await ann.page_script.presses("escape")
    await ann.composer.waits_for_text("")
    await ann.composer.posts("next")
    await ann.timeline.waits_for_message("next")


async def test_sent_text_is_no_draft_before_the_client_reports_its_emptied_field(
    new_user: NewUser,
) -> None:
    ann = await new_user("Ann")
    await ann.rooms_dialog.creates_room("Garden")
    await ann.composer.types("for the garden")
    await ann.sidebar.opens_room("Lobby")
    ann.page_script.late_changes = []
    await ann.composer.posts("sent")
    await ann.sidebar.opens_room("Garden")
    assert ann.composer.text == "for the garden"
    await ann.page_script.reports_late_changes()
    await ann.sidebar.opens_room("Lobby")
    assert ann.composer.text == ""
    await ann.sidebar.opens_room("Garden")
    await ann.composer.waits_for_text("for the garden")
    await ann.composer.types("")
    await ann.sidebar.opens_room("Lobby")
    assert ann.composer.text == ""
    await ann.until(lambda: ann.sidebar.drafts == [])
    await ann.composer.posts("next")
    await ann.timeline.waits_for_message("next")


@pytest.mark.parametrize(
    ("before", "mark", "after"),
    [
        ("say |well done| now", Mark.BOLD, "say **|well done|** now"),
        ("say |well done |now", Mark.ITALIC, "say _|well done|_ now"),
        ("|", Mark.CODE, "`|`"),
        ("a |b\nc|", Mark.CODE, "a ```\n|b\nc|\n```"),
        ("**well|**", Mark.BOLD, "**well**|"),
        ("|**well**|", Mark.BOLD, "|well|"),
    ],
)
def test_mark_is_put_around_the_selection_and_taken_away(
    before: str, mark: Mark, after: str
) -> None:
    assert _shown(toggle_mark(_selection(before), mark)) == after


@pytest.mark.parametrize("mark", [*Mark])
@pytest.mark.parametrize("before", ["say |well done| now", "say | now"])
def test_the_same_key_twice_changes_nothing(before: str, mark: Mark) -> None:
    assert _shown(toggle_mark(toggle_mark(_selection(before), mark), mark)) == before


def _selection(shown: str) -> Selection:
    """A selection that is written with a bar at each end, or one at the cursor."""
    before, selected, *rest = shown.split("|")
    if not rest:
        selected, rest = "", [selected]
    (after,) = rest
    return Selection(before + selected + after, len(before), len(before + selected))


def _shown(selection: Selection) -> str:
    text, start, end = selection
    if start == end:
        return f"{text[:start]}|{text[start:]}"
    return f"{text[:start]}|{text[start:end]}|{text[end:]}"
