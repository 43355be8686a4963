"""The dialog in which a person sets their picture."""

from collections.abc import Callable, Sequence

import flet as ft

from chat.errors import ChatError
from chat.files.upload import Upload, UploadState
from chat.model.people import Person
from chat.tasks import Tasks
from chat.ui.client.file_transfer import Carrying
from chat.ui.client.files import Offered
from chat.ui.theme import widgets
from chat.ui.theme.dialog import Dialog, ErrorText, close_button, stretched_column
from chat.ui.viewer import Clock
from chat.workspace.workspace import Workspace

_SIZE = 128


class PortraitDialog(Dialog):
    """It closes when the picture is set; `close()` closes it."""

    def __init__(
        self,
        house: Workspace,
        me: Person,
        viewer: Clock,
        files: Carrying,
        close: Callable[[], object],
    ) -> None:
        self._house = house
        self._me = me
        self._t = t = viewer.t
        self._files = files
        self._close = close
        self._upload: Upload | None = None
        self._tasks = Tasks()
        self._bar = ft.ProgressBar(value=0.0, visible=False)
        self._reason = ErrorText(t)
        about = t("Others see it beside what you say. Its middle is shown, as a square.")
        face = ft.Row(
            [widgets.avatar(me.name, _SIZE, viewer.face(me))], alignment=ft.MainAxisAlignment.CENTER
        )
        parts: list[ft.Control] = [face, widgets.secondary_text(about, 13), self._bar, self._reason]
        buttons: list[ft.Control] = [close_button(t, self._leave)]
        if me.avatar:
            buttons.append(ft.TextButton(t("Remove the picture"), on_click=self._remove))
        buttons.append(ft.FilledButton(t("Choose a picture"), on_click=self._choose))
        super().__init__(t("Your picture"), stretched_column(parts, 16), buttons, width=320)

    async def offered(self, files: Sequence[Offered]) -> None:
        """The person chose files: the first is to be their picture."""
        for each in files[1:]:
            self._files.forget(each.number)
        first = files[0]
        self._stop()
        try:
            upload = await self._house.profiles.begin_avatar_upload(
                self._me, first.name, first.size
            )
        except ChatError as refusal:
            self._files.forget(first.number)
            self._refuse(refusal)
            return
        self._upload = upload
        upload.on_change = self._heard
        self._files.send(first.number, upload.url)

    def _heard(self, upload: Upload) -> None:
        if upload is not self._upload:
            return
        if upload.state is UploadState.READY:
            self._tasks.start(self._set(upload.id), "set a picture")
        elif upload.error is not None:
            self._refuse(upload.error)
        else:
            coming = upload.state is UploadState.RECEIVING
            self._show(upload.received / upload.size if coming else None)

    async def _set(self, upload: str | None) -> None:
        try:
            await self._house.profiles.set_avatar(self._me, upload)
        except ChatError as refusal:
            self._refuse(refusal)
        else:
            self._close()

    async def _choose(self) -> None:
        await self._files.pick(self.offered)

    async def _remove(self) -> None:
        await self._set(None)

    def _leave(self) -> None:
        self._stop()
        self._close()

    def _stop(self) -> None:
        if self._upload is not None:
            self._upload.on_change = None
            self._upload.cancel()
            self._upload = None

    def _show(self, part: float | None) -> None:
        self._bar.visible, self._bar.value, self._reason.visible = True, part, False
        self.update()

    def _refuse(self, refusal: ChatError) -> None:
        self._bar.visible = False
        self._bar.update()
        self._reason.show(refusal)
