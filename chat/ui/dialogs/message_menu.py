"""The menu of one message."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

import flet as ft

from chat.model.messages import Message, Revision
from chat.text.display import clamp_combining_marks
from chat.text.emoji import EmojiPreferences
from chat.text.previews import plain_preview
from chat.text.senders import full_sender_name
from chat.ui.rows.file_preview import file_thumbnail
from chat.ui.theme import theme, widgets
from chat.ui.theme.confirmation import ConfirmationDialog
from chat.ui.theme.dialog import ErrorText
from chat.ui.theme.pages import Pages
from chat.ui.theme.popover import Popover
from chat.ui.theme.popup_menu import ITEM_HEIGHT, SHEET_ITEM_HEIGHT, menu_button
from chat.ui.viewer import ViewerContext

# The reactions in the menu; all others are in the picker.
_SUGGESTED_REACTIONS = 7

_THUMBNAIL_SIZE = 44  # pixels

# Three lines are shown of an earlier text; more characters than this never fit.
_REVISION_LENGTH = 500

# The width of the menu where it is no sheet, and the heights of its parts, in pixels.
MENU_WIDTH = 296
_PADDING_HEIGHT, _HEADING_HEIGHT, _REACTION_HEIGHT, _DIVIDER_HEIGHT = 8, 26, 42, 9
_EMOJI_SIZE = 34
# (About: an earlier text has up to three lines.)
_REVISION_HEIGHT = 28

_PADDING = ft.Padding.all(_PADDING_HEIGHT)
_TEXT_PADDING = ft.Padding.only(left=12, right=12, top=4, bottom=4)


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One line of the menu. `on_select` may raise ChatError.

    What cannot be undone has a `question`, which is asked first. If it `opens_dialog`, the menu
    closes first.
    """

    icon: ft.IconData
    label: str
    on_select: Callable[[], Awaitable[None]]
    question: str = ""
    is_destructive: bool = False
    opens_dialog: bool = False


@dataclass(frozen=True, slots=True)
class ReactionActions:
    """The reactions on offer: `react` may raise ChatError, `show_picker` shows all emoji."""

    preferences: EmojiPreferences
    react: Callable[[str], Awaitable[None]]
    show_picker: Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class EarlierTexts:
    """The earlier texts of a message, the latest first: the first page of them.

    `load(skipped)` loads the page after those that were skipped.
    """

    revisions: Sequence[Revision]
    load: Callable[[int], Awaitable[Sequence[Revision]]]


class MessageMenu(Popover):
    """The actions on one message, and its earlier texts.

    A sheet begins with the message, which it may cover.
    """

    def __init__(
        self,
        message: Message,
        viewer: ViewerContext,
        *,
        items: Sequence[MenuItem],
        reaction_actions: ReactionActions | None,
        earlier: EarlierTexts,
        is_sheet: bool,
    ) -> None:
        self._reaction_actions = reaction_actions
        self._t = t = viewer.t
        self._error_text = ErrorText(t)
        self._item_height = SHEET_ITEM_HEIGHT if is_sheet else ITEM_HEIGHT
        title = t(
            "{name}, {when}",
            name=full_sender_name(message, t),
            when=viewer.format_date_time(message.sent_at),
        )
        parts: list[ft.Control] = [_heading(title)]
        if is_sheet:
            parts.append(_message_line(message, viewer))
        if reaction_actions is not None:
            parts += [self._reaction_row(reaction_actions), ft.Divider(height=_DIVIDER_HEIGHT)]
        parts.append(self._error_text)
        buttons = [self._item_button(each) for each in items]
        self._item_buttons = buttons
        parts += buttons
        if earlier.revisions:
            parts += [ft.Divider(height=_DIVIDER_HEIGHT), *_earlier_texts(earlier, viewer)]
        # Its height in pixels, without that of earlier texts.
        self.menu_height = (
            2 * _PADDING_HEIGHT
            + _HEADING_HEIGHT
            + (_REACTION_HEIGHT + _DIVIDER_HEIGHT if reaction_actions is not None else 0)
            + len(items) * self._item_height
            + len(earlier.revisions) * _REVISION_HEIGHT
        )
        super().__init__(title, parts, width=MENU_WIDTH, padding=_PADDING)

    def focus_first_item(self) -> None:
        """Give the focus to the first item when the menu opens: a key opens it."""
        for first in self._item_buttons[:1]:
            first.autofocus = True

    def _reaction_row(self, reaction_actions: ReactionActions) -> ft.Row:
        suggestions = reaction_actions.preferences.suggestions(_SUGGESTED_REACTIONS)
        buttons: list[ft.Control] = [self._emoji_button(each) for each in suggestions]
        more_button = widgets.icon_button(
            ft.Icons.ADD_REACTION_OUTLINED,
            self._t("More emoji"),
            width=_EMOJI_SIZE,
            height=_EMOJI_SIZE,
            padding=0,
            on_click=self._show_picker,
        )
        return ft.Row(
            [*buttons, more_button],
            spacing=0,
            height=_REACTION_HEIGHT,
            alignment=ft.MainAxisAlignment.SPACE_BETWEEN,
        )

    def _emoji_button(self, emoji: str) -> ft.Container:
        return ft.Container(
            ft.Text(emoji, size=20, text_align=ft.TextAlign.CENTER),
            width=_EMOJI_SIZE,
            height=_EMOJI_SIZE,
            alignment=ft.Alignment.CENTER,
            border_radius=10,
            ink=True,
            tooltip=self._t("React with {emoji}", emoji=emoji),
            on_click=partial(self._toggle_reaction, emoji),
        )

    async def _show_picker(self) -> None:
        if self._reaction_actions is not None:
            self.close()
            await self._reaction_actions.show_picker()

    async def _toggle_reaction(self, emoji: str) -> None:
        if self._reaction_actions is not None:
            await self._run_and_close(partial(self._reaction_actions.react, emoji))

    def _item_button(self, item: MenuItem) -> ft.TextButton:
        action: Callable[[], object] = partial(self._run_and_close, item.on_select)
        if item.question:
            action = partial(self._ask, item)
        elif item.opens_dialog:
            action = partial(self._close_and_run, item.on_select)
        return menu_button(
            item.icon,
            item.label,
            height=self._item_height,
            is_destructive=item.is_destructive,
            on_click=action,
        )

    async def _close_and_run(self, action: Callable[[], Awaitable[None]]) -> None:
        self.close()
        await action()

    def _ask(self, item: MenuItem) -> None:
        page = self.page
        self.close()
        page.show_dialog(
            ConfirmationDialog(
                f"{item.label}?", item.question, item.label, action=item.on_select, t=self._t
            )
        )

    async def _run_and_close(self, action: Callable[[], Awaitable[None]]) -> None:
        if await self._error_text.run(action):
            self.close()


def _heading(title: str) -> ft.Control:
    text = widgets.one_line_text(title, 12, color=ft.Colors.ON_SURFACE_VARIANT)
    return ft.Container(text, height=_HEADING_HEIGHT, padding=_TEXT_PADDING)


def _message_line(message: Message, viewer: ViewerContext) -> ft.Control:
    """The beginning of a message, with its first picture."""
    text = clamp_combining_marks(plain_preview(message, viewer.t))
    line: ft.Control = ft.Text(text, max_lines=3, overflow=ft.TextOverflow.ELLIPSIS)
    if message.files:
        line.expand = True
        thumbnail = file_thumbnail(message.files[0], viewer.image_url, viewer.t, _THUMBNAIL_SIZE)
        line = ft.Row([thumbnail, line], spacing=theme.GAP)
    return ft.Container(line, padding=_TEXT_PADDING)


def _earlier_texts(earlier: EarlierTexts, viewer: ViewerContext) -> list[ft.Control]:
    title = widgets.secondary_text(viewer.t("Earlier"), weight=ft.FontWeight.W_600)
    column = ft.Column(spacing=4, tight=True)
    pages = Pages[Revision](
        column,
        viewer.t("Show older ones"),
        build=partial(_revision_text, viewer),
        load=earlier.load,
    )
    pages.show(earlier.revisions)
    return [ft.Container(each, padding=_TEXT_PADDING) for each in (title, column)]


def _revision_text(viewer: ViewerContext, revision: Revision) -> ft.Control:
    text = revision.text[:_REVISION_LENGTH]
    if len(revision.text) > _REVISION_LENGTH:
        text += "…"
    return widgets.secondary_text(f"{viewer.format_time(revision.since)}  {text}", 13, max_lines=3)
