"""The row of the message field and the buttons beside it."""

import flet as ft

from chat.languages import Language
from chat.ui.composer.message_field import MessageField
from chat.ui.packing.shared_view import Handler
from chat.ui.theme import theme, widgets


class InputRow(ft.Container):
    """The button of the menu, the field, the emoji button and the send button."""

    def __init__(
        self,
        field: MessageField,
        t: Language,
        *,
        on_menu: Handler,
        on_emoji: Handler,
        on_send: Handler,
        on_send_later: Handler,
    ) -> None:
        send_button = ft.IconButton(
            icon=widgets.labelled_icon(
                ft.Icons.SEND_ROUNDED, t("Send message"), ft.Colors.ON_PRIMARY
            ),
            tooltip=t("Send message"),
            icon_size=20,
            bgcolor=ft.Colors.PRIMARY,
            on_click=on_send,
            on_long_press=on_send_later,
        )
        emoji_icon = ft.Icons.EMOJI_EMOTIONS_OUTLINED
        self._items: list[ft.Control] = [
            widgets.icon_button(
                ft.Icons.ADD_CIRCLE_OUTLINE_ROUNDED, t("Add to your message"), on_click=on_menu
            ),
            field,
            widgets.icon_button(emoji_icon, t("Choose an emoji"), on_click=on_emoji),
            send_button,
        ]
        end = ft.CrossAxisAlignment.END
        super().__init__(
            ft.Row(self._items, spacing=4, vertical_alignment=end),
            padding=4,
            border_radius=16,
            bgcolor=ft.Colors.SURFACE_CONTAINER,
            border=theme.OUTLINE,
        )

    def set_disabled(self, disabled: bool) -> None:
        """Disable or enable the field and the buttons."""
        for each in self._items:
            if each.disabled is not disabled:
                each.disabled = disabled
                each.update()
