"""The link for a new password that the owner has made for somebody, to copy."""

import flet as ft

from chat.accounts.passwords import LINK_LIFETIME
from chat.languages import Language
from chat.model.people import Person
from chat.ui.theme import widgets
from chat.ui.theme.dialog import Dialog, close_button, stretched_column


class PasswordLinkDialog(Dialog):
    """Shows the link once."""

    def __init__(self, person: Person, link: str, t: Language) -> None:
        self._t = t
        self._link = link
        self._copied_text = ft.Text("", size=13, color=ft.Colors.PRIMARY, visible=False)
        hours = LINK_LIFETIME.total_seconds() / 3600
        explanation = t(
            "Give this link to {name}, and to nobody else: whoever opens it sets a new password "
            "and is {name}. It works once, for {hours:.0f} hours.",
            name=person.name,
            hours=hours,
        )
        row = ft.Row(
            [
                ft.Semantics(
                    content=ft.Text(link, selectable=True, size=14),
                    label=t("Link for a new password"),
                    expand=True,
                ),
                widgets.icon_button(ft.Icons.COPY_ROUNDED, t("Copy link"), on_click=self._copy),
            ]
        )
        controls: list[ft.Control] = [widgets.secondary_text(explanation, 14), row]
        controls.append(self._copied_text)
        title = t("New password for {name}", name=person.name)
        buttons = [close_button(t, self.close)]
        super().__init__(title, stretched_column(controls, 12), buttons, width=400)

    async def _copy(self) -> None:
        await ft.Clipboard().set(self._link)
        self._copied_text.value, self._copied_text.visible = self._t("Copied."), True
        self._copied_text.update()
