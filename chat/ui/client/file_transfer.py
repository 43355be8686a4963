"""How files come from a person's client and go there: through the page's script, or the window's
own dialogs."""

from collections.abc import Awaitable, Callable, Sequence
from itertools import count

import flet as ft

from chat.tasks import Tasks
from chat.ui.client.connection import connection_of
from chat.ui.client.files import Carrier, Offered

# The window counts the files of one choice from 0; the script's numbers are times of day.
_NUMBERS = count(1)

Offer = Callable[[Sequence[Offered]], Awaitable[None]]


class Carrying:
    """The files of one session; `owner` stands in its page.

    `source(address)` is where its client finds a picture of the chat's (`Clock.source`).
    """

    def __init__(self, owner: ft.Control, source: Callable[[str], str]) -> None:
        self.source = source
        self._owner = owner
        self._picker: ft.FilePicker | None = None
        self._picked = dict[int, str]()
        self._tasks = Tasks()

    async def pick(self, offer: Offer) -> None:
        """Let the person choose files; the window's are given to `offer`, the script tells."""
        carrier = self._carrier
        if carrier is not None and carrier.pick_files():
            return
        self._picker = self._picker or ft.FilePicker()
        found = await self._picker.pick_files(allow_multiple=True)
        offered = [Offered(next(_NUMBERS), str(each.name), int(each.size)) for each in found]
        self._picked = {each.number: each.name for each in offered}
        await offer(offered)

    def take(self, on: bool) -> None:
        """Whether files may be dropped on the page and pasted."""
        if (carrier := self._carrier) is not None:
            carrier.take_files(on)

    def send(self, number: int, address: str) -> None:
        """Have a file sent to an address of the chat's."""
        if self._picker is not None and (name := self._picked.pop(number, None)) is not None:
            # By its name: the client's own numbers change when one is sent.
            file = ft.FilePickerUploadFile(upload_url=address, name=name)
            self._tasks.start(self._picker.upload([file]), "send a file")
        elif (carrier := self._carrier) is not None:
            carrier.send_file(number, address)

    def forget(self, number: int) -> None:
        """It is not wanted, or was not taken."""
        if self._picked.pop(number, None) is None and (carrier := self._carrier) is not None:
            carrier.forget_file(number)

    async def save(self, address: str, for_window: Callable[[str], str]) -> None:
        """Have what is at an address of the chat's saved; the window asks the person's browser,
        which needs `for_window(address)`."""
        carrier = self._carrier
        if carrier is None or not carrier.save_file(address):
            await ft.UrlLauncher().launch_url(for_window(address))

    @property
    def _carrier(self) -> Carrier | None:
        return connection_of(self._owner.page)
