"""The warning before a link whose text names another host than its address."""

import flet as ft

from chat.languages import Language
from chat.text.markup.links import host_of
from chat.text.names import strip_invisible
from chat.ui.theme import widgets
from chat.ui.theme.dialog import Dialog, close_button, stretched_column


class LinkWarningDialog(Dialog):
    """Shows the host and the whole address, and opens it in a new tab."""

    def __init__(self, url: str, t: Language) -> None:
        full_url = widgets.secondary_text(
            strip_invisible(url), 13, max_lines=4, overflow=ft.TextOverflow.ELLIPSIS
        )
        parts: list[ft.Control] = [
            widgets.secondary_text(
                t("It reads as if it led elsewhere. Open it only if you know this host:"), 14
            ),
            ft.Text(host_of(url), size=18, weight=ft.FontWeight.W_600),
            full_url,
        ]
        open_button = ft.FilledButton(
            t("Open the link"), url=ft.Url(url, ft.UrlTarget.BLANK), on_click=self.close
        )
        actions = [close_button(t, self.close), open_button]
        super().__init__(
            t("Where this link leads"), stretched_column(parts, 10), actions, width=420
        )
