"""Moderation on the screen: roles in the menu of a person, and the audit log."""

import json

from chat.model.moderation import Role
from chat.server.app import ChatServer
from tests.conftest import NewUser
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
    assert bob.sees("Ann made Bob a moderator of this chat.")
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
