"""Recovery: after a lost connection, each text of the field is stored once or stays there."""

from dataclasses import replace

import pytest

from chat.errors import ChatError
from chat.model.messages import MessageKind
from chat.model.people import Person
from chat.rooms.directory import LOBBY
from chat.rooms.room import Room
from chat.text.emoji import replace_shortcodes
from chat.workspace import commands, recovery
from chat.workspace.recovery import FieldState, RecoveredField, SentText, recover_field
from chat.workspace.workspace import Workspace

PATH = "/room/lobby"

# Texts, and what is stored of each: the name of its kind, and the text of the message.
TEXTS = {
    "hello": ("TEXT", "hello"),
    " and more ": ("TEXT", " and more "),
    "你好 :tada:": ("TEXT", "你好 🎉"),
    "two\nlines\n": ("TEXT", "two\nlines\n"),
    "//x": ("TEXT", "/x"),
    "//roll": ("TEXT", "/roll"),
    "/me waves": ("TEXT", "/me waves"),
    "/shrug oh": ("TEXT", r"oh ¯\\\_(ツ)\_/¯"),
    "/roll 2d6": ("DICE_ROLLED", None),
    '/poll "Lunch?" "Soup" "Salad"': ("TEXT", "Lunch?"),
    "/topic roses": ("TOPIC_CHANGED", "roses"),
    "/nick Anna": ("PERSON_RENAMED", "Ann\nAnna"),
}


@pytest.fixture
async def lobby(workspace: Workspace, ann: Person) -> Room:
    return await workspace.rooms.by_slug(ann, LOBBY)


async def own_messages(room: Room, person: Person, past: int) -> list[tuple[str, str]]:
    """Kind and text of the messages of a person behind the number `past`."""
    page = await room.after(person, past)
    return [(each.kind.name, each.text) for each in page.messages if each.author.id == person.id]


async def last_number(room: Room, person: Person) -> int:
    return (await room.newest(person)).messages[-1].number


def sent(*texts: str) -> list[SentText]:
    return [SentText(f"id{n}", PATH, text) for n, text in enumerate(texts)]


@pytest.mark.parametrize("answer_lost", [False, True], ids=["never arrived", "answer lost"])
@pytest.mark.parametrize("text", TEXTS)
async def test_sent_text_is_stored_once_and_leaves_the_field(
    workspace: Workspace, lobby: Room, ann: Person, text: str, answer_lost: bool
) -> None:
    past = await last_number(lobby, ann)
    if answer_lost:
        stored = replace_shortcodes(text)
        await commands.submit(workspace, ann, lobby, stored, "id0")
    state = FieldState(PATH, text + "typed later", sent=sent(text))
    for _ in range(3):
        assert (await recover_field(workspace, ann, state)).text == "typed later"
        assert await lobby.draft(ann) == "typed later"
    (message,) = await own_messages(lobby, ann, past)
    kind, stored_text = TEXTS[text]
    assert message == (kind, stored_text if stored_text is not None else message[1])


@pytest.mark.parametrize("stored_count", range(4))
async def test_several_texts_are_stored_in_order_however_many_were_before(
    workspace: Workspace, lobby: Room, ann: Person, stored_count: int
) -> None:
    past, texts = await last_number(lobby, ann), ["one", "two", "two"]
    for each in sent(*texts)[:stored_count]:
        await lobby.post(ann, each.text, each.client_id)
    # The client may have removed a stored text from its field, and missed the end of that.
    for field in ("onetwotworest", "twotworest" if stored_count else "onetwotworest"):
        state = FieldState(PATH, field, sent=sent(*texts))
        recovered = await recover_field(workspace, ann, state)
        assert await own_messages(lobby, ann, past) == [("TEXT", each) for each in texts]
        assert recovered.text is not None and recovered.text.endswith("rest")


async def test_refused_text_stays_in_the_field_with_those_behind_it(
    workspace: Workspace, lobby: Room, ann: Person
) -> None:
    past = await last_number(lobby, ann)
    state = FieldState(PATH, "a/nonsenseb", sent=sent("a", "/nonsense", "b"))
    assert await recover_field(workspace, ann, state) == RecoveredField("/nonsenseb")
    assert await own_messages(lobby, ann, past) == [("TEXT", "a")]
    assert await lobby.draft(ann) == "/nonsenseb"


@pytest.mark.parametrize("other", ["kept", "gone"])
async def test_refused_text_of_another_room_is_in_front_of_its_draft(
    workspace: Workspace, lobby: Room, ann: Person, public_room: Room, other: str
) -> None:
    await public_room.save_draft(ann, "draft")
    path = f"/room/{public_room.info.slug}" if other == "kept" else "/room/nowhere"
    elsewhere = SentText("a", path, "/nonsense ")
    state = FieldState(PATH, "here", sent=[elsewhere, *sent("here")])
    assert (await recover_field(workspace, ann, state)).text == ""
    expected = "/nonsense draft" if other == "kept" else "draft"
    assert await public_room.draft(ann) == expected


async def test_field_of_a_room_that_is_gone_is_the_draft_of_the_lobby(
    workspace: Workspace, lobby: Room, ann: Person
) -> None:
    state = FieldState(
        "/room/nowhere", "never lost", sent=[SentText("a", "/room/nowhere", "never")]
    )
    assert (await recover_field(workspace, ann, state)).text == "never lost"
    assert await lobby.draft(ann) == "never lost"


@pytest.mark.parametrize("answer_lost", [False, True])
async def test_sent_edit_is_an_edit_and_half_an_edit_is_no_draft(
    workspace: Workspace, lobby: Room, ann: Person, answer_lost: bool
) -> None:
    message = await lobby.post(ann, "teh", "m")
    await lobby.save_draft(ann, "draft")
    half = FieldState(PATH, "the hal", edited_number=message.number)
    assert await recover_field(workspace, ann, half) == RecoveredField("the hal")
    edit = SentText("e", PATH, "the", edited_number=message.number)
    if answer_lost:
        await recovery.edit(workspace, ann, lobby, message.number, "the", "e")
    whole = FieldState(PATH, "the", edited_number=message.number, sent=[edit])
    for _ in range(2):
        assert await recover_field(workspace, ann, whole) == RecoveredField(None)
    assert (await lobby.message(ann, message.number)).text == "the"
    assert len(await lobby.revisions(ann, message.number)) == 1
    assert await lobby.draft(ann) == "draft"
    # Another device has edited it since: the repeated edit does not undo that.
    await lobby.edit(ann, message.number, "The.")
    await recover_field(workspace, ann, whole)
    assert (await lobby.message(ann, message.number)).text == "The."


async def test_edit_of_a_message_that_is_gone_stays_in_the_field(
    workspace: Workspace, lobby: Room, ann: Person
) -> None:
    past = await last_number(lobby, ann)
    edit = SentText("e", PATH, "the", edited_number=4711)
    state = FieldState(PATH, "the", edited_number=4711, sent=[edit])
    assert await recover_field(workspace, ann, state) == RecoveredField("the")
    assert await own_messages(lobby, ann, past) == []


async def test_reply_keeps_its_quote(workspace: Workspace, lobby: Room, ann: Person) -> None:
    question = await lobby.post(ann, "Soup?", "q")
    answer = replace(sent("yes")[0], quoted_number=question.number)
    await recover_field(workspace, ann, FieldState(PATH, "yes", sent=[answer]))
    message = (await lobby.newest(ann)).messages[-1]
    assert message.quote is not None and message.quote.number == question.number


@pytest.mark.parametrize(
    "uncertain", [{"is_uncertain": True}, {"upload_ids": None}, {"upload_ids": ("gone",)}]
)
async def test_text_that_may_not_be_sent_as_it_is_stays_unless_it_is_stored(
    workspace: Workspace, lobby: Room, ann: Person, uncertain: dict[str, object]
) -> None:
    past = await last_number(lobby, ann)
    each = replace(sent("hello @ev")[0], **uncertain)  # type: ignore[arg-type]
    state = FieldState(PATH, "hello @ev", sent=[each])
    assert (await recover_field(workspace, ann, state)).text == "hello @ev"
    assert await own_messages(lobby, ann, past) == []
    await lobby.post(ann, "hello @ev", each.client_id)
    assert (await recover_field(workspace, ann, state)).text == ""


async def test_command_that_leads_elsewhere_says_where(
    workspace: Workspace, lobby: Room, ann: Person, bob: Person
) -> None:
    state = FieldState(PATH, "/dm Bob hi", sent=sent("/dm Bob hi"))
    recovered = await recover_field(workspace, ann, state)
    assert recovered.path is not None and recovered.path.startswith("/room/dm-")
    direct = await workspace.resolve(ann, recovered.path)
    await recover_field(workspace, ann, state)
    texts = [each.text for each in (await direct.newest(ann)).messages]
    assert texts.count("hi") == 1


async def test_client_id_of_another_person_proves_nothing(
    workspace: Workspace, lobby: Room, ann: Person, bob: Person
) -> None:
    await lobby.post(bob, "hello", "id0")
    past = await last_number(lobby, ann)
    await recover_field(workspace, ann, FieldState(PATH, "hello", sent=sent("hello")))
    assert await own_messages(lobby, ann, past) == [("TEXT", "hello")]


async def test_text_as_said_before_is_a_new_text(
    workspace: Workspace, lobby: Room, ann: Person
) -> None:
    await lobby.post(ann, "ok", "earlier")
    assert (await recover_field(workspace, ann, FieldState(PATH, "ok"))).text == "ok"
    assert await lobby.draft(ann) == "ok"


async def test_more_texts_than_a_page_keeps_stay_in_the_field(
    workspace: Workspace, lobby: Room, ann: Person
) -> None:
    texts = [f"{n}," for n in range(recovery.MAX_SENT_TEXTS + 1)]
    state = FieldState(PATH, "".join(texts), sent=sent(*texts))
    assert (await recover_field(workspace, ann, state)).text == texts[-1]


async def test_repeated_submission_runs_once_and_a_failed_one_again(
    workspace: Workspace, lobby: Room, ann: Person
) -> None:
    past = await last_number(lobby, ann)
    for _ in range(2):
        await commands.submit(workspace, ann, lobby, "/topic roses", "t")
    await commands.submit(workspace, ann, lobby, "/topic tulips", "t")
    assert [kind for kind, _ in await own_messages(lobby, ann, past)] == ["TOPIC_CHANGED"]
    with pytest.raises(ChatError):
        await commands.submit(workspace, ann, lobby, "/topic", "f")
    await commands.submit(workspace, ann, lobby, "/topic tulips", "f")
    assert lobby.info.topic == "tulips"
    assert (await lobby.newest(ann)).messages[-1].kind is MessageKind.TOPIC_CHANGED
