"""Sign in with an account of an OpenID provider, which may also lie."""

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from chat.errors import CannotStart
from chat.model.moderation import Role
from chat.model.people import Person
from chat.server.app import ChatServer
from chat.server.settings import Settings, provider_secret
from tests.conftest import NewUser, running_chat
from tests.harness.accounts import another_browser, person_of
from tests.harness.domain import create_empty_database
from tests.harness.openid_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    OpenIdProvider,
    openid_provider,
)

pytestmark = pytest.mark.usefixtures("no_sessions")

BEGIN, CALLBACK = "/account/provider", "/account/provider/callback"

NOT_BEGUN = "This sign-in was not begun in this browser, or too long ago."
DOES_NOT_FIT = "does not fit this sign-in."


@pytest.fixture
async def provider() -> AsyncIterator[OpenIdProvider]:
    """The provider."""
    async with openid_provider() as provider:
        yield provider


@pytest.fixture
async def chat(
    provider: OpenIdProvider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[ChatServer]:
    """A chat with this provider."""
    monkeypatch.setenv("CHAT_OIDC_SECRET", CLIENT_SECRET)
    folder = await create_empty_database(tmp_path / "data")
    async with running_chat(
        folder,
        oidc_issuer=provider.issuer,
        oidc_client_id=CLIENT_ID,
        oidc_groups="owner=admins,moderator=staff",
    ) as chat:
        yield chat


async def people(chat: ChatServer) -> dict[str, Person]:
    """Everybody who is in the chat, by name."""
    return {each.name: each for each in await chat.workspace.all_people()}


async def test_account_comes_in_under_its_name_and_is_the_same_person_later(
    chat: ChatServer, provider: OpenIdProvider
) -> None:
    tokens = set()
    for _ in range(2):
        async with another_browser(chat) as browser:
            await browser.opens("/account")
            assert "Sign in with 127.0.0.1" in browser.texts
            answer = await browser.opens(BEGIN)
            assert (answer.status_code, answer.url.path) == (200, "/")
            tokens |= set(browser.http.cookies.values())
            assert await person_of(browser) == "Ann"
            assert "ann-1@example.org" in browser.texts
    assert len(tokens) == 2
    assert list(await people(chat)) == ["Ann"]
    asked = provider.authorizations[0]
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == chat.url + CALLBACK
    nonces = {each["nonce"] for each in provider.authorizations}
    assert len(nonces) == 2


async def test_mail_of_the_user_information_counts(
    chat: ChatServer, provider: OpenIdProvider
) -> None:
    provider.has_userinfo = True
    async with another_browser(chat) as browser:
        await browser.opens(BEGIN)
        assert await person_of(browser) == "Ann"


async def test_answer_that_nobody_asked_for_is_refused(
    chat: ChatServer, provider: OpenIdProvider
) -> None:
    async with another_browser(chat) as browser, another_browser(chat) as victim:
        for query in ("", "?code=x", "?code=x&state=", "?code=x&state=made-up"):
            assert (await browser.opens(CALLBACK + query)).status_code == 422
            assert NOT_BEGUN in browser.texts
        # Somebody else's answer, for a browser that has begun nothing, or something else.
        browser.http.follow_redirects = victim.http.follow_redirects = False
        to_provider = (await browser.opens(BEGIN)).headers["location"]
        back = (await browser.http.get(to_provider)).headers["location"]
        await victim.opens(BEGIN)
        assert (await victim.opens(back)).status_code == 422
        assert NOT_BEGUN in victim.texts
        # An answer that was refused is spent.
        assert (await browser.opens(back)).status_code == 422
        assert await people(chat) == {}


async def test_id_token_that_does_not_fit_is_refused(
    chat: ChatServer, provider: OpenIdProvider
) -> None:
    lies: tuple[dict[str, Any], ...] = (
        {"nonce": "another"},
        {"nonce": None},
        {"iss": "https://elsewhere.example"},
        {"iss": None},
        {"aud": "another client"},
        {"aud": [CLIENT_ID, "another"], "azp": "another"},
        {"exp": 1},
        {"exp": None},
        {"iat": int(time.time()) + 3600},
        {"sub": None},
    )
    async with another_browser(chat) as browser:
        for provider.lies in lies:
            assert (await browser.opens(BEGIN)).status_code == 422, provider.lies
            assert DOES_NOT_FIT in browser.texts
        assert await person_of(browser) == ""
        assert await people(chat) == {}
        provider.lies = {"aud": [CLIENT_ID]}
        await browser.opens(BEGIN)
        assert await person_of(browser) == "Ann"


async def test_forged_signature_is_refused(chat: ChatServer, provider: OpenIdProvider) -> None:
    async with another_browser(chat) as browser:
        for provider.algorithm in ("none", "HS256"):
            assert (await browser.opens(BEGIN)).status_code == 422
            assert DOES_NOT_FIT in browser.texts
        provider.algorithm, provider.signs_with_other_key = "RS256", True
        assert (await browser.opens(BEGIN)).status_code == 422
        assert DOES_NOT_FIT in browser.texts
    assert await people(chat) == {}


async def test_mail_address_that_is_not_verified_is_refused(
    chat: ChatServer, provider: OpenIdProvider
) -> None:
    verified: object
    async with another_browser(chat) as browser:
        for verified in (False, None, "true", 1):
            provider.signs_in("ann-1", name="Ann", email_verified=verified)
            assert (await browser.opens(BEGIN)).status_code == 422
            assert "127.0.0.1 has not verified your mail address." in browser.texts
    assert await people(chat) == {}


async def test_provider_of_another_issuer_is_refused(
    chat: ChatServer, provider: OpenIdProvider
) -> None:
    async with another_browser(chat) as browser:
        provider.metadata = {"issuer": "https://elsewhere.example"}
        assert (await browser.opens(BEGIN)).status_code == 422
        assert "says that it is another one." in browser.texts
        provider.metadata = {}
        provider.answer_issuer = "https://elsewhere.example"
        assert (await browser.opens(BEGIN)).status_code == 422
        assert DOES_NOT_FIT in browser.texts


async def test_provider_without_pkce_is_refused(chat: ChatServer, provider: OpenIdProvider) -> None:
    provider.metadata = {"code_challenge_methods_supported": ["plain"]}
    async with another_browser(chat) as browser:
        assert (await browser.opens(BEGIN)).status_code == 422
        assert "has no PKCE with S256" in browser.texts
    assert provider.authorizations == []


async def test_code_of_another_sign_in_is_refused_by_its_verifier(
    chat: ChatServer, provider: OpenIdProvider
) -> None:
    """A code that somebody has taken is worth nothing without the verifier of its browser."""
    async with another_browser(chat) as browser, another_browser(chat) as thief:
        browser.http.follow_redirects = thief.http.follow_redirects = False
        to_provider = (await browser.opens(BEGIN)).headers["location"]
        taken = (await browser.http.get(to_provider)).headers["location"]
        code = taken.partition("code=")[2].partition("&")[0]
        own = (await thief.opens(BEGIN)).headers["location"]
        state = own.partition("state=")[2].partition("&")[0]
        assert (await thief.opens(f"{CALLBACK}?code={code}&state={state}")).status_code == 422
        assert DOES_NOT_FIT in thief.texts


async def test_refusal_of_the_provider_and_its_silence_are_told_in_words(
    chat: ChatServer, provider: OpenIdProvider
) -> None:
    async with another_browser(chat) as browser:
        browser.http.follow_redirects = False
        own = (await browser.opens(BEGIN)).headers["location"]
        state = own.partition("state=")[2].partition("&")[0]
        await browser.opens(f"{CALLBACK}?error=access_denied&state={state}")
        assert "127.0.0.1 did not sign you in (access_denied)." in browser.texts
        own = (await browser.opens(BEGIN)).headers["location"]
        state = own.partition("state=")[2].partition("&")[0]
        await browser.opens(f"{CALLBACK}?error=%3Cscript%3E&state={state}")
        assert "did not sign you in (error)." in browser.texts
        assert "<script>alert" not in browser.page


async def test_taken_name_is_asked_for_and_nobody_is_joined_by_name_or_mail(
    chat: ChatServer, provider: OpenIdProvider, new_user: NewUser
) -> None:
    await new_user("Ann")
    async with another_browser(chat) as browser:
        answer = await browser.opens(BEGIN)
        assert answer.status_code == 422
        assert "Somebody here is called Ann." in browser.texts
        assert "Ann 2" in browser.page
        await browser.sends("/account/provider/name", username="Anna")
        assert await person_of(browser) == "Anna"
    assert set(await people(chat)) == {"Ann", "Anna"}
    # The same mail at another account of the provider is somebody else.
    provider.signs_in("other-2", name="Zoe", email="ann-1@example.org")
    async with another_browser(chat) as browser:
        await browser.opens(BEGIN)
        assert await person_of(browser) == "Zoe"


async def test_person_joins_an_account_in_the_settings_and_comes_in_with_it(
    chat: ChatServer, provider: OpenIdProvider, new_user: NewUser
) -> None:
    maya = await new_user("Maya")
    async with another_browser(chat, maya) as tab:
        await tab.opens("/account")
        await tab.sends("/account/provider/join")
        # The page goes on by itself: a form may not lead to another site.
        to_provider = tab.page.partition("0; url=")[2].partition('"')[0].replace("&amp;", "&")
        await tab.opens(to_provider)
        assert "You can sign in with this account now." in tab.texts
    async with another_browser(chat) as browser:
        await browser.opens(BEGIN)
        assert await person_of(browser) == "Maya"
        await browser.sends("/account/provider/remove")
        assert "only this device knows it" in browser.texts
    async with another_browser(chat) as browser:
        await browser.opens(BEGIN)
        assert await person_of(browser) == "Ann"
    # What is somebody's is not joined to somebody else.
    async with another_browser(chat, maya) as tab:
        await tab.opens("/account")
        await tab.sends("/account/provider/join")
        to_provider = tab.page.partition("0; url=")[2].partition('"')[0].replace("&amp;", "&")
        assert (await tab.opens(to_provider)).status_code == 422
        assert "This account belongs to somebody else here." in tab.texts


async def test_page_of_another_site_joins_no_account(
    chat: ChatServer, provider: OpenIdProvider, new_user: NewUser
) -> None:
    maya = await new_user("Maya")
    async with another_browser(chat, maya) as tab:
        assert (await tab.opens(BEGIN)).url.path == "/account"
        await tab.http.post("/account/provider/join", data={"key": "0" * 32})
    assert provider.authorizations == []


async def test_groups_give_roles_and_take_them_back(
    chat: ChatServer, provider: OpenIdProvider, new_user: NewUser
) -> None:
    await new_user("Maya")  # on this computer: she owns the chat
    roles = chat.workspace.roles
    for groups, role in (
        (["staff", "lunch"], Role.MODERATOR),
        ([], Role.MEMBER),
        (["admins"], Role.MODERATOR),
        ("staff", Role.MEMBER),
    ):
        provider.signs_in("ann-1", name="Ann", groups=groups)
        async with another_browser(chat) as browser:
            await browser.opens(BEGIN)
        assert roles.of((await people(chat))["Ann"].id) is role


async def test_banned_person_signs_in_with_no_account(
    chat: ChatServer, provider: OpenIdProvider, new_user: NewUser
) -> None:
    await new_user("Maya")
    async with another_browser(chat) as browser:
        await browser.opens(BEGIN)
    known = await people(chat)
    await chat.workspace.moderation.ban(known["Maya"], known["Ann"], None, "spam")
    async with another_browser(chat) as browser:
        assert (await browser.opens(BEGIN)).status_code == 422
        assert "spam" in browser.texts
        assert await person_of(browser) == ""


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"oidc_issuer": "https://a.example"}, "belong together"),
        ({"oidc_issuer": "http://a.example", "oidc_client_id": "x"}, "is no issuer"),
        ({"oidc_issuer": "a.example", "oidc_client_id": "x"}, "is no issuer"),
        ({"oidc_groups": "king=admins"}, "gives no role"),
        ({"oidc_groups": "owner"}, "gives no role"),
    ],
)
def test_setting_of_the_provider_is_refused_with_a_sentence(
    values: dict[str, str], sentence: str
) -> None:
    with pytest.raises(CannotStart, match=sentence):
        Settings(**values)  # type: ignore[arg-type]


def test_secret_is_read_from_the_environment_or_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    settings = Settings(oidc_secret_file=str(file))
    with pytest.raises(CannotStart, match="cannot be read"):
        provider_secret(settings, {})
    file.write_text("from a file\n")
    assert provider_secret(settings, {}) == "from a file"
    assert provider_secret(settings, {"CHAT_OIDC_SECRET": "from here"}) == "from here"
    with pytest.raises(CannotStart, match="needs the secret"):
        provider_secret(Settings(), {})
