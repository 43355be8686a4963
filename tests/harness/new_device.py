"""Another device of a person: a browser that follows the pages of its link, without scripts."""

import re
from html import unescape

import httpx

from tests.harness.control_tree import texts_of
from tests.harness.http import http_client
from tests.harness.user import ChatUser

ANDROID = (
    "Mozilla/5.0 (Linux; Android 16; K) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/156.0.0.0 Mobile Safari/537.36"
)

_NUMBER = re.compile(r'<p class="number"[^>]*>(\d\d)</p>')
_ALERT = re.compile(r'<p role="alert">(.*?)</p>', re.S)
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


class NewDevice:
    """A browser with cookies of its own; `page` is the HTML that it shows."""

    def __init__(self, address: str, language: str = "en") -> None:
        headers = {"user-agent": ANDROID, "accept-language": language, "origin": address}
        self.http = http_client(base_url=address, headers=headers, follow_redirects=True)
        self.address = address
        self.page = ""
        self.path = ""

    async def opens(self, link: str) -> httpx.Response:
        """Open a link."""
        return self._show(await self.http.get(link))

    async def asks(self) -> httpx.Response:
        """Press the button of the page."""
        hidden = {name: unescape(value) for name, value in _HIDDEN.findall(self.page)}
        return self._show(await self.http.post("/device", data=hidden))

    async def reloads(self) -> httpx.Response:
        """Load the page again, as it does by itself."""
        return self._show(await self.http.get(self.path))

    async def is_answered(self) -> bool:
        """Whether the first device has answered."""
        response = await self.http.get(self.path.replace("/number/", "/state/"))
        return response.status_code != 204

    @property
    def number(self) -> str:
        """The number on the screen."""
        (number,) = _NUMBER.findall(self.page)
        return str(number)

    @property
    def refusal(self) -> str:
        """Why it does not come in; empty if nothing is refused."""
        return unescape("".join(_ALERT.findall(self.page)))

    @property
    def cookies(self) -> dict[str, str]:
        """Its cookies."""
        return dict(self.http.cookies)

    async def opens_chat(self, device_key: str = "") -> ChatUser:
        """Open the chat in this browser."""
        user = ChatUser(self.address, device_key=device_key)
        user.cookies |= self.cookies
        await user.opens("/")
        return user

    def _show(self, response: httpx.Response) -> httpx.Response:
        self.page, self.path = response.text, response.url.path
        return response


async def opens_devices(user: ChatUser) -> None:
    """Open the list of the devices, by the settings."""
    await user.clicks("Settings")
    await user.clicks("Devices")
    await user.waits_for_text("Add a device")


async def makes_link(user: ChatUser) -> str:
    """Open the list of the devices, and make a link for another one."""
    await opens_devices(user)
    await user.clicks("Add a device")
    return await shown_link(user)


async def shown_link(user: ChatUser) -> str:
    """The link in the open dialog, once there is one."""

    def links() -> list[str]:
        return [text for text in texts_of(user.dialog.control or {}) if "/device/" in text]

    await user.until(links)
    return links()[-1]


async def types_number(user: ChatUser, number: str) -> None:
    """Type the number of the new device, and let it in."""
    field = await user.waits_for_control("TextField", label="Its number")
    await user.fills(field, number)
    await user.clicks("Let it in")
