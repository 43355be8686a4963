"""The keyboard shortcuts and the commands, and the dialogs that show them."""

from collections.abc import Iterator

import flet as ft

from chat.errors import gettext_noop
from chat.languages import Language
from chat.model.preferences import SendKey
from chat.ui.autocomplete.commands import command_icon, command_usage
from chat.ui.theme import theme, widgets
from chat.ui.theme.dialog import Dialog, close_button, stretched_column
from chat.workspace.commands import COMMANDS, Command

_ENTER, _CTRL_ENTER = gettext_noop("Enter"), gettext_noop("Ctrl + Enter")
_SHIFT_ENTER = gettext_noop("Shift + Enter")

# The shortcuts in the order of the dialog; `assets/keyboard.js` sends most of them.
_NAVIGATION_KEYS = (
    (gettext_noop("Ctrl + K"), gettext_noop("Jump to a room or a person")),
    (gettext_noop("Ctrl + Shift + F"), gettext_noop("Search messages")),
    (gettext_noop("Ctrl + ,"), gettext_noop("Settings")),
    (gettext_noop("Alt + ↑ / ↓"), gettext_noop("Previous or next room")),
    (gettext_noop("Alt + Shift + ↑ / ↓"), gettext_noop("Previous or next room with something new")),
    (gettext_noop("Shift + Esc"), gettext_noop("Mark everything as read")),
    (gettext_noop("F6"), gettext_noop("To the messages, the rooms, and back to the field")),
)
_MESSAGE_KEYS = (
    (gettext_noop("↑ / ↓"), gettext_noop("Choose a message or a room, after F6")),
    (gettext_noop("← / →"), gettext_noop("Choose a reaction, a poll option, a picture or a link")),
    (gettext_noop("Enter"), gettext_noop("Open it, or the menu of the message")),
    (gettext_noop("R, E, T"), gettext_noop("Reply, edit, reply in thread")),
    (gettext_noop("+, Delete"), gettext_noop("React, delete")),
)
_COMPOSER_KEYS = (
    (gettext_noop("↑"), gettext_noop("Edit your last message, while the field is empty")),
    (gettext_noop("Ctrl + B / I / E"), gettext_noop("Bold, italic or code, around the selection")),
    (gettext_noop("↑ / ↓, Tab"), gettext_noop("Choose from a list above the field")),
    (
        gettext_noop("Esc"),
        gettext_noop("Close a list, a dialog or a thread; stop editing or replying"),
    ),
)
_HELP_KEYS = ((gettext_noop("?  or  Ctrl + /"), gettext_noop("This overview")),)

_KEYCAP_PADDING = ft.Padding.symmetric(horizontal=7, vertical=2)


def shortcut_rows(send_key: SendKey) -> Iterator[tuple[str, str]]:
    """The shortcuts and their effects, for a person who sends with `send_key`."""
    yield from _NAVIGATION_KEYS
    yield from _MESSAGE_KEYS
    send, new_line = (_ENTER, _SHIFT_ENTER) if send_key is SendKey.ENTER else (_CTRL_ENTER, _ENTER)
    yield send, gettext_noop("Send")
    yield new_line, gettext_noop("Begin a new line")
    yield from _COMPOSER_KEYS
    yield from _HELP_KEYS


class ShortcutsDialog(Dialog):
    """All keyboard shortcuts."""

    def __init__(self, send_key: SendKey, t: Language) -> None:
        rows = [_shortcut_row(t(keys), t(words)) for keys, words in shortcut_rows(send_key)]
        actions = [close_button(t, self.close)]
        super().__init__(t("Keyboard shortcuts"), stretched_column(rows, 10), actions, width=480)


def _shortcut_row(keys: str, description: str) -> ft.Control:
    keycap = ft.Container(
        ft.Text(keys, size=13, weight=ft.FontWeight.W_600),
        padding=_KEYCAP_PADDING,
        border=theme.OUTLINE,
        border_radius=6,
        bgcolor=ft.Colors.SURFACE_CONTAINER_HIGHEST,
    )
    row = ft.Row(
        [ft.Text(description, size=14, expand=True), keycap],
        spacing=16,
        vertical_alignment=ft.CrossAxisAlignment.CENTER,
    )
    return ft.Semantics(content=row, container=True)


class CommandsDialog(Dialog):
    """All commands with their effects."""

    def __init__(self, t: Language) -> None:
        rows: list[ft.Control] = [_command_row(each, t) for each in COMMANDS.values()]
        note = gettext_noop(
            "To say something that begins with a slash, begin with // or with a space."
        )
        body = stretched_column([*rows, widgets.secondary_text(t(note), 13)], 12)
        super().__init__(t("Commands"), body, [close_button(t, self.close)], width=460)


def _command_row(each: Command, t: Language) -> ft.Control:
    words = ft.Text(command_usage(each, t), size=14, weight=ft.FontWeight.W_600)
    what = ft.Column(
        [words, widgets.secondary_text(t(each.description), 13)],
        spacing=0,
        tight=True,
        expand=True,
    )
    return ft.Row(
        [command_icon(each)(), what], spacing=14, vertical_alignment=ft.CrossAxisAlignment.CENTER
    )
