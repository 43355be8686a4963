"""The dialog in which a person sets their avatar."""

from collections.abc import Sequence

import flet as ft

from chat.errors import ChatError
from chat.files.upload import Upload, UploadState
from chat.model.people import Person
from chat.tasks import Tasks
from chat.ui.client.chosen_files import ChosenFile
from chat.ui.client.file_transfer import FileTransfer
from chat.ui.theme import widgets
from chat.ui.theme.dialog import Dialog, ErrorText, close_button, stretched_column
from chat.ui.viewer import ViewerContext
from chat.workspace.workspace import Workspace

_AVATAR_SIZE = 128


class AvatarDialog(Dialog):
    """Uploads a picture, or removes the avatar. The dialog closes when that is done."""

    def __init__(
        self,
        workspace: Workspace,
        me: Person,
        viewer: ViewerContext,
        *,
        file_transfer: FileTransfer,
    ) -> None:
        self._workspace = workspace
        self._me = me
        self._t = t = viewer.t
        self._file_transfer = file_transfer
        self._upload: Upload | None = None
        self._tasks = Tasks()
        self._progress_bar = ft.ProgressBar(value=0.0, visible=False)
        self._error_text = ErrorText(t)
        help_text = t("Others see it beside what you say. Its middle is shown, as a square.")
        avatar_row = ft.Row(
            [widgets.avatar(me.name, _AVATAR_SIZE, viewer.avatar_url(me))],
            alignment=ft.MainAxisAlignment.CENTER,
        )
        parts: list[ft.Control] = [
            avatar_row,
            widgets.secondary_text(help_text, 13),
            self._progress_bar,
            self._error_text,
        ]
        buttons: list[ft.Control] = [close_button(t, self._cancel)]
        if me.avatar:
            buttons.append(ft.TextButton(t("Remove the picture"), on_click=self._remove))
        buttons.append(ft.FilledButton(t("Choose a picture"), on_click=self._choose))
        super().__init__(t("Your picture"), stretched_column(parts, 16), buttons, width=320)

    async def on_files_chosen(self, files: Sequence[ChosenFile]) -> None:
        """The person chose files: the first becomes the avatar."""
        for each in files[1:]:
            self._file_transfer.forget(each.number)
        first = files[0]
        self._cancel_upload()
        try:
            upload = await self._workspace.profiles.begin_avatar_upload(
                self._me, first.name, first.size
            )
        except ChatError as error:
            self._file_transfer.forget(first.number)
            self._show_error(error)
            return
        self._upload = upload
        upload.on_change = self._on_upload_change
        self._file_transfer.send(first.number, upload.url)

    def _on_upload_change(self, upload: Upload) -> None:
        if upload is not self._upload:
            return
        if upload.state is UploadState.READY:
            self._tasks.start(self._set_avatar(upload.id), "set a picture")
        elif upload.error is not None:
            self._show_error(upload.error)
        else:
            is_receiving = upload.state is UploadState.RECEIVING
            self._show_progress(upload.received / upload.size if is_receiving else None)

    async def _set_avatar(self, upload_id: str | None) -> None:
        try:
            await self._workspace.profiles.set_avatar(self._me, upload_id)
        except ChatError as error:
            self._show_error(error)
        else:
            self.close()

    async def _choose(self) -> None:
        await self._file_transfer.pick(self.on_files_chosen)

    async def _remove(self) -> None:
        await self._set_avatar(None)

    def _cancel(self) -> None:
        self._cancel_upload()
        self.close()

    def _cancel_upload(self) -> None:
        if self._upload is not None:
            self._upload.on_change = None
            self._upload.cancel()
            self._upload = None

    def _show_progress(self, fraction: float | None) -> None:
        self._progress_bar.visible, self._progress_bar.value, self._error_text.visible = (
            True,
            fraction,
            False,
        )
        self.update()

    def _show_error(self, error: ChatError) -> None:
        self._progress_bar.visible = False
        self._progress_bar.update()
        self._error_text.show(error)
