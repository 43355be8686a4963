"""The dialog that adds a device: a link with its QR code, then the number of the new device."""

import asyncio
from functools import partial

import flet as ft

from chat.devices.pairing import PairingLink
from chat.errors import ChatError, gettext_noop
from chat.languages import Language
from chat.model.devices import PairingChanged, PairingStep
from chat.model.site import SiteInfo
from chat.tasks import Latest, Tasks
from chat.ui.devices.device_requests import (
    AddDevice,
    ConfirmNumber,
    DeviceRequest,
    PerformDeviceRequest,
    ShowDevices,
    WithdrawLink,
)
from chat.ui.joining.invite_dialog import qr_code, trust_text
from chat.ui.theme import widgets
from chat.ui.theme.countdown import CountdownText
from chat.ui.theme.dialog import Dialog, ErrorText, close_button, stretched_column

_WIDTH = 380  # pixels
_NUMBER_WIDTH = 120  # pixels

_VALID = gettext_noop("It is valid once, for another {seconds} s, while this window is open.")


class PairingDialog(Dialog):
    """Shows the link of a person, and follows the device that uses it.

    Closing it ends the link. It is modal, because a click beside it would do so, too.
    `perform(request)` may raise ChatError.
    """

    def __init__(
        self,
        state: PairingChanged,
        link: PairingLink | None,
        site: SiteInfo,
        *,
        t: Language,
        page_width: float,
        perform: PerformDeviceRequest,
    ) -> None:
        self._t, self._site, self._perform = t, site, perform
        self._is_running = False
        # Whether closing the dialog ends a link.
        self._has_link = True
        self._error_text = ErrorText(t)
        self._copied_text = ft.Text("", size=13, color=ft.Colors.PRIMARY, visible=False)
        self._countdown = CountdownText(t)
        self._shown = Latest()
        self._tasks = Tasks()
        self._url = "" if link is None else f"{site.url.rstrip('/')}/device/{link.secret}"
        self._column = stretched_column([], 14)
        self._fill(state)
        super().__init__(
            t("Add a device"),
            self._column,
            [close_button(t, self.close)],
            width=_WIDTH,
            modal=True,
            on_dismiss=self._on_dismissed,
        )
        self.fill_phone(page_width, self._column)

    def begin_countdown(self, seconds: float) -> None:
        """Count down the time of the link, once the dialog is on the page."""
        self._countdown.count_down(seconds, _VALID)
        self._tasks.start(self._end_after(seconds, self._shown.current), "end a link")

    def show(self, state: PairingChanged) -> None:
        """Show how far the new device has come."""
        self._fill(state)
        self._column.update()

    def _fill(self, state: PairingChanged) -> None:
        self._shown.start()
        self._countdown.stop()
        self._has_link = state.step in {PairingStep.OFFERED, PairingStep.ASKED}
        self._error_text.visible = False
        self._column.controls = self._parts(state)

    def _parts(self, state: PairingChanged) -> list[ft.Control]:
        t = self._t
        match state.step:
            case PairingStep.OFFERED:
                return self._link_parts()
            case PairingStep.ASKED:
                return self._number_parts(state)
            case PairingStep.CONFIRMED:
                return [
                    _announced(t("The number is right. {device} comes in…", device=state.label))
                ]
            case PairingStep.DONE:
                return [
                    _announced(t("{device} is in.", device=state.label)),
                    ft.Row([self._filled(t("Show devices"), ShowDevices())]),
                ]
            case PairingStep.REFUSED:
                sentence = t(
                    "That is not the number which the new device shows, so it was not let in. "
                    "Make a new link and try again."
                )
            case PairingStep.ENDED:
                sentence = t("This link is not valid any more. Make a new one.")
        return [_announced(sentence), ft.Row([self._filled(t("Make a new link"), AddDevice())])]

    def _link_parts(self) -> list[ft.Control]:
        t, site = self._t, self._site
        instructions = t(
            "Scan the code with the new device, or open the link there. It shows a number, which "
            "you type here."
        )
        parts: list[ft.Control] = [widgets.secondary_text(instructions, 14)]
        if site.reachable:
            parts.append(qr_code(self._url, t("QR code of the link")))
        else:
            only_here = t(
                "Only this computer can open this address. To let others on your network in, "
                "start the chat with --lan."
            )
            parts.append(widgets.secondary_text(only_here, 13))
        url_row = ft.Row(
            [
                ft.Semantics(
                    content=ft.Text(self._url, size=13, selectable=True),
                    label=t("Link for the new device"),
                    expand=True,
                ),
                widgets.icon_button(ft.Icons.COPY_ROUNDED, t("Copy link"), on_click=self._copy),
            ]
        )
        parts += [url_row, self._copied_text, self._countdown]
        if site.certificate_words:
            parts.append(widgets.secondary_text(trust_text(site, t), 13))
        return parts

    def _number_parts(self, state: PairingChanged) -> list[ft.Control]:
        t = self._t
        question = (
            t("{device} wants to come in as you.", device=state.label)
            if not state.network
            else t(
                "{device} wants to come in as you, from {address}.",
                device=state.label,
                address=state.network,
            )
        )
        self._field = ft.TextField(
            label=t("Its number"),
            width=_NUMBER_WIDTH,
            max_length=2,
            counter="",
            text_size=28,
            text_align=ft.TextAlign.CENTER,
            keyboard_type=ft.KeyboardType.NUMBER,
            autofocus=True,
            on_submit=self._on_number,
        )
        hint = t("Type the number only if you see it on a device of yours.")
        return [
            _announced(question),
            widgets.secondary_text(t("Which number does it show?"), 14),
            ft.Row([self._field]),
            self._error_text,
            widgets.secondary_text(hint, 13),
            ft.Row(
                [
                    ft.FilledButton(t("Let it in"), on_click=self._on_number),
                    ft.TextButton(t("It is not mine"), on_click=self.close),
                ],
                spacing=8,
                wrap=True,
            ),
        ]

    def _filled(self, label: str, request: DeviceRequest) -> ft.FilledButton:
        return ft.FilledButton(label, on_click=partial(self._run, request))

    async def _run(self, request: DeviceRequest) -> None:
        self._has_link = False
        try:
            await self._perform(request)
        except ChatError as error:
            self._column.controls = [
                _announced(self._t.error(error)),
                ft.Row([self._filled(self._t("Show devices"), ShowDevices())]),
            ]
            self._column.update()

    async def _on_number(self) -> None:
        number = self._field.value.strip()
        if self._is_running or not number:
            return
        self._is_running = True
        try:
            await self._perform(ConfirmNumber(number))
        except ChatError as error:
            # A wrong number ends the link: an event has told that already.
            if self._error_text in self._column.controls:
                self._error_text.show(error)
        finally:
            self._is_running = False

    async def _copy(self) -> None:
        await ft.Clipboard().set(self._url)
        self._copied_text.value, self._copied_text.visible = self._t("Copied."), True
        self._copied_text.update()

    async def _on_dismissed(self) -> None:
        self._shown.start()
        self._countdown.stop()
        if self._has_link:
            self._has_link = False
            await self._perform(WithdrawLink())

    async def _end_after(self, seconds: float, shown: int) -> None:
        await asyncio.sleep(seconds)
        if not self._shown.has_overtaken(shown) and self.open:
            self.show(PairingChanged(PairingStep.ENDED))


def _announced(text: str) -> ft.Semantics:
    """A sentence that a screen reader reads as soon as it is there."""
    return ft.Semantics(content=ft.Text(text, size=15), container=True, live_region=True)
