"""The dialog of the devices: where the person is signed in."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import flet as ft

from chat.errors import ChatError
from chat.languages import Language
from chat.model.devices import DEVICE_LIMIT, LABEL_LIMIT, Device
from chat.ui.devices.device_requests import (
    AddDevice,
    AskForName,
    DeviceRequest,
    PerformDeviceRequest,
    RenameDevice,
    ShowDevices,
    SignOutDevice,
    SignOutOthers,
)
from chat.ui.theme import widgets
from chat.ui.theme.dialog import Dialog, ErrorText, close_button, stretched_column
from chat.ui.theme.pages import Pages
from chat.ui.viewer import ViewerContext

_WIDTH = 480  # pixels
_ITEM_PADDING = ft.Padding.symmetric(vertical=6)


class DevicesDialog(Dialog):
    """The devices of a person, this one first; `own_hash` is that of its token.

    `perform(request)` may raise ChatError, which the dialog shows. `go_back` leads to the settings.
    """

    def __init__(
        self,
        devices: Sequence[Device],
        own_hash: bytes | None,
        viewer: ViewerContext,
        *,
        page_width: float,
        perform: PerformDeviceRequest,
        go_back: Callable[[], Awaitable[None]],
    ) -> None:
        t = viewer.t
        self._own_hash, self._viewer, self._t = own_hash, viewer, t
        self._perform = perform
        self._error_text = ErrorText(t)
        self._list = stretched_column([], 2)
        self._pages = Pages[Device](
            self._list, "", build=self._item, load=_load_nothing, page_size=DEVICE_LIMIT + 1
        )
        self._others_row = ft.Row([self._button(t("Sign out all others"), SignOutOthers())])
        self._fill(devices)
        add_button = ft.FilledButton(
            t("Add a device"),
            icon=ft.Icons.ADD_ROUNDED,
            on_click=partial(self._run, AddDevice()),
        )
        explanation = t("You are signed in here. Sign out what you do not know or use any more.")
        column = stretched_column(
            [
                widgets.secondary_text(explanation, 13),
                self._list,
                self._error_text,
                ft.Row([add_button]),
                self._others_row,
            ],
            14,
        )
        back = ft.TextButton(t("Back"), icon=ft.Icons.ARROW_BACK_ROUNDED, on_click=go_back)
        buttons = [back, close_button(t, self.close)]
        super().__init__(t("Devices"), column, buttons, width=_WIDTH)
        self.fill_phone(page_width, column)

    def show(self, devices: Sequence[Device]) -> None:
        """Show the devices as they are now."""
        self._fill(devices)
        self.update()

    def _fill(self, devices: Sequence[Device]) -> None:
        in_order = sorted(devices, key=lambda each: each.token_hash != self._own_hash)
        self._has_others = len(devices) > 1
        self._others_row.visible = self._has_others and in_order[0].token_hash == self._own_hash
        self._pages.show(in_order)

    def _item(self, device: Device) -> ft.Control:
        t, is_own = self._t, device.token_hash == self._own_hash
        label = device.label or t("A device without a name")
        texts: list[ft.Control] = [
            widgets.one_line_text(label, 14, weight=ft.FontWeight.W_600),
            widgets.secondary_text(self._times(device, is_own=is_own), 12),
        ]
        parts: list[ft.Control] = [
            ft.Icon(
                ft.Icons.DEVICES_ROUNDED,
                size=22,
                color=ft.Colors.PRIMARY if is_own else ft.Colors.ON_SURFACE_VARIANT,
            ),
            ft.Column(texts, spacing=1, tight=True, expand=True),
            widgets.icon_button(
                ft.Icons.EDIT_OUTLINED,
                t("Rename {device}", device=label),
                on_click=partial(self._run, AskForName(device)),
            ),
        ]
        if self._has_others:
            parts.append(
                widgets.icon_button(
                    ft.Icons.LOGOUT_ROUNDED,
                    t("Sign out {device}", device=label),
                    on_click=partial(self._run, SignOutDevice(device)),
                )
            )
        return ft.Container(ft.Row(parts, spacing=12), padding=_ITEM_PADDING)

    def _times(self, device: Device, *, is_own: bool) -> str:
        t, viewer = self._t, self._viewer
        if is_own:
            seen = t("This device")
        elif device.is_connected:
            seen = t("Open now")
        elif device.seen_at is None:
            seen = t("Not used for a long time")
        else:
            seen = t("Last used: {when}", when=viewer.format_recent_time(device.seen_at))
        if device.added_at is None:
            return seen
        return f"{seen} · {t('Added: {day}', day=viewer.format_day(device.added_at))}"

    def _button(self, label: str, request: DeviceRequest) -> ft.OutlinedButton:
        style = ft.ButtonStyle(color=ft.Colors.ERROR, icon_color=ft.Colors.ERROR)
        return ft.OutlinedButton(
            label,
            icon=ft.Icons.LOGOUT_ROUNDED,
            style=style,
            on_click=partial(self._run, request),
        )

    async def _run(self, request: DeviceRequest) -> None:
        await self._error_text.run(partial(self._perform, request))


class DeviceNameDialog(Dialog):
    """Asks for another name of a device. `perform(request)` may raise ChatError."""

    def __init__(self, device: Device, t: Language, *, perform: PerformDeviceRequest) -> None:
        self._device, self._perform, self._t = device, perform, t
        self._field = ft.TextField(
            label=t("Name of this device"),
            value=device.label,
            max_length=LABEL_LIMIT,
            counter="",
            autofocus=True,
            on_submit=self._on_submit,
        )
        cancel = ft.TextButton(t("Cancel"), on_click=partial(perform, ShowDevices()))
        save = ft.FilledButton(t("Save"), on_click=self._on_submit)
        super().__init__(t("Rename device"), self._field, [cancel, save], width=360)

    async def _on_submit(self) -> None:
        try:
            await self._perform(RenameDevice(self._device, self._field.value))
        except ChatError as error:
            self._field.error = self._t.error(error)
            self._field.update()


async def _load_nothing(skipped: int) -> Sequence[Device]:
    """All devices are on the first page."""
    return ()
