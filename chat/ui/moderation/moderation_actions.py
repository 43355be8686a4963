"""The actions of moderators on people: the menu in a card, and the audit log."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import flet as ft

from chat.errors import ChatError, Muted
from chat.model.moderation import AuditEntry, Role, Sanction, SanctionKind
from chat.model.people import Person
from chat.people.audit_log import AUDIT_EXPORT_PATH
from chat.rooms.room import Room
from chat.ui.accounts.password_link_dialog import PasswordLinkDialog
from chat.ui.accounts.sign_in_settings import password_link
from chat.ui.client.connection import connection_of
from chat.ui.client.file_transfer import FileTransfer
from chat.ui.client.list_keys import KeyArea
from chat.ui.context import SessionContext
from chat.ui.moderation.audit_dialog import AuditLogDialog
from chat.ui.moderation.sanction_dialog import SanctionDialog
from chat.ui.theme import widgets
from chat.ui.theme.confirmation import ConfirmationDialog
from chat.ui.theme.popup_menu import MenuChoice, show_menu
from chat.ui.theme.snackbars import offer_undo, show_snackbar

# Seconds for which the address of the log is valid that the desktop window opens.
_WINDOW_URL_SECONDS = 60


class ModerationActions:
    """The actions of one session. `owner` is a control on its page."""

    def __init__(self, context: SessionContext, owner: ft.Control) -> None:
        self._context = context
        self._workspace, self._t = context.workspace, context.t
        self._owner = owner

    def can_moderate(self, person: Person, room: Room) -> bool:
        """Whether the menu of a person has anything, with this room on the screen."""
        return bool(self._choices(person, room))

    def show_menu(self, person: Person, room: Room) -> None:
        """Show what the person of this session may do to another one."""
        if choices := self._choices(person, room):
            title = self._t("Moderate {name}", name=person.name)
            show_menu(self._page, title, choices, None, takes_focus=True)
            if (connection := connection_of(self._page)) is not None:
                connection.capture_list_keys(KeyArea.MENU)

    async def show_audit_log(self, file_transfer: FileTransfer) -> None:
        """Show the audit log. Raises ChatModeratorRequired."""
        dialog = AuditLogDialog(
            await self._load_audit(None),
            self._context.viewer,
            load=self._load_audit,
            save=partial(self._save_audit, file_transfer),
        )
        self._page.show_dialog(dialog)

    @property
    def _page(self) -> ft.Page:
        return widgets.page_of(self._owner)

    async def _load_audit(self, before_id: int | None) -> Sequence[AuditEntry]:
        workspace = self._workspace
        return await workspace.audit_log.page(self._context.me, workspace.rooms.may_read, before_id)

    async def _save_audit(self, file_transfer: FileTransfer) -> None:
        def window_url(url: str) -> str:
            downloads, site = self._workspace.downloads, self._context.site
            return site.url.rstrip("/") + downloads.sign(self._context.me, url, _WINDOW_URL_SECONDS)

        await file_transfer.save(AUDIT_EXPORT_PATH, window_url)

    def _choices(self, person: Person, room: Room) -> list[MenuChoice]:
        t, me = self._t, self._context.me
        choices: list[MenuChoice] = []
        if person.id == me.id:
            return choices

        def add(
            icon: ft.IconData, label: str, action: Callable[[], Awaitable[None]], *, asks: bool
        ) -> None:
            choices.append(MenuChoice(icon, label, action if asks else partial(self._run, action)))

        rooms, roles, title = self._workspace.rooms, self._workspace.roles, room.info.title
        if rooms.may_set_moderator(me, room, person):
            is_moderator = roles.moderates_room(person.id, room.info.id)
            label = t("Make moderator of {room}", room=title)
            if is_moderator:
                label = t("No moderator of {room} any more", room=title)
            set_moderator = partial(
                rooms.set_moderator, me, room, person, moderates=not is_moderator
            )
            add(ft.Icons.SHIELD_OUTLINED, label, set_moderator, asks=False)
        if roles.of(me.id) is Role.OWNER:
            is_moderator = roles.of(person.id) is Role.MODERATOR
            label = t("Make moderator of the chat")
            if is_moderator:
                label = t("No moderator of the chat any more")
            role = Role.MEMBER if is_moderator else Role.MODERATOR
            set_role = partial(roles.set_chat_role, me, person, role)
            add(ft.Icons.ADMIN_PANEL_SETTINGS_OUTLINED, label, set_role, asks=False)
            if not person.is_bot:
                make_link = partial(self._make_password_link, person)
                label = t("Link for a new password")
                add(ft.Icons.PASSWORD_ROUNDED, label, make_link, asks=True)
                hand_over = partial(self._ask_to_hand_over, person)
                add(ft.Icons.KEY_ROUNDED, t("Hand the chat over"), hand_over, asks=True)
        if room.outranks(me, person) or self._workspace.moderation.may_act_on(me, person):
            delete = partial(self._ask_to_delete_last_hour, person)
            icon, label = ft.Icons.AUTO_DELETE_OUTLINED, t("Delete the last hour")
            choices.append(MenuChoice(icon, label, delete, is_destructive=True))
        if self._workspace.moderation.may_act_on(me, person):
            self._add_sanctions(person, choices)
        return choices

    def _add_sanctions(self, person: Person, choices: list[MenuChoice]) -> None:
        """The choices that mute and ban, or lift that."""
        t, sanctions = self._t, self._workspace.sanctions
        for kind, icon, label, lift_label in (
            (SanctionKind.MUTE, ft.Icons.VOICE_OVER_OFF_OUTLINED, t("Mute"), t("Lift the mute")),
            (SanctionKind.BAN, ft.Icons.BLOCK_ROUNDED, t("Ban"), t("Lift the ban")),
        ):
            if sanctions.get(person.id, kind) is not None:
                lift = partial(self._workspace.moderation.lift, self._context.me, person, kind)
                choices.append(MenuChoice(icon, lift_label, partial(self._run, lift)))
            elif kind is SanctionKind.MUTE or not person.is_bot:
                ask = partial(self._ask_for_sanction, kind, person)
                choices.append(MenuChoice(icon, label, ask, is_destructive=True))

    async def _make_password_link(self, person: Person) -> None:
        """Show the owner a link with which a person sets a new password."""
        try:
            secret = await self._workspace.passwords.make_link(self._context.me, person)
        except ChatError as error:
            show_snackbar(self._page, self._t.error(error))
            return
        link = password_link(self._context, secret)
        self._page.show_dialog(PasswordLinkDialog(person, link, self._t))

    async def _ask_to_delete_last_hour(self, person: Person) -> None:
        """Ask whether what a person wrote in the last hour is to be deleted, and say how much."""
        t, me, last_hour = self._t, self._context.me, self._workspace.last_hour
        found = await last_hour.find(me, person)
        if not found:
            text = t("{name} wrote nothing in the last hour that you may delete.", name=person.name)
            show_snackbar(self._page, text)
            return

        async def delete() -> None:
            deleted = await last_hour.delete(me, person, found)
            text = t.plural(
                "One message is deleted.", "{count} messages are deleted.", len(deleted)
            )
            offer_undo(self._page, t, text, partial(last_hour.restore, me, deleted))

        count, rooms = len(found), len({each.room.info.id for each in found})
        question = t(
            "{name} wrote {count} messages in the last hour, in {rooms} of your rooms. All of them "
            "are deleted, with their files.",
            name=person.name,
            count=count,
            rooms=rooms,
        )
        title = t("Delete the last hour of {name}?", name=person.name)
        self._page.show_dialog(ConfirmationDialog(title, question, t("Delete"), action=delete, t=t))

    async def _ask_for_sanction(self, kind: SanctionKind, person: Person) -> None:
        moderation, me = self._workspace.moderation, self._context.me
        act = moderation.mute if kind is SanctionKind.MUTE else moderation.ban

        async def action(duration: timedelta | None, reason: str) -> None:
            await act(me, person, duration, reason)
            show_snackbar(self._page, self._t("Done. The audit log has it."))

        self._page.show_dialog(SanctionDialog(kind, person, self._t, action=action))

    def show_mute(self, sanction: Sanction) -> None:
        """Tell the person of this session that they are muted."""
        t, seconds = self._t, sanction.seconds_left(datetime.now(UTC))
        text = t.error(Muted(seconds))
        if sanction.reason:
            text += " " + t("The reason: {reason}", reason=sanction.reason)
        show_snackbar(self._page, text)

    async def _run(self, action: Callable[[], Awaitable[None]]) -> None:
        try:
            await action()
        except ChatError as error:
            show_snackbar(self._page, self._t.error(error))
        else:
            show_snackbar(self._page, self._t("Done. The audit log has it."))

    async def _ask_to_hand_over(self, person: Person) -> None:
        t = self._t
        self._page.show_dialog(
            ConfirmationDialog(
                t("Hand the chat over to {name}?", name=person.name),
                t(
                    "{name} owns this chat then. You stay a member, and only {name} can give it "
                    "back.",
                    name=person.name,
                ),
                t("Hand over"),
                action=partial(self._workspace.ownership.hand_over, self._context.me, person),
                t=t,
            )
        )
