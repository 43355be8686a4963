"""The action of each event of the page: keys, clicked notifications, chosen files."""

import inspect
from functools import partial
from typing import assert_never

import flet as ft

from chat.model.addresses import PanelKind
from chat.tasks import Tasks
from chat.ui.client.page_messages import (
    AreaStepKey,
    BackPressed,
    CloseDialogKey,
    CompletionAcceptKey,
    CompletionDismissKey,
    CompletionStepKey,
    EditLastKey,
    EscapeKey,
    FieldFocusRequested,
    FilesChosen,
    FileUnavailable,
    HeartbeatRequested,
    ListAcceptKey,
    ListDismissKey,
    ListKeyPressed,
    ListStepKey,
    MarkAllReadKey,
    MotionReported,
    NameEntered,
    NotificationClicked,
    NotificationStateReported,
    PageReady,
    PointerPressed,
    QuickSwitcherKey,
    RemovePrefixReply,
    ResumeWriting,
    RoomStepKey,
    SearchKey,
    SelectionReported,
    SemanticsShown,
    SendKey,
    SettingsKey,
    ShortcutsKey,
    VisibilityReported,
)
from chat.ui.client.window_keys import CtrlEnterKey, FormatKey, KeyEvent, events_of_key
from chat.ui.composer.composer_files import ComposerFiles
from chat.ui.packing.shared_view import Handler
from chat.ui.panes.panes import Panes
from chat.ui.screen.list_keys import ListKeys
from chat.ui.screen.menu_actions import MenuActions
from chat.ui.screen.panel_actions import PanelActions
from chat.ui.screen.router import Router
from chat.ui.sidebar.chosen_room import ChosenRoom
from chat.ui.sidebar.room_list import RoomList
from chat.ui.theme.dialog import close_dialog, open_dialog


class PageEvents:
    """Finds the action of an event among the parts of the chat screen."""

    def __init__(
        self,
        panes: Panes,
        *,
        room_list: RoomList,
        router: Router,
        menu_actions: MenuActions,
        panel_actions: PanelActions,
    ) -> None:
        self._panes = panes
        self._room_list = room_list
        self._router = router
        self._menu_actions = menu_actions
        self._panel_actions = panel_actions
        self.list_keys = ListKeys(panes, ChosenRoom(room_list))

    def handler(self, event: KeyEvent) -> Handler | None:
        """The action of an event; None if there is none at this moment."""
        room_pane = self._panes.active.room_pane
        composer = room_pane.composer
        match event:
            case FieldFocusRequested():
                return room_pane.on_focus_requested
            case EditLastKey():
                return self._edit_last
            case EscapeKey() | CompletionDismissKey():
                return self._escape
            case CloseDialogKey():
                return self._close_dialog_or_button
            case CompletionStepKey(direction):
                return composer.key_handler(direction.name.lower())
            case CompletionAcceptKey(key, field, client_id, path):
                if (pane := self._panes.by_path(path)) is None:
                    return partial(composer.settle, client_id)
                return pane.room_pane.composer.key_handler(key, field, client_id)
            case AreaStepKey(direction):
                return partial(self.list_keys.step, direction)
            case ListKeyPressed(key):
                return partial(self.list_keys.press, key)
            case ListStepKey(direction):
                return self._panel_actions.list_arrows.handler(direction)
            case ListAcceptKey():
                return self._panel_actions.completion_handler("enter")
            case ListDismissKey():
                return self._panel_actions.completion_handler("escape")
            case RoomStepKey(direction, unread):
                return partial(self._step_room, direction, unread_only=unread)
            case SearchKey():
                return partial(self._panel_actions.open, PanelKind.SEARCH)
            case SettingsKey():
                return self._menu_actions.show_preferences
            case QuickSwitcherKey():
                return self._menu_actions.quick_switcher.show
            case ShortcutsKey():
                return self._menu_actions.show_shortcuts
            case MarkAllReadKey():
                return self._mark_all_read
            case SendKey():
                return partial(self._send, event)
            case ResumeWriting():
                return partial(self._resume_writing, event)
            case CtrlEnterKey():
                return composer.on_ctrl_enter
            case FormatKey(mark):
                return partial(composer.toggle_mark, mark)
            case SelectionReported(start, end):
                return partial(composer.cursor_reported, start, end)
            case VisibilityReported():
                return self._panes.update_read_state
            case SemanticsShown():
                return self._panes.announce_messages
            case NotificationClicked(path):
                return partial(self._router.navigate, path)
            case FilesChosen(files):
                return partial(self._files_receiver.on_files_chosen, files)
            case FileUnavailable(number):
                return partial(self._on_file_lost, number)
            case NotificationStateReported():
                return self._menu_actions.on_notification_state_changed
            case PageReady() | RemovePrefixReply() | HeartbeatRequested() | PointerPressed():
                return None  # handled by the connection
            case MotionReported():
                return None  # likewise
            case BackPressed():
                return None  # handled by the screen
            case NameEntered():
                return None  # the person is signed in already
            case _:
                assert_never(event)

    def listen_to_window(self, page: ft.Page, tasks: Tasks) -> None:
        """Handle Flet's key events from now on: the desktop window has no page script."""

        def on_key(key: ft.KeyboardEvent) -> None:
            events = events_of_key(
                key, field_is_empty=not self._panes.active.room_pane.composer.draft
            )
            callback = next((found for each in events if (found := self.handler(each))), None)
            if callback is not None:
                tasks.start(_run(callback), "press a key")

        if page.on_keyboard_event is None:
            page.on_keyboard_event = on_key
            page.update()

    async def _send(self, key: SendKey) -> None:
        # The pane is looked up now: the first room may have come on the screen since the key.
        pane = self._panes.by_path(key.path)
        if pane is None:
            # Another room came on the screen while the key was on its way: the text is in the draft
            # of its own room.
            self._panes.active.room_pane.composer.settle(key.client_id)
        else:
            await pane.room_pane.composer.send(key.text, key.client_id, key.edited_number)

    async def _escape(self) -> None:
        # An Escape before this one may still close its dialog when the frame of this one is read.
        if self.close_dialog():
            return
        if (cancel := self._panes.active.room_pane.composer.key_handler("escape")) is not None:
            cancel()
        else:
            await self._close_panel_or_button()

    async def _close_dialog_or_button(self) -> None:
        if not self.close_dialog():
            self._room_list.clear_filter()
            await self._close_panel_or_button()

    async def _close_panel_or_button(self) -> None:
        """Close what is beside the room, else the button to unread messages, else a thread that
        has the place of its room."""
        if self._panel_actions.address is not None or self._panes.has_thread:
            await self._router.close_panel()
            return
        room_pane = self._panes.active.room_pane
        if room_pane.is_open and not room_pane.history.dismiss_unread():
            await self._router.navigate_to_parent()

    def close_dialog(self) -> bool:
        """Close the topmost dialog; false if there is none."""
        dialog = open_dialog(self._panes.main.room_pane.page)
        if dialog is not None:
            close_dialog(dialog)
        return dialog is not None

    async def _edit_last(self) -> None:
        room_pane = self._panes.active.room_pane
        if room_pane.is_open:
            room_pane.composer.empty_in_client()
            await self._panes.active.message_actions.edit_last()

    async def _resume_writing(self, event: ResumeWriting) -> None:
        await self._panes.active.room_pane.field_ready.wait()
        await self._panes.active.message_actions.resume_writing(event)

    @property
    def _files_receiver(self) -> ComposerFiles:
        """The files of the pane whose dialog asks for some, else those of the active pane."""
        panes = (self._panes.active, *self._panes.shown)
        files = [each.room_pane.composer.files for each in panes]
        return next((each for each in files if each.is_redirected), files[0])

    def _on_file_lost(self, number: int) -> None:
        for each in self._panes.shown:
            each.room_pane.composer.files.on_file_lost(number)

    async def _mark_all_read(self) -> None:
        for each in self._panes.shown:
            await each.read_tracker.mark_all_read()

    async def _step_room(self, step: int, *, unread_only: bool) -> None:
        room_id = self._room_list.room_at_offset(step, unread=unread_only)
        if room_id is not None:
            await self._router.navigate_to_room(room_id)


async def _run(callback: Handler) -> None:
    if inspect.isawaitable(result := callback()):
        await result
