"""The dialogs of webhooks: who makes one, its address, its deliveries, and its end."""

import json

from chat.programs.hooks import HOOK_LIMIT
from chat.server.app import ChatServer
from tests.conftest import NewUser
from tests.harness.control_tree import find_all, texts_of
from tests.harness.http import http_client
from tests.harness.program_dialogs import ProgramDialogs
from tests.harness.user import ChatUser

PAUSED, MAY_CALL = "Paused: what comes is refused", "May call everybody with @everyone and @here"
NAME_LABEL, MAKE = "Name, as Grafana or Builds", "Make webhook"


async def opens_webhooks(user: ChatUser, room: str = "Lobby") -> ProgramDialogs:
    """Open the dialog of the webhooks, from the dialog about the room."""
    dialogs = ProgramDialogs(user)
    await user.clicks("About this room")
    await user.clicks("Webhooks")
    await dialogs.waits_for(f"Webhooks of {room}")
    return dialogs


async def makes_webhook(user: ChatUser, name: str) -> tuple[ProgramDialogs, str]:
    """Make a webhook; returns the dialogs, and its address."""
    dialogs = await opens_webhooks(user)
    await dialogs.makes(NAME_LABEL, name, MAKE)
    await dialogs.waits_for(f"Webhook {name}")
    return dialogs, await dialogs.copies("Address")


async def posts(url: str, body: str | dict[str, str]) -> tuple[int, str]:
    """Post to an address, as another program does."""
    content, headers = body, {}
    if isinstance(body, dict):
        content, headers = json.dumps(body), {"content-type": "application/json"}
    async with http_client() as http:
        answer = await http.post(url, content=str(content), headers=headers)
    return answer.status_code, answer.text


async def test_webhook_is_made_used_and_seen(chat: ChatServer, new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    dialogs = await opens_webhooks(ann)
    assert "There is none yet." in dialogs.texts
    await dialogs.makes(NAME_LABEL, "Grafana", MAKE)
    await dialogs.waits_for("Webhook Grafana")
    assert "Nothing was sent yet." in dialogs.texts
    url = await dialogs.copies("Address")
    assert url.startswith(f"{chat.url}/hooks/")
    assert await dialogs.copies("Try it in a terminal") == f"curl -d 'Hello from curl' {url}"
    assert await posts(url, {"text": "CPU is high", "username": "Prometheus"}) == (200, "ok")
    await bob.timeline.waits_for_message("CPU is high")
    assert "· by webhook Grafana" in " ".join(bob.timeline.texts)
    await ann.clicks("Load again")
    await ann.until(lambda: "200 ok" in dialogs.texts)
    # A click on the delivery leads to the message.
    (delivery,) = [each for each in ann.dialog.items() if "200 ok" in texts_of(each)]
    await ann.fires(delivery, "click")
    await ann.until(lambda: not ann.dialog.is_open)
    await ann.until(lambda: ann.timeline.is_target_row("CPU is high"))
    # Whoever may write in the room sees it, too.
    dialogs = await opens_webhooks(bob)
    await bob.dialog.chooses("Grafana")
    await dialogs.waits_for("Webhook Grafana")
    assert await dialogs.copies("Address") == url


async def test_paused_webhook_refuses_and_its_list_says_so(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    dialogs, url = await makes_webhook(ann, "Builds")
    await dialogs.turns(PAUSED, on=True)
    status, answer = await posts(url, "hello")
    assert (status, answer.split(":")[0]) == (403, "no_service")
    await ann.clicks("Load again")
    await ann.until(lambda: any(each.startswith("403 no_service") for each in dialogs.texts))
    await ann.clicks("Back")
    await dialogs.waits_for("Webhooks of Lobby")
    assert any(each.startswith("paused  ·  last used: ") for each in dialogs.texts)
    await ann.dialog.chooses("Builds")
    await dialogs.waits_for("Webhook Builds")
    await dialogs.turns(PAUSED, on=False)
    assert await posts(url, "hello again") == (200, "ok")


async def test_call_to_everybody_needs_the_switch(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    dialogs, url = await makes_webhook(ann, "Pager")
    assert not dialogs.is_on(MAY_CALL)
    await dialogs.turns(MAY_CALL, on=True)
    assert await posts(url, {"text": "<!channel> db1 is down"}) == (200, "ok")
    await bob.until(lambda: bob.sees_partial("db1 is down"))
    row = bob.timeline.rows[0]
    assert find_all("TextSpan", row, text="\u2060\u00a0\u2060@everyone\u2060\u00a0\u2060")


async def test_new_address_ends_the_one_before_after_a_question(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    dialogs, old = await makes_webhook(ann, "Builds")
    await ann.clicks("New address")
    await dialogs.answers("A new address for Builds?", "Cancel")
    await dialogs.waits_for("Webhook Builds")
    assert await dialogs.copies("Address") == old
    await ann.clicks("New address")
    await dialogs.answers("A new address for Builds?", "New address")
    await dialogs.waits_for("Webhook Builds")
    new = await dialogs.copies("Address")
    assert new != old
    assert (await posts(old, "x"))[0] == 404
    assert await posts(new, "x") == (200, "ok")


async def test_deleted_webhook_is_gone_and_its_messages_stay(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    dialogs, url = await makes_webhook(ann, "Builds")
    await posts(url, "passed")
    await ann.timeline.waits_for_message("passed")
    await ann.clicks("Delete webhook")
    await dialogs.answers("Delete the webhook Builds?", "Delete")
    await dialogs.waits_for("Webhooks of Lobby")
    assert "There is none yet." in dialogs.texts
    assert (await posts(url, "failed"))[0] == 404
    assert "passed" in ann.timeline.texts


async def test_refusals_are_sentences_in_the_dialog(chat: ChatServer, new_user: NewUser) -> None:
    ann, _ = await new_user("Ann"), await new_user("Bob")
    dialogs = await opens_webhooks(ann)
    await dialogs.makes(NAME_LABEL, "Bob", MAKE)
    await ann.until(lambda: any("Bob" in each and "How about" in each for each in dialogs.texts))
    await dialogs.makes(NAME_LABEL, "   ", MAKE)
    await ann.until(lambda: not any("How about" in each for each in dialogs.texts))
    person = await chat.workspace.find_person("Ann")
    lobby = await chat.workspace.rooms.by_slug(person, "lobby")
    for n in range(HOOK_LIMIT):
        await chat.workspace.hooks.create(person, lobby, f"hook {n}")
    await dialogs.makes(NAME_LABEL, "one more", MAKE)
    await ann.until(lambda: any(str(HOOK_LIMIT) in each for each in dialogs.texts))
    assert dialogs.title == "Webhooks of Lobby"


async def test_webhook_that_somebody_else_deleted_leads_back_to_the_list(
    chat: ChatServer, new_user: NewUser
) -> None:
    ann = await new_user("Ann")
    dialogs, _ = await makes_webhook(ann, "Builds")
    person = await chat.workspace.find_person("Ann")
    lobby = await chat.workspace.rooms.by_slug(person, "lobby")
    (hook,) = await chat.workspace.hooks.of_room(person, lobby)
    await chat.workspace.hooks.delete(person, lobby, hook.id)
    await ann.sets(dialogs.switch(PAUSED), value=True)
    await ann.fires(dialogs.switch(PAUSED), "change", True)
    await ann.until(lambda: not dialogs.is_on(PAUSED))
    assert any(each.startswith("It is not there any more") for each in dialogs.texts)
    await ann.clicks("Load again")
    await dialogs.waits_for("Webhooks of Lobby")
    assert "There is none yet." in dialogs.texts


async def test_menu_of_a_room_leads_to_its_webhooks(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await ann.rooms_dialog.creates_room("Garden")
    await ann.sidebar.opens_room("Lobby")
    await ann.sidebar.chooses("Garden", "Webhooks")
    await ProgramDialogs(ann).waits_for("Webhooks of Garden")


async def test_dialogs_of_webhooks_fill_the_screen_of_a_phone(new_user: NewUser) -> None:
    ann = await new_user("Ann", width=390)
    dialogs = await opens_webhooks(ann)
    control = ann.dialog.control
    assert control is not None
    assert control["inset_padding"] == 0
    await dialogs.makes(NAME_LABEL, "Builds", MAKE)
    await dialogs.waits_for("Webhook Builds")
    await ann.dialog.closes()


async def test_archived_room_and_conversations_have_none(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.rooms_dialog.creates_room("Garden")
    await ann.clicks("About this room")
    await ann.clicks("Archive this room")
    await ann.waits_until_read_only()
    await ann.clicks("About this room")
    await ann.until(lambda: ann.sees("Reopen this room"))
    assert "Webhooks" not in texts_of(ann.dialog.control)
    await bob.sidebar.goes_to("Ann", bob.composer.posts("/dm Ann hello"))
    await bob.clicks("About this room")
    await bob.until(lambda: bob.sees("Close this conversation"))
    assert "Webhooks" not in texts_of(bob.dialog.control)
