"""The actions on programs: the webhooks of a room, and one's own bots."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import flet as ft

from chat.model.addresses import room_path
from chat.model.people import Person
from chat.model.programs import ApiToken, Hook
from chat.model.rooms import RoomKind
from chat.rooms.directory import LOBBY
from chat.rooms.room import Room
from chat.ui.context import SessionContext
from chat.ui.programs.bot_dialogs import (
    BeginToken,
    BotDialog,
    BotFiles,
    BotListDialog,
    BotRequest,
    CreateBot,
    CreateToken,
    DeleteBot,
    RevokeToken,
    SecretDialog,
    ShowBot,
    ShowBots,
    ShowSettings,
    StartBot,
)
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
from chat.ui.programs.outgoing_actions import OutgoingActions
from chat.ui.programs.outgoing_requests import BeginOutgoing, ShowOutgoing
from chat.ui.programs.program_questions import ProgramQuestions
from chat.ui.programs.token_dialog import TokenDialog
from chat.ui.theme.dialog import show_large_dialog


class ProgramActions:
    """The actions of one session on programs. `owner` is a control on its page."""

    def __init__(
        self,
        context: SessionContext,
        owner: ft.Control,
        *,
        open_path: Callable[[str], Awaitable[None]],
        show_settings: Callable[[], Awaitable[None]],
    ) -> None:
        self._context = context
        self._workspace, self._t = context.workspace, context.t
        self._questions = ProgramQuestions(context, owner)
        self._open_path, self._show_settings = open_path, show_settings
        self._outgoing = OutgoingActions(
            context, self._questions, show_hooks=self.show_hooks, open_path=open_path
        )

    async def show_hooks(self, room: Room) -> None:
        """Show the webhooks of a room, or why they cannot be seen."""
        await self._questions.or_say_why(partial(self._show_hooks, room))

    async def _show_hooks(self, room: Room) -> None:
        hooks = await self._workspace.hooks.of_room(self._context.me, room)
        dialog = HookListDialog(
            room.info.title,
            hooks,
            await self._outgoing.of_room(room),
            viewer=self._context.viewer,
            page_width=self._page_width,
            perform=partial(self._perform_hook_request, room),
        )
        # (Its list grows: it is not drawn early.)
        self._page.show_dialog(dialog)

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
            case BeginOutgoing() | ShowOutgoing():
                await self._outgoing.perform(room, request)
            case CreateHook(name):
                await self._show_hook(room, await hooks.create(me, room, name))
            case SetPaused(hook, paused):
                await hooks.set_paused(me, room, hook.id, paused=paused)
            case SetMayCall(hook, may_call):
                await hooks.set_may_call(me, room, hook.id, may_call=may_call)
            case ShowHook(hook):
                await self._questions.or_say_why(partial(self._show_hook, room, hook))
            case ShowHooks():
                await self.show_hooks(room)
            case RegenerateHook(hook):
                self._ask_for_new_address(room, hook)
            case DeleteHook(hook):
                self._ask_to_delete_hook(room, hook)
            case ShowDelivered(number):
                self._questions.close_dialog()
                await self._open_path(room_path(room.info, number))

    def _ask_for_new_address(self, room: Room, hook: Hook) -> None:
        t, hooks, me = self._t, self._workspace.hooks, self._context.me
        self._questions.ask(
            t("A new address for {name}?", name=hook.bot.name),
            t("Programs that have the address of now cannot post here until they get the new one."),
            t("New address"),
            action=partial(hooks.regenerate, me, room, hook.id),
            then=partial(self._show_hook, room, hook),
        )

    def _ask_to_delete_hook(self, room: Room, hook: Hook) -> None:
        t, hooks, me = self._t, self._workspace.hooks, self._context.me
        self._questions.ask(
            t("Delete the webhook {name}?", name=hook.bot.name),
            t("Its address is not valid any more. What it has posted stays."),
            t("Delete"),
            action=partial(hooks.delete, me, room, hook.id),
            then=partial(self._show_hook, room, hook),
        )

    # (Without a parameter: Flet would pass its event to it.)
    async def show_bots(self) -> None:
        """Show the person's bots."""
        await self._questions.or_say_why(self._show_bots)

    async def _show_bots(self) -> None:
        me, viewer = self._context.me, self._context.viewer
        hook_bot_ids = await self._workspace.hooks.bot_ids_of(me)
        own = self._workspace.bots.of_person(me)
        bots = [each for each in own if each.id not in hook_bot_ids]
        dialog = BotListDialog(
            bots,
            len(own) - len(bots),
            self._bot_files(bots),
            viewer=viewer,
            page_width=self._page_width,
            perform=self._perform_bot_request,
        )
        # (Its list grows: it is not drawn early.)
        self._page.show_dialog(dialog)

    def _bot_files(self, bots: Sequence[Person]) -> BotFiles:
        """The files of these bots; those that do not load are for the owner of the chat."""
        file_bots = self._workspace.file_bots
        found = {each.id: file_bots.of_bot(each) for each in bots}
        is_owner = self._workspace.ownership.owner_id == self._context.me.id
        by_bot = {bot_id: file for bot_id, file in found.items() if file is not None}
        return BotFiles(by_bot, file_bots.without_bot if is_owner else ())

    async def _show_bot(self, bot: Person) -> None:
        if self._workspace.bots.find(bot.id) is None:
            # It was deleted on another device.
            await self._show_bots()
            return
        dialog = BotDialog(
            bot,
            await self._workspace.api_tokens.of_bot(self._own(bot)),
            self._workspace.file_bots.of_bot(bot),
            viewer=self._context.viewer,
            page_width=self._page_width,
            perform=self._perform_bot_request,
        )
        await show_large_dialog(self._page, dialog)

    async def _perform_bot_request(self, request: BotRequest) -> None:
        workspace, me = self._workspace, self._context.me
        match request:
            case CreateBot(name):
                bot = await workspace.bots.create(me, name)
                # There it can be found, invited and written to.
                await workspace.rooms.enter(bot, LOBBY)
                await self._show_bot(bot)
            case ShowBot(bot):
                await self._questions.or_say_why(partial(self._show_bot, bot))
            case ShowBots():
                await self.show_bots()
            case ShowSettings():
                await self._show_settings()
            case DeleteBot(bot):
                self._ask_to_delete_bot(bot)
            case StartBot(bot):
                await workspace.file_bots.start(me, bot)
                await self._show_bot(bot)
            case BeginToken(bot):
                await self._show_token_form(bot)
            case CreateToken():
                await self._create_token(request)
            case RevokeToken(token):
                self._ask_to_revoke(token)

    async def _show_token_form(self, bot: Person) -> None:
        memberships = self._workspace.memberships.for_person(self._context.me)
        rooms = [
            each.room
            for each in memberships
            if each.room.kind in {RoomKind.PUBLIC, RoomKind.PRIVATE} and not each.room.archived
        ]
        dialog = TokenDialog(
            bot,
            rooms,
            self._context.viewer,
            page_width=self._page_width,
            perform=self._perform_bot_request,
        )
        await show_large_dialog(self._page, dialog)

    async def _create_token(self, request: CreateToken) -> None:
        rooms, expires_at = request.rooms, None
        if request.days is not None:
            expires_at = datetime.now(UTC) + timedelta(days=request.days)
        secret, _ = await self._workspace.api_tokens.create(
            self._own(request.bot),
            request.label,
            request.scopes,
            None if rooms is None else [each.id for each in rooms],
            expires_at,
        )
        dialog = SecretDialog(
            secret,
            request,
            self._context.site,
            t=self._t,
            page_width=self._page_width,
            perform=self._perform_bot_request,
        )
        await show_large_dialog(self._page, dialog)

    def _ask_to_delete_bot(self, bot: Person) -> None:
        async def delete() -> None:
            await self._workspace.bots.delete(self._own(bot))

        t = self._t
        self._questions.ask(
            t("Delete the bot {name}?", name=bot.name),
            t("It leaves all rooms, and its tokens are not valid any more. Its messages stay."),
            t("Delete"),
            action=delete,
            then=partial(self._show_bot, bot),
        )

    def _ask_to_revoke(self, token: ApiToken) -> None:
        async def revoke() -> None:
            await self._workspace.api_tokens.revoke(self._own(token.bot), token.id)

        t = self._t
        self._questions.ask(
            t("Revoke the token {token}?", token=token.label),
            t("Programs that use it can do nothing here any more."),
            t("Revoke"),
            action=revoke,
            then=partial(self._show_bot, token.bot),
        )

    def _own(self, bot: Person) -> Person:
        """The bot of now. Raises NoSuchProgram unless it is the person's."""
        return self._workspace.bots.require_own(self._context.me, bot.id)

    @property
    def _page(self) -> ft.Page:
        return self._questions.page

    @property
    def _page_width(self) -> float:
        return self._questions.page_width
