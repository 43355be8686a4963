"""The door: who comes in to an open chat, with an invitation, and with a link that has ended."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from socketio.exceptions import ConnectionError as Refused

from chat.errors import (
    ChatModeratorRequired,
    InvitationRefused,
    KnockWaiting,
    MadeTooManyInvitations,
    NoSuchKnock,
    TooManyCodes,
    TooManyKnocks,
)
from chat.joining.invitations import ALL_WRONG_CODES, INVITATIONS_AN_HOUR, code_hash
from chat.joining.knocks import ALL_KNOCKS, NETWORK_KNOCKS
from chat.model.events import KnockAnswered, knock_topic
from chat.model.joining import JoinPolicy, Visitor
from chat.model.moderation import Role, SanctionKind
from chat.model.people import Person
from chat.model.rooms import RoomKind
from chat.server.app import ChatServer
from chat.store.contract import Store
from chat.ui.client.name_refusal import NameRefused
from chat.workspace.timings import Timings
from chat.workspace.workspace import Workspace
from tests.app.test_start_screen import signs_in
from tests.conftest import NewUser, running_chat
from tests.harness.control_tree import texts_of
from tests.harness.domain import EventRecorder, create_empty_database
from tests.harness.http import http_client
from tests.harness.socketio_page import SocketIOPage
from tests.harness.user import ChatUser

NEEDED = "You need an invitation to this chat."
UNKNOWN = "There is no such invitation."


@pytest.fixture
async def chat(tmp_path: Path, door: str) -> AsyncIterator[ChatServer]:
    """A chat with this door, and with Socket.IO."""
    folder = await create_empty_database(tmp_path / "data")
    async with running_chat(folder, join=door, socketio=True) as chat:
        yield chat


@pytest.fixture
def door() -> str:
    """The door of the chat. A test overrides it by parametrising this."""
    return "invite"


async def names(chat: ChatServer) -> list[str]:
    """Who is in the chat, in order of their coming."""
    return [each.name for each in await chat.workspace.all_people()]


async def person(chat: ChatServer, name: str) -> Person:
    """The person of this name."""
    return await chat.workspace.find_person(name)


async def makes_link(user: ChatUser, *, uses: int = 25) -> str:
    """Make a link in the dialog of the invitation. Returns its path."""
    await user.clicks("Invite")
    await user.waits_for_text("So many people may use it")
    await user.sets(user.find("SegmentedButton")[-1], selected=[str(uses)])
    await user.clicks("Make link")
    await user.until(lambda: link_on_screen(user))
    path = urlsplit(link_on_screen(user)).path
    await user.dialog.closes()
    return path


def link_on_screen(user: ChatUser) -> str:
    """The link that the dialog shows; "" without one."""
    return next((each for each in texts_of(user.root) if "/join/" in each), "")


async def test_first_on_this_computer_owns_a_closed_chat_and_invites(
    new_user: NewUser, chat: ChatServer
) -> None:
    ann = await new_user("Ann")
    bob = await new_user()
    await bob.until(lambda: refusals(bob))
    assert refusals(bob)[-1].sentence.startswith(NEEDED)
    path = await makes_link(ann, uses=1)
    await bob.follows_link(path)
    assert path not in str(bob.url_history)
    await bob.signs_in("Bob")
    # The link is used up.
    async with http_client(base_url=chat.url) as http:
        response = await http.get(path)
        assert response.status_code == 410
        assert "As many people as it was made for have come in" in response.text
        assert "Ask whoever sent it for another one." in response.text
        assert response.headers["referrer-policy"] == "no-referrer"
        # Who has come in with it is sent on.
        http.cookies.update(bob.cookies)
        assert (await http.get(path)).headers["location"] == "/chat"
    assert await names(chat) == ["Ann", "Bob"]
    await ann.clicks("Invite")
    await ann.clicks("Links so far")
    await ann.waits_for_text("1. Ann: 1 of 1 came in")
    await ann.clicks("Who came in")
    await ann.waits_for_partial_text("Bob, ")
    await ann.dialog.closes()
    await ann.clicks("Settings")
    await ann.clicks("Audit log")
    await ann.waits_for_text("Bob came in with invitation 1.")
    await ann.waits_for_text("Ann made invitation 1.")


def refusals(user: ChatUser) -> list[NameRefused]:
    """What the form of the page was told."""
    return [each for each in user.page_script.screen_commands if isinstance(each, NameRefused)]


async def test_taken_back_link_lets_nobody_in_who_has_opened_it_before(
    new_user: NewUser, chat: ChatServer
) -> None:
    ann, bob = await new_user("Ann"), ChatUser(chat.url)
    path = await makes_link(ann)
    await bob.follows_link(path)
    await ann.clicks("Invite")
    await ann.clicks("Links so far")
    await ann.clicks("Take it back")
    await ann.waits_for_partial_text(", taken back")
    assert not ann.sees("Take it back")
    await bob.clicks("Start chat")
    await bob.until(lambda: bob.find("AlertDialog", open=True))
    await bob.fills(bob.name_field, "Bob")
    await bob.presses_enter(bob.name_field)
    await bob.waits_for_partial_text("This invitation was taken back.")
    assert bob.name_field["value"] == "Bob"
    await bob.disconnects()
    assert await names(chat) == ["Ann"]


async def test_every_way_in_asks_for_the_invitation(new_user: NewUser, chat: ChatServer) -> None:
    ann = await new_user("Ann")
    code = (await makes_link(ann)).rpartition("/")[2]
    async with http_client(base_url=chat.url) as http:
        await http.get("/")
        form = await signs_in(chat, http, "Form")
        assert (form.status_code, form.json()["sentence"][:36]) == (422, NEEDED)
        await http.get(f"/join/{code}")
        assert (await signs_in(chat, http, "Form")).status_code == 204
        assert not any("invitation" in each for each in http.cookies)
    async with http_client(base_url=chat.url) as http:
        refused = await light_form(http, "Light")
        assert refused.status_code == 422
        assert NEEDED in refused.text
        await http.get(f"/join/{code}")
        assert (await light_form(http, "Light")).status_code == 303
    page = SocketIOPage()
    with pytest.raises(Refused):
        await page.connects(f"{chat.url}?username=Socket&room=layoffs")
    assert page.received("connect_error")[0]["message"].startswith(NEEDED)
    await page.connects(f"{chat.url}?username=Socket", {"invitation": code})
    await page.waits_for("signed_in")
    assert await names(chat) == ["Ann", "Form", "Light", "Socket"]
    await page.leaves()


async def light_form(http: httpx.AsyncClient, name: str) -> httpx.Response:
    """Send the form of the light pages."""
    page = await http.get("/light")
    key = page.text.split('name="key" value="')[1].split('"')[0]
    return await http.post("/light", data={"key": key, "username": name})


async def test_eleventh_wrong_link_of_an_hour_is_answered_with_the_wait(
    new_user: NewUser, chat: ChatServer
) -> None:
    path = await makes_link(await new_user("Ann"))
    async with http_client(base_url=chat.url) as http:
        for _ in range(10):
            response = await http.get("/join/wrong")
            assert response.status_code == 404
            assert UNKNOWN in response.text
        response = await http.get("/join/wrong")
        assert response.status_code == 429
        assert 3590 < int(response.headers["retry-after"]) <= 3601
        assert "Wait 60 min, then open the link again." in response.text
        # Nothing tells a right link from a wrong one any more.
        assert (await http.get(path)).status_code == 429


async def test_link_for_25_that_30_open_at_once_lets_25_in(
    new_user: NewUser, chat: ChatServer
) -> None:
    path = await makes_link(await new_user("Ann"))
    browsers = [http_client(base_url=chat.url) for _ in range(30)]
    for each in browsers:
        await each.get("/")
        assert (await each.get(path)).status_code == 303
    answers = await asyncio.gather(
        *(signs_in(chat, each, f"Person {n}") for n, each in enumerate(browsers))
    )
    statuses = sorted(each.status_code for each in answers)
    assert statuses == [204] * 25 + [422] * 5
    refused = [each.json()["sentence"] for each in answers if each.status_code == 422]
    assert all(each.startswith("As many people as it was made for") for each in refused)
    assert len(await names(chat)) == 26
    for each in browsers:
        await each.aclose()


async def test_owner_comes_in_with_the_link_that_the_chat_prints(
    new_user: NewUser, chat: ChatServer
) -> None:
    await new_user("Ann")
    secret = chat.workspace.ownership.link_secret
    async with http_client(base_url=chat.url) as http:
        await http.get("/")
        refused = await http.post(
            "/sign-in", json={"name": "Eve", "owner": "wrong"}, headers={"origin": chat.url}
        )
        assert refused.status_code == 422
        let_in = await http.post(
            "/sign-in", json={"name": "Olga", "owner": secret}, headers={"origin": chat.url}
        )
        assert let_in.status_code == 204
    zoe = await new_user(None, f"/chat?owner={secret}")
    await zoe.signs_in("Zoe")
    await zoe.snackbar.waits_for("You own this chat now.")
    assert chat.workspace.roles.of((await person(chat, "Zoe")).id) is Role.OWNER


async def test_members_of_a_closed_chat_are_told_whom_to_ask(
    new_user: NewUser, chat: ChatServer
) -> None:
    ann, bob = await new_user("Ann"), await new_user()
    await bob.follows_link(await makes_link(ann))
    await bob.signs_in("Bob")
    await bob.clicks("Invite")
    await bob.waits_for_text(
        "People come in with an invitation. Ask one of those who make them: Ann."
    )
    assert not bob.sees("Make link")
    assert not bob.sees_partial(chat.url)
    with pytest.raises(ChatModeratorRequired):
        await chat.workspace.invitations.make(await person(chat, "Bob"))


@pytest.mark.parametrize("door", ["open"])
async def test_in_an_open_chat_everybody_makes_links_and_nobody_needs_one(
    new_user: NewUser, chat: ChatServer
) -> None:
    await new_user("Ann")
    bob = await new_user("Bob")
    cellar = await chat.workspace.rooms.create(
        await person(chat, "Bob"), "Cellar", RoomKind.PRIVATE
    )
    await bob.clicks("Invite")
    await bob.waits_for_partial_text("Only this computer can open this address.")
    await bob.clicks("Make a link that ends")
    field = await bob.waits_for_control("Dropdown", label="It also adds them to")
    await bob.sets(field, value=str(cellar.info.id))
    await bob.clicks("Make link")
    await bob.until(lambda: link_on_screen(bob))
    cem = await new_user()
    await cem.follows_link(urlsplit(link_on_screen(bob)).path)
    await cem.signs_in("Cem")
    await cem.until(lambda: "Cellar" in cem.sidebar.rooms)
    assert cellar.members.keys() >= {(await person(chat, "Cem")).id}
    # A link that has ended keeps nobody out of an open chat.
    async with http_client(base_url=chat.url) as http:
        response = await http.get("/join/wrong")
        assert response.status_code == 404
        assert "Open the chat without it" in response.text


async def test_banned_person_cannot_come_back_with_the_link_they_know(
    new_user: NewUser, chat: ChatServer
) -> None:
    ann, bob = await new_user("Ann"), await new_user()
    path = await makes_link(ann)
    await bob.follows_link(path)
    await bob.signs_in("Bob")
    workspace = chat.workspace
    owner, bad = await person(chat, "Ann"), await person(chat, "Bob")
    await workspace.moderation.ban(owner, bad, None, "spam")
    assert workspace.sanctions.get(bad.id, SanctionKind.BAN) is not None
    async with http_client(base_url=chat.url) as http:
        assert (await http.get(path)).status_code == 410


async def test_many_wrong_codes_from_everywhere_keep_nobody_out_who_has_a_right_one(
    workspace: Workspace, owner: Person
) -> None:
    _, code = await workspace.invitations.make(owner)
    for n in range(ALL_WRONG_CODES):
        with pytest.raises(InvitationRefused):
            await workspace.invitations.find("wrong", f"10.0.0.{n}")
    with pytest.raises(TooManyCodes):
        await workspace.invitations.find("wrong", "10.0.1.1")
    with pytest.raises(TooManyCodes):
        await workspace.invitations.find("x" * 10_000, "10.0.1.1")
    found = await workspace.invitations.find(code, "10.0.1.1")
    assert found.made_by == owner


async def test_store_has_no_code(store: Store, workspace: Workspace, owner: Person) -> None:
    _, code = await workspace.invitations.make(owner)
    assert await store.find_invitation(code.encode()) is None
    assert await store.find_invitation(code_hash(code)) is not None


async def test_invitations_of_a_person_are_bounded(workspace: Workspace, owner: Person) -> None:
    for n in range(INVITATIONS_AN_HOUR):
        invitation, _ = await workspace.invitations.make(owner)
        assert invitation.id == n + 1
    with pytest.raises(MadeTooManyInvitations, match="Wait 60 min"):
        await workspace.invitations.make(owner)


@pytest.mark.parametrize("timings", [Timings(join=JoinPolicy.INVITE)])
async def test_moderators_make_invitations_and_others_do_not(
    workspace: Workspace, owner: Person, ann: Person
) -> None:
    with pytest.raises(ChatModeratorRequired):
        await workspace.invitations.make(ann)
    await workspace.roles.set_chat_role(owner, ann, Role.MODERATOR)
    invitation, code = await workspace.invitations.make(
        ann, lifetime=timedelta(hours=1), use_limit=3
    )
    assert (invitation.use_limit, invitation.made_by, len(code)) == (3, ann, 22)
    assert [each.id for each in await workspace.invitations.page(owner)] == [invitation.id]


async def asks(user: ChatUser, name: str) -> None:
    """Give a name on the page, as a stranger, and stay there."""
    await user.clicks("Start chat")
    await user.until(lambda: user.find("AlertDialog", open=True))
    await user.fills(user.name_field, name)
    await user.presses_enter(user.name_field)


@pytest.mark.parametrize("door", ["approve"])
async def test_stranger_waits_over_a_reload_and_comes_in_when_a_moderator_answers(
    new_user: NewUser, chat: ChatServer
) -> None:
    ann, bob = await new_user("Ann"), await new_user()
    await asks(bob, "Bob")
    waiting = (
        "Ann was asked whether Bob may come in. You are in as soon as somebody answers: leave this "
        "page open."
    )
    await bob.waits_for_text(waiting)
    await ann.snackbar.waits_for("Bob asks to come in.")
    await bob.reloads()
    await bob.until(lambda: refusals(bob) and refusals(bob)[-1].hint == waiting)
    await ann.clicks("Settings")
    await ann.clicks("Who asks to come in")
    await ann.waits_for_text("Bob")
    await ann.waits_for_partial_text("from this computer")
    await ann.clicks("Let Bob in")
    await bob.until(lambda: bob.composer.control is not None and bob.sees_partial("Welcome, Bob"))
    await ann.waits_for_text("Nobody waits to be let in.")
    await ann.dialog.closes()
    await ann.clicks("Settings")
    await ann.clicks("Audit log")
    await ann.waits_for_text("Ann let “Bob” in.")
    assert await names(chat) == ["Ann", "Bob"]


@pytest.mark.parametrize("door", ["approve"])
async def test_refused_stranger_is_told_so_and_asks_nobody_again(
    new_user: NewUser, chat: ChatServer
) -> None:
    ann, eve = await new_user("Ann"), await new_user()
    await asks(eve, "Eve")
    await ann.until(lambda: ann.find("SnackBar", action="Show"))
    (knock,) = chat.workspace.knocks.waiting(await person(chat, "Ann"))
    await ann.fires(ann.find("SnackBar", action="Show")[-1], "action")
    await ann.waits_for_text("Eve")
    await ann.clicks("Do not let in")
    await eve.waits_for_partial_text("You were not let in.")
    await eve.fills(eve.name_field, "Mallory")
    await eve.presses_enter(eve.name_field)
    await eve.waits_for_partial_text("You were not let in.")
    assert chat.workspace.knocks.waiting(await person(chat, "Ann")) == ()
    with pytest.raises(NoSuchKnock):
        await chat.workspace.knocks.answer(await person(chat, "Ann"), knock.id, admits=True)
    assert await names(chat) == ["Ann"]


@pytest.mark.parametrize("door", ["approve"])
async def test_stranger_on_the_light_page_and_by_the_form_waits_too(
    new_user: NewUser, chat: ChatServer
) -> None:
    ann = await new_user("Ann")
    owner = await person(chat, "Ann")
    async with http_client(base_url=chat.url) as http:
        waiting = await light_form(http, "Lea")
        assert waiting.status_code == 200
        assert 'http-equiv="refresh"' in waiting.text
        assert "Ann was asked whether Lea may come in." in waiting.text
        assert "Ann was asked" in (await http.get("/light")).text
        await ann.snackbar.waits_for("Lea asks to come in.")
        (knock,) = chat.workspace.knocks.waiting(owner)
        await chat.workspace.knocks.answer(owner, knock.id, admits=True)
        assert (await http.get("/light")).headers["location"] == "/light/chat"
        assert "Lea" in (await http.get("/light/rows")).text
    async with http_client(base_url=chat.url) as http:
        await http.get("/")
        answer = await signs_in(chat, http, "Ann")
        assert answer.json()["suggestions"][0] == "Ann 2"
        answer = await signs_in(chat, http, "Fay")
        assert (answer.status_code, answer.json()["sentence"]) == (422, "")
        (knock,) = chat.workspace.knocks.waiting(owner)
        assert (knock.name, knock.visitor.network) == ("Fay", None)
        await chat.workspace.knocks.answer(owner, knock.id, admits=True)
        assert (await signs_in(chat, http, "Fay")).status_code == 204
    page = SocketIOPage()
    with pytest.raises(Refused):
        await page.connects(f"{chat.url}?username=Socket")
    assert "Open the chat in a browser and ask there" in str(page.received("connect_error"))
    await page.leaves()


@pytest.mark.parametrize("timings", [Timings(join=JoinPolicy.APPROVE)])
async def test_knocks_of_a_network_and_of_all_are_bounded(
    workspace: Workspace, owner: Person, ann: Person
) -> None:
    async def knocks(key: str, network: str) -> None:
        with pytest.raises(KnockWaiting):
            await workspace.entrance.sign_in(f"Person {key}", None, Visitor(key, network=network))

    for n in range(NETWORK_KNOCKS):
        await knocks(f"a{n}", "10.0.0.1")
    with pytest.raises(TooManyKnocks, match="Come back in an hour"):
        await knocks("one more", "10.0.0.1")
    for n in range(ALL_KNOCKS - NETWORK_KNOCKS):
        await knocks(f"b{n}", f"10.0.1.{n}")
    with pytest.raises(TooManyKnocks):
        await knocks("from elsewhere", "10.0.2.1")
    with pytest.raises(ChatModeratorRequired):
        workspace.knocks.waiting(ann)
    with pytest.raises(ChatModeratorRequired):
        await workspace.knocks.answer(ann, 1, admits=True)
    assert len(workspace.knocks.waiting(owner)) == ALL_KNOCKS


@pytest.mark.parametrize("timings", [Timings(join=JoinPolicy.APPROVE, knock_seconds=0.01)])
async def test_knock_ends_when_nobody_answers(
    recorder: EventRecorder, workspace: Workspace, owner: Person
) -> None:
    visitor = Visitor("browser", network="10.0.0.1")
    with pytest.raises(KnockWaiting):
        await workspace.entrance.sign_in("Bob", None, visitor)
    (knock,) = workspace.knocks.waiting(owner)
    await recorder.until(lambda: (knock_topic("browser"), KnockAnswered(knock)) in recorder.events)
    assert workspace.knocks.waiting(owner) == ()
