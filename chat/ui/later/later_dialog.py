"""The dialog of what a person keeps for later."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

import flet as ft

from chat.languages import Language
from chat.ui.client.connection import Navigate
from chat.ui.panels.message_list import empty_list_text
from chat.ui.theme import widgets
from chat.ui.theme.dialog import Dialog, ErrorText, close_button, stretched_column
from chat.ui.theme.pages import Pages

_CONTENT_PADDING = ft.Padding.only(left=14, right=14, top=12, bottom=12)
_ITEM_PADDING = ft.Padding.symmetric(horizontal=10, vertical=8)


@dataclass(frozen=True, slots=True)
class LaterAction:
    """A button of an entry. `run` may raise ChatError. If it `removes`, the entry disappears."""

    icon: ft.IconData
    label: str
    run: Callable[[], Awaitable[None]]
    removes: bool = True


@dataclass(frozen=True, slots=True)
class LaterEntry:
    """One line of a list: a click on it leads to `path`. `problem` is in the colour of errors."""

    title: str
    detail: str
    text: str
    path: str
    actions: tuple[LaterAction, ...]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class LaterSection:
    """One list. `load(skipped)` loads the page after the entries that were skipped."""

    title: str
    empty_text: str
    load: Callable[[int], Awaitable[Sequence[LaterEntry]]]


class LaterDialog(Dialog):
    """Some lists, of which one is shown; `show` has to be called first."""

    def __init__(
        self, title: str, sections: Sequence[LaterSection], t: Language, *, navigate: Navigate
    ) -> None:
        self._t = t
        self._sections = sections
        self._navigate = navigate
        self._error_text = ErrorText(t)
        self._column = stretched_column([], 2)
        self._segments = ft.SegmentedButton(
            [ft.Segment(value=str(n), label=each.title) for n, each in enumerate(sections)],
            selected=["0"],
            show_selected_icon=False,
            visible=len(sections) > 1,
            on_change=self._on_segment,
        )
        super().__init__(
            title,
            stretched_column([self._segments, self._error_text, self._column], 6),
            [close_button(t, self.close)],
            width=560,
            content_padding=_CONTENT_PADDING,
        )

    async def _open(self, path: str) -> None:
        self.close()
        await self._navigate(path)

    async def show(self, index: int = 0) -> None:
        """Show the list with this index."""
        section = self._sections[index]
        self._segments.selected = [str(index)]
        pages = Pages[LaterEntry](
            self._column, self._t("Show older ones"), build=self._item, load=section.load
        )
        if entries := await section.load(0):
            pages.show(entries)
        else:
            pages.show_text(empty_list_text(section.empty_text))

    async def _on_segment(self) -> None:
        await self.show(int(self._segments.selected[0]))
        self.update()

    def _item(self, entry: LaterEntry) -> ft.Control:
        header = ft.Text(
            spans=[
                ft.TextSpan(entry.title, ft.TextStyle(weight=ft.FontWeight.BOLD)),
                ft.TextSpan(
                    f"  {entry.detail}", ft.TextStyle(size=12, color=ft.Colors.ON_SURFACE_VARIANT)
                ),
            ]
        )
        lines: list[ft.Control] = [
            header,
            ft.Text(entry.text, size=14, max_lines=3, overflow=ft.TextOverflow.ELLIPSIS),
        ]
        if entry.problem:
            lines.append(ft.Text(entry.problem, size=13, color=ft.Colors.ERROR))
        content = ft.Container(
            ft.Column(lines, spacing=2, tight=True),
            padding=_ITEM_PADDING,
            border_radius=10,
            ink=True,
            expand=True,
            on_click=partial(self._open, entry.path),
        )
        row = ft.Row([content], spacing=0)
        for action in entry.actions:
            button = widgets.icon_button(action.icon, action.label)
            button.on_click = partial(self._run, action, row)
            row.controls.append(button)
        return row

    async def _run(self, action: LaterAction, row: ft.Row) -> None:
        # (A drawn item is not compared again: the row is updated by itself.)
        if await self._error_text.run(action.run) and action.removes:
            row.visible = False
            row.update()
