"""The cookies of browsers: who may know a token before a person comes in with it."""

from http.cookies import SimpleCookie

import httpx
import pytest

from chat.people.browser_tokens import BrowserTokens, new_token
from chat.server.app import ChatServer
from chat.web.guard.cookies import token_cookie_name
from tests.conftest import NewUser
from tests.harness.http import http_client
from tests.harness.user import ChatUser

PLANTED = {
    "a word": "planted",
    "a token of the right length": new_token(),
    "a token of another chat": BrowserTokens().issue(),
    "a signature alone": "." + "0" * 64,
    "a long one": "x" * 4000,
    "two parts": "a.b",
}


def cookie_of(response: httpx.Response) -> str | None:
    """The value of the cookie that a response sets."""
    jar = SimpleCookie(response.headers.get("set-cookie", ""))
    return next((each.value for each in jar.values()), None)


@pytest.mark.parametrize("planted", PLANTED.values(), ids=PLANTED)
async def test_token_that_was_not_issued_is_replaced(chat: ChatServer, planted: str) -> None:
    name = token_cookie_name(chat.workspace)
    async with http_client(base_url=chat.url) as http:
        issued = cookie_of(await http.get("/"))
        for path in ("/", "/room/lobby", "/chat?username=Ann"):
            response = await http.get(path, headers={"cookie": f"{name}={planted}"})
            assert cookie_of(response) not in {None, planted, issued}
        # One that was issued stays; one that was changed does not.
        response = await http.get("/", headers={"cookie": f"{name}={issued}"})
        assert cookie_of(response) is None
        assert issued is not None
        changed = issued[:-1] + ("1" if issued[-1] == "0" else "0")
        response = await http.get("/", headers={"cookie": f"{name}={changed}"})
        assert cookie_of(response) not in {None, changed}


@pytest.mark.parametrize("is_issued", [True, False])
async def test_whoever_knew_the_token_before_is_not_the_person_afterwards(
    new_user: NewUser, chat: ChatServer, is_issued: bool
) -> None:
    attacker = await new_user()
    if not is_issued:
        attacker.cookies[token_cookie_name(chat.workspace)] = "planted"
    planted = attacker.token
    victim = ChatUser(chat.url)
    victim.cookies = dict(attacker.cookies)
    await victim.opens()
    await victim.signs_in("Ann")
    await victim.composer.posts("it is me")
    assert victim.token != planted
    assert await chat.workspace.identity.person_for_token(planted) is None
    attacker.cookies[token_cookie_name(chat.workspace)] = planted
    await attacker.disconnects()
    await attacker.connects()
    await attacker.until(lambda: attacker.sees("Start chat"))
    attacker.session_id = None
    await attacker.reloads()
    await attacker.until(lambda: attacker.sees("Start chat"))
    await victim.reloads()
    await victim.timeline.waits_for_message("it is me")
    await victim.disconnects()


async def test_socket_without_scripts_is_known_by_an_issued_token_only(
    new_user: NewUser, chat: ChatServer
) -> None:
    ann = await new_user("Ann", has_script=False)
    await ann.reloads()
    await ann.waits_for_text("Welcome, Ann!")
    bob = ChatUser(chat.url, has_script=False)
    bob.cookies[token_cookie_name(chat.workspace)] = "planted"
    await bob.connects()
    await bob.signs_in("Bob")
    assert await chat.workspace.identity.person_for_token("planted") is None
    await bob.disconnects()


async def test_cookie_is_fetched_once_with_a_code_from_the_own_page(
    new_user: NewUser, chat: ChatServer
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    identity, name = chat.workspace.identity, token_cookie_name(chat.workspace)
    code = identity.browser_tokens.begin_exchange(None, ann.token)
    own = {"origin": chat.url}
    async with http_client(base_url=chat.url) as http:

        async def post(content: str, **headers: str) -> httpx.Response:
            return await http.post("/token", content=content, headers=headers)

        assert (await post(code, origin="http://evil.example")).status_code == 403
        for wrong in ("", "x", code[:-1], "\xff" * 20):
            assert (await post(wrong, **own)).status_code == 404
        assert (await post("x" * 101, **own)).status_code == 413
        response = await post(code, **own)
        assert (response.status_code, cookie_of(response)) == (204, ann.token)
        assert (await post(code, **own)).status_code == 404
        # Somebody else came in with this browser meanwhile: they stay who they are.
        code = identity.browser_tokens.begin_exchange(None, ann.token)
        response = await post(code, **own, cookie=f"{name}={bob.token}")
        assert (response.status_code, cookie_of(response)) == (409, None)


def test_codes_and_exchanged_tokens_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.people.browser_tokens.CODE_LIMIT", 3)
    tokens = BrowserTokens()
    codes = [tokens.begin_exchange(f"old {n}", f"new {n}") for n in range(5)]
    assert [tokens.is_exchanged(f"old {n}") for n in range(5)] == [False] * 2 + [True] * 3
    assert [tokens.finish_exchange(each) for each in codes] == [
        None,
        None,
        "new 2",
        "new 3",
        "new 4",
    ]
