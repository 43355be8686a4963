"""Passkeys in the domain: which answers of a device are refused."""

import pytest

from chat.accounts.passkeys import PASSKEY_LIMIT, RelyingParty
from chat.errors import PasskeyRefused, PasskeyTaken, PersonBanned, TooManyPasskeys
from chat.model.people import Person
from chat.web.accounts.relying_party import relying_party
from chat.web.guard.origins import Origins
from chat.workspace.workspace import Workspace
from tests.harness.authenticator import Authenticator
from tests.harness.domain import sign_in

PARTY = RelyingParty("chat.example.org", "https://chat.example.org", "Flet Chat")
BROWSER = "a token of the browser"


async def adds(workspace: Workspace, person: Person, device: Authenticator) -> None:
    """Add a passkey of a device."""
    options = await workspace.passkeys.begin_adding(person, BROWSER, PARTY)
    answer = device.makes(options["publicKey"], PARTY.origin)
    await workspace.passkeys.add(person, BROWSER, PARTY, answer, "Laptop")


async def signs_in(workspace: Workspace, device: Authenticator, **asked: str) -> Person:
    """Sign in with the passkey of a device."""
    options = workspace.passkeys.begin_sign_in(BROWSER, PARTY)["publicKey"]
    answer = device.signs({**options, **asked}, PARTY.origin)
    return await workspace.passkeys.person_of(BROWSER, PARTY, answer)


async def test_passkey_signs_its_person_in_until_they_remove_it(workspace: Workspace) -> None:
    ann, bob = await sign_in(workspace, "Ann", "Bob")
    device = Authenticator()
    await adds(workspace, ann, device)
    assert await signs_in(workspace, device) == ann
    (passkey,) = (await workspace.sign_in_methods(ann)).passkeys
    assert (passkey.label, passkey.rp_id) == ("Laptop", PARTY.id)
    await workspace.passkeys.remove(bob, passkey.id)
    assert await signs_in(workspace, device) == ann
    with pytest.raises(PasskeyTaken):
        await adds(workspace, bob, device)
    await workspace.moderation.ban(ann, bob, None, "spam")
    await adds(workspace, bob, other := Authenticator())
    with pytest.raises(PersonBanned):
        await signs_in(workspace, other)
    await workspace.passkeys.remove(ann, passkey.id)
    with pytest.raises(PasskeyRefused, match="does not know this passkey"):
        await signs_in(workspace, device)


async def test_answer_that_does_not_fit_the_challenge_is_refused(workspace: Workspace) -> None:
    (ann,) = await sign_in(workspace, "Ann")
    device = Authenticator()
    await adds(workspace, ann, device)
    passkeys = workspace.passkeys
    for asked in (
        {"challenge": "bm90IHRoZSBjaGFsbGVuZ2Ugb2YgdGhlIGNoYXQ"},
        {"rpId": "elsewhere.example"},
    ):
        with pytest.raises(PasskeyRefused, match="does not fit"):
            await signs_in(workspace, device, **asked)
    options = passkeys.begin_sign_in(BROWSER, PARTY)["publicKey"]
    foreign = device.signs(options, "https://elsewhere.example")
    with pytest.raises(PasskeyRefused, match="does not fit"):
        await passkeys.person_of(BROWSER, PARTY, foreign)
    # An answer counts once, and for the browser and the page that were asked.
    options = passkeys.begin_sign_in(BROWSER, PARTY)["publicKey"]
    answer = device.signs(options, PARTY.origin)
    with pytest.raises(PasskeyRefused, match="begun elsewhere"):
        await passkeys.person_of("another browser", PARTY, answer)
    assert await passkeys.person_of(BROWSER, PARTY, answer) == ann
    with pytest.raises(PasskeyRefused, match="begun elsewhere"):
        await passkeys.person_of(BROWSER, PARTY, answer)
    other_page = RelyingParty(PARTY.id, "https://chat.example.org:8443", PARTY.name)
    passkeys.begin_sign_in(BROWSER, PARTY)
    with pytest.raises(PasskeyRefused, match="begun elsewhere"):
        await passkeys.person_of(BROWSER, other_page, answer)
    broken: tuple[object, ...] = (None, [], {}, {"rawId": 3}, {"rawId": "AA", "response": {}})
    for each in broken:
        passkeys.begin_sign_in(BROWSER, PARTY)
        with pytest.raises(PasskeyRefused):
            await passkeys.person_of(BROWSER, PARTY, each)
        await passkeys.begin_adding(ann, BROWSER, PARTY)
        with pytest.raises(PasskeyRefused):
            await passkeys.add(ann, BROWSER, PARTY, each, "broken")


async def test_key_of_another_device_and_a_copy_are_refused(workspace: Workspace) -> None:
    (ann,) = await sign_in(workspace, "Ann")
    device = Authenticator(count=5)
    await adds(workspace, ann, device)
    forged = Authenticator(credential_id=device.credential_id, count=9)
    with pytest.raises(PasskeyRefused, match="does not fit"):
        await signs_in(workspace, forged)
    device.count = 6
    assert await signs_in(workspace, device) == ann
    with pytest.raises(PasskeyRefused, match="does not fit"):
        await signs_in(workspace, device)
    device.count, device.is_unlocked = 7, False
    with pytest.raises(PasskeyRefused, match="does not fit"):
        await signs_in(workspace, device)
    with pytest.raises(PasskeyRefused, match="does not fit"):
        await adds(workspace, ann, Authenticator(is_unlocked=False))


async def test_person_has_a_bounded_number_of_passkeys(workspace: Workspace) -> None:
    (ann,) = await sign_in(workspace, "Ann")
    for _ in range(PASSKEY_LIMIT):
        await adds(workspace, ann, Authenticator())
    with pytest.raises(TooManyPasskeys):
        await adds(workspace, ann, Authenticator())


@pytest.mark.parametrize(
    ("scheme", "host", "expected"),
    [
        ("http", "chat.example.org", "chat.example.org"),  # a proxy ends TLS
        ("http", "localhost:8550", "localhost"),
        ("http", "127.0.0.1:8550", "at an address of numbers"),
        ("https", "192.168.1.5:8550", "at an address of numbers"),
        ("https", "[::1]:8550", "at an address of numbers"),
        ("http", "plain.example.org", "need https"),
        ("https", "other.lan:8550", "not among them"),
    ],
)
def test_passkeys_are_for_listed_names_with_https_only(
    scheme: str, host: str, expected: str
) -> None:
    origins = Origins(frozenset({PARTY.origin, "http://plain.example.org"}))
    scope = {
        "type": "http",
        "scheme": scheme,
        "headers": [(b"host", host.encode())],
        "server": ("192.168.1.5", 8550),
        "client": ("192.168.1.9", 5000),
    }
    try:
        assert relying_party(origins, scope, "Flet Chat").id == expected
    except PasskeyRefused as refused:
        assert expected in str(refused)
