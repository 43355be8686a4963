"""The menu of one message."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

import flet as ft

from chat.model.messages import Message, Revision
from chat.text.display import clamp_combining_marks
from chat.text.emoji import EmojiPreferences
from chat.text.markup.reader import to_plain_text
from chat.text.message_text import emote_text
from chat.text.previews import message_preview
from chat.ui.rows.file_preview import file_thumbnail
from chat.ui.theme import theme, widgets
from chat.ui.theme.confirmation import ConfirmationDialog
from chat.ui.theme.dialog import Dialog, ErrorText, close_button
from chat.ui.theme.pages import Pages
from chat.ui.viewer import ViewerContext

# The reactions in the menu; all others are in the picker.
_SUGGESTED_REACTIONS = 7

_THUMBNAIL_SIZE = 44  # pixels

# Three lines are shown of an earlier text; more characters than this never fit.
_REVISION_LENGTH = 500

_EMOJI_PADDING = ft.Padding.symmetric(vertical=6)


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


class MessageMenu(Dialog):
    """One message with its earlier texts, the latest first, and the actions on it.

    `load_revisions(skipped)` loads the page after the earlier texts that were skipped.
    """

    def __init__(
        self,
        message: Message,
        revisions: Sequence[Revision],
        viewer: ViewerContext,
        *,
        items: Sequence[MenuItem],
        reaction_actions: ReactionActions | None,
        load_revisions: Callable[[int], Awaitable[Sequence[Revision]]],
    ) -> None:
        self._reaction_actions = reaction_actions
        self._t = t = viewer.t
        self._error_text = ErrorText(t)
        name, when = message.author.name, viewer.format_date_time(message.sent_at)
        title = t("{name}, {when}", name=name, when=when)
        text = clamp_combining_marks(
            to_plain_text(emote_text(name, message_preview(message, viewer.t)))
        )
        body: ft.Control = ft.Text(text, max_lines=6, overflow=ft.TextOverflow.ELLIPSIS)
        if message.files:
            body.expand = True
            thumbnail = file_thumbnail(message.files[0], viewer.image_url, t, _THUMBNAIL_SIZE)
            body = ft.Row([thumbnail, body], spacing=theme.GAP)
        revisions_section: list[ft.Control] = []
        if revisions:
            revision_column = ft.Column(spacing=4, tight=True)
            pages = Pages[Revision](
                revision_column,
                t("Show older ones"),
                build=partial(_revision_text, viewer),
                load=load_revisions,
            )
            pages.show(revisions)
            title_text = widgets.secondary_text(t("Earlier"), weight=ft.FontWeight.W_600)
            revisions_section = [title_text, revision_column]
        buttons = [self._item_button(each) for each in items]
        parts: list[ft.Control] = [
            body,
            *revisions_section,
            *([self._reaction_row(reaction_actions)] if reaction_actions else []),
            self._error_text,
            *buttons,
        ]
        content = ft.Column(parts, spacing=4, tight=True)
        super().__init__(title, content, [close_button(t, self.close)], width=360, title_size=16)

    def _reaction_row(self, reaction_actions: ReactionActions) -> ft.Row:
        suggestions = reaction_actions.preferences.suggestions(_SUGGESTED_REACTIONS)
        buttons = [self._emoji_button(each) for each in suggestions]
        more_button = widgets.icon_button(ft.Icons.ADD_REACTION_OUTLINED, self._t("More emoji"))
        more_button.on_click = self._show_picker
        return ft.Row([*buttons, more_button], spacing=2, run_spacing=2, wrap=True)

    def _emoji_button(self, emoji: str) -> ft.Container:
        return ft.Container(
            ft.Text(emoji, size=20, text_align=ft.TextAlign.CENTER),
            width=36,
            padding=_EMOJI_PADDING,
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
        button = ft.TextButton(content=item.label, icon=item.icon)
        button.on_click = partial(self._run_and_close, item.on_select)
        if item.is_destructive:
            button.style = ft.ButtonStyle(color=ft.Colors.ERROR, icon_color=ft.Colors.ERROR)
        if item.question:
            button.on_click = partial(self._ask, item)
        elif item.opens_dialog:
            button.on_click = partial(self._close_and_run, item.on_select)
        return button

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


def _revision_text(viewer: ViewerContext, revision: Revision) -> ft.Control:
    text = revision.text[:_REVISION_LENGTH]
    if len(revision.text) > _REVISION_LENGTH:
        text += "…"
    return widgets.secondary_text(f"{viewer.format_time(revision.since)}  {text}", 13, max_lines=3)
