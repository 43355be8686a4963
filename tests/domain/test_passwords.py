"""Passwords in the domain: limited tries, and work that is done on threads."""

import asyncio
import threading

import pytest

from chat.accounts import password_hashes
from chat.accounts.password_hashes import HASHES_AT_ONCE, PasswordHashes
from chat.accounts.tries import ADDRESS_TRIES, ALL_TRIES_OF_NAME, NAME_TRIES
from chat.errors import SlowDown, TooManyTries, WrongPassword
from chat.workspace.workspace import Workspace
from tests.harness.accounts import PASSWORD
from tests.harness.domain import sign_in

pytestmark = pytest.mark.usefixtures("quick_hashes")


async def tries(workspace: Workspace, name: str, password: str, network: str = "") -> None:
    """One try to sign in."""
    await workspace.passwords.person_with(name, password, network)


async def test_tries_are_limited_for_a_name_and_an_address_and_are_not_lost_to_others(
    workspace: Workspace,
) -> None:
    (ann,) = await sign_in(workspace, "Ann")
    await workspace.passwords.set(ann, PASSWORD, "", "")
    for _ in range(NAME_TRIES):
        with pytest.raises(WrongPassword):
            await tries(workspace, "Ann", "wrong", "10.0.0.1")
    with pytest.raises(TooManyTries):
        await tries(workspace, "ANN ", PASSWORD, "10.0.0.1")
    # She herself, at another address.
    await tries(workspace, "Ann", PASSWORD, "10.0.0.2")
    for n in range(ADDRESS_TRIES - NAME_TRIES):
        with pytest.raises(WrongPassword):
            await tries(workspace, f"Nobody {n}", "wrong", "10.0.0.1")
    with pytest.raises(TooManyTries):
        await tries(workspace, "Bob", "wrong", "10.0.0.1")


async def test_one_name_is_not_guessed_from_many_addresses(workspace: Workspace) -> None:
    for n in range(ALL_TRIES_OF_NAME):
        with pytest.raises(WrongPassword):
            await tries(workspace, "Ann", "wrong", f"10.0.0.{n}")
    with pytest.raises(TooManyTries):
        await tries(workspace, "Ann", "wrong", "10.0.1.1")


async def test_right_passwords_of_many_people_at_one_address_are_not_refused(
    workspace: Workspace,
) -> None:
    people = await sign_in(workspace, *(f"Person {n}" for n in range(ADDRESS_TRIES + 5)))
    for each in people:
        await workspace.passwords.set(each, PASSWORD, "", "")
    await asyncio.gather(*(tries(workspace, each.name, PASSWORD, "10.0.0.1") for each in people))


async def test_wrong_passwords_at_the_same_time_are_counted(workspace: Workspace) -> None:
    results = await asyncio.gather(
        *(tries(workspace, "Ann", "wrong", "10.0.0.1") for _ in range(20)), return_exceptions=True
    )
    assert sum(isinstance(each, WrongPassword) for each in results) == NAME_TRIES


async def test_at_most_four_hashes_are_made_at_once_and_too_many_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(password_hashes, "WAITING_HASHES", 40)
    hashes = PasswordHashes()
    stored = await hashes.hash("a password")
    names = set[str]()

    def remember(frame: object, event: str, argument: object) -> None:
        names.add(threading.current_thread().name)

    threading.setprofile(remember)
    try:
        results = await asyncio.gather(
            *(hashes.verify(stored, "wrong") for _ in range(50)),
            return_exceptions=True,
        )
    finally:
        threading.setprofile(None)
        await hashes.close()
    assert sum(isinstance(each, SlowDown) for each in results) == 10
    assert len({each for each in names if "argon2" in each}) <= HASHES_AT_ONCE
