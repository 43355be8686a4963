"""Devices of people: links and numbers of new ones, the list, and how they are signed out."""

import asyncio
import itertools
from datetime import timedelta

import pytest

from chat.devices.devices import KEY_INTERVAL, RENEWAL_INTERVAL
from chat.devices.labels import browser_label
from chat.devices.pairing import (
    DEVICES_PER_DAY,
    FETCH_SECONDS,
    LINK_LIMIT,
    LINK_SECONDS,
    LINKS_PER_HOUR,
    MISSES_PER_HOUR,
    Pairing,
)
from chat.errors import (
    BadDeviceName,
    DeviceKeyLost,
    LastDevice,
    PairingRefused,
    TooManyDevices,
    TooManyLinks,
    WrongNumber,
)
from chat.languages import ENGLISH
from chat.model.devices import (
    DEVICE_LIMIT,
    LABEL_LIMIT,
    TOKEN_LIFETIME,
    DeviceProof,
    DevicesChanged,
    DevicesSignedOut,
    PairingChanged,
    PairingStep,
)
from chat.model.events import person_topic
from chat.model.people import Person
from chat.people.browser_tokens import token_hash
from chat.workspace.workspace import Workspace
from tests.harness.clock import shifted_clock
from tests.harness.domain import EventRecorder, sign_in
from tests.harness.waiting import wait_until_true

# A device without cookies and storage, which needs to show nothing.
PROOF = DeviceProof()

PHONE, STRANGER = "token of the phone", "token of a stranger"


class Clock:
    """Seconds that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """The clock of `pairing`."""
    return Clock()


@pytest.fixture
def pairing(workspace: Workspace, recorder: EventRecorder, clock: Clock) -> Pairing:
    """Links on a clock that tests set."""
    return Pairing(workspace.devices, publish=recorder.on_event, clock=clock)


def events_of(recorder: EventRecorder, person: Person, kind: type) -> list[object]:
    """The events of a kind that the sessions of a person got."""
    topic = person_topic(person.id)
    return [event for to, event in recorder.events if to == topic and isinstance(event, kind)]


def other_number(number: int) -> str:
    """A number of two digits that is another one."""
    return str(10 + (number - 9) % 90)


async def test_device_comes_in_once_its_number_is_confirmed(
    workspace: Workspace, pairing: Pairing, recorder: EventRecorder, ann: Person
) -> None:
    secret = (await pairing.offer(ann, PROOF)).secret
    # Whoever only looks spends nothing.
    assert [pairing.person_of(secret) for _ in range(3)] == [ann] * 3
    asking = pairing.ask(secret, PHONE, "Chrome on Android", "192.168.1.7")
    assert 10 <= asking.number <= 99
    with pytest.raises(PairingRefused):
        await pairing.enter(asking.key, PHONE)
    pairing.confirm(ann, f" {asking.number} ")
    token = await pairing.enter(asking.key, PHONE)
    assert await workspace.identity.person_for_token(token) == ann
    assert token not in {PHONE, secret, asking.key}
    assert await workspace.identity.person_for_token(PHONE) is None
    assert {each.label for each in await workspace.devices.of(ann)} == {"", "Chrome on Android"}
    assert events_of(recorder, ann, PairingChanged) == [
        PairingChanged(step, "Chrome on Android", "192.168.1.7")
        for step in (PairingStep.ASKED, PairingStep.CONFIRMED, PairingStep.DONE)
    ]


async def test_answer_that_was_lost_is_given_again(
    workspace: Workspace, pairing: Pairing, ann: Person
) -> None:
    asking = pairing.ask((await pairing.offer(ann, PROOF)).secret, PHONE, "Phone")
    pairing.confirm(ann, str(asking.number))
    tokens = await asyncio.gather(*(pairing.enter(asking.key, PHONE) for _ in range(5)))
    assert len(set(tokens)) == 1
    assert len(await workspace.devices.of(ann)) == 2


async def test_link_is_used_once(pairing: Pairing, ann: Person) -> None:
    secret = (await pairing.offer(ann, PROOF)).secret
    asking = pairing.ask(secret, PHONE, "Phone")
    assert pairing.ask(secret, PHONE, "Phone") == asking, "the form was sent twice"
    for _ in range(2):
        with pytest.raises(PairingRefused, match="used already"):
            pairing.ask(secret, STRANGER, "Phone")
        with pytest.raises(PairingRefused, match="used already"):
            pairing.person_of(secret)
        pairing.state(ann)
    pairing.confirm(ann, str(asking.number))
    await pairing.enter(asking.key, PHONE)
    with pytest.raises(PairingRefused, match="used already"):
        pairing.ask(secret, STRANGER, "Phone")


async def test_wrong_number_ends_the_link(pairing: Pairing, ann: Person) -> None:
    for wrong in ("", "x", "4", "999", "-1", "1e1", "9" * 1000):
        asking = pairing.ask((await pairing.offer(ann, PROOF)).secret, PHONE, "Phone")
        with pytest.raises(WrongNumber):
            pairing.confirm(ann, wrong or other_number(asking.number))
        # The right one comes too late: nobody guesses twice.
        with pytest.raises(PairingRefused):
            pairing.confirm(ann, str(asking.number))
        with pytest.raises(PairingRefused):
            await pairing.enter(asking.key, PHONE)


async def test_number_may_be_typed_in_other_digits(pairing: Pairing, ann: Person) -> None:
    asking = pairing.ask((await pairing.offer(ann, PROOF)).secret, PHONE, "Phone")
    pairing.confirm(ann, "".join(chr(ord(each) + 0xFEE0) for each in str(asking.number)))


async def test_token_is_for_the_browser_that_used_the_link(pairing: Pairing, ann: Person) -> None:
    asking = pairing.ask((await pairing.offer(ann, PROOF)).secret, PHONE, "Phone")
    pairing.confirm(ann, str(asking.number))
    # The key of another's page is not enough, and neither is the cookie.
    for key, token in ((asking.key, STRANGER), ("x", PHONE), ("", "")):
        with pytest.raises(PairingRefused):
            await pairing.enter(key, token)


async def test_link_ends_after_five_minutes(pairing: Pairing, clock: Clock, ann: Person) -> None:
    secret = (await pairing.offer(ann, PROOF)).secret
    clock.now += LINK_SECONDS - 1
    assert pairing.person_of(secret) == ann
    clock.now += 1
    with pytest.raises(PairingRefused, match="not valid any more"):
        pairing.person_of(secret)
    asking = pairing.ask((await pairing.offer(ann, PROOF)).secret, PHONE, "Phone")
    clock.now += LINK_SECONDS
    with pytest.raises(PairingRefused, match="No device waits"):
        pairing.confirm(ann, str(asking.number))
    assert pairing.state(ann) is None


async def test_device_that_was_confirmed_at_the_last_moment_comes_in(
    pairing: Pairing, clock: Clock, ann: Person
) -> None:
    asking = pairing.ask((await pairing.offer(ann, PROOF)).secret, PHONE, "Phone")
    clock.now += LINK_SECONDS - 1
    pairing.confirm(ann, str(asking.number))
    clock.now += FETCH_SECONDS - 1
    assert await pairing.enter(asking.key, PHONE)


async def test_new_link_ends_the_one_before(pairing: Pairing, ann: Person, bob: Person) -> None:
    first, of_bob = (
        (await pairing.offer(ann, PROOF)).secret,
        (await pairing.offer(bob, PROOF)).secret,
    )
    asking = pairing.ask(first, PHONE, "Phone")
    second = (await pairing.offer(ann, PROOF)).secret
    with pytest.raises(PairingRefused):
        pairing.confirm(ann, str(asking.number))
    with pytest.raises(PairingRefused):
        pairing.person_of(first)
    assert (pairing.person_of(second), pairing.person_of(of_bob)) == (ann, bob)
    pairing.withdraw(ann)
    with pytest.raises(PairingRefused):
        pairing.person_of(second)


async def test_nobody_confirms_the_device_of_somebody_else(
    pairing: Pairing, ann: Person, bob: Person
) -> None:
    asking = pairing.ask((await pairing.offer(ann, PROOF)).secret, PHONE, "Phone")
    with pytest.raises(PairingRefused):
        pairing.confirm(bob, str(asking.number))
    pairing.confirm(ann, str(asking.number))


async def test_person_who_left_meanwhile_lets_nobody_in(workspace: Workspace, ann: Person) -> None:
    asking = workspace.pairing.ask(
        (await workspace.pairing.offer(ann, PROOF)).secret, PHONE, "Phone"
    )
    workspace.pairing.confirm(ann, str(asking.number))
    await workspace.sign_out(ann)
    with pytest.raises(PairingRefused):
        await workspace.pairing.enter(asking.key, PHONE)


async def test_links_are_bounded_by_person_and_in_all(
    pairing: Pairing, clock: Clock, ann: Person
) -> None:
    for _ in range(LINKS_PER_HOUR):
        await pairing.offer(ann, PROOF)
    with pytest.raises(TooManyLinks):
        await pairing.offer(ann, PROOF)
    clock.now += 3600
    secret = (await pairing.offer(ann, PROOF)).secret
    for number in range(LINK_LIMIT):
        await pairing.offer(Person(1000 + number, f"P{number}"), PROOF)
    with pytest.raises(PairingRefused):
        pairing.person_of(secret)


async def test_devices_of_a_day_are_bounded(pairing: Pairing, clock: Clock, ann: Person) -> None:
    for _ in range(DEVICES_PER_DAY):
        asking = pairing.ask((await pairing.offer(ann, PROOF)).secret, PHONE, "Phone")
        pairing.confirm(ann, str(asking.number))
        await pairing.enter(asking.key, PHONE)
        clock.now += 3600 / LINKS_PER_HOUR
    with pytest.raises(TooManyLinks):
        await pairing.offer(ann, PROOF)


async def test_tries_of_an_address_are_bounded_and_valid_links_work_on(
    pairing: Pairing, ann: Person
) -> None:
    secret = (await pairing.offer(ann, PROOF)).secret
    for number in range(MISSES_PER_HOUR):
        with pytest.raises(PairingRefused, match="not valid any more"):
            pairing.person_of(f"guess {number}", "192.0.2.1")
    with pytest.raises(PairingRefused, match="Wait 60 min"):
        pairing.ask("another guess", STRANGER, "Phone", "192.0.2.1")
    with pytest.raises(PairingRefused, match="not valid any more"):
        pairing.person_of("a guess", "192.0.2.2")
    assert pairing.person_of(secret, "192.0.2.1") == ann


async def test_person_has_a_bounded_number_of_devices(workspace: Workspace, ann: Person) -> None:
    for number in range(DEVICE_LIMIT - 1):
        await workspace.devices.add(ann, token_hash(str(number)), f"Phone {number}")
    with pytest.raises(TooManyDevices):
        await workspace.devices.add(ann, token_hash("one more"), "Phone")
    assert await workspace.identity.person_for_token("one more") is None
    await workspace.devices.sign_out(ann, {token_hash("0")}, PROOF)
    await workspace.devices.add(ann, token_hash("one more"), "Phone")


async def test_signed_out_device_is_told_and_stays_out(
    workspace: Workspace, recorder: EventRecorder, ann: Person
) -> None:
    devices, identity = workspace.devices, workspace.identity
    for name in ("phone", "tablet"):
        await devices.add(ann, token_hash(name), name)
    await devices.sign_out(ann, {token_hash("phone")}, PROOF)
    assert await identity.person_for_token("phone") is None
    assert await identity.is_revoked("phone")
    assert await identity.person_for_token("tablet") == ann
    signed_out = [DevicesSignedOut(frozenset({token_hash("phone")}))]
    assert events_of(recorder, ann, DevicesSignedOut) == signed_out
    assert [each.label for each in await devices.of(ann)] == ["tablet", ""]
    # What was signed out already, or is unknown, changes nothing.
    await devices.sign_out(ann, {token_hash("phone"), token_hash("unknown")}, PROOF)
    assert events_of(recorder, ann, DevicesSignedOut) == signed_out


async def test_last_device_is_not_signed_out(workspace: Workspace, ann: Person) -> None:
    own = {token_hash("token of Ann")}
    with pytest.raises(LastDevice):
        await workspace.devices.sign_out(ann, own, PROOF)
    await workspace.devices.add(ann, token_hash("phone"), "phone")
    with pytest.raises(LastDevice):
        await workspace.devices.sign_out(ann, own | {token_hash("phone")}, PROOF)
    await workspace.devices.sign_out(ann, own, PROOF)
    assert [each.label for each in await workspace.devices.of(ann)] == ["phone"]


async def test_last_device_of_a_person_with_a_password_is_signed_out(
    workspace: Workspace, ann: Person
) -> None:
    await workspace.passwords.set(ann, "a long password", "", "")
    await workspace.devices.sign_out(ann, {token_hash("token of Ann")}, PROOF)
    assert await workspace.devices.of(ann) == ()


async def test_devices_of_somebody_else_are_neither_renamed_nor_signed_out(
    workspace: Workspace, ann: Person, bob: Person
) -> None:
    await workspace.devices.add(ann, token_hash("phone"), "phone")
    await workspace.devices.rename(bob, token_hash("phone"), "Bob was here")
    await workspace.devices.sign_out(bob, {token_hash("phone")}, PROOF)
    assert await workspace.identity.person_for_token("phone") == ann
    assert "phone" in {each.label for each in await workspace.devices.of(ann)}


async def test_device_is_renamed(
    workspace: Workspace, recorder: EventRecorder, ann: Person
) -> None:
    own = token_hash("token of Ann")
    await workspace.devices.rename(ann, own, "  My\n 👩‍💻 laptop ")
    assert [each.label for each in await workspace.devices.of(ann)] == ["My 👩‍💻 laptop"]
    for bad in ("", " \n ", "\u200b", "x" * (LABEL_LIMIT + 1)):
        with pytest.raises(BadDeviceName):
            await workspace.devices.rename(ann, own, bad)
    assert events_of(recorder, ann, DevicesChanged) == [DevicesChanged()]


async def test_times_of_devices_are_stored_and_connected_ones_come_first(
    workspace: Workspace, ann: Person
) -> None:
    devices = workspace.devices
    await devices.add(ann, token_hash("phone"), "phone")
    with shifted_clock() as clock:
        clock.shift = timedelta(hours=3)
        await workspace.identity.person_for_token("token of Ann")
        (laptop, phone) = await devices.of(ann)
        assert laptop.seen_at is not None
        assert phone.seen_at is not None
        assert laptop.seen_at - phone.seen_at > timedelta(hours=2)
        devices.session_connected(token_hash("phone"))
        devices.session_connected(token_hash("phone"))
        devices.session_disconnected(token_hash("phone"))
        assert [(each.label, each.is_connected) for each in await devices.of(ann)] == [
            ("phone", True),
            ("", False),
        ]
        devices.session_disconnected(token_hash("phone"))
        assert not any(each.is_connected for each in await devices.of(ann))


async def test_device_that_was_not_used_for_a_year_is_signed_out(
    workspace: Workspace, ann: Person
) -> None:
    identity = workspace.identity
    with shifted_clock() as clock:
        clock.shift = TOKEN_LIFETIME - timedelta(days=1)
        assert await identity.person_for_token("token of Ann") == ann
        await workspace.devices.close()
        # It was used since, and is valid for another year.
        clock.shift += TOKEN_LIFETIME - timedelta(days=1)
        assert await identity.person_for_token("token of Ann") == ann
        await workspace.devices.close()
        clock.shift += TOKEN_LIFETIME + timedelta(days=1)
        assert await identity.person_for_token("token of Ann") is None
        assert await workspace.devices.of(ann) == ()


async def test_cookie_is_renewed_once_a_week(workspace: Workspace, ann: Person) -> None:
    devices, own = workspace.devices, token_hash("token of Ann")
    with shifted_clock() as clock:
        assert not await devices.renew(own)
        clock.shift = RENEWAL_INTERVAL + timedelta(minutes=1)
        assert await devices.renew(own)
        assert not await devices.renew(own)


async def test_leaving_the_chat_signs_all_devices_out(workspace: Workspace) -> None:
    (ann,) = await sign_in(workspace, "Ann")
    await workspace.devices.add(ann, token_hash("phone"), "phone")
    await workspace.sign_out(ann)
    for token in ("phone", "token of Ann"):
        assert await workspace.identity.person_for_token(token) is None

    async def is_empty() -> bool:
        return await workspace.devices.of(ann) == ()

    await wait_until_true(is_empty)


async def test_page_without_the_key_of_its_device_adds_and_signs_out_nothing(
    workspace: Workspace, pairing: Pairing, ann: Person
) -> None:
    devices, own = workspace.devices, token_hash("token of Ann")
    await devices.add(ann, token_hash("phone"), "phone")
    right = DeviceProof(own, "a" * 64)
    assert await devices.show_key(right)
    # Whoever read the cookie has another key, or none.
    for wrong in (DeviceProof(own, "b" * 64), DeviceProof(own)):
        assert not await devices.show_key(wrong)
        with pytest.raises(DeviceKeyLost):
            await pairing.offer(ann, wrong)
        with pytest.raises(DeviceKeyLost):
            await devices.sign_out(ann, {token_hash("phone")}, wrong)
    await pairing.offer(ann, right)
    await devices.sign_out(ann, {token_hash("phone")}, right)
    # The key of one device is nothing for another one.
    await devices.add(ann, token_hash("tablet"), "tablet")
    assert await devices.show_key(DeviceProof(token_hash("tablet"), "c" * 64))
    assert not await devices.show_key(DeviceProof(token_hash("tablet"), right.key))
    assert not await devices.show_key(DeviceProof(token_hash("unknown"), right.key))


async def test_lost_key_is_replaced_after_a_week_without_the_right_one(
    workspace: Workspace, ann: Person
) -> None:
    devices, own = workspace.devices, token_hash("token of Ann")
    right, new = DeviceProof(own, "a" * 64), DeviceProof(own, "b" * 64)
    assert await devices.show_key(right)
    with shifted_clock() as clock:
        assert not await devices.show_key(new)
        clock.shift += KEY_INTERVAL - timedelta(minutes=1)
        assert not await devices.show_key(new)
        # The person is there with the right one: a week begins anew.
        assert await devices.show_key(right)
        clock.shift += timedelta(minutes=2)
        assert not await devices.show_key(new)
        clock.shift += KEY_INTERVAL + timedelta(minutes=1)
        assert await devices.show_key(new)
        assert not await devices.show_key(right)


async def test_key_that_an_old_device_shows_first_counts_after_a_week(
    workspace: Workspace, ann: Person
) -> None:
    # As of light pages, which have no storage: somebody else may have read its cookie.
    proof = DeviceProof(token_hash("token of Ann"), "a" * 64)
    with shifted_clock() as clock:
        clock.shift = timedelta(minutes=11)
        assert not await workspace.devices.show_key(proof)
        clock.shift += KEY_INTERVAL + timedelta(minutes=1)
        assert await workspace.devices.show_key(proof)


_CHROME = "Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 {rest}"
_SAFARI = "Mozilla/5.0 ({system}) AppleWebKit/605.1.15 (KHTML, like Gecko) {rest}"


@pytest.mark.parametrize(
    ("user_agent", "label"),
    [
        (_CHROME.format(system="Windows NT 10.0; Win64; x64", rest="Safari/537.36"),
         "Chrome on Windows"),
        (_CHROME.format(system="Windows NT 10.0; Win64; x64", rest="Safari/537.36 Edg/156.0"),
         "Edge on Windows"),
        (_CHROME.format(system="Linux; Android 16; K", rest="Mobile Safari/537.36"),
         "Chrome on Android"),
        (_CHROME.format(system="X11; CrOS x86_64 14541.0.0", rest="Safari/537.36"),
         "Chrome on ChromeOS"),
        (_SAFARI.format(system="iPhone; CPU iPhone OS 26_1 like Mac OS X",
                        rest="Version/26.1 Mobile/15E148 Safari/604.1"), "Safari on iPhone"),
        (_SAFARI.format(system="iPhone; CPU iPhone OS 26_1 like Mac OS X",
                        rest="CriOS/156.0 Mobile/15E148 Safari/604.1"), "Chrome on iPhone"),
        (_SAFARI.format(system="Macintosh; Intel Mac OS X 10_15_7",
                        rest="Version/26.1 Safari/605.1.15"), "Safari on Mac"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0",
         "Firefox on Linux"),
        ("curl/8.5", "A browser"),
        ("x" * 10_000 + "Firefox", "A browser"),
        (None, "A browser"),
    ],
)  # fmt: skip
def test_device_is_called_after_its_browser(user_agent: str | None, label: str) -> None:
    assert browser_label(user_agent, ENGLISH) == label


async def test_numbers_have_two_digits_and_differ(pairing: Pairing, clock: Clock) -> None:
    numbers = set()
    for each in itertools.islice(itertools.count(1), 300):
        secret = (await pairing.offer(Person(each, f"P{each}"), PROOF)).secret
        numbers.add(pairing.ask(secret, PHONE, "Phone").number)
    assert min(numbers) >= 10
    assert max(numbers) <= 99
    assert len(numbers) > 45
