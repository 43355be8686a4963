"""The form of a new token: what it is for, what it may do, in which rooms, and until when."""

from collections.abc import Sequence
from functools import partial

import flet as ft

from chat.errors import gettext_noop
from chat.model.people import Person
from chat.model.programs import Scope
from chat.model.rooms import RoomId, RoomInfo
from chat.programs.api_tokens import LABEL_LIMIT, ROOM_LIMIT
from chat.ui.programs.bot_dialogs import CreateToken, PerformBotRequest, ShowBot
from chat.ui.programs.program_dialog import ProgramDialog, explanation
from chat.ui.theme.dialog import ErrorText, section, stretched_column
from chat.ui.theme.pages import Pages
from chat.ui.viewer import ViewerContext

_SCOPES = {
    Scope.READ: gettext_noop("Read: see rooms, messages, files and people, and search"),
    Scope.WRITE: gettext_noop("Write: post messages, and edit and delete its own"),
    Scope.REACT: gettext_noop("React: add and remove its reactions"),
    Scope.MANAGE: gettext_noop("Manage: pin messages, make and change rooms"),
}

# The days until a token expires, 0 for never.
_DAYS = {
    0: gettext_noop("Never"),
    30: gettext_noop("30 days"),
    90: gettext_noop("90 days"),
    365: gettext_noop("1 year"),
}
_DEFAULT_DAYS = 90

_ALL, _CHOSEN = "all", "chosen"

# The list of rooms scrolls where it is higher, in pixels.
_ROOM_HEIGHT, _MAX_LIST_HEIGHT = 40, 200


class TokenDialog(ProgramDialog):
    """Makes a token of a bot. `perform(request)` may raise ChatError.

    `rooms` are those that can be chosen.
    """

    def __init__(
        self,
        bot: Person,
        rooms: Sequence[RoomInfo],
        viewer: ViewerContext,
        *,
        page_width: float,
        perform: PerformBotRequest,
    ) -> None:
        t = viewer.t
        self._bot, self._rooms, self._perform = bot, rooms[:ROOM_LIMIT], perform
        self._is_creating = False
        self._error_text = ErrorText(t)
        self._label_field = ft.TextField(
            label=t("What it is for, as Nightly build"),
            max_length=LABEL_LIMIT,
            counter="",
            dense=True,
            autofocus=True,
            on_submit=self._on_submit,
        )
        self._scope_boxes = {
            each: ft.Checkbox(value=each in {Scope.READ, Scope.WRITE}) for each in Scope
        }
        scopes = [_box_row(box, t(_SCOPES[each])) for each, box in self._scope_boxes.items()]
        # The boxes of the rooms, once they are shown.
        self._room_boxes: dict[RoomId, ft.Checkbox] = {}
        self._room_choice = ft.SegmentedButton(
            [
                ft.Segment(value=_ALL, label=t("All rooms of the bot")),
                ft.Segment(value=_CHOSEN, label=t("Only some")),
            ],
            selected=[_ALL],
            show_selected_icon=False,
            on_change=self._on_room_choice,
        )
        self._room_list = ft.ListView(
            spacing=0,
            height=min(_MAX_LIST_HEIGHT, _ROOM_HEIGHT * max(1, len(self._rooms))),
            visible=False,
        )
        self._room_pages = Pages[RoomInfo](
            self._room_list,
            "",
            build=self._room_row,
            load=_load_nothing,
            page_size=len(self._rooms) + 1,
        )
        self._days_group = ft.RadioGroup(
            ft.Row(
                [ft.Radio(value=str(days), label=t(words)) for days, words in _DAYS.items()],
                spacing=12,
                run_spacing=0,
                wrap=True,
            ),
            value=str(_DEFAULT_DAYS),
        )
        hint = t("The bot is in a private room only if somebody has invited it there.")
        parts = [
            self._label_field,
            section(t("It may"), stretched_column(scopes, 0)),
            section(t("Rooms"), self._room_choice, self._room_list, explanation(hint)),
            section(t("It expires after"), self._days_group),
            self._error_text,
            ft.Row([ft.FilledButton(t("Make token"), on_click=self._on_submit)]),
        ]
        super().__init__(
            t("New token of {name}", name=bot.name),
            parts,
            t,
            page_width=page_width,
            go_back=partial(perform, ShowBot(bot)),
        )

    def _on_room_choice(self) -> None:
        self._room_list.visible = self._room_choice.selected == [_CHOSEN]
        if self._room_list.visible and not self._room_boxes:
            self._room_pages.show(self._rooms)
        self._room_list.update()

    def _room_row(self, room: RoomInfo) -> ft.Control:
        box = self._room_boxes[room.id] = ft.Checkbox(value=False)
        return _box_row(box, room.title)

    async def _on_submit(self) -> None:
        if self._is_creating:
            return
        self._is_creating = True
        try:
            await self._error_text.run(partial(self._perform, self._request()))
        finally:
            self._is_creating = False

    def _request(self) -> CreateToken:
        """What the person has chosen, which the domain checks."""
        rooms: tuple[RoomInfo, ...] | None = None
        if self._room_choice.selected == [_CHOSEN]:
            chosen_ids = {room_id for room_id, box in self._room_boxes.items() if box.value}
            rooms = tuple(each for each in self._rooms if each.id in chosen_ids)
        days = {str(each): each for each in _DAYS}.get(str(self._days_group.value), _DEFAULT_DAYS)
        return CreateToken(
            self._bot,
            self._label_field.value,
            frozenset(each for each, box in self._scope_boxes.items() if box.value),
            rooms,
            days or None,
        )


async def _load_nothing(skipped: int) -> Sequence[RoomInfo]:
    """All rooms are on the first page."""
    return ()


def _box_row(box: ft.Checkbox, text: str) -> ft.MergeSemantics:
    """A checkbox and its text, which has as many lines as it needs."""
    return ft.MergeSemantics(ft.Row([box, ft.Text(text, size=14, expand=True)], spacing=4))
