"""Letting others in: the address and its QR code."""

import io
from collections.abc import Callable
from typing import Any

import flet as ft
import segno

from chat.languages import Language
from chat.model.site import Invitation
from chat.ui.theme import widgets
from chat.ui.theme.dialog import Dialog, close_button, stretched_column


def qr_png(address: str) -> bytes:
    """The QR code of `address`, black on white with its quiet zone, 8 pixels a module."""
    out = io.BytesIO()
    segno.make(address, micro=False).save(out, kind="png", scale=8, border=3)
    return out.getvalue()


class InviteDialog(Dialog):
    """Shows how others come in, or why they cannot yet."""

    def __init__(self, invitation: Invitation, t: Language, on_close: Callable[[], Any]) -> None:
        self._t = t
        self._address = invitation.address
        self._copied = ft.Text("", size=13, color=ft.Colors.PRIMARY, visible=False)
        if invitation.reachable:
            words = t(
                "Anyone on your network can join: let them scan the code or open the address."
            )
        else:
            words = t(
                "Only this computer can open this address. To let others on your network in, "
                "start the chat with --lan."
            )
        address = ft.Row(
            [
                ft.Text(invitation.address, selectable=True, expand=True),
                widgets.icon_button(ft.Icons.COPY_ROUNDED, t("Copy address"), on_click=self._copy),
            ]
        )
        code = ft.Row(
            [ft.Image(src=qr_png(invitation.address), width=200, height=200, border_radius=12)],
            alignment=ft.MainAxisAlignment.CENTER,
        )
        controls: list[ft.Control] = [widgets.secondary_text(words, 14), address, self._copied]
        if invitation.reachable:
            controls.insert(0, code)
        name = t("Invite to {title}", title=invitation.title)
        super().__init__(
            name, stretched_column(controls, 12), [close_button(t, on_close)], width=360
        )

    async def _copy(self) -> None:
        await ft.Clipboard().set(self._address)
        self._copied.value, self._copied.visible = self._t("Copied."), True
        self._copied.update()
