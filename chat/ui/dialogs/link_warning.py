"""A link that reads as another address: where it really leads is shown before it opens."""

from collections.abc import Callable

import flet as ft

from chat.languages import Language
from chat.text.markup.links import host_of
from chat.text.names import strip_invisible
from chat.ui.theme import widgets
from chat.ui.theme.dialog import Dialog, close_button, stretched_column


class LinkDialog(Dialog):
    """Shows the host and the whole address, and opens it in a new tab."""

    def __init__(self, address: str, t: Language, close: Callable[[], object]) -> None:
        whole = widgets.secondary_text(
            strip_invisible(address), 13, max_lines=4, overflow=ft.TextOverflow.ELLIPSIS
        )
        parts: list[ft.Control] = [
            widgets.secondary_text(
                t("It reads as if it led elsewhere. Open it only if you know this host:"), 14
            ),
            ft.Text(host_of(address), size=18, weight=ft.FontWeight.W_600),
            whole,
        ]
        leave = ft.FilledButton(
            t("Open the link"), url=ft.Url(address, ft.UrlTarget.BLANK), on_click=close
        )
        actions = [close_button(t, close), leave]
        super().__init__(
            t("Where this link leads"), stretched_column(parts, 10), actions, width=420
        )
