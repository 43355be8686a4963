"""The dialog of the notifications: their state in this browser, sound, pauses, keywords, a test."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TypeAlias

import flet as ft

from chat.errors import gettext_noop
from chat.model.notification_settings import OPEN_END, NotificationSettings, Pause
from chat.text.keywords import KEYWORD_LIMIT
from chat.ui.client.notification_state import NotificationState
from chat.ui.theme import theme, widgets
from chat.ui.theme.dialog import Dialog, ErrorText, close_button, section, stretched_column
from chat.ui.viewer import ViewerContext


@dataclass(frozen=True, slots=True)
class SwitchDevice:
    """Switch notifications on or off on this device."""

    enabled: bool


@dataclass(frozen=True, slots=True)
class SetSound:
    """Enable or disable the sound."""

    enabled: bool


@dataclass(frozen=True, slots=True)
class PauseNotifications:
    """Let nothing notify the person for a while."""

    pause: Pause


@dataclass(frozen=True, slots=True)
class ResumeNotifications:
    """End a pause."""


@dataclass(frozen=True, slots=True)
class AddKeyword:
    """Let a word count like a mention."""

    keyword: str


@dataclass(frozen=True, slots=True)
class RemoveKeyword:
    """Let a word count no longer."""

    keyword: str


@dataclass(frozen=True, slots=True)
class SendTest:
    """Show a notification about nothing."""


@dataclass(frozen=True, slots=True)
class ShowSettings:
    """Return to the other settings."""


NotificationRequest: TypeAlias = (
    SwitchDevice
    | SetSound
    | PauseNotifications
    | ResumeNotifications
    | AddKeyword
    | RemoveKeyword
    | SendTest
    | ShowSettings
)

# The title and the explanation of each state; None is that of the desktop window.
_STATES: dict[NotificationState | None, tuple[str, str]] = {
    NotificationState.ALLOWED: (
        gettext_noop("Notifications are on"),
        gettext_noop(
            "You are called when somebody mentions you or writes to you, while you look elsewhere."
        ),
    ),
    NotificationState.OFF: (
        gettext_noop("Off on this device"),
        gettext_noop("Your other devices may still call you."),
    ),
    NotificationState.NOT_ASKED: (
        gettext_noop("Not allowed yet"),
        gettext_noop("Switch them on, and choose “Allow” where your browser asks."),
    ),
    NotificationState.BLOCKED: (
        gettext_noop("Blocked by the browser"),
        gettext_noop("Allow notifications of this address in the settings of your browser."),
    ),
    NotificationState.BLOCKED_IN_CHROMIUM: (
        gettext_noop("Blocked by the browser"),
        gettext_noop(
            "Click the sign left of the page's address, and switch Notifications on there or under "
            "Site settings."
        ),
    ),
    NotificationState.BLOCKED_ON_ANDROID: (
        gettext_noop("Blocked by the browser"),
        gettext_noop(
            "Tap the sign left of the page's address, then Permissions, and allow Notifications."
        ),
    ),
    NotificationState.BLOCKED_IN_FIREFOX: (
        gettext_noop("Blocked by the browser"),
        gettext_noop(
            "Click the sign left of the page's address, and remove “Blocked” beside Send "
            "notifications. Then load the page again."
        ),
    ),
    NotificationState.BLOCKED_IN_SAFARI: (
        gettext_noop("Blocked by the browser"),
        gettext_noop(
            "Open Safari's settings, then Websites and Notifications, and allow this address."
        ),
    ),
    NotificationState.INSECURE: (
        gettext_noop("Not possible at this address"),
        gettext_noop(
            "Browsers allow notifications over https only. Ask the person who runs the chat for "
            "such an address."
        ),
    ),
    NotificationState.HOME_SCREEN: (
        gettext_noop("Only from the home screen"),
        gettext_noop("Tap Share, then Add to Home Screen, and open the chat from there."),
    ),
    NotificationState.UNSUPPORTED: (
        gettext_noop("This browser has no notifications"),
        gettext_noop("Chrome, Edge, Firefox and Safari have them."),
    ),
    None: (
        gettext_noop("The window has no notifications yet"),
        gettext_noop("A browser has them, and the installed app."),
    ),
}

_PAUSES = {
    Pause.HOUR: gettext_noop("For 1 hour"),
    Pause.TOMORROW: gettext_noop("Until tomorrow, 9:00"),
    Pause.OPEN: gettext_noop("Until I turn them on"),
}

_ICON_SIZE = 26


def notification_summary(
    state: NotificationState | None, settings: NotificationSettings, viewer: ViewerContext
) -> str:
    """The state of the notifications in a few words."""
    if state is NotificationState.ALLOWED and settings.is_paused(datetime.now(UTC)):
        return _pause_text(settings, viewer)
    return viewer.t(_STATES[state][0])


class NotificationSettingsDialog(Dialog):
    """The notifications of one person on one device; each choice takes effect at once.

    `state` is None in the desktop window. `perform(request)` may raise ChatError.
    """

    def __init__(
        self,
        settings: NotificationSettings,
        state: NotificationState | None,
        viewer: ViewerContext,
        *,
        perform: Callable[[NotificationRequest], Awaitable[None]],
    ) -> None:
        self._viewer, self._t = viewer, viewer.t
        self._perform = perform
        t = viewer.t
        self._state_icon = ft.Icon(ft.Icons.NOTIFICATIONS_NONE_ROUNDED, size=_ICON_SIZE)
        self._state_title = ft.Text("", weight=ft.FontWeight.W_600)
        self._state_text = widgets.secondary_text("", 13)
        self._device_switch = ft.Switch(on_change=self._on_device_switched)
        self._sound_switch = ft.Switch(on_change=self._on_sound_switched)
        self._pause_row = ft.Row(spacing=8, run_spacing=8, wrap=True)
        self._keyword_row = ft.Row(spacing=8, run_spacing=4, wrap=True)
        self._keyword_field = ft.TextField(
            label=t("Add a word or a phrase"),
            max_length=4 * KEYWORD_LIMIT,
            counter="",
            dense=True,
            on_submit=self._add_keyword,
            on_blur=self._add_keyword,
            suffix=ft.TextButton(t("Add"), on_click=self._add_keyword),
        )
        self._test_button = ft.OutlinedButton(
            content=t("Send a test"),
            icon=ft.Icons.NOTIFICATIONS_ACTIVE_OUTLINED,
            on_click=self._send_test,
        )
        self._test_text = widgets.secondary_text("", 13, visible=False)
        self._error_text = ErrorText(t)
        parts: list[ft.Control] = [
            self._state_box(),
            _switch_row(ft.Icons.VOLUME_UP_OUTLINED, t("With a sound"), self._sound_switch),
            section(t("Pause on all your devices"), self._pause_row),
            section(
                t("Keywords"),
                widgets.secondary_text(
                    t("Words that call you as a mention does, in the rooms that you are in."), 13
                ),
                self._keyword_row,
                self._keyword_field,
            ),
            self._error_text,
            ft.Row([self._test_button]),
            self._test_text,
        ]
        self._apply_settings(settings)
        self._apply_state(state)
        back = ft.TextButton(t("Other settings"), on_click=partial(self._run, ShowSettings()))
        super().__init__(
            t("Notifications"),
            stretched_column(parts, 18),
            [back, close_button(t, self.close)],
            width=420,
        )

    def show_settings(self, settings: NotificationSettings) -> None:
        """Show changed settings, also those that were changed on another device."""
        self._apply_settings(settings)
        self.update()

    def show_state(self, state: NotificationState | None) -> None:
        """Show another state of this browser."""
        self._apply_state(state)
        self.update()

    def _apply_settings(self, settings: NotificationSettings) -> None:
        self._sound_switch.value = settings.has_sound
        self._keyword_row.controls = [self._keyword_chip(each) for each in settings.keywords]
        self._keyword_row.visible = bool(settings.keywords)
        if settings.is_paused(datetime.now(UTC)):
            self._pause_row.controls = [
                ft.Text(_pause_text(settings, self._viewer)),
                self._pause_button(self._t("Turn on now"), ResumeNotifications()),
            ]
        else:
            self._pause_row.controls = [
                self._pause_button(self._t(words), PauseNotifications(pause))
                for pause, words in _PAUSES.items()
            ]

    def _apply_state(self, state: NotificationState | None) -> None:
        title, explanation = _STATES[state]
        is_allowed = state is NotificationState.ALLOWED
        icon = ft.Icons.NOTIFICATIONS_OFF_OUTLINED
        if is_allowed:
            icon = ft.Icons.NOTIFICATIONS_ACTIVE_ROUNDED
        self._state_icon.icon = icon
        self._state_icon.color = ft.Colors.PRIMARY if is_allowed else ft.Colors.ON_SURFACE_VARIANT
        self._state_title.value, self._state_text.value = self._t(title), self._t(explanation)
        self._device_switch.value = is_allowed
        self._device_switch.disabled = state is None or not state.can_switch
        self._test_button.disabled = not is_allowed

    def _state_box(self) -> ft.Container:
        words = ft.Column([self._state_title, self._state_text], spacing=2, tight=True, expand=True)
        return ft.Container(
            # One node for a screen reader: the switch has the words beside it as its name.
            ft.MergeSemantics(
                ft.Row([self._state_icon, words, self._device_switch], spacing=theme.GAP)
            ),
            padding=theme.GAP,
            border_radius=12,
            bgcolor=ft.Colors.SURFACE_CONTAINER_HIGHEST,
        )

    def _pause_button(self, label: str, request: NotificationRequest) -> ft.OutlinedButton:
        return ft.OutlinedButton(content=label, on_click=partial(self._run, request))

    def _keyword_chip(self, keyword: str) -> ft.Chip:
        return ft.Chip(
            keyword,
            delete_icon_tooltip=self._t("Remove {keyword}", keyword=keyword),
            on_delete=partial(self._run, RemoveKeyword(keyword)),
        )

    async def _on_device_switched(self) -> None:
        await self._run(SwitchDevice(self._device_switch.value))

    async def _on_sound_switched(self) -> None:
        await self._run(SetSound(self._sound_switch.value))

    async def _add_keyword(self) -> None:
        keyword = self._keyword_field.value.strip()
        if keyword and await self._run(AddKeyword(keyword)):
            self._keyword_field.value = ""
            self._keyword_field.update()

    async def _send_test(self) -> None:
        if await self._run(SendTest()):
            self._test_text.value = self._t(
                "Sent. If you see nothing, your computer or phone hides it: look at its own "
                "notification settings, and at “Do not disturb”."
            )
            self._test_text.visible = True
            self._test_text.update()

    async def _run(self, request: NotificationRequest) -> bool:
        return await self._error_text.run(partial(self._perform, request))


def _pause_text(settings: NotificationSettings, viewer: ViewerContext) -> str:
    until, t = settings.paused_until, viewer.t
    if until is None or until == OPEN_END:
        return t("Paused until you turn them on.")
    is_today = viewer.local_date(until) == viewer.local_date(datetime.now(UTC))
    when = viewer.format_time(until) if is_today else viewer.format_date_time(until)
    return t("Paused until {when}.", when=when)


def _switch_row(icon: ft.IconData, label: str, switch: ft.Switch) -> ft.MergeSemantics:
    icon_control = ft.Icon(icon, size=_ICON_SIZE, color=ft.Colors.ON_SURFACE_VARIANT)
    return ft.MergeSemantics(
        ft.Container(
            ft.Row([icon_control, ft.Text(label, expand=True), switch], spacing=theme.GAP),
            padding=ft.Padding.symmetric(horizontal=theme.GAP),
        )
    )
