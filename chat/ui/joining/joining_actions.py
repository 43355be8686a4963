"""The actions of one session on who comes in: invitations and their list."""

from collections.abc import Sequence

import flet as ft

from chat.errors import ChatError
from chat.model.events import KnocksChanged
from chat.model.joining import Invitation, InvitationId, KnockId
from chat.model.moderation import Role
from chat.model.rooms import RoomInfo, RoomKind
from chat.rooms.directory import LOBBY
from chat.ui.context import SessionContext
from chat.ui.joining.invite_dialog import InviteDialog, LinkActions, LinkChoice
from chat.ui.joining.knocks_dialog import KnocksDialog
from chat.ui.joining.links_dialog import LinksDialog, UsesDialog
from chat.ui.theme import widgets
from chat.ui.theme.snackbars import show_snackbar, show_undo_snackbar

# Rooms that are offered for a link, and moderators that are named.
_OFFERED_ROOMS, _NAMED_MODERATORS = 100, 5

_GROUP_KINDS = {RoomKind.PUBLIC, RoomKind.PRIVATE}


class JoiningActions:
    """The actions of one session. `owner` is a control on its page."""

    def __init__(self, context: SessionContext, owner: ft.Control) -> None:
        self._context = context
        self._workspace, self._t = context.workspace, context.t
        self._owner = owner
        self._knocks_dialog: KnocksDialog | None = None

    async def show_invite(self) -> None:
        """Show the address of the chat or the form for a link, and the QR code."""
        workspace, actions = self._workspace, None
        if workspace.invitations.may_make(self._context.me):
            actions = LinkActions(self._rooms(), self._make, self.show_links)
        dialog = InviteDialog(
            self._context.site,
            self._t,
            policy=workspace.entrance.policy,
            actions=actions,
            moderators=[] if actions is not None else await self._moderator_names(),
        )
        self._page.show_dialog(dialog)

    async def show_links(self) -> None:
        """Show the list of invitations."""
        try:
            first_page = await self._load(None)
        except ChatError as error:
            show_snackbar(self._page, self._t.error(error))
            return
        dialog = LinksDialog(
            first_page,
            self._context.viewer,
            load=self._load,
            show_uses=self._show_uses,
            revoke=self._revoke,
            show_invite=self.show_invite,
        )
        self._page.show_dialog(dialog)

    async def show_knocks(self) -> None:
        """Show who asks to come in. Raises ChatModeratorRequired."""
        waiting = self._workspace.knocks.waiting(self._context.me)
        dialog = KnocksDialog(waiting, self._context.viewer, answer=self._answer)
        self._knocks_dialog = dialog
        self._page.show_dialog(dialog)

    def on_knocks_changed(self, event: KnocksChanged) -> None:
        """Somebody asks to come in, or waits no more."""
        if self._knocks_dialog is not None and self._knocks_dialog.open:
            self._knocks_dialog.show(self._workspace.knocks.waiting(self._context.me))
        elif event.new is not None:
            text = self._t("{name} asks to come in.", name=event.new.name)
            show_undo_snackbar(self._page, text, self._t("Show"), undo=self.show_knocks)

    def offer_knocks(self) -> None:
        """Say that somebody asked to come in while the person was away."""
        if not self._workspace.roles.of(self._context.me.id).moderates:
            return
        if count := len(self._workspace.knocks.waiting(self._context.me)):
            text = self._t.plural(
                "One person waits to be let in.", "{count} people wait to be let in.", count
            )
            show_undo_snackbar(self._page, text, self._t("Show"), undo=self.show_knocks)

    async def _answer(self, knock_id: KnockId, admits: bool) -> None:
        await self._workspace.knocks.answer(self._context.me, knock_id, admits=admits)

    @property
    def _page(self) -> ft.Page:
        return widgets.page_of(self._owner)

    async def _load(self, before_id: InvitationId | None) -> Sequence[Invitation]:
        return await self._workspace.invitations.page(self._context.me, before_id)

    async def _show_uses(self, invitation: Invitation) -> None:
        uses = await self._workspace.invitations.uses(self._context.me, invitation.id)
        dialog = UsesDialog(invitation, uses, self._context.viewer, go_back=self.show_links)
        self._page.show_dialog(dialog)

    async def _revoke(self, invitation: Invitation) -> None:
        await self._workspace.invitations.revoke(self._context.me, invitation.id)
        await self.show_links()
        text = self._t("Nobody else comes in with it.")
        if invitation.role is Role.GUEST:
            text = self._t("Nobody else comes in with it, and its guests have left.")
        show_snackbar(self._page, text)

    async def _make(self, choice: LinkChoice) -> str:
        me, rooms = self._context.me, []
        if choice.room_id is not None:
            rooms.append(await self._workspace.rooms.by_id(me, choice.room_id))
        _, code = await self._workspace.invitations.make(
            me,
            lifetime=choice.lifetime,
            use_limit=choice.use_limit,
            role=choice.role,
            rooms=rooms,
        )
        return self._context.site.join_url(code)

    def _rooms(self) -> list[RoomInfo]:
        """The rooms that the person may add others to."""
        found = [
            each.room
            for each in self._workspace.memberships.for_person(self._context.me)
            if each.room.kind in _GROUP_KINDS and each.room.slug != LOBBY
        ]
        return [each for each in found if not each.archived][:_OFFERED_ROOMS]

    async def _moderator_names(self) -> list[str]:
        roles = self._workspace.roles
        people = await self._workspace.all_people()
        found = [each for each in people if roles.of(each.id).moderates and not each.is_bot]
        return [each.name for each in found[:_NAMED_MODERATORS]]
