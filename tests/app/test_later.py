"""What a person keeps for later, and forwards, on the screen."""

from datetime import UTC, datetime, timedelta

from chat.server.app import ChatServer
from tests.conftest import NewUser
from tests.harness.control_tree import find_all
from tests.harness.user import ChatUser


def later_texts(user: ChatUser) -> list[str]:
    """The texts of the entries of the open list."""
    rows = [each for each in find_all("Row", user.dialog.control) if each.get("visible", True)]
    items = [item for row in rows for item in find_all("Container", row, ink=True)]
    return [str(find_all("Text", each)[-1]["value"]) for each in items]


async def test_saved_message_is_listed_until_it_is_removed(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await bob.composer.posts("remember the milk")
    await ann.timeline.waits_for_message("remember the milk")
    await ann.message_menu.runs("remember the milk", "Save for later")
    await ann.snackbar.waits_for("The message is saved.")
    assert "Remove from saved messages" in await ann.message_menu.actions("remember the milk")
    assert "Save for later" in await bob.message_menu.actions("remember the milk")
    tab = await new_user(like=ann)
    await tab.clicks("Saved and later")
    await tab.until(lambda: later_texts(tab) == ["remember the milk"])
    await tab.clicks("Remove from the list")
    await tab.until(lambda: later_texts(tab) == [])
    await tab.dialog.closes()
    await tab.clicks("Saved and later")
    await tab.waits_for_partial_text("Nothing is saved yet.")


async def test_message_is_forwarded_to_a_person_with_a_comment(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.composer.posts("the plan is *ready*")
    await ann.message_menu.opens("the plan is")
    await ann.clicks("Forward")
    field = await ann.waits_for_control("TextField", label="Forward to a room or a person")
    await ann.fills(field, "bo")
    await ann.fires(field, "change", "bo")
    await ann.until(lambda: len(ann.dialog.items()) == 1)
    await ann.dialog.chooses("Bob")
    comment = ann.find("TextField", label="Comment (if you like)")[-1]
    await ann.fills(comment, "have a look")
    await ann.until(lambda: not ann.find("FilledButton")[-1].get("disabled"))
    await ann.fires(ann.find("FilledButton")[-1], "click")
    await ann.until(lambda: any("Forwarded to Bob." in each for each in ann.snackbar.texts))
    await bob.sidebar.opens_direct_conversation("Ann")
    await bob.until(lambda: bob.sees_partial("have a look") and bob.sees_partial("the plan is"))
    await ann.snackbar.undoes()
    await bob.until(lambda: not bob.sees_partial("have a look"))


async def test_text_of_the_field_is_sent_later_and_can_be_taken_back(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.clicks("Add to your message")
    await ann.clicks("Send later")
    await ann.until(lambda: ann.sees_partial("There is nothing to send yet."))
    await ann.composer.types("good morning :tada:")
    await ann.composer.types("good morning :tada: all")
    await ann.clicks("Add to your message")
    await ann.clicks("Send later")
    await ann.clicks("Tomorrow at 9:00")
    await ann.composer.waits_for_text("")
    await ann.snackbar.undoes()
    await ann.until(lambda: ann.composer.text.startswith("good morning"))
    await ann.fires(ann.find("IconButton", tooltip="Send message")[-1], "long_press")
    await ann.clicks("In one hour")
    await ann.composer.waits_for_text("")
    tab = await new_user(like=ann)
    await tab.until(lambda: tab.composer.control is not None and tab.composer.text == "")
    await tab.clicks("Saved and later")
    segments = await tab.waits_for_control("SegmentedButton")
    await tab.sets(segments, selected=["2"])
    await tab.fires(segments, "change", ["2"])
    await tab.until(lambda: later_texts(tab) == ["good morning 🎉 all"])
    assert not bob.sees_partial("good morning")
    await tab.clicks("Send now")
    await bob.timeline.waits_for_message("good morning 🎉 all")
    await tab.until(lambda: later_texts(tab) == [])


async def test_command_and_edit_are_not_sent_later(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await ann.composer.types("/roll 2d6")
    await ann.clicks("Add to your message")
    await ann.clicks("Send later")
    await ann.clicks("In one hour")
    await ann.waits_for_partial_text("A command cannot be sent later.")
    await ann.dialog.clicks("Cancel")
    assert ann.composer.text == "/roll 2d6"
    await ann.composer.types("")
    await ann.composer.posts("hello")
    await ann.composer.starts_editing_last_message("hello")
    await ann.clicks("Add to your message")
    await ann.clicks("Send later")
    await ann.waits_for_partial_text("Finish the edit first.")


async def test_person_is_reminded_of_a_message(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await bob.composer.posts("answer me")
    await ann.timeline.waits_for_message("answer me")
    await ann.message_menu.opens("answer me")
    await ann.clicks("Remind me")
    day = await ann.waits_for_control("TextField", label="Day")
    await ann.fills(day, "tomorrow")
    await ann.clicks("At this time")
    await ann.waits_for_partial_text("Write the day as 2026-11-30")
    await ann.fills(day, "2020-01-01")
    await ann.clicks("At this time")
    await ann.waits_for_partial_text("This time is over.")
    await ann.dialog.clicks("In 20 minutes")
    now = datetime.now()
    is_today = (now + timedelta(minutes=20)).date() == now.date()
    await ann.snackbar.waits_for(f"You will be reminded: {'Today' if is_today else 'Tomorrow'}")
    await ann.clicks("Saved and later")
    segments = await ann.waits_for_control("SegmentedButton")
    await ann.sets(segments, selected=["1"])
    await ann.fires(segments, "change", ["1"])
    await ann.until(lambda: later_texts(ann) == ["answer me"])
    await ann.clicks("Done")
    await ann.until(lambda: later_texts(ann) == [])


async def test_sidebar_counts_due_reminders_until_their_list_is_opened(
    new_user: NewUser, chat: ChatServer
) -> None:
    ann = await new_user("Ann")
    for text in ("answer me", "and me"):
        await ann.composer.posts(text)
        await ann.message_menu.opens(text)
        await ann.clicks("Remind me")
        await ann.dialog.clicks("In 20 minutes")
        await ann.snackbar.waits_for("You will be reminded")
    assert ann.sidebar.due_reminders == ""
    await chat.workspace.reminders.run_due(datetime.now(UTC) + timedelta(hours=1))
    await ann.until(lambda: ann.sidebar.due_reminders == "2")
    # They are due in a tab that is opened later, too, until the list is opened there.
    tab = await new_user(like=ann)
    await tab.until(lambda: tab.sidebar.due_reminders == "2")
    await tab.clicks("Saved and later")
    await tab.until(lambda: later_texts(tab) == ["answer me", "and me"])
    await tab.until(lambda: tab.sidebar.due_reminders == "")
