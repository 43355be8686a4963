"""The dialogs of webhooks: those of a room, and one of them with its address and deliveries."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import flet as ft

from chat.model.outgoing import OutgoingHook
from chat.model.programs import Delivery, Hook
from chat.model.site import SiteInfo
from chat.ui.programs.outgoing_dialogs import state_text
from chat.ui.programs.outgoing_requests import BeginOutgoing, ShowOutgoing
from chat.ui.programs.program_dialog import (
    CopyBox,
    NameForm,
    ProgramDialog,
    deliveries_section,
    destructive_button,
    explanation,
    only_here,
    program_item,
    program_list,
)
from chat.ui.rows.file_preview import format_size
from chat.ui.theme import theme, widgets
from chat.ui.theme.dialog import ErrorText, section
from chat.ui.viewer import ViewerContext

# The status of an answer from which on a request was refused.
_REFUSED = 400

_DELIVERY_PADDING = ft.Padding.symmetric(horizontal=8, vertical=6)


@dataclass(frozen=True, slots=True)
class CreateHook:
    """Make a webhook of this name, and show it."""

    name: str


@dataclass(frozen=True, slots=True)
class ShowHook:
    """Show one webhook, with its deliveries of now."""

    hook: Hook


@dataclass(frozen=True, slots=True)
class ShowHooks:
    """Return to the list."""


@dataclass(frozen=True, slots=True)
class SetPaused:
    """Refuse what comes to a webhook, or post it again."""

    hook: Hook
    paused: bool


@dataclass(frozen=True, slots=True)
class SetMayCall:
    """Let the messages of a webhook call everybody, or not."""

    hook: Hook
    may_call: bool


@dataclass(frozen=True, slots=True)
class RegenerateHook:
    """Give a webhook another address, after a question."""

    hook: Hook


@dataclass(frozen=True, slots=True)
class DeleteHook:
    """Delete a webhook, after a question."""

    hook: Hook


@dataclass(frozen=True, slots=True)
class ShowDelivered:
    """Show the message that a delivery became."""

    number: int


HookRequest: TypeAlias = (
    BeginOutgoing
    | ShowOutgoing
    | CreateHook
    | ShowHook
    | ShowHooks
    | SetPaused
    | SetMayCall
    | RegenerateHook
    | DeleteHook
    | ShowDelivered
)

PerformHookRequest: TypeAlias = Callable[[HookRequest], Awaitable[None]]


class HookListDialog(ProgramDialog):
    """The webhooks of a room, and a form for a new one. `perform(request)` may raise ChatError."""

    def __init__(
        self,
        room_title: str,
        hooks: Sequence[Hook],
        outgoing_hooks: Sequence[OutgoingHook],
        *,
        viewer: ViewerContext,
        page_width: float,
        perform: PerformHookRequest,
    ) -> None:
        t = viewer.t

        def build(hook: Hook) -> ft.Control:
            return program_item(
                hook.bot.name,
                _state_text(hook, viewer),
                viewer.avatar_url(hook.bot),
                on_click=partial(perform, ShowHook(hook)),
            )

        def build_outgoing(hook: OutgoingHook) -> ft.Control:
            return program_item(
                hook.bot.name,
                state_text(hook, viewer),
                viewer.avatar_url(hook.bot),
                on_click=partial(perform, ShowOutgoing(hook)),
            )

        async def create(name: str) -> None:
            await perform(CreateHook(name))

        begin = ft.FilledTonalButton(
            t("New outgoing webhook"),
            icon=ft.Icons.ADD_ROUNDED,
            on_click=partial(perform, BeginOutgoing()),
        )
        parts = [
            section(
                t("Incoming"),
                explanation(
                    t(
                        "A webhook is an address at which other programs post into this room: "
                        "monitoring, builds, forms, scripts. They send it what they would send "
                        "to Slack or Mattermost, or plain text."
                    )
                ),
                program_list(hooks, t("There is none yet."), build=build),
                NameForm(t("Name, as Grafana or Builds"), t("Make webhook"), create=create, t=t),
            ),
            section(
                t("Outgoing"),
                explanation(
                    t(
                        "An outgoing webhook is the address of another program, which is told what "
                        "is posted here, and may answer."
                    )
                ),
                program_list(outgoing_hooks, t("There is none yet."), build=build_outgoing),
                ft.Row([begin]),
            ),
        ]
        title = t("Webhooks of {room}", room=room_title)
        super().__init__(title, parts, t, page_width=page_width)


class HookDialog(ProgramDialog):
    """One webhook. `perform(request)` may raise ChatError."""

    def __init__(
        self,
        hook: Hook,
        deliveries: Sequence[Delivery],
        site: SiteInfo,
        *,
        viewer: ViewerContext,
        page_width: float,
        perform: PerformHookRequest,
    ) -> None:
        t = viewer.t
        self._hook, self._viewer, self._t = hook, viewer, t
        self._perform = perform
        self._error_text = ErrorText(t)
        self._pause_switch = ft.Switch(value=hook.is_paused, on_change=self._on_pause_switched)
        self._call_switch = ft.Switch(value=hook.may_call, on_change=self._on_call_switched)
        url = hook_url(site, hook)
        reach = [] if site.reachable else [explanation(only_here(t))]
        parts = [
            explanation(t("Whoever knows this address can post here. Keep it secret.")),
            CopyBox(t("Address"), url, t),
            CopyBox(t("Try it in a terminal"), f"curl -d 'Hello from curl' {url}", t),
            *reach,
            _switch_row(t("Paused: what comes is refused"), self._pause_switch),
            _switch_row(t("May call everybody with @everyone and @here"), self._call_switch),
            self._error_text,
            self._deliveries(deliveries),
            ft.Row(
                [
                    ft.OutlinedButton(
                        t("New address"),
                        icon=ft.Icons.AUTORENEW_ROUNDED,
                        on_click=partial(perform, RegenerateHook(hook)),
                    ),
                    destructive_button(t("Delete webhook"), partial(perform, DeleteHook(hook))),
                ],
                spacing=10,
                run_spacing=10,
                wrap=True,
            ),
        ]
        super().__init__(
            t("Webhook {name}", name=hook.bot.name),
            parts,
            t,
            page_width=page_width,
            go_back=partial(perform, ShowHooks()),
        )

    def _deliveries(self, deliveries: Sequence[Delivery]) -> ft.Control:
        items = [self._delivery(each) for each in deliveries]
        return deliveries_section(
            self._t, items, load_again=partial(self._perform, ShowHook(self._hook))
        )

    def _delivery(self, delivery: Delivery) -> ft.Control:
        """Time, size and answer; a click leads to the message."""
        is_refused, number = delivery.status >= _REFUSED, delivery.message_number
        color = ft.Colors.ERROR if is_refused else ft.Colors.ON_SURFACE
        when = self._viewer.format_recent_time(delivery.at)
        facts = widgets.secondary_text(f"{when}  ·  {format_size(delivery.size)}", 13)
        answer = ft.Text(f"{delivery.status} {delivery.answer}", size=13, color=color, max_lines=4)
        row = ft.Row([ft.Column([facts, answer], spacing=0, tight=True, expand=True)], spacing=8)
        item = ft.Container(row, padding=_DELIVERY_PADDING, border_radius=10)
        if number is not None:
            row.controls.append(
                ft.Icon(
                    ft.Icons.ARROW_FORWARD_ROUNDED,
                    size=18,
                    color=ft.Colors.ON_SURFACE_VARIANT,
                    semantics_label=self._t("Show the message"),
                )
            )
            item.ink, item.on_click = True, partial(self._perform, ShowDelivered(number))
        return item

    async def _on_pause_switched(self) -> None:
        await self._switch(self._pause_switch, SetPaused(self._hook, self._pause_switch.value))

    async def _on_call_switched(self) -> None:
        await self._switch(self._call_switch, SetMayCall(self._hook, self._call_switch.value))

    async def _switch(self, switch: ft.Switch, request: HookRequest) -> None:
        if not await self._error_text.run(partial(self._perform, request)):
            switch.value = not switch.value
            switch.update()


def hook_url(site: SiteInfo, hook: Hook) -> str:
    """The address of a webhook."""
    return f"{site.url.rstrip('/')}/hooks/{hook.key}"


def _state_text(hook: Hook, viewer: ViewerContext) -> str:
    t, used_at = viewer.t, hook.used_at
    text = t("never used")
    if used_at is not None:
        text = t("last used: {when}", when=viewer.format_recent_time(used_at))
    return f"{t('paused')}  ·  {text}" if hook.is_paused else text


def _switch_row(label: str, switch: ft.Switch) -> ft.MergeSemantics:
    return ft.MergeSemantics(
        ft.Row([ft.Text(label, size=14, expand=True), switch], spacing=theme.GAP)
    )
