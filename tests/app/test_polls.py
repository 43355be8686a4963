"""Polls: creating, voting, closing, searching and deleting; and refused commands."""

from pathlib import Path

import pytest

from chat.errors import BadPoll, ChatError, NoSuchMessage, NoSuchRoom, PollClosed, RoomArchived
from chat.model.messages import Poll
from chat.model.people import Person
from chat.model.rooms import RoomKind
from chat.rooms.room import Room
from chat.text.polls import validate_poll
from chat.workspace.workspace import Workspace
from tests.conftest import NewUser
from tests.harness.domain import EventRecorder, sign_in
from tests.harness.user import ChatUser
from tests.harness.waiting import wait_until

LUNCH_POLL = '/poll "Lunch?" "Soup" "Salad"'


def option_labels(person: ChatUser, question: str) -> list[str]:
    """The labels of the options for screen readers."""
    return [
        str(text["semantics_label"])
        for bar in person.timeline.poll_options(question)
        for text in bar["content"]["controls"]
        if text.get("semantics_label")
    ]


async def vote(person: ChatUser, question: str, n: int) -> None:
    """Tap an option, counted from 0."""
    await person.fires(person.timeline.poll_options(question)[n], "click")


async def test_votes_update_the_poll_for_everyone_in_place(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.composer.posts(LUNCH_POLL)
    for person in (ann, bob):
        await person.timeline.waits_for_message("Lunch?")
        assert option_labels(person, "Lunch?") == ["Soup, 0 votes", "Salad, 0 votes"]
        assert "Nobody has voted yet. Tap one option or several." in person.timeline.texts
    await vote(bob, "Lunch?", 0)
    await bob.until(lambda: option_labels(bob, "Lunch?")[0] == "Soup, 1 vote, yours")
    await ann.until(lambda: option_labels(ann, "Lunch?")[0] == "Soup, 1 vote")
    assert ann.timeline.poll_options("Lunch?")[0]["tooltip"]["message"] == "Bob"
    await vote(ann, "Lunch?", 0)
    await vote(ann, "Lunch?", 1)
    await ann.until(
        lambda: option_labels(ann, "Lunch?") == ["Soup, 2 votes, yours", "Salad, 1 vote, yours"]
    )
    await bob.until(
        lambda: option_labels(bob, "Lunch?") == ["Soup, 2 votes, yours", "Salad, 1 vote"]
    )
    assert "2 people voted" in bob.timeline.texts
    assert bob.timeline.poll_options("Lunch?")[1]["gradient"]["stops"] == [0, 0.5, 0.5, 1]
    # A second tap takes the vote back.
    await vote(bob, "Lunch?", 0)
    await ann.until(lambda: option_labels(ann, "Lunch?")[0] == "Soup, 1 vote, yours")
    tab = await new_user(like=ann)
    await wait_until(lambda: option_labels(tab, "Lunch?") == option_labels(ann, "Lunch?"))
    await bob.message_menu.opens("Lunch?")
    await bob.clicks("Who voted")
    await bob.waits_for_text("Salad, 1 vote")
    await bob.dialog.closes()


async def test_poll_is_closed_by_its_author_or_a_moderator_only(new_user: NewUser) -> None:
    ann, bob, cem = await new_user("Ann"), await new_user("Bob"), await new_user("Cem")
    await bob.composer.posts(LUNCH_POLL)
    await cem.timeline.waits_for_message("Lunch?")
    assert not {"Close the poll", "Edit", "Delete"} & set(await cem.message_menu.actions("Lunch?"))
    assert {"Close the poll", "Delete"} <= set(await ann.message_menu.actions("Lunch?"))
    assert "Edit" not in await bob.message_menu.actions("Lunch?")
    await vote(cem, "Lunch?", 1)
    await bob.until(lambda: option_labels(bob, "Lunch?")[1] == "Salad, 1 vote")
    open_option = cem.timeline.poll_options("Lunch?")[0]
    for answer in ("Cancel", "Close the poll"):
        await bob.message_menu.opens("Lunch?")
        await bob.clicks("Close the poll")
        await bob.waits_for_text("Nobody can vote any more, and it cannot be opened again.")
        assert not bob.sees_partial("closed")
        await bob.dialog.clicks(answer)
    for person in (ann, bob, cem):
        await person.timeline.waits_for_message("Closed. 1 person voted")
    assert not any(bar.get("on_click") for bar in cem.timeline.poll_options("Lunch?"))
    await cem.fires(open_option, "click")
    await cem.snackbar.waits_for("This poll is closed")
    assert option_labels(cem, "Lunch?") == ["Soup, 0 votes", "Salad, 1 vote, yours"]
    await ann.message_menu.deletes("Lunch?")
    await cem.timeline.waits_until_message_gone("Lunch?")


async def test_poll_takes_mentions_reactions_and_quotes_like_a_message(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.composer.posts("/poll “Lunch, @Bob?” “Minestrone” “Salad”")
    await bob.timeline.waits_for_message("Lunch, @Bob?")
    assert bob.timeline.is_mention_row("Lunch, @Bob?")
    await bob.message_menu.reacts("Lunch, @Bob?", "👍")
    await ann.timeline.waits_for_reaction("Lunch, @Bob?", "👍")
    await vote(ann, "Lunch, @Bob?", 1)
    await bob.until(lambda: option_labels(bob, "Lunch, @Bob?")[1] == "Salad, 1 vote")
    await bob.timeline.clicks_in_message("Lunch, @Bob?", "👍")
    await bob.until(lambda: not bob.timeline.reactions("Lunch, @Bob?"))
    await bob.message_menu.runs("Lunch, @Bob?", "Reply")
    await bob.waits_for_text("Replying to Ann: Lunch, @Bob?")
    await bob.composer.posts("neither")
    await ann.timeline.waits_for_message("neither")
    assert ann.timeline.quote_in("neither") == "Ann Lunch, @Bob?"
    # A poll cannot be edited: the up arrow opens the last text message instead.
    await ann.composer.posts("words")
    await ann.composer.posts(LUNCH_POLL)
    await ann.composer.starts_editing_last_message("words")


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ('/poll "Lunch?"', "A poll has 2 to 10 options, and this one has 0."),
        ('/poll "Lunch?" "Soup"', "A poll has 2 to 10 options, and this one has 1."),
        ("/poll q 1 2 3 4 5 6 7 8 9 10 11", "and this one has 11."),
        ('/poll "Lunch?" "Soup" ""', "An option of this poll is empty."),
        ('/poll "Lunch?" "Soup" "\u200b"', "An option of this poll is empty."),
        ('/poll "" "Soup" "Salad"', "A poll needs a question."),
        ('/poll "Lunch?" "Soup" " soup "', "“soup” is listed twice."),
        ('/poll "Lunch?" "Soup', 'The quote that begins with "Soup is not closed.'),
        ('/poll "Lunch?" “Soup" "Salad"', "is not closed."),
        ('/poll "' + "x" * 5000 + '" a b', "This question is too long."),
        ("/poll q b " + "x" * 5000, "is too long for an option."),
        ("/poll q " + "a b " * 1250, "and this one has 2500."),
        ('/poll "Lunch?" "a\u202eb" "c"', "holds characters that cannot be seen."),
        ("/poll", "Write it like this: /poll"),
    ],
)
async def test_invalid_poll_command_stays_in_the_field_with_an_error(
    new_user: NewUser, typed: str, reason: str
) -> None:
    ann = await new_user("Ann")
    before = list(ann.timeline.texts)
    await ann.composer.types(typed)
    await ann.composer.sends()
    await ann.waits_for_partial_text(reason)
    assert ann.composer.text == typed
    assert ann.timeline.texts == before


async def poll_of(room: Room, person: Person, number: int) -> Poll:
    """The current poll of a message."""
    poll = (await room.message(person, number)).poll
    assert poll is not None
    return poll


async def test_poll_operations_give_the_same_error_for_missing_and_forbidden(
    workspace: Workspace,
) -> None:
    ann, bob, cem = await sign_in(workspace, "Ann", "Bob", "Cem")
    nest = await workspace.rooms.create(ann, "Nest", RoomKind.PRIVATE, invited=[cem])
    poll_message = await nest.post_poll(ann, "Lunch?", ["Soup", "Salad"], "a1")
    text_message = await nest.post(ann, "words", "a2")
    for number, option in (
        (poll_message.number, 2),
        (poll_message.number, -1),
        (text_message.number, 0),
        (99, 0),
    ):
        with pytest.raises(NoSuchMessage):
            await nest.vote(ann, number, option)
    for number in (text_message.number, 99):
        with pytest.raises(NoSuchMessage):
            await nest.close_poll(ann, number)
    with pytest.raises(NoSuchMessage):
        await nest.close_poll(cem, poll_message.number)
    for operation in (
        nest.vote(bob, poll_message.number, 0),
        nest.close_poll(bob, poll_message.number),
        nest.post_poll(bob, "Lunch?", ["a", "b"], "b1"),
    ):
        with pytest.raises(NoSuchRoom):
            await operation
    with pytest.raises(BadPoll, match="not edited"):
        await nest.edit(ann, poll_message.number, "Dinner?")
    await nest.close_poll(ann, poll_message.number)
    with pytest.raises(PollClosed):
        await nest.vote(cem, poll_message.number, 0)
    assert poll_message.poll is not None
    closed = Poll(poll_message.poll.options, closed=True)
    assert await poll_of(nest, ann, poll_message.number) == closed
    await workspace.rooms.set_archived(ann, nest, archived=True)
    with pytest.raises(RoomArchived):
        await nest.vote(cem, poll_message.number, 0)


async def test_repeated_poll_post_is_one_poll_and_votes_survive_a_restart(tmp_path: Path) -> None:
    workspace = await Workspace.open(tmp_path, EventRecorder().on_event)
    ann, bob = await sign_in(workspace, "Ann", "Bob")
    room = await workspace.rooms.create(ann, "Garden", invited=[bob])
    poll_message = await room.post_poll(ann, "Lunch?", ["Soup", "Salad"], "a1")
    await room.vote(bob, poll_message.number, 1)
    repeated = await room.post_poll(ann, "Lunch?", ["Soup", "Salad"], "a1")
    assert repeated.number == poll_message.number
    assert repeated.poll == await poll_of(room, ann, poll_message.number)
    _, hits = await workspace.search(ann, "salad", None)
    assert [each.message.number for each in hits] == [poll_message.number]
    await workspace.close()
    workspace = await Workspace.open(tmp_path, EventRecorder().on_event)
    room = await workspace.rooms.by_slug(ann, "garden")
    assert [each.people for each in repeated.poll.options] == [(), (bob,)]
    assert await poll_of(room, ann, poll_message.number) == repeated.poll
    await room.delete(ann, poll_message.number)
    assert (await room.message(ann, poll_message.number)).poll is None
    assert not (await workspace.search(ann, "salad", None))[1]
    await workspace.close()


@pytest.mark.parametrize("options", [["a", "A"], ["a"], ["a", "  "], ["a"] * 11, ["a", "x" * 81]])
def test_poll_needs_two_to_ten_different_options(options: list[str]) -> None:
    with pytest.raises(ChatError):
        validate_poll("Lunch?", options)
    assert validate_poll("Lunch?", ["a ", "b\nc"]) == ("Lunch?", ("a", "b c"))
