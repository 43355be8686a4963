"""The dialog of the audit log: what owner and moderators did, the newest first."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import flet as ft

from chat.languages import Language
from chat.model.moderation import AuditAct, AuditEntry
from chat.people.audit_log import AUDIT_PAGE_SIZE
from chat.ui.moderation.audit_texts import audit_text
from chat.ui.theme import widgets
from chat.ui.theme.dialog import Dialog, close_button, stretched_column
from chat.ui.theme.pages import Pages
from chat.ui.viewer import ViewerContext

_ITEM_PADDING = ft.Padding.symmetric(vertical=6)


class AuditLogDialog(Dialog):
    """A page of the log, and a button for the older ones. `save` saves all of it as a file.

    `load(before_id)` loads a page; it may raise ChatError.
    """

    def __init__(
        self,
        first_page: Sequence[AuditEntry],
        viewer: ViewerContext,
        *,
        load: Callable[[int], Awaitable[Sequence[AuditEntry]]],
        save: Callable[[], Awaitable[None]],
    ) -> None:
        self._viewer = viewer
        self._load = load
        self._t = t = viewer.t
        self._last_id = first_page[-1].id if first_page else 0
        column = stretched_column([], 2)
        pages = Pages[AuditEntry](
            column,
            t("Show older ones"),
            build=self._item,
            load=self._load_older,
            page_size=AUDIT_PAGE_SIZE,
        )
        if first_page:
            pages.show(first_page)
        else:
            pages.show_text(widgets.secondary_text(_empty_text(t), 14))
        save_button = ft.TextButton(
            t("Save as a file"), icon=ft.Icons.DOWNLOAD_ROUNDED, on_click=save
        )
        hint = widgets.secondary_text(t("What owner and moderators did. Nobody can change it."), 13)
        buttons = [save_button, close_button(t, self.close)]
        super().__init__(t("Audit log"), stretched_column([hint, column], 10), buttons, width=560)

    async def _load_older(self, _: int) -> Sequence[AuditEntry]:
        page = await self._load(self._last_id)
        if page:
            self._last_id = page[-1].id
        return page

    def _item(self, entry: AuditEntry) -> ft.Control:
        lines: list[ft.Control] = [
            ft.Text(audit_text(entry, self._t), size=14),
            widgets.secondary_text(self._times(entry), 12),
        ]
        if entry.reason:
            reason = ft.Text(f"“{entry.reason}”", size=13, italic=True)
            lines.insert(1, reason)
        return ft.Container(ft.Column(lines, spacing=1, tight=True), padding=_ITEM_PADDING)

    def _times(self, entry: AuditEntry) -> str:
        """When it was, and for a mute or a ban when it ends."""
        at = self._viewer.format_date_time(entry.at)
        if entry.act not in {AuditAct.MUTED, AuditAct.BANNED}:
            return at
        if not entry.detail:
            return f"{at}, {self._t('until somebody lifts it')}"
        end = self._viewer.format_date_time(datetime.fromisoformat(entry.detail))
        return f"{at}, {self._t('until {when}', when=end)}"


def _empty_text(t: Language) -> str:
    return t("Nothing was moderated yet.")
