"""The invitation: the address of the chat and its QR code."""

import io
from functools import lru_cache

import flet as ft
import segno

from chat.languages import Language
from chat.model.site import SiteInfo
from chat.ui.theme import widgets
from chat.ui.theme.dialog import Dialog, close_button, stretched_column


@lru_cache(maxsize=4)
def qr_png(url: str) -> bytes:
    """The QR code of an address as PNG: black on white with its quiet zone, 8 pixels a module."""
    buffer = io.BytesIO()
    segno.make(url, micro=False).save(buffer, kind="png", scale=8, border=3)
    return buffer.getvalue()


class InviteDialog(Dialog):
    """Shows how other people join, or why they cannot yet."""

    def __init__(self, site: SiteInfo, t: Language) -> None:
        self._t = t
        self._url = site.url
        self._copied_text = ft.Text("", size=13, color=ft.Colors.PRIMARY, visible=False)
        if site.reachable:
            instructions = t(
                "Anyone on your network can join: let them scan the code or open the address."
            )
        else:
            instructions = t(
                "Only this computer can open this address. To let others on your network in, "
                "start the chat with --lan."
            )
        url_row = ft.Row(
            [
                ft.Semantics(
                    content=ft.Text(site.url, selectable=True),
                    label=t("Address of the chat"),
                    expand=True,
                ),
                widgets.icon_button(ft.Icons.COPY_ROUNDED, t("Copy address"), on_click=self._copy),
            ]
        )
        qr_code = ft.Row(
            [ft.Image(src=qr_png(site.url), width=200, height=200, border_radius=12)],
            alignment=ft.MainAxisAlignment.CENTER,
        )
        controls: list[ft.Control] = [
            widgets.secondary_text(instructions, 14),
            url_row,
            self._copied_text,
        ]
        if site.reachable:
            controls.insert(0, qr_code)
        if site.certificate_words:
            controls.append(widgets.secondary_text(trust_text(site, t), 13))
        title = t("Invite to {title}", title=site.title)
        super().__init__(
            title, stretched_column(controls, 12), [close_button(t, self.close)], width=360
        )

    async def _copy(self) -> None:
        await ft.Clipboard().set(self._url)
        self._copied_text.value, self._copied_text.visible = self._t("Copied."), True
        self._copied_text.update()


def trust_text(site: SiteInfo, t: Language) -> str:
    """How other devices come to trust the chat's own certificate."""
    return t(
        "A device that opens the chat for the first time is warned. {url} shows how it comes to "
        "trust the chat. That page has to show these six words: {words}",
        url=site.url.replace("https:", "http:", 1),
        words=site.certificate_words,
    )
