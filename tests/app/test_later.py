"""What a person keeps for later, and forwards, on the screen."""

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
    await tab.clicks("Saved messages")
    await tab.until(lambda: later_texts(tab) == ["remember the milk"])
    await tab.clicks("Remove from the list")
    await tab.until(lambda: later_texts(tab) == [])
    await tab.dialog.closes()
    await tab.clicks("Saved messages")
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
