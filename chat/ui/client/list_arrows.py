"""The lists in whose field the arrow keys choose: the page reports these keys for one of them."""

from collections.abc import Callable
from functools import partial
from typing import Protocol

import flet as ft

from chat.ui.client.connection import connection_of


class ArrowList(Protocol):
    """A list below a field."""

    @property
    def captures_arrows(self) -> bool:
        """Whether the list is on the screen."""

    @property
    def is_chosen_from(self) -> bool:
        """Whether an arrow that is pressed now is for this list."""

    def move_selection(self, step: int) -> None:
        """Choose the item `step` lines down."""


class ListArrows:
    """The arrow keys of one session. `owner` is a control on its page."""

    def __init__(self, owner: ft.Control) -> None:
        self._owner = owner
        self._lists: list[ArrowList] = []

    def add(self, arrow_list: ArrowList) -> None:
        """Let the arrows choose from a list, as long as it is on the screen."""
        self._lists = [each for each in self._lists if each is not arrow_list] + [arrow_list]
        self.update()

    def update(self) -> None:
        """Tell the page whether there is a list: one has gone, or the connection is a new one."""
        self._lists = [each for each in self._lists if each.captures_arrows]
        if (connection := connection_of(self._owner.page)) is not None:
            connection.capture_list_arrows(bool(self._lists))

    def handler(self, step: int) -> Callable[[], None] | None:
        """The handler of an arrow key; None if it is for no list."""
        return None if self._chosen_list is None else partial(self._move_selection, step)

    def _move_selection(self, step: int) -> None:
        # A key before the arrow may have put another list in the place of this one.
        if (chosen := self._chosen_list) is not None:
            chosen.move_selection(step)

    @property
    def _chosen_list(self) -> ArrowList | None:
        return next((each for each in reversed(self._lists) if each.is_chosen_from), None)
