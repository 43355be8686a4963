"""The composer's menu: files, polls and code; and long texts that become files."""

import pytest

from chat.errors import BadText, TextTooLong
from chat.text.message_text import TEXT_LIMIT
from chat.text.snippets import (
    LANGUAGES,
    LONG_TEXT,
    LONG_TEXT_LINES,
    PLAIN_TEXT,
    SNIPPET_LIMIT,
    code_block,
    is_long,
    validate_snippet,
)
from tests.conftest import NewUser
from tests.harness.control_tree import texts_of
from tests.harness.hostile_clients import wait_until_processed
from tests.harness.user import ChatUser

PYTHON = next(each for each in LANGUAGES if each.title == "Python")


async def fill(user: ChatUser, label: str, text: str) -> None:
    """Type into a field of a dialog."""
    field = await user.waits_for_control("TextField", label=label)
    await user.fills(field, text)
    await user.fires(field, "change", text)


async def opens(user: ChatUser, item: str) -> None:
    """Open a line of the composer's menu."""
    await user.clicks("Add to your message")
    await user.clicks(item)


async def test_poll_dialog_posts_a_poll(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await opens(ann, "Poll")
    await fill(ann, "Question", "Lunch?")
    await fill(ann, "Option 1", "Soup")
    await wait_until_processed(ann)
    assert not ann.find("TextField", label="Option 3")
    await fill(ann, "Option 2", "Salad")
    # A further option appears below a written one, and an empty one does not count.
    await ann.waits_for_control("TextField", label="Option 3")
    await ann.dialog.clicks("Post the poll")
    await bob.timeline.waits_for_message("Lunch?")
    assert len(bob.timeline.poll_options("Lunch?")) == 2


async def test_refused_poll_keeps_its_text_also_when_the_dialog_is_closed(
    new_user: NewUser,
) -> None:
    ann = await new_user("Ann")
    await opens(ann, "Poll")
    await fill(ann, "Question", "Lunch?")
    await fill(ann, "Option 1", "Soup")
    await ann.clicks("Post the poll")
    await ann.waits_for_partial_text("A poll has 2 to 10 options, and this one has 1.")
    await ann.dialog.clicks("Cancel")
    await opens(ann, "Poll")
    question = await ann.waits_for_control("TextField", label="Question")
    assert question["value"] == "Lunch?"
    assert ann.find("TextField", label="Option 1")[-1]["value"] == "Soup"
    await fill(ann, "Option 2", "Salad")
    await ann.dialog.clicks("Post the poll")
    await ann.timeline.waits_for_message("Lunch?")


async def test_poll_dialog_has_at_most_ten_options(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await opens(ann, "Poll")
    for n in range(1, 11):
        await fill(ann, f"Option {n}", f"choice {n}")
    await wait_until_processed(ann)
    assert not ann.find("TextField", label="Option 11")


async def test_short_snippet_is_a_block_and_a_long_one_a_file(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await opens(ann, "Code snippet")
    await fill(ann, "Code", "print('hi')")
    await ann.dialog.clicks("Post the snippet")
    await bob.until(lambda: bob.sees_partial("print"))
    await opens(ann, "Code snippet")
    assert (await ann.waits_for_control("TextField", label="Code")).get("value", "") == ""
    languages = ann.find("Dropdown", label="Language")[-1]
    await ann.sets(languages, value="py")
    await ann.fires(languages, "select", "py")
    await fill(ann, "Code", "x = 1\n" * LONG_TEXT_LINES)
    await ann.dialog.clicks("Post the snippet")
    await bob.until(lambda: bob.sees_partial("snippet.py"))


def test_fence_of_a_snippet_is_longer_than_those_in_the_code() -> None:
    assert code_block("x = 1\n", PYTHON) == "```python\nx = 1\n```"
    assert code_block("```\ncode\n```", PLAIN_TEXT) == "````\n```\ncode\n```\n````"


def test_snippets_have_a_limit_and_are_not_empty() -> None:
    with pytest.raises(TextTooLong):
        validate_snippet("x" * (SNIPPET_LIMIT + 1))
    with pytest.raises(BadText):
        validate_snippet(" \n ")


def test_long_texts_have_many_characters_or_many_lines() -> None:
    assert not is_long("x" * LONG_TEXT)
    assert is_long("x" * (LONG_TEXT + 1))
    assert not is_long("\n" * (LONG_TEXT_LINES - 1))
    assert is_long("\n" * LONG_TEXT_LINES)
    assert LONG_TEXT < TEXT_LIMIT


async def test_preview_shows_the_text_with_its_markup(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await ann.composer.types("say **well done** :tada: now")
    await opens(ann, "Preview")
    await ann.until(lambda: ann.dialog.is_open and "well done" in texts_of(ann.dialog.control))
    assert any("🎉" in each for each in texts_of(ann.dialog.control))
    await ann.dialog.closes()
    assert ann.composer.text.startswith("say **well done**")
    assert not ann.sees_partial("There is nothing to show yet.")
    await ann.composer.types("")
    await opens(ann, "Preview")
    await ann.until(lambda: ann.sees_partial("There is nothing to show yet."))


async def test_long_paste_becomes_a_file_and_a_text_again(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    pasted = "some words " * 400
    await ann.composer.types(pasted)
    await ann.until(lambda: ann.sees("A long text: 4,400 characters."))
    await ann.clicks("Send as a file")
    await ann.composer.waits_for_text("")
    await ann.until(lambda: ann.sees("pasted text.txt") and not ann.sees_partial("A long text"))
    await ann.snackbar.undoes()
    await ann.composer.waits_for_text(pasted)
    await ann.until(lambda: not ann.sees("pasted text.txt"))
    await ann.composer.types("another text " * 400)
    await ann.clicks("Send as a file")
    await ann.composer.waits_for_text("")
    await ann.until(lambda: ann.sees("pasted text.txt"))
    await ann.composer.posts("look: ")
    await bob.timeline.waits_for_message("pasted text.txt")


async def test_offer_of_a_file_ends_with_its_text(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await ann.rooms_dialog.creates_room("Garden")
    pasted = "line\n" * LONG_TEXT_LINES
    await ann.composer.types(pasted)
    await ann.until(lambda: ann.sees_partial("A long text"))
    await ann.composer.types(f"{pasted} and more")
    await wait_until_processed(ann)
    assert ann.sees_partial("A long text")
    await ann.composer.types("short")
    await ann.until(lambda: not ann.sees_partial("A long text"))
    await ann.composer.types(f"short{pasted}")
    await ann.until(lambda: ann.sees_partial("A long text"))
    await ann.clicks("Keep it as text")
    await ann.until(lambda: not ann.sees_partial("A long text"))
    assert ann.composer.text == f"short{pasted}"
    await ann.composer.types("another line\n" * LONG_TEXT_LINES)
    await ann.until(lambda: ann.sees_partial("A long text"))
    await ann.sidebar.opens_room("Lobby")
    await ann.until(lambda: not ann.sees_partial("A long text"))
