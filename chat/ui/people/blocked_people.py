"""The list of the people whom a person has blocked, each with a button that unblocks them."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import flet as ft

from chat.model.people import Person, PersonId
from chat.ui.theme import widgets
from chat.ui.theme.dialog import Dialog, ErrorText, close_button, stretched_column
from chat.ui.viewer import ViewerContext

_AVATAR_SIZE = 32


class BlockedPeopleDialog(Dialog):
    """`unblock(id)` may raise ChatError, which the dialog shows."""

    def __init__(
        self,
        people: Sequence[Person],
        viewer: ViewerContext,
        *,
        unblock: Callable[[PersonId], Awaitable[None]],
    ) -> None:
        self._t = t = viewer.t
        self._unblock = unblock
        self._error_text = ErrorText(t)
        self._people = list(people)
        self._column = stretched_column([], 4)
        self._viewer = viewer
        self._fill()
        hint = t("You see nothing of these people. Nobody is told. A profile has the button Block.")
        parts = [widgets.secondary_text(hint, 13), self._column, self._error_text]
        buttons = [close_button(t, self.close)]
        super().__init__(t("Blocked people"), stretched_column(parts, 12), buttons, width=400)

    def _fill(self) -> None:
        lines: list[ft.Control] = [self._line(each) for each in self._people]
        self._column.controls = lines or [widgets.secondary_text(self._t("Nobody."), 14)]

    def _line(self, person: Person) -> ft.Control:
        name = widgets.one_line_text(person.name, 15)
        name.expand = True
        face = widgets.avatar(person.name, _AVATAR_SIZE, self._viewer.avatar_url(person))
        on_click = partial(self._on_unblock, person)
        button = ft.OutlinedButton(content=self._t("Unblock"), on_click=on_click)
        return ft.Row([face, name, button], spacing=10)

    async def _on_unblock(self, person: Person) -> None:
        if await self._error_text.run(partial(self._unblock, person.id)):
            self._people = [each for each in self._people if each.id != person.id]
            self._fill()
            self._column.update()
