"""Browsers of people who sign in on another device: the pages of accounts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chat.server.app import ChatServer
from tests.harness.plain_browser import PlainBrowser
from tests.harness.user import ChatUser

PASSWORD = "seven quiet herons"


@asynccontextmanager
async def another_browser(
    chat: ChatServer, like: ChatUser | None = None, **options: object
) -> AsyncIterator[PlainBrowser]:
    """A browser that nobody has come in with, or another tab of that of `like`."""
    cookies = {} if like is None else dict(like.cookies)
    browser = PlainBrowser(chat, cookies=cookies, **options)
    try:
        yield browser
    finally:
        await browser.http.aclose()


async def sets_password(chat: ChatServer, user: ChatUser, password: str = PASSWORD) -> None:
    """Set a first password in Settings, Sign-in."""
    async with another_browser(chat, user) as tab:
        await tab.opens("/account")
        await tab.sends("/account/password", new=password)
        assert "Your password is set." in tab.texts


async def signs_in_with_password(browser: PlainBrowser, name: str, password: str = PASSWORD) -> int:
    """Enter name and password on the page; the status of the answer."""
    await browser.opens(f"/account?name={name}")
    answer = await browser.sends("/account/sign-in", username=name, password=password)
    return answer.status_code


async def person_of(browser: PlainBrowser) -> str:
    """Who the chat says the person of this browser is; "" for a stranger."""
    await browser.opens("/account")
    return browser.texts.partition("You are ")[2].partition(",")[0].partition(".")[0]
