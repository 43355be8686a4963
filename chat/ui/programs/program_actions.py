"""The actions on programs: the webhooks of a room, and one's own bots."""

from collections.abc import Awaitable, Callable
from functools import partial

import flet as ft

from chat.errors import ChatError
from chat.model.addresses import room_path
from chat.model.programs import Hook
from chat.rooms.room import Room
from chat.ui.context import SessionContext
from chat.ui.programs.hook_dialogs import (
    CreateHook,
    DeleteHook,
    HookDialog,
    HookListDialog,
    HookRequest,
    RegenerateHook,
    SetMayCall,
    SetPaused,
    ShowDelivered,
    ShowHook,
    ShowHooks,
)
from chat.ui.theme import widgets
from chat.ui.theme.confirmation import ConfirmationDialog
from chat.ui.theme.dialog import close_dialog, open_dialog, show_large_dialog
from chat.ui.theme.snackbars import show_snackbar


class ProgramActions:
    """The actions of one session on programs. `owner` is a control on its page."""

    def __init__(
        self,
        context: SessionContext,
        owner: ft.Control,
        *,
        open_path: Callable[[str], Awaitable[None]],
    ) -> None:
        self._context = context
        self._workspace, self._t = context.workspace, context.t
        self._owner = owner
        self._open_path = open_path

    async def show_hooks(self, room: Room) -> None:
        """Show the webhooks of a room, or why they cannot be seen."""
        await self._or_say_why(partial(self._show_hooks, room))

    async def _show_hooks(self, room: Room) -> None:
        hooks = await self._workspace.hooks.of_room(self._context.me, room)
        dialog = HookListDialog(
            room.info.title,
            hooks,
            self._context.viewer,
            page_width=self._page_width,
            perform=partial(self._perform_hook_request, room),
        )
        await show_large_dialog(self._page, dialog)

    async def _show_hook(self, room: Room, hook: Hook) -> None:
        hooks, me = self._workspace.hooks, self._context.me
        current = [each for each in await hooks.of_room(me, room) if each.id == hook.id]
        if not current:
            # Somebody else has deleted it.
            await self._show_hooks(room)
            return
        dialog = HookDialog(
            current[0],
            await hooks.deliveries(me, room, hook.id),
            self._context.site,
            viewer=self._context.viewer,
            page_width=self._page_width,
            perform=partial(self._perform_hook_request, room),
        )
        await show_large_dialog(self._page, dialog)

    async def _perform_hook_request(self, room: Room, request: HookRequest) -> None:
        hooks, me = self._workspace.hooks, self._context.me
        match request:
            case CreateHook(name):
                await self._show_hook(room, await hooks.create(me, room, name))
            case SetPaused(hook, paused):
                await hooks.set_paused(me, room, hook.id, paused=paused)
            case SetMayCall(hook, may_call):
                await hooks.set_may_call(me, room, hook.id, may_call=may_call)
            case ShowHook(hook):
                await self._or_say_why(partial(self._show_hook, room, hook))
            case ShowHooks():
                await self.show_hooks(room)
            case RegenerateHook(hook):
                self._ask_for_new_address(room, hook)
            case DeleteHook(hook):
                self._ask_to_delete_hook(room, hook)
            case ShowDelivered(number):
                if (dialog := open_dialog(self._page)) is not None:
                    close_dialog(dialog)
                await self._open_path(room_path(room.info, number))

    def _ask_for_new_address(self, room: Room, hook: Hook) -> None:
        t, hooks, me = self._t, self._workspace.hooks, self._context.me
        self._ask(
            t("A new address for {name}?", name=hook.bot.name),
            t("Programs that have the address of now cannot post here until they get the new one."),
            t("New address"),
            action=partial(hooks.regenerate, me, room, hook.id),
            then=partial(self._show_hook, room, hook),
        )

    def _ask_to_delete_hook(self, room: Room, hook: Hook) -> None:
        t, hooks, me = self._t, self._workspace.hooks, self._context.me
        self._ask(
            t("Delete the webhook {name}?", name=hook.bot.name),
            t("Its address is not valid any more. What it has posted stays."),
            t("Delete"),
            action=partial(hooks.delete, me, room, hook.id),
            then=partial(self._show_hook, room, hook),
        )

    def _ask(
        self,
        title: str,
        question: str,
        label: str,
        *,
        action: Callable[[], Awaitable[None]],
        then: Callable[[], Awaitable[None]],
    ) -> None:
        """Ask before an action; afterwards, and if it is cancelled, show what was there before."""

        async def run() -> None:
            await action()
            await then()

        def cancel() -> None:
            # (Another dialog may have taken the place of the question.)
            if open_dialog(self._page) is None:
                self._context.tasks.start(self._or_say_why(then), "show programs again")

        self._page.show_dialog(
            ConfirmationDialog(title, question, label, action=run, t=self._t, on_cancel=cancel)
        )

    async def _or_say_why(self, action: Callable[[], Awaitable[None]]) -> None:
        """Run an action that may raise ChatError; then the open dialog is out of date, and ends."""
        try:
            await action()
        except ChatError as error:
            if (dialog := open_dialog(self._page)) is not None:
                close_dialog(dialog)
            show_snackbar(self._page, self._t.error(error))

    @property
    def _page(self) -> ft.Page:
        return widgets.page_of(self._owner)

    @property
    def _page_width(self) -> float:
        return self._page.width or 0
