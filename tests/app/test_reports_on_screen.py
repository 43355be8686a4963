"""Reports on the screen: a person reports a message, moderators act in their room and settle it."""

from chat.model.programs import Scope
from chat.model.rooms import MODERATORS_SLUG
from chat.server.app import ChatServer
from tests.conftest import NewUser
from tests.harness.control_tree import find_all, texts_of
from tests.harness.programs import Program, Programs, ann, ops, programs, workspace
from tests.harness.user import ChatUser

__all__ = ["ann", "ops", "programs", "workspace"]


async def reports(user: ChatUser, text: str, kind: str, note: str) -> None:
    """Report a message in the dialog of its menu."""
    await user.message_menu.opens(text)
    await user.clicks("Report")
    field = await user.waits_for_control("TextField", label="A note for the moderators")
    (group,) = user.find("RadioGroup")
    await user.sets(group, value=kind)
    await user.fires(group, "change", kind)
    await user.fills(field, note)
    await user.clicks("Report")


async def clicks_part(user: ChatUser, text: str, label: str) -> None:
    """Click a button in the row of a message."""

    def buttons() -> list[dict[str, object]]:
        row = user.timeline.row(text)
        found = find_all("Container", row, on_click=True) if row else []
        return [each for each in found if label in texts_of(each)]

    await user.until(buttons)
    await user.fires(buttons()[-1], "click")


async def test_report_reaches_the_moderators_who_act_and_settle_it(
    new_user: NewUser, chat: ChatServer
) -> None:
    ann, bob, cem = [await new_user(each) for each in ("Ann", "Bob", "Cem")]
    await bob.composer.posts("buy now")
    await cem.timeline.waits_for_message("buy now")
    assert "Report" not in await bob.message_menu.actions("buy now")
    await reports(cem, "buy now", "harassment", "the third time")
    await cem.snackbar.waits_for("The moderators were told.")
    await reports(cem, "buy now", "spam", "")
    await cem.waits_for_partial_text("You reported this message already.")
    await cem.dialog.dismisses()
    await ann.sidebar.waits_for_room("Moderators", "1!")
    for each in (bob, cem):
        assert "Moderators" not in each.sidebar.rooms
    await ann.sidebar.opens_room("Moderators")
    await ann.timeline.waits_for_message("Harassment")
    assert {"Bob", "buy now", "the third time"} <= set(ann.timeline.texts)
    assert "Delete" not in await ann.message_menu.actions("the third time")
    await clicks_part(ann, "the third time", "Moderate Bob")
    await ann.clicks("Mute")
    await ann.waits_for_control("TextField", label="Reason, which Bob reads")
    await ann.clicks("Mute Bob")
    await bob.snackbar.waits_for("You are muted for another 15 min.")
    await clicks_part(ann, "the third time", "Delete the message")
    await ann.snackbar.waits_for("The message is deleted.")
    await bob.timeline.waits_until_message_gone("buy now")
    assert "buy now" in ann.timeline.texts, "the report keeps the words"
    await clicks_part(ann, "the third time", "Mark as settled")
    await ann.timeline.waits_for_message("Harassment · settled by Ann")
    await clicks_part(ann, "the third time", "Open again")
    await ann.timeline.waits_for_message("Harassment")
    await ann.clicks("Settings")
    await ann.clicks("Audit log")
    await ann.waits_for_text("Cem reported a message of Bob in “Lobby”.")
    await ann.waits_for_text("Ann settled a report about Bob.")


async def test_report_of_a_conversation_leads_nowhere(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    cem = await new_user("Cem")
    await bob.sidebar.opens_direct_conversation("Cem")
    await bob.composer.posts("a threat")
    await cem.sidebar.opens_room("Bob")
    await cem.timeline.waits_for_message("a threat")
    await cem.message_menu.opens("a threat")
    await cem.clicks("Report")
    await cem.waits_for_text(
        "Owner and moderators read these words, and nothing else from here. Bob is not told."
    )
    await cem.clicks("Report")
    await cem.snackbar.waits_for("The moderators were told.")
    await ann.sidebar.opens_room("Moderators")
    await ann.timeline.waits_for_message("Spam · in a direct conversation")
    await clicks_part(ann, "Spam · in a direct conversation", "Show the message")
    await ann.snackbar.waits_for("It was said where you are not.")
    await clicks_part(ann, "Spam · in a direct conversation", "Delete the message")
    await ann.snackbar.waits_for("This message is where you do not moderate, and stays there.")
    assert "a threat" in cem.timeline.texts


async def test_moderator_looks_at_the_message_in_its_place(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.composer.posts("hello")
    await bob.timeline.waits_for_message("hello")
    await bob.message_menu.opens("hello")
    await bob.clicks("Report")
    await bob.waits_for_text("Ann is one of those who read it.")
    await bob.clicks("Report")
    await bob.snackbar.waits_for("The moderators were told.")
    await ann.sidebar.opens_room("Moderators")
    await clicks_part(ann, "Spam", "Show the message")
    await ann.until(lambda: ann.header.title == "Lobby" and ann.timeline.is_target_row("hello"))


async def test_program_reports_a_message_once(
    ops: Program, programs: Programs, chat: ChatServer
) -> None:
    workspace, owner = chat.workspace, (await chat.workspace.all_people())[0]
    lobby = await workspace.rooms.enter(ops.bot, "lobby")
    number = (await lobby.post(owner, "buy", "o1")).number
    path = f"/rooms/lobby/messages/{number}/report"
    own = f"/rooms/lobby/messages/{(await ops.posts('by itself'))['number']}/report"
    assert await ops.error("POST", own, json={"kind": "spam"}) == (422, "bad_report")
    assert await ops.error("POST", path, json={"kind": "rude"}) == (422, "bad_field")
    reader = await programs.another_token(ops.bot, [Scope.READ])
    assert await reader.error("POST", path, json={"kind": "spam"}) == (403, "missing_scope")
    answer = await ops.sends("POST", path, kind="spam", note="five rooms")
    assert (answer.status_code, answer.content) == (204, b"")
    assert await ops.error("POST", path, json={"kind": "spam"}) == (409, "already_reported")
    room = await workspace.rooms.by_slug(owner, MODERATORS_SLUG)
    (report,) = (await room.newest(owner)).messages
    assert (report.author, report.text.split("\n")[0]) == (ops.bot, "five rooms")
