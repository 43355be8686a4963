"""The emoji picker: all emoji in groups, a search, recent emoji, and the skin tone."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import flet as ft

from chat.errors import ChatError, gettext_noop
from chat.languages import Language
from chat.loop_time import run_in_thread
from chat.people.emoji_preferences import EmojiPreferencesService
from chat.tasks import Latest
from chat.text import emoji
from chat.text.emoji import Emoji, EmojiPreferences
from chat.ui.client.connection import ClientConnection, connection_of
from chat.ui.context import SessionContext
from chat.ui.emoji import grid as emoji_grid
from chat.ui.packing.patches import replace_controls
from chat.ui.theme import widgets
from chat.ui.theme.dialog import close_dialog
from chat.ui.theme.popover import Side, is_sheet, show_popover

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

# The largest number of search results.
_MAX_RESULTS = 6 * emoji_grid.COLUMNS

_WIDTH = emoji_grid.COLUMNS * emoji_grid.CELL
_HEIGHT = 330
# With the field and the groups above the emoji, and the space around them. (A phone that is 360
# pixels wide has space for it.)
_SIZE = _WIDTH + 16, _HEIGHT + 110
_PADDING = ft.Padding.only(left=8, right=8, top=8)
_SHEET_PADDING = ft.Padding.only(top=16)
_TONE_SAMPLE = "raised_hand"

OnPick = Callable[[str], Awaitable[None]]


class EmojiPicker:
    """The picker of one session, which exists only while it is open.

    `owner` is a control on the page.
    """

    def __init__(self, context: SessionContext, owner: ft.Control) -> None:
        self._context = context
        self._owner = owner
        self._dialog: EmojiPickerDialog | None = None

    def preferences(self) -> EmojiPreferences:
        """The recent emoji and the skin tone of the person."""
        return self._service.get(self._context.me)

    def record_use(self, char: str) -> None:
        """Record that the person used an emoji outside the picker. Other texts are ignored."""
        recording = self._service.record_use(self._context.me, char)
        self._context.tasks.start(recording, "record an emoji")

    async def open(
        self, on_pick: OnPick, on_closed: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        """Open the picker above or below the button that was clicked; on a phone as a sheet.

        `on_pick` gets the chosen emoji, and may raise ChatError.

        `on_closed` is called when it is closed, with an emoji or without; by default the message
        field gets the focus.
        """
        self.close()

        async def picked(char: str) -> None:
            await on_pick(char)
            self.close()
            self.record_use(char)

        dialog = EmojiPickerDialog(
            self._context.t,
            get_preferences=self.preferences,
            set_tone=partial(self._service.set_tone, self._context.me),
            on_pick=picked,
            get_connection=self._get_connection,
        )
        page, connection = widgets.page_of(self._owner), self._get_connection()
        if is_sheet(page):
            dialog.fit(page.width or 0)
        point = None if connection is None else connection.pressed_point
        has_keys = page.platform is None or not page.platform.is_mobile()
        if has_keys or (connection is not None and point is None):
            # (The keyboard on the screen of a phone or a tablet would hide the emoji.)
            dialog.focus_search()
        dialog.on_dismiss = partial(self._on_dismiss, dialog, on_closed)
        self._dialog = dialog
        show_popover(page, dialog, _SIZE, point, Side.BELOW)
        await dialog.show_group(0)

    def close(self) -> None:
        """Close the picker."""
        dialog, self._dialog = self._dialog, None
        if dialog is not None:
            close_dialog(dialog)

    def handler(self, control_id: int, event: str) -> Callable[[], Any] | None:
        """The handler of a click on an emoji, by control id."""
        if self._dialog is None or event != "click":
            return None
        return self._dialog.click_handler(control_id)

    async def _on_dismiss(
        self, dialog: "EmojiPickerDialog", on_closed: Callable[[], Awaitable[None]] | None
    ) -> None:
        if self._dialog is dialog:
            self._dialog = None
        if on_closed is not None:
            await on_closed()
            return
        connection = self._get_connection()
        if self._dialog is None and connection is not None:
            connection.focus_field()

    def _get_connection(self) -> ClientConnection | None:
        return connection_of(self._owner.page)

    @property
    def _service(self) -> EmojiPreferencesService:
        return self._context.workspace.emoji_preferences


class EmojiPickerDialog(ft.AlertDialog):
    """The dialog of the picker; `on_pick` and `set_tone` may raise ChatError."""

    def __init__(
        self,
        t: Language,
        *,
        get_preferences: Callable[[], EmojiPreferences],
        set_tone: Callable[[int], Awaitable[None]],
        on_pick: OnPick,
        get_connection: Callable[[], ClientConnection | None],
    ) -> None:
        self._get_preferences, self._set_tone, self._on_pick = get_preferences, set_tone, on_pick
        self._t, self._get_connection = t, get_connection
        self._group = 0
        self._loads = Latest()
        self._grid = emoji_grid.EMPTY_GRID
        self._search_field = ft.TextField(
            hint_text=t("Search, or paste an emoji"),
            prefix_icon=ft.Icons.SEARCH_ROUNDED,
            dense=True,
            expand=True,
            border=ft.OutlineInputBorder(border_radius=12),
            max_length=64,
            counter="",
            on_change=self._on_search,
            on_submit=self._on_submit,
        )
        self._tone_button = ft.Container(
            self._tone_sample(get_preferences().tone, t("Skin tone")),
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
        self._error_text = ft.Text("", size=13, color=ft.Colors.ERROR, visible=False)
        self._draw_tabs()
        close_icon_button = widgets.icon_button(
            ft.Icons.CLOSE_ROUNDED, t("Close"), on_click=partial(close_dialog, self)
        )
        search_row = ft.Row([self._search_field, self._tone_button, close_icon_button], spacing=4)
        parts: list[ft.Control] = [search_row, self._tabs, self._error_text, self._list]
        super().__init__(
            content=ft.Container(ft.Column(parts, spacing=6, tight=True), width=_WIDTH),
            semantics_label=t("Choose an emoji"),
            content_padding=_PADDING,
            actions_padding=0,
        )

    def focus_search(self) -> None:
        """Give the focus to the search field when the dialog opens."""
        self._search_field.autofocus = True

    def fit(self, width: float) -> None:
        """Put the emoji in the middle of a sheet of this width, in pixels."""
        assert isinstance(self.content, ft.Container)
        self.content.padding = ft.Padding.symmetric(horizontal=max(0.0, (width - _WIDTH) / 2))
        self.content_padding = _SHEET_PADDING

    async def show_group(self, group_number: int) -> None:
        """Show a group. The first has the recent emoji above it, and common ones up to a row."""
        self._group = group_number
        load, connection = self._loads.start(), self._get_connection()
        tone, t = self._get_preferences().tone, self._t
        title = next(t(name) for group, name, _ in _GROUPS if group == group_number)
        recent = [] if group_number else self._used_often()
        recent_title = t("Used often")
        if connection is None:
            rows = emoji_grid.grid_controls(
                recent_title if recent else "", recent, tone, t, self._pick
            )
            rows += emoji_grid.grid_controls(
                title, emoji_grid.emoji_of_group(group_number), tone, t, self._pick
            )
            self._list.controls = rows
            self._list.update()
            return
        group_rows = await run_in_thread(
            partial(emoji_grid.group_grid, title, group_number, tone, t)
        )
        if not self._loads.has_overtaken(load):
            recent_rows = emoji_grid.personal_grid(recent_title if recent else "", recent, tone, t)
            self._show_grid(connection, recent_rows + group_rows)

    def _used_often(self) -> list[Emoji]:
        preferences = self._get_preferences()
        count = max(len(preferences.recent), emoji_grid.COLUMNS)
        found = (emoji.emoji_by_char(each) for each in preferences.suggestions(count))
        return [each for each in found if each is not None]

    def click_handler(self, control_id: int) -> Callable[[], Any] | None:
        """The handler of a click on the emoji with this control id."""
        char = self._grid.chars_by_id.get(control_id)
        return None if char is None else partial(self._pick, char)

    def _show_grid(self, connection: ClientConnection, grid: emoji_grid.EmojiGrid) -> None:
        self._grid = grid
        replace_controls(connection, self._list, grid.rows)

    def _draw_tabs(self) -> None:
        self._tabs.controls = [
            ft.IconButton(
                widgets.labelled_icon(
                    icon,
                    self._t(name),
                    ft.Colors.PRIMARY if group == self._group else ft.Colors.ON_SURFACE_VARIANT,
                ),
                icon_size=20,
                width=36,
                height=36,
                tooltip=self._t(name),
                on_click=partial(self._select_group, group),
            )
            for group, name, icon in _GROUPS
        ]

    async def _select_group(self, group: int) -> None:
        self._group = group
        self._search_field.value = ""
        self._draw_tabs()
        self.update()
        await self.show_group(group)

    async def _on_search(self) -> None:
        query = self._search_field.value
        if not query.strip():
            await self.show_group(self._group)
            return
        self._loads.start()
        results, tone = emoji.search_emoji(query, _MAX_RESULTS), self._get_preferences().tone
        title = self._t("Found") if results else self._t("There is no such emoji.")
        connection = self._get_connection()
        if connection is not None:
            self._show_grid(connection, emoji_grid.personal_grid(title, results, tone, self._t))
        else:
            self._list.controls = emoji_grid.grid_controls(
                title, results, tone, self._t, self._pick
            )
            self._list.update()

    async def _on_submit(self) -> None:
        """Enter picks the first result. An emoji that the table lacks is picked as it is."""
        query = self._search_field.value.strip()
        results = emoji.search_emoji(query, 1)
        if emoji.emoji_by_char(query) is not None or (not results and emoji.is_emoji(query)):
            await self._pick(query)
        elif results:
            await self._pick(results[0].with_tone(self._get_preferences().tone))

    async def _pick(self, char: str) -> None:
        try:
            await self._on_pick(char)
        except ChatError as error:
            self._show_error(error)

    def _tone_sample(self, tone: int, name: str) -> ft.Text:
        sample = emoji.emoji_by_shortcode(_TONE_SAMPLE)
        char = sample.with_tone(tone) if sample is not None else ""
        return ft.Text(char, size=22, semantics_label=name)

    def _show_tones(self) -> None:
        """Show the skin tones in place of the groups until one is chosen."""
        self._tabs.controls = [
            ft.Container(
                self._tone_sample(tone, self._t(name)),
                width=emoji_grid.CELL,
                height=36,
                border_radius=10,
                alignment=ft.Alignment.CENTER,
                ink=True,
                tooltip=self._t(name),
                bgcolor=ft.Colors.SECONDARY_CONTAINER
                if tone == self._get_preferences().tone
                else None,
                on_click=partial(self._select_tone, tone),
            )
            for tone, name in enumerate(_TONES)
        ]
        self._tabs.update()

    async def _select_tone(self, tone: int) -> None:
        try:
            await self._set_tone(tone)
        except ChatError as error:
            self._show_error(error)
            return
        self._tone_button.content = self._tone_sample(tone, self._t("Skin tone"))
        await self._select_group(self._group)

    def _show_error(self, error: ChatError) -> None:
        self._error_text.value = self._t.error(error)
        self._error_text.visible = True
        self._error_text.update()
