"""How files come from a person's client and go there: through the page's script, or the window's
own dialogs."""

from collections.abc import Awaitable, Callable, Sequence
from itertools import count

import flet as ft

from chat.tasks import Tasks
from chat.ui.client.connection import connection_of
from chat.ui.client.files import ChosenFile, FileClient

# The window counts the files of one choice from 0; the script's numbers are times of day.
_FILE_NUMBERS = count(1)

OnFilesChosen = Callable[[Sequence[ChosenFile]], Awaitable[None]]


class FileTransfer:
    """The files of one session; `owner` stands in its page.

    `source(address)` is where its client finds a picture of the chat's (`ViewerContext.image_url`).
    """

    def __init__(self, owner: ft.Control, image_url: Callable[[str], str]) -> None:
        self.image_url = image_url
        self._owner = owner
        self._file_picker: ft.FilePicker | None = None
        self._picked_names = dict[int, str]()
        self._tasks = Tasks()

    async def pick(self, on_files_chosen: OnFilesChosen) -> None:
        """Let the person choose files; the window's are given to `offer`, the script tells."""
        client = self._client
        if client is not None and client.pick_files():
            return
        self._file_picker = self._file_picker or ft.FilePicker()
        picked = await self._file_picker.pick_files(allow_multiple=True)
        chosen = [
            ChosenFile(next(_FILE_NUMBERS), str(each.name), int(each.size)) for each in picked
        ]
        self._picked_names = {each.number: each.name for each in chosen}
        await on_files_chosen(chosen)

    def accept_files(self, enabled: bool) -> None:
        """Whether files may be dropped on the page and pasted."""
        if (client := self._client) is not None:
            client.accept_files(enabled)

    def send(self, file_number: int, url: str) -> None:
        """Have a file sent to an address of the chat's."""
        if (
            self._file_picker is not None
            and (name := self._picked_names.pop(file_number, None)) is not None
        ):
            # By its name: the client's own numbers change when one is sent.
            file = ft.FilePickerUploadFile(upload_url=url, name=name)
            self._tasks.start(self._file_picker.upload([file]), "send a file")
        elif (client := self._client) is not None:
            client.send_file(file_number, url)

    def forget(self, file_number: int) -> None:
        """It is not wanted, or was not taken."""
        if (
            self._picked_names.pop(file_number, None) is None
            and (client := self._client) is not None
        ):
            client.forget_file(file_number)

    async def save(self, url: str, window_url: Callable[[str], str]) -> None:
        """Have what is at an address of the chat's saved; the window asks the person's browser,
        which needs `for_window(address)`."""
        client = self._client
        if client is None or not client.save_file(url):
            await ft.UrlLauncher().launch_url(window_url(url))

    @property
    def _client(self) -> FileClient | None:
        return connection_of(self._owner.page)
