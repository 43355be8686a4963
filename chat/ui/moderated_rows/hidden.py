"""The line in place of messages of somebody whom the viewer has blocked."""

from functools import partial

import flet as ft

from chat.languages import Language
from chat.model.messages import Message
from chat.ui.row_parts import SHOW_HIDDEN, OnPartClick
from chat.ui.theme import widgets
from chat.ui.theme.copied_text import aside
from chat.ui.viewer import ViewerContext


def hidden_text(t: Language) -> str:
    """What is said in place of the message."""
    return t("Message of a person you blocked")


def follows_hidden(message: Message, previous: Message | None) -> bool:
    """Whether the line of a hidden message stands above an earlier one of the same author."""
    return (
        previous is not None
        and previous.is_written
        and not previous.erased
        and previous.author.id == message.author.id
    )


def _words(t: Language) -> list[ft.Control]:
    text = widgets.secondary_text(aside(hidden_text(t)), 13, italic=t.has_italics)
    icon = ft.Icon(ft.Icons.BLOCK_ROUNDED, size=15, color=ft.Colors.ON_SURFACE_VARIANT)
    return [icon, ft.Semantics(content=text, container=True)]


def hidden_line(viewer: ViewerContext) -> ft.Control:
    """The line without a button: of the message that a thread is about."""
    return ft.Container(ft.Row(_words(viewer.t), spacing=8), padding=viewer.metrics.event_padding)


class HiddenMessage(ft.Container):
    """The line, with a button that shows what the person wrote in this room."""

    def __init__(
        self, message: Message, viewer: ViewerContext, *, on_part_click: OnPartClick
    ) -> None:
        t = viewer.t
        button = ft.Container(
            ft.Text(aside(t("Show")), size=13, color=ft.Colors.PRIMARY),
            data=SHOW_HIDDEN,
            on_click=partial(on_part_click, message.number, SHOW_HIDDEN),
        )
        controls = [*_words(t), ft.Semantics(content=button, container=True, button=True)]
        row = ft.Row(controls, spacing=8, wrap=True)
        super().__init__(content=row, padding=viewer.metrics.event_padding)

    def is_isolated(self) -> bool:
        """See `ChatMessage.is_isolated`."""
        return True
