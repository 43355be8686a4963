"""The list of those who ask to come in, with an answer for each."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import flet as ft

from chat.languages import Language
from chat.model.joining import Knock, KnockId
from chat.ui.theme import widgets
from chat.ui.theme.dialog import Dialog, ErrorText, close_button, stretched_column
from chat.ui.viewer import ViewerContext

_ITEM_PADDING = ft.Padding.symmetric(vertical=8)


class KnocksDialog(Dialog):
    """Those who wait, the one who waits longest first. `answer(id, admits)` may raise ChatError."""

    def __init__(
        self,
        knocks: Sequence[Knock],
        viewer: ViewerContext,
        *,
        answer: Callable[[KnockId, bool], Awaitable[None]],
    ) -> None:
        self._viewer, self._t = viewer, viewer.t
        self._answer = answer
        self._error_text = ErrorText(viewer.t)
        self._column = stretched_column([], 4)
        self._fill(knocks)
        t = viewer.t
        hint = t("Anybody can write any name. Let in whom you expect, or ask them another way.")
        super().__init__(
            t("Who asks to come in"),
            stretched_column(
                [widgets.secondary_text(hint, 13), self._error_text, self._column], 10
            ),
            [close_button(t, self.close)],
            width=420,
        )

    def show(self, knocks: Sequence[Knock]) -> None:
        """Show those who wait now."""
        self._fill(knocks)
        self._column.update()

    def _fill(self, knocks: Sequence[Knock]) -> None:
        self._column.controls = [self._item(each) for each in knocks]
        if not knocks:
            text = self._t("Nobody waits to be let in.")
            self._column.controls = [widgets.secondary_text(text, 14)]

    def _item(self, knock: Knock) -> ft.Control:
        t = self._t
        lines: list[ft.Control] = [
            ft.Text(knock.name, size=16, weight=ft.FontWeight.W_600),
            widgets.secondary_text(_origin(knock, self._viewer, t), 13),
        ]
        admit = ft.FilledTonalButton(
            t("Let {name} in", name=knock.name), on_click=partial(self._on_answer, knock.id, True)
        )
        style = ft.ButtonStyle(color=ft.Colors.ERROR)
        refuse = ft.TextButton(
            t("Do not let in"), style=style, on_click=partial(self._on_answer, knock.id, False)
        )
        lines.append(ft.Row([admit, refuse], spacing=8, run_spacing=4, wrap=True))
        return ft.Container(stretched_column(lines, 4), padding=_ITEM_PADDING)

    async def _on_answer(self, knock_id: KnockId, admits: bool) -> None:
        await self._error_text.run(partial(self._answer, knock_id, admits))


def _origin(knock: Knock, viewer: ViewerContext, t: Language) -> str:
    """When somebody asked, and from where: a hint, and no proof."""
    network = knock.visitor.network
    place = t("this computer") if network is None else network or t("an unknown address")
    parts = [
        t("asked {when}", when=viewer.format_date_time(knock.at)),
        t("from {place}", place=place),
    ]
    if knock.visitor.device:
        parts.append(knock.visitor.device)
    return t.join(parts)
