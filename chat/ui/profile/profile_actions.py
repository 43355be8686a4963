"""The person's own profile: the dialog, and what leads back to it."""

from dataclasses import replace
from functools import partial

import flet as ft

from chat.errors import BadPreference
from chat.model.people import Person
from chat.rooms.directory import LOBBY
from chat.text.names import split_former_name
from chat.ui.client.file_transfer import FileTransfer
from chat.ui.composer.composer_files import ComposerFiles
from chat.ui.context import SessionContext
from chat.ui.dialogs.avatar import AvatarDialog
from chat.ui.emoji.picker import EmojiPicker
from chat.ui.profile.profile_editor import (
    ChangePicture,
    ChooseStatusEmoji,
    ProfileDraft,
    ProfileEditorDialog,
    ProfileEditorRequest,
    SaveProfile,
    StatusEnd,
    draft_of,
)
from chat.ui.theme import widgets
from chat.ui.theme.snackbars import show_undo_snackbar


class ProfileActions:
    """Edits the profile of one session's person. `owner` is a control on its page."""

    def __init__(
        self,
        context: SessionContext,
        owner: ft.Control,
        picker: EmojiPicker,
        *,
        files: ComposerFiles,
        file_transfer: FileTransfer,
    ) -> None:
        self._context = context
        self._workspace = context.workspace
        self._owner = owner
        self._picker = picker
        self._files = files
        self._file_transfer = file_transfer

    # (Without a parameter: Flet would pass its event to it.)
    async def show_editor(self) -> None:
        """Show the person's profile."""
        await self._show(None)

    async def offer_name(self) -> None:
        """Tell a person who was away for long that somebody else has their name now."""
        me, t = await self._current_me(), self._context.viewer.t
        if (former := split_former_name(me.name)) is not None:
            text = t("While you were away, somebody else took the name {name}.", name=former[0])
            show_undo_snackbar(self._page, text, t("Choose a name"), undo=self.show_editor)

    async def _show(self, draft: ProfileDraft | None) -> None:
        """Show the profile, with the fields that the person has filled in already."""
        me = await self._current_me()
        details = self._workspace.people_details.get(me.id)
        draft = draft or draft_of(me, details, self._context.preferences)
        self._page.show_dialog(
            ProfileEditorDialog(
                me,
                draft,
                self._context.viewer,
                ends_at=details.status.ends_at,
                perform=self._perform,
            )
        )

    @property
    def _page(self) -> ft.Page:
        return widgets.page_of(self._owner)

    async def _current_me(self) -> Person:
        lobby = await self._workspace.rooms.by_slug(self._context.me, LOBBY)
        return lobby.members.get(self._context.me.id, self._context.me)

    async def _perform(self, request: ProfileEditorRequest) -> None:
        match request:
            case SaveProfile(draft):
                await self._save(draft)
            case ChooseStatusEmoji(draft):
                await self._choose_emoji(draft)
            case ChangePicture(draft):
                await self._change_picture(draft)

    async def _save(self, draft: ProfileDraft) -> None:
        me, preferences = await self._current_me(), self._context.preferences
        details = self._workspace.people_details
        if draft.name != me.name:
            await self._workspace.profiles.rename(me, draft.name)
        ends_at = (
            details.status(me.id).ends_at
            if draft.end is StatusEnd.KEEP
            else draft.end.moment(self._context.viewer)
        )
        await details.set_status(me, draft.emoji, draft.text, ends_at)
        if draft.time_zone != preferences.time_zone:
            try:
                await self._workspace.set_preference(me, "time_zone", draft.time_zone)
            except BadPreference:
                raise BadPreference(
                    "There is no such time zone. Write it like this: Europe/Paris."
                ) from None
        if draft.last_seen is not preferences.last_seen:
            await self._workspace.set_preference(me, "last_seen", draft.last_seen.value)

    async def _choose_emoji(self, draft: ProfileDraft) -> None:
        chosen = draft

        async def on_pick(emoji: str) -> None:
            nonlocal chosen
            chosen = replace(draft, emoji=emoji)

        async def show_again() -> None:
            await self._show(chosen)

        await self._picker.open(on_pick, on_closed=show_again)

    async def _on_picture_closed(self, dialog: AvatarDialog, draft: ProfileDraft) -> None:
        dialog.abandon()
        await self._show(draft)

    async def _change_picture(self, draft: ProfileDraft) -> None:
        dialog = AvatarDialog(
            self._workspace,
            await self._current_me(),
            self._context.viewer,
            file_transfer=self._file_transfer,
        )
        dialog.on_dismiss = partial(self._on_picture_closed, dialog, draft)
        self._files.redirect_to(dialog)
        self._page.show_dialog(dialog)
