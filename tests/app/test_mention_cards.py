"""A click on a mention in a message opens the card of the person."""

from tests.conftest import NewUser
from tests.harness.control_tree import Control, find_all, texts_of
from tests.harness.user import ChatUser


def mentions(user: ChatUser, name: str) -> list[Control]:
    """The mentions of a name in all messages that can be clicked, the newest message first."""
    return [
        span
        for row in user.timeline.rows
        for span in find_all("TextSpan", row, on_click=True)
        if f"@{name}" in str(span.get("text"))
    ]


async def clicks_mention(user: ChatUser, name: str) -> Control:
    """Click the first mention of a name, and return the card."""
    await user.until(lambda: mentions(user, name))
    await user.page_script.presses_at(500, 200)
    await user.fires(mentions(user, name)[0], "click")
    await user.until(lambda: user.dialog.is_open)
    card = user.dialog.control
    assert card is not None
    return card


async def test_mention_opens_the_card_at_the_pointer(new_user: NewUser) -> None:
    ann, bob, _ = [await new_user(name) for name in ("Ann", "Bob", "Cem")]
    await ann.composer.posts("the plan is with @Bob, ask **@Bob** or @Cem")
    card = await clicks_mention(bob, "Cem")
    assert card["semantics_label"] == "Profile of Cem"
    assert (card["inset_padding"]["left"], card["inset_padding"]["top"]) == (512, 188)
    await bob.dialog.clicks("Message")
    await bob.sidebar.opens_room("Lobby")
    card = await clicks_mention(bob, "Bob")
    assert card["semantics_label"] == "Profile of Bob"
    assert "Edit your profile" in texts_of(card), "one's own mention"
    assert len(mentions(bob, "Bob")) == 2


async def test_mention_of_somebody_who_has_left_opens_their_card(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.composer.posts("thanks, @Bob")
    await ann.until(lambda: mentions(ann, "Bob"))
    await bob.leaves_chat()
    card = await clicks_mention(ann, "Bob")
    assert card["semantics_label"] == "Profile of Bob"
    assert "has left the chat" in texts_of(card)
    assert "Message" not in texts_of(card)


async def test_click_on_a_mention_that_was_edited_away_opens_nothing(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    cem = await new_user("Cem")
    await ann.composer.posts("ask @Bob")
    await cem.until(lambda: mentions(cem, "Bob"))
    (old,) = mentions(cem, "Bob")
    await ann.message_menu.runs("ask @Bob", "Edit")
    await ann.composer.waits_for_text("ask @Bob")
    await ann.composer.posts("ask @Cem")
    await cem.until(lambda: mentions(cem, "Cem"))
    # (The click was on its way when the message changed.)
    await cem.fires(old, "click")
    card = await clicks_mention(cem, "Cem")
    assert card["semantics_label"] == "Profile of Cem"
    assert len(cem.find("AlertDialog")) == 1
    assert bob.crashes == []


async def test_mention_of_everyone_cannot_be_clicked(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.composer.posts("@everyone and @here, look at @Bob")
    await bob.until(lambda: mentions(bob, "Bob"))
    assert not mentions(bob, "everyone")
    assert not mentions(bob, "here")


async def test_mention_in_a_closed_spoiler_cannot_be_clicked(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.composer.posts("the winner is ||@Bob||")
    await bob.until(lambda: bob.timeline.rows and bob.sees_partial("the winner is"))
    assert not mentions(bob, "Bob")
