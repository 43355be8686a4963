"""The dialog in which a person sets their avatar."""

from collections.abc import Sequence

import flet as ft

from chat.errors import ChatError, NoSuchUpload
from chat.files.crop import Crop
from chat.files.upload import Upload, UploadState
from chat.model.attachments import crop_source_url
from chat.model.people import Person
from chat.tasks import Tasks
from chat.ui.client.chosen_files import ChosenFile
from chat.ui.client.file_transfer import FileTransfer
from chat.ui.dialogs.crop_frame import CropFrame
from chat.ui.theme import widgets
from chat.ui.theme.dialog import Dialog, ErrorText, close_button, stretched_column
from chat.ui.viewer import ViewerContext
from chat.workspace.workspace import Workspace

_AVATAR_SIZE = 128


class AvatarDialog(Dialog):
    """Uploads a picture and lets the person choose its part, or removes the avatar. The dialog
    closes when that is done."""

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
        self._viewer = viewer
        self._t = t = viewer.t
        self._file_transfer = file_transfer
        self._upload: Upload | None = None
        self._crop_frame: CropFrame | None = None
        self._tasks = Tasks()
        self._progress_bar = ft.ProgressBar(value=0.0, visible=False)
        self._error_text = ErrorText(t)
        help_text = t("Others see it beside what you say. You choose the part that they see.")
        avatar_row = ft.Row(
            [widgets.avatar(me.name, _AVATAR_SIZE, viewer.avatar_url(me))],
            alignment=ft.MainAxisAlignment.CENTER,
        )
        self._help_text = widgets.secondary_text(help_text, 13)
        parts: list[ft.Control] = [
            avatar_row,
            self._help_text,
            self._progress_bar,
            self._error_text,
        ]
        self._parts = stretched_column(parts, 16)
        buttons: list[ft.Control] = [close_button(t, self._cancel)]
        if me.avatar:
            buttons.append(ft.TextButton(t("Remove the picture"), on_click=self._remove))
        buttons.append(ft.FilledButton(t("Choose a picture"), on_click=self._choose))
        super().__init__(t("Your picture"), self._parts, buttons, width=320)

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
            self._show_crop_frame(upload)
        elif upload.error is not None:
            self._show_error(upload.error)
        elif upload.state is UploadState.CANCELLED:
            # It has waited too long, or the person has chosen a picture on another device.
            self._upload = None
            self._show_error(NoSuchUpload())
        elif not upload.is_over:
            is_receiving = upload.state is UploadState.RECEIVING
            self._show_progress(upload.received / upload.size if is_receiving else None)

    def _show_crop_frame(self, upload: Upload) -> None:
        """Let the person choose a part of the picture that has arrived."""
        blob, attachment, t = upload.blob, upload.attachment, self._t
        if blob is None or attachment is None:
            return
        url = self._viewer.image_url(crop_source_url(attachment.id))
        self._crop_frame = CropFrame(url, (blob.width, blob.height), t)
        self._parts.controls[0] = self._crop_frame
        self._help_text.value = t("Drag the picture, or use the buttons below it.")
        self._progress_bar.visible = self._error_text.visible = False
        self.actions = [
            close_button(t, self._cancel),
            ft.TextButton(t("Choose another"), on_click=self._choose),
            ft.FilledButton(t("Save"), on_click=self._use_part),
        ]
        self.update()

    async def _use_part(self) -> None:
        if self._upload is not None and self._crop_frame is not None:
            await self._set_avatar(self._upload.id, self._crop_frame.crop)

    async def _set_avatar(self, upload_id: str | None, crop: Crop | None = None) -> None:
        try:
            await self._workspace.profiles.set_avatar(self._me, upload_id, crop)
        except ChatError as error:
            self._show_error(error)
        else:
            self.close()

    async def _choose(self) -> None:
        await self._file_transfer.pick(self.on_files_chosen)

    async def _remove(self) -> None:
        await self._set_avatar(None)

    def _cancel(self) -> None:
        self.close()

    def abandon(self) -> None:
        """The dialog is closed: a picture that was not chosen is deleted."""
        self._cancel_upload()

    def _cancel_upload(self) -> None:
        if self._upload is not None:
            self._upload.on_change = None
            self._workspace.uploads.cancel(self._upload)
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
