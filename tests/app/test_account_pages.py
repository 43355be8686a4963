"""Passwords: a name that is claimed, another device that signs in, and links for a new one."""

import re
import sys
from pathlib import Path

import pytest

from chat.accounts.tries import NAME_TRIES
from chat.errors import BadLink, OwnerRequired
from chat.model.moderation import AuditAct, SanctionKind
from chat.server.app import ChatServer
from chat.ui.client.page_messages import NameEntered
from tests.app.test_moderation import moderates
from tests.conftest import NewUser, running_chat
from tests.harness.accounts import (
    PASSWORD,
    another_browser,
    person_of,
    sets_password,
    signs_in_with_password,
)
from tests.harness.control_tree import texts_of
from tests.harness.domain import create_empty_database
from tests.harness.http import http_client

pytestmark = pytest.mark.usefixtures("no_sessions", "quick_hashes")


async def acts(chat: ChatServer) -> list[tuple[AuditAct, str, str]]:
    """The audit log, the oldest row first: act, actor and person."""
    owner = next(
        each
        for each in await chat.workspace.all_people()
        if each.id == chat.workspace.ownership.owner_id
    )
    page = await chat.workspace.audit_log.page(owner, chat.workspace.rooms.may_read)
    return [
        (each.act, each.actor.name if each.actor else "", each.person.name if each.person else "")
        for each in reversed(page)
    ]


async def test_password_of_the_settings_opens_the_chat_on_another_device(
    chat: ChatServer, new_user: NewUser
) -> None:
    ann = await new_user("Ann")
    await ann.clicks("Settings")
    await ann.waits_for_text("Only this device knows you. Add a password, to come in elsewhere.")
    await ann.dialog.closes()
    await sets_password(chat, ann)
    await ann.clicks("Settings")
    await ann.waits_for_text("Ways to sign in")
    assert ann.sees("Password")
    async with another_browser(chat) as browser:
        assert await person_of(browser) == ""
        assert await signs_in_with_password(browser, "ann") == 200
        assert browser.http.cookies != ann.cookies
        assert 'data-visitor="known"' in browser.page
        assert await person_of(browser) == "Ann"
    # Whoever has signed in anew is the same person, and the first device stays signed in.
    assert [each.name for each in await chat.workspace.all_people()] == ["Ann"]
    await ann.dialog.closes()
    await ann.composer.posts("still here")
    await ann.timeline.waits_for_message("still here")
    assert (AuditAct.NAME_CLAIMED, "Ann", "") in await acts(chat)


async def test_taken_name_leads_to_the_page_where_its_bearer_signs_in(
    chat: ChatServer, new_user: NewUser
) -> None:
    ann = await new_user("Ann")
    stranger = await new_user()
    await stranger.clicks("Start chat")
    await stranger.until(lambda: stranger.dialog.is_open)
    await stranger.fills(stranger.name_field, "Ann")
    await stranger.presses_enter(stranger.name_field)
    await stranger.waits_for_text("Ann 2")
    assert not stranger.sees("Sign in as Ann")
    await sets_password(chat, ann)
    await stranger.presses_enter(stranger.name_field)
    await stranger.waits_for_text("Sign in as Ann")
    (button,) = stranger.find("OutlinedButton", content="Sign in as Ann")
    assert button["url"]["url"] == "/account?name=Ann"
    # The form of the page, before and after there is a socket, and the light page.
    await stranger.page_script.send_event(NameEntered("Ann"))
    await stranger.until(
        lambda: any(
            getattr(each, "sign_in", "") == "Sign in as Ann"
            for each in stranger.page_script.screen_commands
        )
    )
    async with another_browser(chat) as browser:
        assert " data-accounts>" in (await browser.opens("/")).text
        own = {"origin": chat.url}
        refused = await browser.http.post("/sign-in", json={"name": "Ann"}, headers=own)
        assert refused.json()["sign_in"] == "Sign in as Ann"
        await browser.opens("/light")
        assert '<a href="/account">' in browser.page
        await browser.sends("/light", username="Ann")
        assert '<a href="/account?name=Ann">Sign in as Ann</a>' in browser.page
        # A name that only looks like hers is nobody's to sign in as.
        refused = await browser.http.post("/sign-in", json={"name": "Аnn"}, headers=own)
        assert refused.json()["sign_in"] == ""


async def test_sixth_wrong_password_has_to_wait_whoever_is_tried(
    chat: ChatServer, new_user: NewUser
) -> None:
    await sets_password(chat, await new_user("Ann"))
    await new_user("Bob")
    answers = {}
    for name in ("Ann", "Bob", "Nobody"):
        async with another_browser(chat) as browser:
            statuses = [
                await signs_in_with_password(browser, name, "wrong horses run")
                for _ in range(NAME_TRIES)
            ]
            assert statuses == [422] * NAME_TRIES
            wrong = re.sub(r'value="[^"]*"', "", browser.page)
            # Also with the right one.
            assert await signs_in_with_password(browser, name) == 429
            answers[name] = (wrong, re.sub(r'value="[^"]*"', "", browser.page))
            assert "Too many wrong passwords. Wait 15 min, then try again." in browser.texts
            last = await browser.http.get("/account")
            assert last.status_code == 200
    assert answers["Ann"] == answers["Bob"] == answers["Nobody"]


async def test_retry_after_says_how_long_to_wait(chat: ChatServer) -> None:
    async with another_browser(chat) as browser:
        for _ in range(NAME_TRIES):
            await signs_in_with_password(browser, "Ann")
        answer = await browser.sends("/account/sign-in", username="Ann", password="x")
        assert (answer.status_code, 890 < int(answer.headers["retry-after"]) <= 900) == (429, True)


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("short one", "A password needs 10 characters or more."),
        ("password123", "This password is among the first that are tried."),
        ("P@ssw0rd12", "This password is among the first that are tried."),
        ("a1b2c3d4e5", "This password is among the first that are tried."),
        ("0987654321", "This password is among the first that are tried."),
        ("abababababab", "This password is among the first that are tried."),
        ("annemarie123", "This password is among the first that are tried."),
        ("x" * 201, "A password has at most 200 characters."),
    ],
)
async def test_password_that_is_guessed_first_is_refused_with_a_sentence(
    chat: ChatServer, new_user: NewUser, password: str, sentence: str
) -> None:
    ann = await new_user("Annemarie")
    async with another_browser(chat, ann) as tab:
        await tab.opens("/account")
        answer = await tab.sends("/account/password", new=password)
        assert answer.status_code == 422
        assert sentence in tab.texts
    async with another_browser(chat) as browser:
        assert await signs_in_with_password(browser, "Annemarie", password) == 422


async def test_password_is_changed_and_removed_only_with_the_current_one(
    chat: ChatServer, new_user: NewUser
) -> None:
    ann = await new_user("Ann")
    await sets_password(chat, ann)
    async with another_browser(chat, ann) as tab:
        await tab.opens("/account")
        answer = await tab.sends("/account/password", new="four green bicycles", current="guess")
        assert answer.status_code == 422
        await tab.sends("/account/password", new="four green bicycles", current=PASSWORD)
        assert "Your password is set." in tab.texts
        assert (await tab.sends("/account/password/remove", current=PASSWORD)).status_code == 422
    async with another_browser(chat) as browser:
        assert await signs_in_with_password(browser, "Ann") == 422
        assert await signs_in_with_password(browser, "Ann", "four green bicycles") == 200
        await browser.opens("/account")
        await browser.sends("/account/password/remove", current="four green bicycles")
        assert "You have no password any more." in browser.texts
        assert "only this device knows it" in browser.texts
    async with another_browser(chat) as browser:
        assert await signs_in_with_password(browser, "Ann", "four green bicycles") == 422


async def test_link_of_the_owner_sets_a_new_password_once(
    chat: ChatServer, new_user: NewUser
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await sets_password(chat, bob)
    await moderates(ann, "Bob", "Link for a new password")
    await ann.waits_for_partial_text("Give this link to Bob, and to nobody else")
    (link,) = [each for each in texts_of(ann.dialog.control) if "/account/reset?code=" in each]
    path = "/account/reset" + link.partition("/account/reset")[2]
    async with another_browser(chat) as previewer:
        # Whatever opens the link without sending the form spends nothing.
        await previewer.opens(path)
        assert "New password for Bob" in previewer.page
    async with another_browser(chat) as browser:
        await browser.opens(path)
        assert (await browser.sends("/account/reset", new="short")).status_code == 422
        await browser.sends("/account/reset", new="nine slow windmills")
        assert await person_of(browser) == "Bob"
    async with another_browser(chat) as late:
        assert (await late.opens(path)).status_code == 422
        assert "This link was used already, or it is too old." in late.texts
        assert await signs_in_with_password(late, "Bob") == 422
        assert await signs_in_with_password(late, "Bob", "nine slow windmills") == 200
    assert [each for each in await acts(chat) if each[0] is not AuditAct.CLAIMED][-2:] == [
        (AuditAct.PASSWORD_LINK, "Ann", "Bob"),
        (AuditAct.PASSWORD_RESET, "Bob", ""),
    ]
    passwords = chat.workspace.passwords
    people = {each.name: each for each in await chat.workspace.all_people()}
    with pytest.raises(OwnerRequired):
        await passwords.make_link(people["Bob"], people["Ann"])
    bot = await chat.workspace.bots.create(people["Ann"], "Robot")
    with pytest.raises(BadLink):
        await passwords.make_link(people["Ann"], bot)


async def test_banned_person_signs_in_with_no_password_and_no_link(
    chat: ChatServer, new_user: NewUser
) -> None:
    await new_user("Ann")
    bob = await new_user("Bob")
    await sets_password(chat, bob)
    people = {each.name: each for each in await chat.workspace.all_people()}
    secret = await chat.workspace.passwords.make_link(people["Ann"], people["Bob"])
    await chat.workspace.moderation.ban(people["Ann"], people["Bob"], None, "spam")
    async with another_browser(chat) as browser:
        assert await signs_in_with_password(browser, "Bob") == 422
        assert "“spam”" in browser.texts or "spam" in browser.texts
        assert (await browser.opens(f"/account/reset?code={secret}")).status_code == 422
        assert await person_of(browser) == ""
    await chat.workspace.moderation.lift(people["Ann"], people["Bob"], SanctionKind.BAN)
    async with another_browser(chat) as browser:
        assert await signs_in_with_password(browser, "Bob") == 200


async def test_who_leaves_the_chat_has_no_password_and_no_name_any_more(
    chat: ChatServer, new_user: NewUser
) -> None:
    await new_user("Ann")
    bob = await new_user("Bob")
    await sets_password(chat, bob)
    await bob.leaves_chat()
    async with another_browser(chat) as browser:
        assert await signs_in_with_password(browser, "Bob") == 422
    assert (await new_user("Bob")).sees_partial("Welcome, Bob!")


async def test_forms_of_other_pages_change_nothing(chat: ChatServer, new_user: NewUser) -> None:
    ann = await new_user("Ann")
    async with another_browser(chat, ann) as tab:
        fields = {"new": PASSWORD, "key": "0" * 32}
        answer = await tab.http.post("/account/password", data=fields)
        assert "This page was out of date" in answer.text
        await tab.opens("/account")
        key = re.findall(r'name="key" value="(\w+)"', tab.page)[0]
        foreign = {"origin": "http://evil.example"}
        await tab.http.post("/account/password", data={**fields, "key": key}, headers=foreign)
        large = {"key": key, "new": "x" * 200_000}
        await tab.http.post("/account/password", data=large)
    async with another_browser(chat) as browser:
        assert await signs_in_with_password(browser, "Ann") == 422
        # A stranger changes nothing either.
        await browser.opens("/account")
        key = re.findall(r'name="key" value="(\w+)"', browser.page)[0]
        answer = await browser.http.post("/account/password", data={**fields, "key": key})
        assert answer.url.path == "/account"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("origin", ["http://chat.example:8550", "https://chat.example"])
async def test_warning_is_shown_on_plain_http_only(tmp_path: Path, origin: str) -> None:
    folder = await create_empty_database(tmp_path / "data")
    async with running_chat(folder, origin=origin) as chat:
        host = {"host": origin.partition("//")[2]}
        async with http_client(base_url=chat.url, headers=host) as http:
            page = (await http.get("/account")).text
    assert ("This page is not encrypted" in page) == origin.startswith("http:")


async def test_page_says_what_is_missing_without_the_extra(
    chat: ChatServer, new_user: NewUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await new_user("Ann")
    for each in ("argon2", "fido2"):
        monkeypatch.setitem(sys.modules, each, None)
    sentence = 'python -m pip install ".[accounts]"'
    async with another_browser(chat) as stranger, another_browser(chat, ann) as tab:
        for browser in (stranger, tab):
            assert (await browser.opens("/account")).status_code == 200
            assert browser.texts.count(sentence) == 1
            assert "<input type" not in browser.page.replace('type="hidden"', "")
    # The chat itself goes on as before.
    await ann.composer.posts("hello")
    await ann.timeline.waits_for_message("hello")


async def test_page_is_in_the_language_of_its_reader(chat: ChatServer) -> None:
    headers = {"accept-language": "zh-CN"}
    async with another_browser(chat, headers=headers) as browser:
        await browser.opens("/account")
        assert '<html lang="zh-CN"' in browser.page
        assert "Password" not in browser.texts
