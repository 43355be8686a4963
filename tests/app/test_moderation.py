"""Moderation on the screen: roles in the menu of a person, and the audit log."""

import json
import time

from chat.model.moderation import Role
from chat.server.app import ChatServer
from tests.conftest import NewUser
from tests.harness.http import http_client
from tests.harness.user import ChatUser


async def moderates(user: ChatUser, name: str, action: str) -> None:
    """Choose an action from the menu in the card of a person."""
    await user.sidebar.clicks_person(name)
    await user.clicks("Moderate…")
    await user.clicks(action)


async def test_owner_makes_a_moderator_who_reads_and_saves_the_audit_log(
    new_user: NewUser, chat: ChatServer
) -> None:
    ann, bob, cem = [await new_user(each) for each in ("Ann", "Bob", "Cem")]
    await bob.sidebar.clicks_person("Cem")
    await bob.waits_for_text("Message")
    assert not bob.sees("Moderate…")
    await bob.dialog.dismisses()
    await bob.clicks("Settings")
    await bob.waits_for_text("Keyboard shortcuts")
    assert not bob.sees("Audit log")
    await bob.dialog.closes()
    assert (await bob.http_get("/audit.jsonl")).status_code == 404
    await moderates(ann, "Bob", "Make moderator of the chat")
    await ann.snackbar.waits_for("Done. The audit log has it.")
    await cem.composer.posts("a slip")
    await bob.timeline.waits_for_message("a slip")
    await bob.message_menu.deletes("a slip")
    await cem.until(lambda: "a slip" not in cem.timeline.texts)
    await bob.clicks("Settings")
    await bob.clicks("Audit log")
    await bob.waits_for_text("Bob deleted a message of Cem in “Lobby”.")
    await bob.waits_for_text("Ann made Bob a moderator of this chat.")
    await bob.clicks("Save as a file")
    lines = (await bob.http_get("/audit.jsonl")).text.splitlines()
    acts = [json.loads(each) for each in lines]
    assert [each["act"] for each in acts] == ["message_deleted", "role_changed"]
    assert acts[0]["room"] == {"slug": "lobby", "title": "Lobby"}
    assert acts[0]["person"]["name"] == "Cem"
    assert "a slip" not in "".join(lines)
    await bob.dialog.closes()
    await moderates(ann, "Bob", "No moderator of the chat any more")
    await ann.until(lambda: chat.workspace.roles.of(acts[0]["actor"]["id"]) is Role.MEMBER)
    assert (await bob.http_get("/audit.jsonl")).status_code == 404
    assert (await cem.http_get("/audit.jsonl")).status_code == 404


async def chooses_sanction(user: ChatUser, name: str, verb: str, reason: str, length: str) -> None:
    """Mute or ban a person in the dialog."""
    await moderates(user, name, verb)
    field = await user.waits_for_control("TextField", label=f"Reason, which {name} reads")
    await user.fills(field, reason)
    (group,) = user.find("RadioGroup")
    await user.sets(group, value=length)
    await user.fires(group, "change", length)
    await user.clicks(f"{verb} {name}")


async def test_what_a_muted_person_writes_stays_in_the_field(
    new_user: NewUser, chat: ChatServer
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await chooses_sanction(ann, "Bob", "Mute", "too loud", "60")
    await bob.snackbar.waits_for(
        "You are muted for another 60 min. What you wrote stays in the field. The reason: too loud"
    )
    await ann.snackbar.waits_for("Done.")
    # Once both are gone, the same words are those of the refusal, and of the end of the mute.
    await bob.until(lambda: not bob.snackbar.texts)
    await ann.until(lambda: not ann.snackbar.texts)
    await bob.composer.types("what I wanted to say")
    await bob.composer.sends()
    await bob.waits_for_partial_text("You are muted for another 60 min.")
    assert bob.composer.text == "what I wanted to say"
    await moderates(ann, "Bob", "Lift the mute")
    await ann.snackbar.waits_for("Done.")
    await bob.composer.sends()
    await ann.timeline.waits_for_message("what I wanted to say")
    await ann.clicks("Settings")
    await ann.clicks("Audit log")
    await ann.waits_for_text("Ann muted Bob.")
    await ann.waits_for_text("“too loud”")


async def test_banned_person_is_out_within_a_second_and_reads_why(
    new_user: NewUser, chat: ChatServer
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    # A client that follows no link of the chat, and goes on reading.
    other_tab = await new_user(like=bob)
    await chooses_sanction(ann, "Bob", "Ban", "", "1440")
    await ann.waits_for_partial_text("Write the reason.")
    field = ann.find("TextField", label="Reason, which Bob reads")[-1]
    await ann.fills(field, "spam")
    began = time.monotonic()
    await ann.clicks("Ban Bob")
    for each in (bob, other_tab):
        await each.waits_until_disconnected()
    assert time.monotonic() - began < 1
    await ann.until(lambda: "Bob" not in ann.sidebar.online_people)
    assert ann.opened_urls == []
    async with http_client(base_url=chat.url, cookies=bob.cookies) as http:
        before = dict(http.cookies)
        response = await http.get("/")
        # It is this cookie by which the browser is known.
        assert dict(http.cookies) == before
        assert (await http.get("/first-view", params={"path": "/"})).status_code != 200
        content = json.dumps({"name": "Robert"})
        response = await http.post("/sign-in", content=content, headers={"origin": chat.url})
        assert response.status_code == 422
        assert response.json()["sentence"] == "You are banned for another 24 h. The reason: spam"
    await bob.connects("/")
    await bob.clicks("Start chat")
    await bob.until(lambda: bob.find("AlertDialog", open=True))
    await bob.fills(bob.name_field, "Robert")
    await bob.presses_enter(bob.name_field)
    await bob.waits_for_partial_text("You are banned for another 24 h. The reason: spam")
    assert [each.name for each in await chat.workspace.all_people()] == ["Ann", "Bob"]


async def test_slow_mode_counts_down_and_keeps_the_next_text_in_the_field(
    new_user: NewUser, chat: ChatServer
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.room_dialog.opens()
    await ann.waits_for_text("Slow mode: a person writes one message every")
    group = ann.find("RadioGroup")[-1]
    await ann.sets(group, value="10")
    await ann.fires(group, "change", "10")
    lobby = await chat.workspace.rooms.by_slug((await chat.workspace.all_people())[0], "lobby")
    await ann.until(lambda: lobby.info.slow_seconds == 10)
    await ann.dialog.closes()
    await bob.composer.posts("first")
    await bob.waits_for_partial_text("Slow mode: you can write again in 10 s.")
    await bob.composer.types("second")
    await bob.composer.sends()
    await bob.waits_for_partial_text("Slow mode: you can write again in 9 s.")
    assert bob.composer.text == "second"
    await bob.until(lambda: not bob.sees_partial("Slow mode"))
    await bob.composer.sends()
    await ann.timeline.waits_for_message("second")
    await ann.composer.posts("one")
    await ann.composer.posts("two")
    assert not ann.sees_partial("Slow mode")


async def test_last_hour_is_deleted_after_a_question_that_says_how_much(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await moderates(ann, "Bob", "Delete the last hour")
    await ann.snackbar.waits_for("Bob wrote nothing in the last hour")
    for text in ("spam", "more spam"):
        await bob.composer.posts(text)
    await ann.timeline.waits_for_message("more spam")
    await moderates(ann, "Bob", "Delete the last hour")
    await ann.waits_for_partial_text("Bob wrote 2 messages in the last hour, in 1 of your rooms.")
    await ann.dialog.clicks("Delete")
    await bob.until(lambda: not bob.sees("spam") and not bob.sees("more spam"))
    await ann.snackbar.undoes()
    await bob.timeline.waits_for_message("more spam")
