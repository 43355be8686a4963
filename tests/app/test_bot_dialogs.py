"""The dialogs of one's own bots: making them and their tokens, which are shown once."""

import shlex

import httpx

from chat.model.programs import Scope
from chat.server.app import ChatServer
from tests.app.test_preferences import open_settings
from tests.conftest import NewUser
from tests.harness.control_tree import Control, find_all, texts_of
from tests.harness.http import http_client
from tests.harness.program_dialogs import ProgramDialogs
from tests.harness.user import ChatUser

LABEL = "What it is for, as Nightly build"
READ, WRITE, REACT = (
    "Read: see rooms, messages, files and people, and search",
    "Write: post messages, and edit and delete its own",
    "React: add and remove its reactions",
)


async def opens_bots(user: ChatUser) -> ProgramDialogs:
    """Open the dialog of one's own bots, from the settings."""
    dialogs = ProgramDialogs(user)
    await open_settings(user)
    await user.clicks("Bots and tokens")
    await dialogs.waits_for("Programs")
    return dialogs


async def makes_bot(user: ChatUser, name: str = "ci") -> ProgramDialogs:
    """Make a bot, whose dialog opens."""
    dialogs = await opens_bots(user)
    await dialogs.makes("Name of a new bot", name, "Make bot")
    await dialogs.waits_for(f"Bot {name}")
    return dialogs


async def makes_token(user: ChatUser, dialogs: ProgramDialogs, label: str = "Nightly") -> str:
    """Make a token of the bot whose dialog is open; returns the token."""
    await begins_token(user, dialogs, label)
    await user.clicks("Make token")
    await dialogs.waits_for("Token of ci")
    return await dialogs.copies("Token")


async def begins_token(user: ChatUser, dialogs: ProgramDialogs, label: str) -> None:
    """Open the form of a token, and type what it is for."""
    await user.clicks("New token")
    await dialogs.waits_for("New token of ci")
    field = await user.waits_for_control("TextField", label=LABEL)
    await user.fills(field, label)


def box(user: ChatUser, text: str) -> Control:
    """The checkbox beside a text."""
    rows = find_all("Row", user.dialog.control)
    (row,) = [each for each in rows if texts_of(each) == [text] and find_all("Checkbox", each)]
    return find_all("Checkbox", row)[0]


async def chooses(user: ChatUser, kind: str, value: object) -> None:
    """Choose a segment or a radio button of the form."""
    (group,) = find_all(kind, user.dialog.control)
    name = "selected" if kind == "SegmentedButton" else "value"
    await user.sets(group, **{name: value})
    await user.fires(group, "change", value)


async def asks_api(chat: ChatServer, secret: str, path: str = "/me") -> httpx.Response:
    """A request of a program with a token."""
    headers = {"authorization": f"Bearer {secret}"}
    async with http_client(headers=headers) as http:
        return await http.get(f"{chat.url.rstrip('/')}/api{path}")


async def runs_curl(line: str) -> httpx.Response:
    """Send what a curl line sends."""
    words = shlex.split(line)
    headers = [words[n + 1] for n, each in enumerate(words) if each == "-H"]
    body = words[words.index("-d") + 1] if "-d" in words else None
    async with http_client(headers=dict(each.split(": ", 1) for each in headers)) as http:
        return await http.request("GET" if body is None else "POST", words[-1], content=body)


async def test_bot_is_made_and_its_token_is_shown_once(chat: ChatServer, new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    dialogs = await opens_bots(ann)
    assert "You have none yet." in dialogs.texts
    await dialogs.makes("Name of a new bot", "ci", "Make bot")
    await dialogs.waits_for("Bot ci")
    # It is a member of the lobby, where others find it.
    await bob.until(lambda: bob.sees_partial("ci have joined the chat"))
    secret = await makes_token(ann, dialogs)
    assert secret.startswith("fc_")
    assert (await asks_api(chat, secret)).status_code == 200
    line = await dialogs.copies("Try it in a terminal")
    assert (await runs_curl(line)).status_code == 201
    await bob.timeline.waits_for_message("Hello from curl")
    await ann.clicks("Back")
    await dialogs.waits_for("Bot ci")
    assert secret not in " ".join(dialogs.texts), "it was shown once"
    assert "Nightly" in dialogs.texts
    assert "read, write  ·  all rooms" in dialogs.texts
    assert any(each.startswith("never used  ·  expires: ") for each in dialogs.texts)


async def test_token_is_for_chosen_rights_rooms_and_days(
    chat: ChatServer, new_user: NewUser
) -> None:
    ann = await new_user("Ann")
    await ann.rooms_dialog.creates_room("Garden")
    dialogs = await makes_bot(ann)
    await begins_token(ann, dialogs, "Reader")
    await ann.sets(box(ann, WRITE), value=False)
    await ann.sets(box(ann, REACT), value=True)
    await chooses(ann, "SegmentedButton", ["chosen"])
    await ann.until(lambda: "Garden" in dialogs.texts)
    await ann.sets(box(ann, "Garden"), value=True)
    await chooses(ann, "RadioGroup", "0")
    await ann.clicks("Make token")
    await dialogs.waits_for("Token of ci")
    secret = await dialogs.copies("Token")
    line = await dialogs.copies("Try it in a terminal")
    assert line.endswith("/api/me"), "it may not write"
    assert (await runs_curl(line)).status_code == 200
    assert (await asks_api(chat, secret, "/rooms/garden")).status_code == 200
    assert (await asks_api(chat, secret, "/rooms/lobby")).status_code == 404
    await ann.clicks("Back")
    await dialogs.waits_for("Bot ci")
    assert "read, react  ·  one room" in dialogs.texts
    assert any(each.endswith("does not expire") for each in dialogs.texts)


async def test_refusals_of_the_form_are_sentences(chat: ChatServer, new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    dialogs = await opens_bots(ann)
    await dialogs.makes("Name of a new bot", "Bob", "Make bot")
    await ann.until(lambda: any("How about" in each for each in dialogs.texts))
    await dialogs.makes("Name of a new bot", "ci", "Make bot")
    await dialogs.waits_for("Bot ci")
    await begins_token(ann, dialogs, "  ")
    await ann.clicks("Make token")
    await ann.until(lambda: any("needs a name" in each for each in dialogs.texts))
    await ann.fills(ann.find("TextField", label=LABEL)[-1], "Nightly")
    for text in (READ, WRITE):
        await ann.sets(box(ann, text), value=False)
    await ann.clicks("Make token")
    await ann.until(lambda: any("Choose at least one" in each for each in dialogs.texts))
    await ann.sets(box(ann, READ), value=True)
    await chooses(ann, "SegmentedButton", ["chosen"])
    await ann.clicks("Make token")
    await ann.until(lambda: any("Choose 1 to 100 rooms" in each for each in dialogs.texts))
    person = await chat.workspace.find_person("Ann")
    (bot,) = chat.workspace.bots.of_person(person)
    assert await chat.workspace.api_tokens.of_bot(bot) == ()
    assert bob.dialog.control is None


async def test_revoked_token_is_refused_after_a_question(
    chat: ChatServer, new_user: NewUser
) -> None:
    ann = await new_user("Ann")
    dialogs = await makes_bot(ann)
    secret = await makes_token(ann, dialogs)
    await ann.clicks("Back")
    await dialogs.waits_for("Bot ci")
    await ann.clicks("Revoke Nightly")
    await dialogs.answers("Revoke the token Nightly?", "Cancel")
    await dialogs.waits_for("Bot ci")
    assert (await asks_api(chat, secret)).status_code == 200
    await ann.clicks("Revoke Nightly")
    await dialogs.answers("Revoke the token Nightly?", "Revoke")
    await ann.until(lambda: any("has no token yet" in each for each in dialogs.texts))
    assert (await asks_api(chat, secret)).status_code == 401


async def test_deleted_bot_is_gone_with_its_tokens(chat: ChatServer, new_user: NewUser) -> None:
    ann = await new_user("Ann")
    dialogs = await makes_bot(ann)
    secret = await makes_token(ann, dialogs)
    await ann.clicks("Back")
    await dialogs.waits_for("Bot ci")
    await ann.clicks("Delete bot")
    await dialogs.answers("Delete the bot ci?", "Delete")
    await dialogs.waits_for("Programs")
    assert "You have none yet." in dialogs.texts
    assert (await asks_api(chat, secret)).status_code == 401
    await ann.clicks("Back")
    await dialogs.waits_for("Settings")


async def test_bots_of_webhooks_are_named_by_their_number_only(
    chat: ChatServer, new_user: NewUser
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    person = await chat.workspace.find_person("Ann")
    lobby = await chat.workspace.rooms.by_slug(person, "lobby")
    await chat.workspace.hooks.create(person, lobby, "Grafana")
    bot = await chat.workspace.bots.create(person, "ci")
    await chat.workspace.api_tokens.create(bot, "Nightly", [Scope.READ])
    dialogs = await opens_bots(ann)
    items = [texts_of(each) for each in ann.dialog.items()]
    assert items == [["C", "ci"]]
    assert "One webhook of yours is in the dialog of its room." in dialogs.texts
    # Those of others are nobody else's business.
    assert "You have none yet." in (await opens_bots(bob)).texts


async def test_dialogs_of_bots_fill_the_screen_of_a_phone(new_user: NewUser) -> None:
    ann = await new_user("Ann", width=390)
    await ann.clicks("Rooms and people")
    dialogs = await makes_bot(ann)
    await begins_token(ann, dialogs, "Nightly")
    control = ann.dialog.control
    assert control is not None
    assert control["inset_padding"] == 0
