"""Markup on the screen: spoilers, code, links and long texts, as each reader sees them."""

from chat.text.folding import NARROW_LINE_WIDTH
from chat.ui.packing.control_ids import message_part_of_id
from chat.ui.row_parts import FIRST_TEXT_PART, SHOW_MORE
from tests.app.test_thread_pane import open_thread
from tests.conftest import NewUser
from tests.harness.control_tree import Control
from tests.harness.user import ChatUser

CODE = "```python\nprint('**hello**')\n```"
SPOILER = "Was it ||the butler|| or ||the cook||?"
DECEPTIVE_LINK = "see [bank.example](https://evil.example/login) now"


def clickable_parts(value: object, part: int) -> list[Control]:
    """The clickable controls in `value` that are this part of a row."""
    parts: list[Control] = []
    if isinstance(value, dict):
        row_part = message_part_of_id(value["_i"]) if value.get("on_click") else None
        if row_part is not None and row_part[2] == part:
            parts.append(value)
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            parts += clickable_parts(each, part)
    return parts


async def click_part(person: ChatUser, part: int) -> None:
    """Click a row part of the newest message that has it."""
    await person.until(lambda: clickable_parts(person.timeline.rows, part))
    await person.fires(clickable_parts(person.timeline.rows, part)[0], "click")


async def test_copy_code_button_copies_for_the_clicker_only(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.composer.posts(CODE)
    await click_part(bob, FIRST_TEXT_PART)
    await bob.waits_for_text("The code is copied.")
    assert (bob.copied_texts, ann.copied_texts) == (["print('**hello**')"], [])
    assert not bob.find("TextButton", content="Copy code") and not ann.sees("The code is copied.")


async def test_spoiler_opens_for_its_reader_only(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.composer.posts(SPOILER)
    await click_part(bob, FIRST_TEXT_PART + 1)
    await bob.timeline.waits_for_message("the cook")
    assert "the butler" not in bob.timeline.texts
    assert "the cook" not in ann.timeline.texts
    await click_part(bob, FIRST_TEXT_PART + 1)
    await bob.timeline.waits_until_message_gone("the cook")


async def test_opened_spoiler_closes_when_the_message_is_edited(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.composer.posts(SPOILER)
    await click_part(bob, FIRST_TEXT_PART)
    await bob.timeline.waits_for_message("the butler")
    await ann.composer.starts_editing_last_message(SPOILER)
    await ann.composer.types("Was it ||somebody else||?")
    await ann.composer.sends()
    await bob.until(lambda: "(edited)" in bob.timeline.texts)
    assert "somebody else" not in bob.timeline.texts


async def test_long_text_expands_for_its_reader_only(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.composer.posts("\n".join(f"{n}." for n in range(1_000, 1_100)).replace(".", ""))
    await bob.timeline.waits_for_message("Show 85 more lines")
    assert "1099" not in str(bob.timeline.texts)
    await click_part(bob, SHOW_MORE)
    await bob.timeline.waits_for_message("Show less")
    assert "1099" in str(bob.timeline.texts) and "1099" not in str(ann.timeline.texts)


async def test_long_paragraph_expands_for_its_reader_only(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.composer.posts("some words " * 800 + "||and a secret||")
    await bob.timeline.waits_for_message("Show more")
    assert len(max(bob.timeline.texts, key=len)) < 2_600
    await click_part(bob, SHOW_MORE)
    await bob.timeline.waits_for_message("Show less")
    assert "secret" not in str(bob.timeline.texts)
    await click_part(bob, FIRST_TEXT_PART)
    await bob.timeline.waits_for_message("and a secret")
    assert "Show more" in ann.timeline.texts
    await click_part(bob, SHOW_MORE)
    await bob.timeline.waits_for_message("Show more")


_PARAGRAPH = "some words " * 90 + "||and a secret||"


async def test_text_of_more_than_a_phones_screen_is_folded_there_only(new_user: NewUser) -> None:
    ann, pam, phil = (
        await new_user("Ann", width=1000.0),
        await new_user("Pam", width=390.0),
        await new_user("Phil", width=390.0),
    )
    await ann.composer.posts(_PARAGRAPH)
    for phone in (pam, phil):
        await phone.timeline.waits_for_message("Show more")
        assert len(max(phone.timeline.texts, key=len)) <= 15 * NARROW_LINE_WIDTH
    await ann.until(lambda: clickable_parts(ann.timeline.rows, FIRST_TEXT_PART))
    assert "Show more" not in ann.timeline.texts
    # The spoiler is a part of the whole text: a click is for what each of them sees.
    await click_part(ann, FIRST_TEXT_PART)
    await ann.timeline.waits_for_message("and a secret")
    await click_part(pam, SHOW_MORE)
    await pam.timeline.waits_for_message("Show less")
    await click_part(pam, FIRST_TEXT_PART)
    await pam.timeline.waits_for_message("and a secret")
    assert "Show more" in phil.timeline.texts
    # A reader who comes later sees the same.
    polly = await new_user("Polly", width=390.0)
    await polly.timeline.waits_for_message("Show more")
    assert [each.crashes for each in (ann, pam, phil, polly)] == [[], [], [], []]


async def test_long_text_is_folded_again_when_the_window_changes(new_user: NewUser) -> None:
    ann = await new_user("Ann", width=1000.0)
    await ann.composer.posts(_PARAGRAPH)
    await ann.composer.posts("short")
    await ann.timeline.waits_for_message("short")
    assert "Show more" not in ann.timeline.texts
    await ann.resizes(390)
    await ann.until(lambda: "Show more" in ann.timeline.texts)
    await ann.resizes(430)
    await ann.composer.posts("another")
    await ann.timeline.waits_for_message("another")
    assert "Show more" in ann.timeline.texts
    await ann.resizes(1000)
    await ann.until(lambda: "Show more" not in ann.timeline.texts)
    assert "short" in ann.timeline.texts


async def test_long_reply_is_folded_beside_the_room(new_user: NewUser) -> None:
    ann = await new_user("Ann", width=1440.0)
    await ann.composer.posts("Who brings the cake?")
    await open_thread(ann, "Who brings the cake?")
    await ann.composer.posts(_PARAGRAPH)
    await ann.until(lambda: "Show more" in ann.thread.texts)


async def test_spoilers_in_a_table_open_one_by_one_for_their_reader_only(
    new_user: NewUser,
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.composer.posts("|who|how|\n|-|-|\n| ||butler|| | ||poison|| |")

    def sources(person: ChatUser) -> str:
        return str(person.timeline.rows)

    await click_part(bob, FIRST_TEXT_PART)
    await bob.until(lambda: "butler" in sources(bob))
    assert "poison" not in sources(bob)
    await click_part(bob, FIRST_TEXT_PART + 1)
    await bob.until(lambda: "poison" in sources(bob))
    assert "butler" not in sources(ann)


async def test_deceptive_link_asks_before_it_opens(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.composer.posts(DECEPTIVE_LINK)
    await click_part(bob, FIRST_TEXT_PART)
    await bob.waits_for_text("evil.example")
    (button,) = bob.find("FilledButton", content="Open the link")
    assert button["url"]["url"] == "https://evil.example/login"
    assert "launch_url" not in bob.invoked_methods


async def test_click_on_a_forged_part_does_nothing(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.composer.posts(DECEPTIVE_LINK)
    await click_part(bob, FIRST_TEXT_PART)
    await bob.waits_for_text("evil.example")
    await bob.clicks("Close")
    await bob.until(lambda: not bob.find("AlertDialog", open=True))
    (part,) = clickable_parts(bob.timeline.rows, FIRST_TEXT_PART)
    for offset in (1, 2, 20):
        await bob.fires({"_i": part["_i"] + offset}, "click", "https://evil.example/")
    await ann.composer.posts("still here")
    await bob.timeline.waits_for_message("still here")
    assert not bob.find("AlertDialog", open=True) and bob.crashes == []


async def test_edit_and_copy_use_the_markdown_source_and_quotes_plain_text(
    new_user: NewUser,
) -> None:
    ann = await new_user("Ann")
    await ann.composer.posts("**Hello** `you`")
    await ann.timeline.waits_for_message("Hello")
    await ann.composer.starts_editing_last_message("**Hello** `you`")
    await ann.page_script.presses("escape")
    await ann.message_menu.runs("Hello", "Copy text")
    await ann.until(lambda: ann.copied_texts == ["**Hello** `you`"])
    await ann.message_menu.runs("Hello", "Reply")
    await ann.waits_for_text("Replying to Ann: Hello you")
    await ann.composer.posts("an answer")
    await ann.until(lambda: "Hello you" in ann.timeline.texts)
