"""The picker: all emoji in groups, a search, what was used last, and the skin tone."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import flet as ft

from chat.errors import ChatError, gettext_noop
from chat.languages import Language
from chat.model.people import Person
from chat.people.emoji_preferences import EmojiPreferencesService
from chat.tasks import Tasks
from chat.text import emoji
from chat.text.emoji import EmojiPreferences
from chat.ui.client.connection import Wire, wire_of
from chat.ui.emoji import grid as emoji_grid
from chat.ui.packing.patches import replace_controls
from chat.ui.theme import widgets

# Unicode's groups in the order of its charts.
_GROUPS = (
    (0, gettext_noop("Smileys"), ft.Icons.EMOJI_EMOTIONS_OUTLINED),
    (1, gettext_noop("People and hands"), ft.Icons.EMOJI_PEOPLE_OUTLINED),
    (3, gettext_noop("Animals and nature"), ft.Icons.EMOJI_NATURE_OUTLINED),
    (4, gettext_noop("Food and drink"), ft.Icons.EMOJI_FOOD_BEVERAGE_OUTLINED),
    (5, gettext_noop("Travel and places"), ft.Icons.EMOJI_TRANSPORTATION_OUTLINED),
    (6, gettext_noop("Activities"), ft.Icons.SPORTS_SOCCER_OUTLINED),
    (7, gettext_noop("Objects"), ft.Icons.EMOJI_OBJECTS_OUTLINED),
    (8, gettext_noop("Symbols"), ft.Icons.EMOJI_SYMBOLS_OUTLINED),
    (9, gettext_noop("Flags"), ft.Icons.FLAG_OUTLINED),
)

_TONES = (
    gettext_noop("Yellow skin"),
    gettext_noop("Light skin"),
    gettext_noop("Medium-light skin"),
    gettext_noop("Medium skin"),
    gettext_noop("Medium-dark skin"),
    gettext_noop("Dark skin"),
)

# So many are found at once.
_FOUND = 6 * emoji_grid.COLUMNS

_WIDTH = emoji_grid.COLUMNS * emoji_grid.CELL
_HEIGHT = 330
# It fits a phone that is 360 pixels wide.
_AROUND = ft.Padding.all(8)
_INSIDE = ft.Padding.only(left=8, right=8, top=8)
_HAND = "raised_hand"

Take = Callable[[str], Awaitable[None]]


class Picker:
    """The picker of one session. There is nothing of it unless it is open."""

    def __init__(
        self,
        tastes: EmojiPreferencesService,
        me: Person,
        t: Language,
        page: Callable[[], ft.Page | ft.BasePage],
    ) -> None:
        self._tastes = tastes
        self._me = me
        self._t = t
        self._page = page
        self._dialog: PickerDialog | None = None
        self._tasks = Tasks()

    def taste(self) -> EmojiPreferences:
        """Which emoji the person likes."""
        return self._tastes.get(self._me)

    def used(self, char: str) -> None:
        """The person used an emoji elsewhere, or something that is none."""
        self._tasks.start(self._tastes.record_use(self._me, char), "keep which emoji was used")

    async def open(self, take: Take) -> None:
        """Show it; `take` gets the emoji that is chosen, and may raise ChatError."""
        self.close()

        async def taken(char: str) -> None:
            await take(char)
            self.close()
            self.used(char)

        dialog = PickerDialog(
            self.taste,
            partial(self._tastes.set_tone, self._me),
            taken,
            self.close,
            self._t,
            lambda: wire_of(self._page()),
        )
        dialog.on_dismiss = partial(self._dismissed, dialog)
        self._dialog = dialog
        self._page().show_dialog(dialog)
        await dialog.show_group(0)

    def close(self) -> None:
        """Let go of it."""
        dialog, self._dialog = self._dialog, None
        if dialog is not None and dialog.open:
            dialog.open = False
            dialog.update()

    def handler(self, control: int, event: str) -> Callable[[], Any] | None:
        """What happens when an emoji is clicked."""
        if self._dialog is None or event != "click":
            return None
        return self._dialog.clicked(control)

    def _dismissed(self, dialog: "PickerDialog") -> None:
        if self._dialog is dialog:
            self._dialog = None
        wire = wire_of(self._page())
        if self._dialog is None and wire is not None:
            wire.focus_field()


class PickerDialog(ft.AlertDialog):
    """What it looks like; `take` and `choose_tone` may raise ChatError."""

    def __init__(
        self,
        taste: Callable[[], EmojiPreferences],
        choose_tone: Callable[[int], Awaitable[None]],
        take: Take,
        close: Callable[[], None],
        t: Language,
        wire: Callable[[], Wire | None],
    ) -> None:
        self._taste, self._choose_tone, self._take = taste, choose_tone, take
        self._t, self._wire = t, wire
        self._group = 0
        self._turn = 0
        self._grid = emoji_grid.NOTHING
        self._field = ft.TextField(
            hint_text=t("Search, or paste an emoji"),
            prefix_icon=ft.Icons.SEARCH_ROUNDED,
            dense=True,
            expand=True,
            autofocus=True,
            border=ft.OutlineInputBorder(border_radius=12),
            max_length=64,
            counter="",
            on_change=self._searched,
            on_submit=self._submitted,
        )
        self._hand = ft.Container(
            self._hand_in(taste().tone),
            width=40,
            height=40,
            border_radius=10,
            alignment=ft.Alignment.CENTER,
            ink=True,
            tooltip=t("Skin tone"),
            on_click=self._show_tones,
        )
        self._tabs = ft.Row(spacing=0, alignment=ft.MainAxisAlignment.SPACE_BETWEEN)
        self._list = ft.ListView(height=_HEIGHT, spacing=0)
        self._reason = ft.Text("", size=13, color=ft.Colors.ERROR, visible=False)
        self._draw_tabs()
        leave = widgets.icon_button(ft.Icons.CLOSE_ROUNDED, t("Close"), on_click=close)
        search = ft.Row([self._field, self._hand, leave], spacing=4)
        parts: list[ft.Control] = [search, self._tabs, self._reason, self._list]
        super().__init__(
            content=ft.Container(ft.Column(parts, spacing=6, tight=True), width=_WIDTH),
            semantics_label=t("Choose an emoji"),
            content_padding=_INSIDE,
            actions_padding=0,
            inset_padding=_AROUND,
        )

    async def show_group(self, which: int) -> None:
        """Show a group; before the first, what was used last."""
        self._group = which
        self._turn += 1
        turn, tone, t, wire = self._turn, self._taste().tone, self._t, self._wire()
        title = next(t(name) for group, name, _ in _GROUPS if group == which)
        used = [] if which else [emoji.emoji_by_char(each) for each in self._taste().recent]
        recent = [each for each in used if each is not None]
        last = t("Used last")
        if wire is None:
            rows = emoji_grid.drawn(last if recent else "", recent, tone, t, self._chosen)
            rows += emoji_grid.drawn(title, emoji_grid.members(which), tone, t, self._chosen)
            self._list.controls = rows
            self._list.update()
            return
        grid = await asyncio.to_thread(emoji_grid.group, title, which, tone, t)
        if turn == self._turn:
            mine = emoji_grid.packed(last if recent else "", recent, tone, t)
            self._put(wire, mine + grid)

    def clicked(self, control: int) -> Callable[[], Any] | None:
        """What happens when the emoji with this id is clicked."""
        char = self._grid.chars.get(control)
        return None if char is None else partial(self._chosen, char)

    def _put(self, wire: Wire, grid: emoji_grid.Grid) -> None:
        self._grid = grid
        replace_controls(wire, self._list, grid.rows)

    def _draw_tabs(self) -> None:
        self._tabs.controls = [
            ft.IconButton(
                icon,
                icon_size=20,
                width=36,
                height=36,
                tooltip=self._t(name),
                icon_color=ft.Colors.PRIMARY
                if group == self._group
                else ft.Colors.ON_SURFACE_VARIANT,
                on_click=partial(self._turn_to, group),
            )
            for group, name, icon in _GROUPS
        ]

    async def _turn_to(self, group: int) -> None:
        self._group = group
        self._field.value = ""
        self._draw_tabs()
        self.update()
        await self.show_group(group)

    async def _searched(self) -> None:
        asked = self._field.value
        if not asked.strip():
            await self.show_group(self._group)
            return
        self._turn += 1
        found, tone = emoji.search_emoji(asked, _FOUND), self._taste().tone
        title = self._t("Found") if found else self._t("There is no such emoji.")
        wire = self._wire()
        if wire is not None:
            self._put(wire, emoji_grid.packed(title, found, tone, self._t))
        else:
            self._list.controls = emoji_grid.drawn(title, found, tone, self._t, self._chosen)
            self._list.update()

    async def _submitted(self) -> None:
        """Enter takes the first; an emoji that the table lacks is taken as it is."""
        asked = self._field.value.strip()
        found = emoji.search_emoji(asked, 1)
        if emoji.emoji_by_char(asked) is not None or (not found and emoji.is_emoji(asked)):
            await self._chosen(asked)
        elif found:
            await self._chosen(found[0].with_tone(self._taste().tone))

    async def _chosen(self, char: str) -> None:
        try:
            await self._take(char)
        except ChatError as refusal:
            self._explain(refusal)

    def _hand_in(self, tone: int) -> ft.Text:
        hand = emoji.emoji_by_shortcode(_HAND)
        return ft.Text(hand.with_tone(tone) if hand is not None else "", size=22)

    def _show_tones(self) -> None:
        """In the place of the groups, until one is chosen."""
        self._tabs.controls = [
            ft.Container(
                self._hand_in(tone),
                width=emoji_grid.CELL,
                height=36,
                border_radius=10,
                alignment=ft.Alignment.CENTER,
                ink=True,
                tooltip=self._t(name),
                bgcolor=ft.Colors.SECONDARY_CONTAINER if tone == self._taste().tone else None,
                on_click=partial(self._tone_chosen, tone),
            )
            for tone, name in enumerate(_TONES)
        ]
        self._tabs.update()

    async def _tone_chosen(self, tone: int) -> None:
        try:
            await self._choose_tone(tone)
        except ChatError as refusal:
            self._explain(refusal)
            return
        self._hand.content = self._hand_in(tone)
        await self._turn_to(self._group)

    def _explain(self, refusal: ChatError) -> None:
        self._reason.value = self._t.error(refusal)
        self._reason.visible = True
        self._reason.update()
