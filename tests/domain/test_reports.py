"""Reports: who may report a message, what the moderators read, and what they do about it."""

from pathlib import Path

import pytest

from chat.errors import (
    AlreadyReported,
    BadReport,
    BadRoom,
    NoSuchMessage,
    NoSuchRoom,
    TooManyReports,
)
from chat.model.messages import Message
from chat.model.moderation import AuditAct, Role
from chat.model.people import Person
from chat.model.reports import ReportKind
from chat.model.rooms import MODERATORS_SLUG, RoomKind
from chat.rooms.room import Room
from chat.store.contract import Store
from chat.store.sqlite import open_sqlite
from chat.workspace.reports import MAX_REPORTS, NOTE_LIMIT
from chat.workspace.workspace import Workspace
from tests.harness.domain import EventRecorder, member_names, sign_in, upload_file
from tests.harness.waiting import wait_until

SPAM, HARASSMENT = ReportKind.SPAM, ReportKind.HARASSMENT


@pytest.fixture
async def moderator(workspace: Workspace, owner: Person, outsider: Person) -> Person:
    """Owner owns the chat, and Cid moderates it."""
    secret = workspace.ownership.link_secret
    assert secret is not None
    await workspace.ownership.claim_with_link(owner, secret)
    await workspace.roles.set_chat_role(owner, outsider, Role.MODERATOR)
    return outsider


async def moderators_room(workspace: Workspace, reader: Person) -> Room:
    """The room where reports arrive."""
    return await workspace.rooms.by_slug(reader, MODERATORS_SLUG)


async def reports_of(workspace: Workspace, reader: Person) -> list[Message]:
    """The reports that a moderator reads, the oldest first."""
    room = await moderators_room(workspace, reader)
    page = await room.newest(reader)
    return [each for each in page.messages if each.report is not None]


async def test_report_keeps_the_words_and_tells_the_author_nothing(
    workspace: Workspace,
    store: Store,
    moderator: Person,
    ann: Person,
    bob: Person,
    recorder: EventRecorder,
) -> None:
    lobby = await workspace.rooms.by_slug(ann, "lobby")
    upload_id = await upload_file(workspace, bob, lobby, "offer.txt", b"buy")
    posted = await lobby.post(bob, "*Buy* now!\nAll of you.", "b1", upload_ids=[upload_id])
    await workspace.memberships.session_connected(moderator, "s1")
    with recorder.recorded_notifications(moderator, bob, ann) as notified:
        reports, note = workspace.reports, " the third time \n today"
        await reports.report(ann, lobby, posted.number, SPAM, note, url="http://chat.example/7")
    (report,) = await reports_of(workspace, moderator)
    words = (
        "the third time today\n\n> **Bob** · [\\#Lobby](http://chat.example/7)\n>\n> *Buy* now!\n"
        "> All of you.\n>\n> 📎 offer\\.txt"
    )
    assert (report.author, report.text) == (ann, words)
    assert notified == {"Cid": [words]}
    await lobby.edit(bob, posted.number, "nothing")
    await lobby.delete(bob, posted.number)
    assert [each.text for each in await reports_of(workspace, moderator)] == [words]
    entry = (await store.audit_page(None, 1))[0]
    assert (entry.act, entry.actor, entry.person, entry.number, entry.detail) == (
        AuditAct.REPORTED,
        ann,
        bob,
        posted.number,
        "spam",
    )
    assert (entry.reason, entry.room and entry.room.slug) == ("", "lobby")


async def test_only_who_may_read_a_message_reports_it_and_only_once(
    workspace: Workspace, moderator: Person, ann: Person, bob: Person, private_room: Room
) -> None:
    reports = workspace.reports
    posted = await private_room.post(bob, "secret", "b1")
    thread = await workspace.rooms.get_or_create_thread(ann, private_room, posted.number)
    reply = await thread.post(bob, "secret reply", "b2")
    for room, message in ((private_room, posted), (thread, reply)):
        with pytest.raises(NoSuchRoom):
            await reports.report(moderator, room, message.number, SPAM)
        await reports.report(ann, room, message.number, HARASSMENT)
        with pytest.raises(AlreadyReported):
            await reports.report(ann, room, message.number, SPAM)
    with pytest.raises(BadReport, match="You wrote"):
        await reports.report(bob, private_room, posted.number, SPAM)
    joined = 1
    for number in (joined, 4711):
        with pytest.raises(NoSuchMessage):
            await reports.report(ann, private_room, number, SPAM)
    await private_room.delete(bob, posted.number)
    with pytest.raises(NoSuchMessage):
        await reports.report(ann, private_room, posted.number, SPAM)
    assert len(await reports_of(workspace, moderator)) == 2


async def test_report_of_a_private_room_tells_the_words_alone(
    workspace: Workspace,
    store: Store,
    moderator: Person,
    ann: Person,
    bob: Person,
    private_room: Room,
) -> None:
    direct = await workspace.rooms.get_or_create_direct(ann, [bob])
    for room in (private_room, direct):
        await room.post(ann, "what Ann said", f"a{room.info.id}")
        posted = await room.post(bob, "the words", f"b{room.info.id}")
        url = f"http://chat.example/room/{room.info.slug}"
        await workspace.reports.report(ann, room, posted.number, SPAM, url=url)
    for report in await reports_of(workspace, moderator):
        assert report.text == "> **Bob**\n>\n> the words"
        assert report.report is not None
        with pytest.raises(BadReport, match="do not moderate"):
            await workspace.reports.delete_message(moderator, report.number)
    page = await workspace.audit_log.page(moderator, workspace.rooms.may_read)
    assert [each.room for each in page if each.act is AuditAct.REPORTED] == [None, None]


async def test_members_of_the_moderators_room_follow_the_roles(
    workspace: Workspace, moderator: Person, owner: Person, ann: Person, bob: Person, dora: Person
) -> None:
    lobby = await workspace.rooms.by_slug(ann, "lobby")
    posted = await lobby.post(bob, "buy", "b1")
    await workspace.reports.report(ann, lobby, posted.number, SPAM)
    room = await moderators_room(workspace, owner)
    assert member_names(room) == {"Owner", "Cid"}
    for person in (ann, bob):
        with pytest.raises(NoSuchRoom):
            await moderators_room(workspace, person)
    await workspace.roles.set_chat_role(owner, dora, Role.MODERATOR)
    await workspace.roles.set_chat_role(owner, moderator, Role.MEMBER)
    # From the role on, before the membership has ended.
    assert not room.can_read(moderator)
    await wait_until(lambda: workspace.is_idle and member_names(room) == {"Owner", "Dora"})
    assert room.info.id not in [
        each.room.id for each in await workspace.rooms.memberships_of(moderator)
    ]
    await workspace.ownership.hand_over(owner, bob)
    await wait_until(lambda: member_names(room) == {"Bob", "Dora"})
    await workspace.sign_out(dora)
    await wait_until(lambda: member_names(room) == {"Bob"})
    rooms = workspace.rooms
    for refused in (
        rooms.invite(bob, room, ann),
        rooms.leave(bob, room),
        rooms.remove(bob, room, ann),
        rooms.set_archived(bob, room, archived=True),
    ):
        with pytest.raises(BadRoom):
            await refused
    assert not rooms.may_set_moderator(bob, room, bob)


@pytest.fixture
async def dora(workspace: Workspace, owner: Person) -> Person:
    """A member."""
    return (await sign_in(workspace, "Dora"))[0]


async def test_moderators_delete_and_settle_and_nobody_changes_a_report(
    workspace: Workspace,
    store: Store,
    moderator: Person,
    owner: Person,
    ann: Person,
    bob: Person,
    public_room: Room,
) -> None:
    reports = workspace.reports
    await workspace.rooms.enter(bob, public_room.info.slug)
    posted = await public_room.post(bob, "buy", "b1")
    # A moderator reports, too, and is told that they cannot change it afterwards.
    await workspace.rooms.enter(moderator, public_room.info.slug)
    await reports.report(moderator, public_room, posted.number, SPAM)
    await workspace.rooms.leave(moderator, public_room)
    (report,) = await reports_of(workspace, moderator)
    room = await moderators_room(workspace, moderator)
    for refused in (
        room.edit(moderator, report.number, "never mind"),
        room.delete(moderator, report.number),
        reports.report(owner, room, report.number, SPAM),
    ):
        with pytest.raises(BadReport):
            await refused
    for person in (ann, bob):
        with pytest.raises(NoSuchRoom):
            await reports.settle(person, report.number, settled=True)
        with pytest.raises(NoSuchRoom):
            await reports.delete_message(person, report.number)
    assert await reports.delete_message(moderator, report.number) is public_room
    page = await public_room.newest(bob)
    assert posted.number not in [each.number for each in page.messages if not each.deleted]
    await public_room.restore(moderator, posted.number)
    await reports.settle(moderator, report.number, settled=True)
    await reports.settle(owner, report.number, settled=True)
    (settled,) = await reports_of(workspace, owner)
    assert settled.report is not None
    assert settled.report.settled_by == "Cid"
    await reports.settle(owner, report.number, settled=False)
    (opened,) = await reports_of(workspace, owner)
    assert opened.report == report.report
    chatter = await room.post(owner, "I look at it", "o1")
    with pytest.raises(NoSuchMessage):
        await reports.settle(owner, chatter.number, settled=True)
    acts = [(each.act, each.actor) for each in await store.audit_page(None, 3)]
    assert acts == [
        (AuditAct.REPORT_REOPENED, owner),
        (AuditAct.REPORT_SETTLED, moderator),
        (AuditAct.MESSAGE_DELETED, moderator),
    ]
    # What somebody wrote in the last hour is deleted; what they reported stays.
    found = await workspace.last_hour.find(owner, moderator)
    assert room.info.id not in {each.room.info.id for each in found}


async def test_person_reports_so_many_messages_within_an_hour(
    workspace: Workspace, moderator: Person, ann: Person, bob: Person
) -> None:
    lobby = await workspace.rooms.by_slug(ann, "lobby")
    numbers = [(await lobby.post(bob, f"buy {n}", f"b{n}")).number for n in range(MAX_REPORTS + 1)]
    with pytest.raises(BadReport, match=f"{NOTE_LIMIT} characters"):
        await workspace.reports.report(ann, lobby, numbers[0], SPAM, "x" * (NOTE_LIMIT + 1))
    for number in numbers[:-1]:
        await workspace.reports.report(ann, lobby, number, SPAM, "x" * NOTE_LIMIT)
    with pytest.raises(TooManyReports) as refused:
        await workspace.reports.report(ann, lobby, numbers[-1], SPAM)
    assert 0 < refused.value.wait <= 3600
    await workspace.reports.report(moderator, lobby, numbers[-1], SPAM)


async def test_without_owner_and_moderators_a_sentence_says_so(
    workspace: Workspace,
) -> None:
    # They come from other computers: none of them owns the chat by that.
    ann, bob = [await workspace.identity.sign_in(each, each) for each in ("Ann", "Bob")]
    for person in (ann, bob):
        await workspace.on_signed_in(person)
    lobby = await workspace.rooms.by_slug(ann, "lobby")
    posted = await lobby.post(bob, "buy", "b1")
    with pytest.raises(BadReport, match="Nobody moderates this chat yet"):
        await workspace.reports.report(ann, lobby, posted.number, SPAM)
    secret = workspace.ownership.link_secret
    assert secret is not None
    await workspace.ownership.claim_with_link(bob, secret)
    # The owner alone reads it. A private room of others with the title is not told of.
    await workspace.rooms.create(ann, "Moderators", RoomKind.PRIVATE)
    await workspace.reports.report(ann, lobby, posted.number, SPAM)
    room = await moderators_room(workspace, bob)
    assert (room.info.title, member_names(room)) == ("Moderators", {"Bob"})


async def test_settled_report_is_the_same_after_a_restart(
    tmp_path: Path, workspace: Workspace, moderator: Person, ann: Person, bob: Person
) -> None:
    lobby = await workspace.rooms.by_slug(ann, "lobby")
    posted = await lobby.post(bob, "x\n" * 5000, "b1")
    await workspace.reports.report(ann, lobby, posted.number, SPAM)
    (report,) = await reports_of(workspace, moderator)
    assert report.text.count("\n>") == 5001, "no line is missing"
    await workspace.reports.settle(moderator, report.number, settled=True)
    room = await moderators_room(workspace, moderator)
    await workspace.close()
    reopened = await open_sqlite(tmp_path)
    (stored,) = (await reopened.newest(room.info.id, 10)).messages
    await reopened.close()
    assert stored.report is not None
    assert (stored.report.settled_by, stored.report.person_id) == ("Cid", bob.id)
