"""What a person does with their devices: the dialogs, and what they ask for."""

from collections.abc import Awaitable, Callable, Collection

import flet as ft

from chat.model.devices import (
    Device,
    DeviceProof,
    DevicesChanged,
    PairingChanged,
    PairingStep,
)
from chat.ui.client.connection import connection_of
from chat.ui.context import SessionContext
from chat.ui.devices.device_requests import (
    AddDevice,
    AskForName,
    ConfirmNumber,
    DeviceRequest,
    RenameDevice,
    ShowDevices,
    SignOutDevice,
    SignOutOthers,
    WithdrawLink,
)
from chat.ui.devices.devices_dialog import DeviceNameDialog, DevicesDialog
from chat.ui.devices.pairing_dialog import PairingDialog
from chat.ui.theme import widgets
from chat.ui.theme.confirmation import ConfirmationDialog
from chat.ui.theme.dialog import show_large_dialog


class DeviceActions:
    """The devices of the person of one session. `part` is a control of its page."""

    def __init__(
        self,
        context: SessionContext,
        part: ft.Control,
        *,
        show_settings: Callable[[], Awaitable[None]],
    ) -> None:
        self._context = context
        self._part = part
        self._show_settings = show_settings
        self._devices, self._pairing = context.workspace.devices, context.workspace.pairing
        self._list_dialog: DevicesDialog | None = None
        self._pairing_dialog: PairingDialog | None = None

    async def show(self) -> None:
        """Show the devices of the person."""
        await self.perform(ShowDevices())

    def on_event(self, event: PairingChanged | DevicesChanged) -> None:
        """Show in the open dialog what has changed."""
        if isinstance(event, PairingChanged):
            self._show_pairing(event)
        elif _is_open(self._list_dialog):
            self._context.tasks.start(self._show_changed(), "show changed devices")

    def on_connected(self) -> None:
        """The client is back: a device may have used the link meanwhile."""
        if _is_open(self._pairing_dialog):
            state = self._pairing.state(self._context.me)
            self._show_pairing(state or PairingChanged(PairingStep.ENDED))

    async def perform(self, request: DeviceRequest) -> None:
        """Run a request of a dialog. Raises ChatError."""
        me, t = self._context.me, self._context.t
        match request:
            case ShowDevices():
                await self._show_list()
            case AddDevice():
                await self._add_device()
            case AskForName(device):
                self._page.show_dialog(DeviceNameDialog(device, t, perform=self.perform))
            case RenameDevice(device, label):
                await self._devices.rename(me, device.token_hash, label)
                await self._show_list()
            case SignOutDevice(device):
                await self._ask_to_sign_out(device)
            case SignOutOthers():
                await self._ask_to_sign_out_others()
            case ConfirmNumber(number):
                self._pairing.confirm(me, number)
            case WithdrawLink():
                self._pairing.withdraw(me)

    async def _show_list(self) -> None:
        self._list_dialog = DevicesDialog(
            await self._devices.of(self._context.me),
            self._context.device_hash,
            self._context.viewer,
            page_width=self._page.width or 0,
            perform=self.perform,
            go_back=self._show_settings,
        )
        await show_large_dialog(self._page, self._list_dialog)

    async def _show_changed(self) -> None:
        devices = await self._devices.of(self._context.me)
        if self._list_dialog is not None and _is_open(self._list_dialog):
            self._list_dialog.show(devices)

    async def _add_device(self) -> None:
        """Show a new link, or the number of a device that has used the link of before."""
        me, link = self._context.me, None
        state = self._pairing.state(me)
        if state is None or state.step is not PairingStep.ASKED:
            link = await self._pairing.offer(me, self._proof)
            state = PairingChanged(PairingStep.OFFERED)
        self._pairing_dialog = PairingDialog(
            state,
            link,
            self._context.site,
            t=self._context.t,
            page_width=self._page.width or 0,
            perform=self.perform,
        )
        self._page.show_dialog(self._pairing_dialog)
        if link is not None:
            self._pairing_dialog.begin_countdown(link.seconds)

    def _show_pairing(self, state: PairingChanged) -> None:
        dialog = self._pairing_dialog
        if dialog is not None and _is_open(dialog) and state.step is not PairingStep.OFFERED:
            dialog.show(state)

    async def _ask_to_sign_out(self, device: Device) -> None:
        t, is_own = self._context.t, device.token_hash == self._context.device_hash
        question = t("It is signed out at once. To come in there again, add it as a new device.")
        if is_own:
            question = t(
                "You leave the chat on this device only. "
                "To come in here again, add it on another one."
            )
        label = device.label or t("A device without a name")
        title = t("Sign out {device}?", device=label)
        self._ask(title, question, {device.token_hash}, is_own=is_own)

    async def _ask_to_sign_out_others(self) -> None:
        t, own_hash = self._context.t, self._context.device_hash
        others = {
            each.token_hash
            for each in await self._devices.of(self._context.me)
            if each.token_hash != own_hash
        }
        title = t.plural("Sign out one device?", "Sign out {count} devices?", len(others))
        question = t("All devices but this one are signed out at once.")
        self._ask(title, question, others)

    def _ask(
        self, title: str, question: str, token_hashes: Collection[bytes], *, is_own: bool = False
    ) -> None:
        t, me = self._context.t, self._context.me

        async def sign_out() -> None:
            await self._devices.sign_out(me, token_hashes, self._proof)
            if not is_own:
                self._show_list_soon()

        self._page.show_dialog(
            ConfirmationDialog(
                title,
                question,
                t("Sign out"),
                action=sign_out,
                t=t,
                on_cancel=self._show_list_soon,
            )
        )

    def _show_list_soon(self) -> None:
        self._context.tasks.start(self._show_list(), "show the devices")

    @property
    def _proof(self) -> DeviceProof:
        """What this session shows of its device now."""
        connection = connection_of(self._page)
        key = "" if connection is None else connection.device_key
        return DeviceProof(self._context.device_hash, key)

    @property
    def _page(self) -> ft.Page:
        return widgets.page_of(self._part)


def _is_open(dialog: ft.DialogControl | None) -> bool:
    return dialog is not None and bool(dialog.open)
