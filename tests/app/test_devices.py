"""Another device of a person: a link, a number on both, a list, and the way out."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from http.cookies import SimpleCookie

import pytest

from chat.model.devices import TOKEN_LIFETIME
from chat.people.presence import PresenceTimings
from chat.server.app import ChatServer
from chat.web.devices.endpoint import MAX_FORM_BYTES
from chat.web.guard.cookies import token_cookie_name
from chat.workspace.timings import Timings
from tests.conftest import NewUser
from tests.harness.clock import shifted_clock
from tests.harness.http import http_client
from tests.harness.new_device import (
    NewDevice,
    makes_link,
    opens_devices,
    shown_link,
    types_number,
)
from tests.harness.user import ChatUser
from tests.harness.waiting import wait_until, wait_until_true

NewPhone = Callable[[], NewDevice]

# The key in the storage of Ann's first page.
KEY = "a1" * 32


@pytest.fixture
async def new_phone(chat: ChatServer) -> AsyncIterator[NewPhone]:
    """`new_phone()` is a browser that has never opened the chat."""
    phones: list[NewDevice] = []

    def new_phone() -> NewDevice:
        phones.append(NewDevice(chat.url))
        return phones[-1]

    yield new_phone
    for each in phones:
        await each.http.aclose()


async def pair(user: ChatUser, phone: NewDevice) -> None:
    """Let the phone in as the person of `user`, and close the dialog."""
    await phone.opens(await makes_link(user))
    await phone.asks()
    await types_number(user, phone.number)
    await user.waits_for_partial_text("The number is right.")
    await phone.reloads()
    await user.waits_for_text("Chrome on Android is in.")
    await user.dialog.closes()


@asynccontextmanager
async def chat_on(phone: NewDevice, key: str = "") -> AsyncIterator[ChatUser]:
    """The chat on the phone, with a key in its storage."""
    user = await phone.opens_chat(key)
    yield user
    await user.disconnects()


async def test_second_device_comes_in_with_a_link_and_a_number(
    chat: ChatServer, new_user: NewUser, new_phone: NewPhone
) -> None:
    ann, bob = await new_user("Ann", device_key=KEY), await new_user("Bob")
    phone = new_phone()
    await phone.opens(await makes_link(ann))
    assert "Come in as Ann on this device?" in phone.page
    await phone.asks()
    # The secret has left the address bar.
    assert phone.path.startswith("/device/number/")
    assert not await phone.is_answered()
    await ann.waits_for_text("Chrome on Android wants to come in as you.")
    assert not ann.sees(phone.number), "whoever confirms has to see the other device"
    await types_number(ann, phone.number)
    await ann.waits_for_partial_text("The number is right.")
    assert await phone.is_answered()
    await phone.reloads()
    await ann.waits_for_text("Chrome on Android is in.")
    assert phone.path == "/"
    async with chat_on(phone) as ann_on_phone:
        await ann_on_phone.until(lambda: ann_on_phone.composer.control is not None)
        await ann_on_phone.composer.posts("from the phone")
        await bob.timeline.waits_for_message("from the phone")
        await ann.timeline.waits_for_message("from the phone")
        # It has a token of its own, and is the same person.
        assert ann_on_phone.token != ann.token
        identity = chat.workspace.identity
        assert await identity.person_for_token(ann_on_phone.token) == (
            await identity.person_for_token(ann.token)
        )
    assert len(await chat.workspace.all_people()) == 2


async def test_photographed_link_lets_nobody_in_without_the_number(
    chat: ChatServer, new_user: NewUser, new_phone: NewPhone
) -> None:
    ann, thief, phone = await new_user("Ann", device_key=KEY), new_phone(), new_phone()
    link = await makes_link(ann)
    # The preview of a messenger spends nothing.
    for _ in range(3):
        await new_phone().opens(link)
    await thief.opens(link)
    await thief.asks()
    await phone.opens(link)
    assert phone.refusal.startswith("This link was used already.")
    # Whoever knows the address of the thief's page gets nothing either.
    await phone.opens(thief.path)
    assert phone.refusal.startswith("This link is not valid any more.")
    await ann.clicks("It is not mine")
    # The page tells the server that its dialog is closed; only then is the thief refused.
    await wait_until_true(thief.is_answered)
    await thief.reloads()
    assert thief.refusal.startswith("This link is not valid any more.")
    for each in (thief, phone):
        async with chat_on(each) as stranger:
            await stranger.waits_for_text("Start chat")
    (person,) = await chat.workspace.all_people()
    assert len(await chat.workspace.devices.of(person)) == 1


async def test_wrong_number_refuses_the_device_and_a_new_link_works(
    new_user: NewUser, new_phone: NewPhone
) -> None:
    ann, phone = await new_user("Ann", device_key=KEY), new_phone()
    await phone.opens(await makes_link(ann))
    await phone.asks()
    await types_number(ann, str(10 + (int(phone.number) - 9) % 90))
    await ann.waits_for_partial_text("That is not the number which the new device shows")
    await phone.reloads()
    assert phone.refusal.startswith("Another number was typed on the other device")
    await ann.clicks("Make a new link")
    await phone.opens(await shown_link(ann))
    await phone.asks()
    await types_number(ann, phone.number)
    await ann.waits_for_partial_text("The number is right.")
    await phone.reloads()
    await ann.waits_for_text("Chrome on Android is in.")
    await ann.clicks("Show devices")
    await ann.waits_for_text("Chrome on Android")


async def test_link_ends_with_its_dialog(new_user: NewUser, new_phone: NewPhone) -> None:
    ann, phone = await new_user("Ann", device_key=KEY), new_phone()
    link = await makes_link(ann)
    await ann.dialog.closes()
    await phone.opens(link)
    assert phone.refusal.startswith("This link is not valid any more.")


async def test_dialog_follows_after_a_lost_connection(
    new_user: NewUser, new_phone: NewPhone
) -> None:
    ann, phone = await new_user("Ann", device_key=KEY), new_phone()
    link = await makes_link(ann)
    await ann.disconnects()
    await phone.opens(link)
    await phone.asks()
    await ann.connects()
    await types_number(ann, phone.number)
    await ann.waits_for_partial_text("The number is right.")


async def test_browser_of_another_person_is_not_taken_over(
    chat: ChatServer, new_user: NewUser, new_phone: NewPhone
) -> None:
    ann, bob, phone = await new_user("Ann", device_key=KEY), await new_user("Bob"), new_phone()
    link = await makes_link(ann)
    phone.http.cookies.set(token_cookie_name(chat.workspace), bob.token)
    await phone.opens(link)
    assert phone.refusal.startswith("In this browser you are here as Bob.")
    # Ann's own browser goes on to the chat, and the link is still valid.
    phone.http.cookies.set(token_cookie_name(chat.workspace), ann.token)
    assert (await phone.opens(link)).url.path == "/"
    other = new_phone()
    await other.opens(link)
    assert "Come in as Ann" in other.page


async def test_form_is_taken_from_the_own_page_only(
    chat: ChatServer, new_user: NewUser, new_phone: NewPhone
) -> None:
    ann, phone = await new_user("Ann", device_key=KEY), new_phone()
    link = await makes_link(ann)
    secret = link.rpartition("/")[2]
    await phone.opens(link)
    for fields, headers in (
        ({"secret": secret}, {}),
        ({"secret": secret, "key": "x"}, {}),
        ({"secret": "x" * MAX_FORM_BYTES}, {}),
        ({"secret": secret}, {"origin": "http://evil.example"}),
    ):
        response = await phone.http.post("/device", data=fields, headers=headers)
        assert response.status_code == 422
    async with http_client(base_url=chat.url) as http:
        response = await http.post("/device", data={"secret": secret})
        assert response.status_code == 422
    # Nothing of that has spent the link.
    await phone.asks()
    assert phone.number


async def test_signed_out_device_loses_its_sockets_and_its_cookie(
    chat: ChatServer, new_user: NewUser, new_phone: NewPhone
) -> None:
    ann, phone = await new_user("Ann", device_key=KEY), new_phone()
    await pair(ann, phone)
    user = await phone.opens_chat()
    await user.waits_for_control("IconButton", tooltip="Settings")
    assert (await user.http_get("/first-view")).status_code == 200
    await opens_devices(ann)
    await ann.waits_for_partial_text("Open now")
    await ann.clicks("Sign out Chrome on Android")
    await ann.clicks("Sign out")
    closing = asyncio.create_task(user.waits_until_disconnected())
    async with asyncio.timeout(1):
        assert await closing == 1008
    assert (await user.http_get("/first-view")).status_code == 401
    await ann.until(lambda: ann.sees("Devices") and not ann.sees("Chrome on Android"))
    await user.disconnects()
    # The browser is a stranger's again, and the first device stays in.
    async with chat_on(phone) as stranger:
        await stranger.waits_for_text("Start chat")
    await ann.dialog.closes()
    await ann.composer.posts("still here")


@pytest.mark.parametrize(
    "timings",
    [Timings(presence=PresenceTimings(offline_delay=0.1, away_announce_interval=0.0))],
)
async def test_device_that_answers_nothing_is_closed_too_and_counts_as_gone(
    chat: ChatServer, new_user: NewUser, new_phone: NewPhone
) -> None:
    ann, phone = await new_user("Ann", device_key=KEY), new_phone()
    await new_user("Bob")
    await pair(ann, phone)
    user = await phone.opens_chat()
    await user.waits_for_control("IconButton", tooltip="Settings")
    user.answers_invocations = False
    await opens_devices(ann)
    await ann.waits_for_text("Sign out all others")
    await ann.clicks("Sign out all others")
    await ann.clicks("Sign out")
    async with asyncio.timeout(1):
        assert await user.waits_until_disconnected() == 1008
    await user.disconnects()
    await ann.disconnects()
    bob_id = (await chat.workspace.find_person("Bob")).id
    await wait_until(lambda: chat.workspace.presence.online.ids == {bob_id})


async def test_cookie_that_another_service_of_the_host_has_read_makes_no_device(
    chat: ChatServer, new_user: NewUser, new_phone: NewPhone
) -> None:
    ann = await new_user("Ann", device_key=KEY)
    await pair(ann, new_phone())
    for key in ("", "b2" * 32):
        thief = await new_user(like=ann, device_key=key)
        await thief.waits_for_control("IconButton", tooltip="Settings")
        await opens_devices(thief)
        await thief.clicks("Add a device")
        await thief.waits_for_partial_text("This browser has lost the key")
        await thief.clicks("Sign out Chrome on Android")
        await thief.clicks("Sign out")
        await thief.waits_for_text("Sign out Chrome on Android?")
        await thief.waits_for_partial_text("This browser has lost the key")
    (person,) = await chat.workspace.all_people()
    assert len(await chat.workspace.devices.of(person)) == 2
    # Another tab of the same browser has the key.
    tab = await new_user(like=ann, device_key=KEY)
    assert "/device/" in await makes_link(tab)


async def test_all_others_are_signed_out_at_once(
    chat: ChatServer, new_user: NewUser, new_phone: NewPhone
) -> None:
    ann, phones = await new_user("Ann", device_key=KEY), [new_phone(), new_phone()]
    for phone in phones:
        await pair(ann, phone)
    users = [await phone.opens_chat() for phone in phones]
    await opens_devices(ann)
    await ann.clicks("Sign out all others")
    await ann.waits_for_text("Sign out 2 devices?")
    await ann.clicks("Sign out")
    for each in users:
        assert await each.waits_until_disconnected() == 1008
        await each.disconnects()
    await ann.until(lambda: ann.sees("Add a device") and not ann.sees("Chrome on Android"))
    assert not ann.sees("Sign out all others")
    (person,) = await chat.workspace.all_people()
    assert len(await chat.workspace.devices.of(person)) == 1


async def test_second_device_signs_the_first_one_out(
    new_user: NewUser, new_phone: NewPhone
) -> None:
    ann, phone = await new_user("Ann", device_key=KEY), new_phone()
    await pair(ann, phone)
    async with chat_on(phone, "c3" * 32) as on_phone:
        await opens_devices(on_phone)
        assert on_phone.sees_partial("This device · Added: Today")
        await on_phone.clicks("Sign out A browser")
        await on_phone.clicks("Sign out")
        assert await ann.waits_until_disconnected() == 1008
        await on_phone.until(lambda: not on_phone.sees("A browser"))


async def test_device_is_renamed_in_the_list(new_user: NewUser, new_phone: NewPhone) -> None:
    ann, phone = await new_user("Ann", device_key=KEY), new_phone()
    await pair(ann, phone)
    await opens_devices(ann)
    await ann.clicks("Rename Chrome on Android")
    field = await ann.waits_for_control("TextField", label="Name of this device")
    assert field["value"] == "Chrome on Android"
    await ann.fills(field, " ")
    await ann.presses_enter(field)
    await ann.until(lambda: field.get("error"))
    await ann.fills(field, "My phone")
    await ann.presses_enter(field)
    await ann.waits_for_text("My phone")


async def test_only_device_is_not_offered_to_be_signed_out(new_user: NewUser) -> None:
    ann = await new_user("Ann", device_key=KEY)
    await opens_devices(ann)
    assert ann.sees_partial("This device")
    assert not ann.sees("Sign out all others")
    assert not ann.find("IconButton", tooltip="Sign out A browser")


async def test_cookie_is_set_again_once_a_week(chat: ChatServer, new_user: NewUser) -> None:
    ann = await new_user("Ann", device_key=KEY)
    name = token_cookie_name(chat.workspace)

    async def new_cookie(path: str) -> str | None:
        response = await ann.http_get(path)
        cookies = SimpleCookie(response.headers.get("set-cookie", ""))
        if name not in cookies:
            return None
        assert int(cookies[name]["max-age"]) == TOKEN_LIFETIME.total_seconds()
        return cookies[name].value

    assert await new_cookie("/") is None
    with shifted_clock() as clock:
        for days, path in ((8, "/"), (16, "/light/chat"), (24, "/room/lobby")):
            clock.shift = timedelta(days=days)
            assert await new_cookie(path) == ann.token
            assert await new_cookie(path) is None


async def test_pages_are_in_the_language_of_the_device(chat: ChatServer, new_user: NewUser) -> None:
    ann = await new_user("Ann", device_key=KEY)
    phone = NewDevice(chat.url, "zh-CN")
    await phone.opens(await makes_link(ann))
    assert '<html lang="zh-CN">' in phone.page
    assert "Come in as" not in phone.page
    await phone.asks()
    assert phone.number
    await phone.http.aclose()


async def test_light_pages_of_a_signed_out_device_end(
    chat: ChatServer, new_user: NewUser, new_phone: NewPhone
) -> None:
    ann, phone = await new_user("Ann", device_key=KEY), new_phone()
    await pair(ann, phone)
    assert "Lobby" in (await phone.opens("/light/chat")).text
    rows = (await phone.http.get("/light/rows")).text
    wait = rows.partition('data-wait="')[2].partition('"')[0].replace("&amp;", "&")
    waiting: Awaitable[object] = asyncio.create_task(phone.http.get(wait))
    await opens_devices(ann)
    await ann.waits_for_text("Sign out all others")
    await ann.clicks("Sign out all others")
    await ann.clicks("Sign out")
    response = await asyncio.wait_for(asyncio.shield(waiting), 5)
    assert getattr(response, "status_code", None) == 401
