"""Files to and from the client: through the page script, or the dialogs of the desktop window."""

from collections.abc import Awaitable, Callable, Sequence
from itertools import count

import flet as ft

from chat.tasks import Tasks
from chat.ui.client.chosen_files import ChosenFile, FileClient
from chat.ui.client.connection import connection_of

# The window counts the files of one choice from 0. The page script uses times as numbers.
_FILE_NUMBERS = count(1)

OnFilesChosen = Callable[[Sequence[ChosenFile]], Awaitable[None]]


class FileTransfer:
    """The file transfers of one session. `owner` is a control on its page.

    `image_url(url)` is the address of a picture for this client (`ViewerContext.image_url`).
    """

    def __init__(
        self,
        owner: ft.Control,
        *,
        image_url: Callable[[str], str],
    ) -> None:
        self.image_url = image_url
        self._owner = owner
        self._file_picker: ft.FilePicker | None = None
        self._picked_names = dict[int, str]()
        self._tasks = Tasks()

    async def pick(self, on_files_chosen: OnFilesChosen) -> None:
        """Let the person choose files.

        The window's files go to `on_files_chosen`; the page script sends an event instead.
        """
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
        """Allow or forbid files to be dropped on the page or pasted."""
        if (client := self._client) is not None:
            client.accept_files(enabled)

    def send(self, file_number: int, url: str) -> None:
        """Let the client upload a file to an address of the chat."""
        if (
            self._file_picker is not None
            and (name := self._picked_names.pop(file_number, None)) is not None
        ):
            # By its name: the client's own numbers change after each upload.
            file = ft.FilePickerUploadFile(upload_url=url, name=name)
            self._tasks.start(self._file_picker.upload([file]), "send a file")
        elif (client := self._client) is not None:
            client.send_file(file_number, url)

    def forget(self, file_number: int) -> None:
        """Let the client forget a file that was not accepted or is no longer wanted."""
        if (
            self._picked_names.pop(file_number, None) is None
            and (client := self._client) is not None
        ):
            client.forget_file(file_number)

    async def save(self, url: str, window_url: Callable[[str], str]) -> None:
        """Let the client save the file at an address of the chat.

        The desktop window opens the person's browser, with the address that `window_url(url)`
        returns.
        """
        client = self._client
        if client is None or not client.save_file(url):
            await ft.UrlLauncher().launch_url(window_url(url))

    @property
    def _client(self) -> FileClient | None:
        return connection_of(self._owner.page)
