"""The actions on outgoing webhooks of a room."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import flet as ft

from chat.model.addresses import room_path
from chat.model.outgoing import OutgoingHook
from chat.rooms.room import Room
from chat.ui.context import SessionContext
from chat.ui.programs.outgoing_dialogs import OutgoingDialog, OutgoingSecretDialog
from chat.ui.programs.outgoing_form import OutgoingFormDialog
from chat.ui.programs.outgoing_requests import (
    BeginChange,
    BeginOutgoing,
    ChangeOutgoing,
    CreateOutgoing,
    DeleteOutgoing,
    OutgoingRequest,
    PauseOutgoing,
    RenewSecret,
    ResumeOutgoing,
    SendAgain,
    SendTest,
    ShowOutgoing,
    ShowTold,
    ShowWebhooks,
)
from chat.ui.programs.program_questions import ProgramQuestions
from chat.ui.theme.dialog import show_large_dialog


class OutgoingActions:
    """The actions of one session on outgoing webhooks.

    `show_hooks(room)` shows all webhooks of a room, `open_path(path)` a message.
    """

    def __init__(
        self,
        context: SessionContext,
        questions: ProgramQuestions,
        *,
        show_hooks: Callable[[Room], Awaitable[None]],
        open_path: Callable[[str], Awaitable[None]],
    ) -> None:
        self._context = context
        self._hooks, self._t = context.workspace.outgoing_hooks, context.t
        self._questions = questions
        self._show_hooks, self._open_path = show_hooks, open_path

    async def of_room(self, room: Room) -> Sequence[OutgoingHook]:
        """The outgoing webhooks of a room. Raises ChatError."""
        return await self._hooks.of_room(self._context.me, room)

    async def perform(self, room: Room, request: OutgoingRequest) -> None:
        """Perform a request of a dialog. Raises ChatError."""
        hooks, me = self._hooks, self._context.me
        match request:
            case BeginOutgoing():
                await self._show_form(room, None)
            case BeginChange(hook):
                await self._show_form(room, hook)
            case CreateOutgoing(name, url, trigger, words):
                made = await hooks.create(me, room, name, url, trigger, _split(words))
                await self._show_secret(room, made)
            case ChangeOutgoing(hook, url, trigger, words):
                await hooks.change(me, room, hook.id, url, trigger, _split(words))
                await self._show(room, hook)
            case PauseOutgoing(hook):
                await hooks.pause(me, room, hook.id)
                await self._show(room, hook)
            case ResumeOutgoing(hook, skip):
                await hooks.resume(me, room, hook.id, skip=skip)
                await self._show(room, hook)
            case SendTest(hook):
                await hooks.test(me, room, hook.id)
                await self._show(room, hook)
            case SendAgain(hook, attempt):
                await hooks.send_again(me, room, hook.id, attempt)
                await self._show(room, hook)
            case RenewSecret(hook):
                self._ask_for_new_secret(room, hook)
            case DeleteOutgoing(hook):
                self._ask_to_delete(room, hook)
            case ShowOutgoing(hook):
                await self._questions.or_say_why(partial(self._show, room, hook))
            case ShowWebhooks():
                await self._show_hooks(room)
            case ShowTold(number):
                self._questions.close_dialog()
                await self._open_path(room_path(room.info, number))

    async def _show(self, room: Room, hook: OutgoingHook) -> None:
        current = [each for each in await self.of_room(room) if each.id == hook.id]
        if not current:
            # Somebody else has deleted it.
            await self._show_hooks(room)
            return
        dialog = OutgoingDialog(
            current[0],
            await self._hooks.attempts(self._context.me, room, hook.id),
            self._context.viewer,
            page_width=self._questions.page_width,
            perform=partial(self.perform, room),
        )
        await show_large_dialog(self._page, dialog)

    async def _show_form(self, room: Room, hook: OutgoingHook | None) -> None:
        dialog = OutgoingFormDialog(
            hook,
            self._context.viewer,
            page_width=self._questions.page_width,
            perform=partial(self.perform, room),
        )
        await show_large_dialog(self._page, dialog)

    async def _show_secret(self, room: Room, hook: OutgoingHook) -> None:
        dialog = OutgoingSecretDialog(
            hook,
            t=self._t,
            page_width=self._questions.page_width,
            perform=partial(self.perform, room),
        )
        await show_large_dialog(self._page, dialog)

    def _ask_for_new_secret(self, room: Room, hook: OutgoingHook) -> None:
        t, hooks, me = self._t, self._hooks, self._context.me
        renewed: list[OutgoingHook] = []

        async def renew() -> None:
            renewed.append(await hooks.renew_secret(me, room, hook.id))

        async def show() -> None:
            if renewed:
                await self._show_secret(room, renewed[0])
            else:
                await self._show(room, hook)

        self._questions.ask(
            t("A new secret for {name}?", name=hook.bot.name),
            t(
                "The receiver refuses what is sent until it knows the new one. What it refuses is "
                "sent again."
            ),
            t("New secret"),
            action=renew,
            then=show,
        )

    def _ask_to_delete(self, room: Room, hook: OutgoingHook) -> None:
        t, hooks, me = self._t, self._hooks, self._context.me
        self._questions.ask(
            t("Delete the webhook {name}?", name=hook.bot.name),
            t("Its receiver is told nothing more. What it has posted here stays."),
            t("Delete"),
            action=partial(hooks.delete, me, room, hook.id),
            then=partial(self._show, room, hook),
        )

    @property
    def _page(self) -> ft.Page:
        return self._questions.page


def _split(words: str) -> list[str]:
    """The words that commas separate, also those of Chinese."""
    return words.replace("，", ",").replace("、", ",").split(",")
