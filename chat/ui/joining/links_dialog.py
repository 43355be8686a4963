"""The list of invitations: how often each was used and by whom, and how one is taken back."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial

import flet as ft

from chat.errors import gettext_noop
from chat.joining.invitations import INVITATIONS_PAGE_SIZE
from chat.languages import Language
from chat.model.joining import Invitation, InvitationId, InvitationState, InvitationUse
from chat.model.moderation import Role
from chat.ui.theme import widgets
from chat.ui.theme.dialog import Dialog, ErrorText, close_button, stretched_column
from chat.ui.theme.pages import Pages
from chat.ui.viewer import ViewerContext

_ITEM_PADDING = ft.Padding.symmetric(vertical=8)
_STATES = {
    InvitationState.USED_UP: gettext_noop("used up"),
    InvitationState.EXPIRED: gettext_noop("expired"),
    InvitationState.REVOKED: gettext_noop("taken back"),
}


class LinksDialog(Dialog):
    """Invitations, the newest first. What it is given may raise ChatError.

    `load(before_id)` loads a page. `show_uses` and `revoke` show what there is afterwards.
    """

    def __init__(
        self,
        first_page: Sequence[Invitation],
        viewer: ViewerContext,
        *,
        load: Callable[[InvitationId], Awaitable[Sequence[Invitation]]],
        show_uses: Callable[[Invitation], Awaitable[None]],
        revoke: Callable[[Invitation], Awaitable[None]],
        show_invite: Callable[[], Awaitable[None]],
    ) -> None:
        self._viewer, self._t = viewer, viewer.t
        self._load, self._show_uses, self._revoke = load, show_uses, revoke
        self._last_id = first_page[-1].id if first_page else 0
        t = viewer.t
        self._error_text = ErrorText(t)
        column = stretched_column([], 2)
        pages = Pages[Invitation](
            column,
            t("Show older ones"),
            build=self._item,
            load=self._load_older,
            page_size=INVITATIONS_PAGE_SIZE,
        )
        if first_page:
            pages.show(first_page)
        else:
            pages.show_text(widgets.secondary_text(t("Nobody has made a link yet."), 14))
        hint = t("A link is shown once, when it is made. Here is what became of it.")
        buttons = [ft.TextButton(t("Back"), on_click=show_invite), close_button(t, self.close)]
        super().__init__(
            t("Invitations"),
            stretched_column([widgets.secondary_text(hint, 13), self._error_text, column], 10),
            buttons,
            width=460,
        )

    async def _load_older(self, _: int) -> Sequence[Invitation]:
        page = await self._load(self._last_id)
        if page:
            self._last_id = page[-1].id
        return page

    def _item(self, invitation: Invitation) -> ft.Control:
        t = self._t
        lines = stretched_column(
            [
                ft.Text(_title(invitation, t), size=14),
                widgets.secondary_text(self._details(invitation), 12),
            ],
            1,
        )
        buttons = ft.Row(spacing=4, run_spacing=0, wrap=True)
        if invitation.used:
            show = partial(self._run, self._show_uses, invitation)
            buttons.controls.append(ft.TextButton(t("Who came in"), on_click=show))
        if invitation.state(datetime.now(UTC)) is InvitationState.VALID:
            revoke = partial(self._run, self._revoke, invitation)
            style = ft.ButtonStyle(color=ft.Colors.ERROR)
            buttons.controls.append(ft.TextButton(t("Take it back"), style=style, on_click=revoke))
        lines.controls.append(buttons)
        return ft.Container(lines, padding=_ITEM_PADDING)

    async def _run(
        self, act: Callable[[Invitation], Awaitable[None]], invitation: Invitation
    ) -> None:
        await self._error_text.run(partial(act, invitation))

    def _details(self, invitation: Invitation) -> str:
        t = self._t
        parts = [t("made {when}", when=self._viewer.format_date_time(invitation.made_at))]
        state = invitation.state(datetime.now(UTC))
        if state is InvitationState.VALID:
            end = self._viewer.format_date_time(invitation.expires_at)
            parts.append(t("works until {when}", when=end))
        else:
            parts.append(t(_STATES[state]))
        if invitation.role is Role.GUEST:
            titles = t.join(each.title for each in invitation.rooms)
            parts.append(t("guests of {rooms}", rooms=titles))
        elif invitation.rooms:
            titles = t.join(each.title for each in invitation.rooms)
            parts.append(t("adds people to {rooms}", rooms=titles))
        return t.join(parts)


class UsesDialog(Dialog):
    """Who came in with an invitation, the last one first."""

    def __init__(
        self,
        invitation: Invitation,
        uses: Sequence[InvitationUse],
        viewer: ViewerContext,
        *,
        go_back: Callable[[], Awaitable[None]],
    ) -> None:
        t = viewer.t
        lines = [
            t("{name}, {when}", name=each.person.name, when=viewer.format_date_time(each.at))
            for each in uses
        ]
        text = ft.Text("\n".join(lines), size=14, selectable=True)
        buttons = [ft.TextButton(t("Back"), on_click=go_back), close_button(t, self.close)]
        super().__init__(_title(invitation, t), stretched_column([text], 10), buttons, width=460)


def _title(invitation: Invitation, t: Language) -> str:
    return t(
        "{number}. {name}: {used} of {limit} came in",
        number=invitation.id,
        name=invitation.made_by.name,
        used=invitation.used,
        limit=invitation.use_limit,
    )
