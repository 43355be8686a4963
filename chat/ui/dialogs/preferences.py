"""The dialog of the preferences; each choice takes effect at once."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import flet as ft

from chat.errors import gettext_noop
from chat.languages import Language, all_languages
from chat.model.preferences import (
    SYSTEM,
    Announcements,
    Contrast,
    Density,
    LineLength,
    Preferences,
    SeedColour,
    SendKey,
    Theme,
)
from chat.ui.theme import theme, widgets
from chat.ui.theme.dialog import Dialog, ErrorText, close_button, section, stretched_column

_THEMES = {
    Theme.SYSTEM: gettext_noop("System"),
    Theme.LIGHT: gettext_noop("Light"),
    Theme.DARK: gettext_noop("Dark"),
}
_COLOURS = {
    SeedColour.INDIGO: gettext_noop("Indigo"),
    SeedColour.BLUE: gettext_noop("Blue"),
    SeedColour.TEAL: gettext_noop("Teal"),
    SeedColour.GREEN: gettext_noop("Green"),
    SeedColour.AMBER: gettext_noop("Amber"),
    SeedColour.ROSE: gettext_noop("Rose"),
}
_CONTRASTS = {
    Contrast.STANDARD: gettext_noop("Standard"),
    Contrast.HIGH: gettext_noop("High"),
}
_DENSITIES = {
    Density.COMFORTABLE: gettext_noop("Comfortable"),
    Density.COMPACT: gettext_noop("Compact"),
}
_LINE_LENGTHS = {
    LineLength.READABLE: gettext_noop("Easy to read"),
    LineLength.FULL: gettext_noop("Full width"),
}
_ANNOUNCEMENTS = {
    Announcements.READ: gettext_noop("Read aloud"),
    Announcements.SILENT: gettext_noop("Silent"),
}
_SEND_KEYS = {
    SendKey.ENTER: gettext_noop("Enter"),
    SendKey.CTRL_ENTER: gettext_noop("Ctrl + Enter"),
}

_SEND_KEY_HINTS = {
    SendKey.ENTER: gettext_noop("Shift + Enter begins a new line."),
    SendKey.CTRL_ENTER: gettext_noop(
        "Enter begins a new line. On a Mac it is ⌘ + Enter that sends."
    ),
}


@dataclass(frozen=True, slots=True)
class PreferenceActions:
    """The actions of the dialog; `set_preference(name, value)` may raise ChatError.

    Only owner and moderators have `show_audit_log`, and `show_knocks` where they let people in.
    """

    set_preference: Callable[[str, str], Awaitable[None]]
    show_notification_settings: Callable[[], object]
    show_devices: Callable[[], object]
    show_programs: Callable[[], object]
    show_shortcuts: Callable[[], object]
    show_blocked_people: Callable[[], object]
    edit_profile: Callable[[], Awaitable[None]]
    open_sign_in: Callable[[], Awaitable[None]]
    leave_chat: Callable[[], object]
    show_audit_log: Callable[[], object] | None = None
    show_knocks: Callable[[], object] | None = None


@dataclass(frozen=True, slots=True)
class ProfileSummary:
    """The person as others see them: name, status in one line, and the address of the picture.

    Only they see how they sign in on another device (`sign_in`).
    """

    name: str
    status: str
    avatar_url: str | None
    sign_in: str


class PreferencesDialog(Dialog):
    """Shows the current preferences, also those that were set on another device.

    `notification_summary` is the state of the notifications in a few words.
    """

    def __init__(
        self,
        preferences: Preferences,
        actions: PreferenceActions,
        t: Language,
        *,
        notification_summary: str,
        me: ProfileSummary,
    ) -> None:
        self._actions = actions
        self._t = t
        self._segmented_buttons: dict[str, ft.SegmentedButton] = {}
        self._send_key_hint = widgets.secondary_text("", 13)
        self._language_group = self._languages()
        self._error_text = ErrorText(t)
        self._swatches = {seed: self._swatch(seed, t(words)) for seed, words in _COLOURS.items()}
        parts: list[ft.Control] = [
            section(t("You"), _profile_row(me, t, actions.edit_profile)),
            section(t("Sign-in"), *_sign_in(me, t, partial(self._run, actions.open_sign_in))),
            section(t("Theme"), self._segmented_button("theme", _THEMES)),
            section(t("Contrast"), self._segmented_button("contrast", _CONTRASTS)),
            section(t("Colour"), ft.Row(list(self._swatches.values()), spacing=4, wrap=True)),
            section(t("Rows"), self._segmented_button("density", _DENSITIES)),
            section(
                t("Lines on wide screens"), self._segmented_button("line_length", _LINE_LENGTHS)
            ),
            section(t("Language"), self._language_group),
            section(
                t("Send with"), self._segmented_button("send_key", _SEND_KEYS), self._send_key_hint
            ),
            section(
                t("New messages, with a screen reader"),
                self._segmented_button("announcements", _ANNOUNCEMENTS),
            ),
            section(
                t("Notifications"),
                widgets.secondary_text(notification_summary, 13),
                ft.Row(
                    [
                        _button(
                            ft.Icons.NOTIFICATIONS_NONE_ROUNDED,
                            t("Sound, pauses and keywords"),
                            actions.show_notification_settings,
                        )
                    ]
                ),
            ),
            section(
                t("Devices"),
                widgets.secondary_text(
                    t("Add another device of yours, and see where you are signed in."), 13
                ),
                ft.Row([_button(ft.Icons.DEVICES_ROUNDED, t("Devices"), actions.show_devices)]),
            ),
            section(
                t("Programs"),
                widgets.secondary_text(t("Bots that write for you, by a token of the API."), 13),
                ft.Row(
                    [
                        _button(
                            ft.Icons.SMART_TOY_OUTLINED, t("Bots and tokens"), actions.show_programs
                        )
                    ]
                ),
            ),
            *_moderation(t, actions),
            self._error_text,
            ft.Row(
                [
                    _button(
                        ft.Icons.KEYBOARD_OUTLINED, t("Keyboard shortcuts"), actions.show_shortcuts
                    )
                ]
            ),
            ft.Row(
                [_button(ft.Icons.BLOCK_ROUNDED, t("Blocked people"), actions.show_blocked_people)]
            ),
            ft.Row([_leave_button(t, actions.leave_chat)]),
        ]
        self._apply(preferences)
        buttons = [close_button(t, self.close)]
        super().__init__(t("Settings"), stretched_column(parts, 18), buttons, width=400)

    def show(self, preferences: Preferences) -> None:
        """Show other preferences."""
        self._apply(preferences)
        self.update()

    def _apply(self, preferences: Preferences) -> None:
        self._language_group.value = preferences.language
        for name, group in self._segmented_buttons.items():
            group.selected = [getattr(preferences, name).value]
        for seed, swatch in self._swatches.items():
            swatch.selected = seed is preferences.seed
        self._send_key_hint.value = self._t(_SEND_KEY_HINTS[preferences.send_key])

    def _languages(self) -> ft.RadioGroup:
        """Each language by its own name: a reader need not understand the others."""
        names = {SYSTEM: self._t("System")} | {each.tag: each.name for each in all_languages()}
        radios: list[ft.Control] = [ft.Radio(value=tag, label=name) for tag, name in names.items()]
        group = ft.RadioGroup(ft.Row(radios, spacing=12, run_spacing=0, wrap=True))

        async def on_change() -> None:
            await self._set_preference("language", str(group.value))

        group.on_change = on_change
        return group

    def _segmented_button(self, name: str, choices: Mapping[Any, str]) -> ft.SegmentedButton:
        group = ft.SegmentedButton(
            [ft.Segment(value=each.value, label=self._t(words)) for each, words in choices.items()],
            selected=[next(iter(choices)).value],
            show_selected_icon=False,
        )

        async def on_change() -> None:
            for value in group.selected[:1]:
                await self._set_preference(name, value)

        group.on_change = on_change
        self._segmented_buttons[name] = group
        return group

    def _swatch(self, seed: SeedColour, label: str) -> ft.IconButton:
        return ft.IconButton(
            widgets.labelled_icon(ft.Icons.CIRCLE, label, theme.SEED_COLOURS[seed]),
            selected_icon=widgets.labelled_icon(
                ft.Icons.CHECK_CIRCLE_ROUNDED, label, theme.SEED_COLOURS[seed]
            ),
            icon_size=30,
            width=40,
            height=40,
            padding=0,
            tooltip=label,
            on_click=partial(self._set_preference, "seed", seed.value),
        )

    async def _run(self, action: Callable[[], Awaitable[None]]) -> None:
        await self._error_text.run(action)

    async def _set_preference(self, name: str, value: str) -> None:
        await self._error_text.run(partial(self._actions.set_preference, name, value))


def _profile_row(me: ProfileSummary, t: Language, edit: Callable[[], Awaitable[None]]) -> ft.Row:
    texts: list[ft.Control] = [widgets.one_line_text(me.name, 15)]
    if me.status:
        texts.append(widgets.one_line_text(me.status, 13, color=ft.Colors.ON_SURFACE_VARIANT))
    return ft.Row(
        [
            widgets.avatar(me.name, 40, me.avatar_url),
            ft.Column(texts, spacing=0, tight=True, expand=True),
            _button(ft.Icons.EDIT_OUTLINED, t("Edit your profile"), edit),
        ],
        spacing=12,
    )


def _sign_in(
    me: ProfileSummary, t: Language, action: Callable[[], Awaitable[None]]
) -> list[ft.Control]:
    button = _button(ft.Icons.KEY_ROUNDED, t("Ways to sign in"), action)
    return [widgets.secondary_text(me.sign_in, 13), ft.Row([button])]


def _moderation(t: Language, actions: PreferenceActions) -> list[ft.Control]:
    if actions.show_audit_log is None:
        return []
    hint = widgets.secondary_text(
        t("You moderate this chat: open somebody's profile for that."), 13
    )
    buttons = [_button(ft.Icons.SHIELD_OUTLINED, t("Audit log"), actions.show_audit_log)]
    if actions.show_knocks is not None:
        icon = ft.Icons.MEETING_ROOM_OUTLINED
        buttons.append(_button(icon, t("Who asks to come in"), actions.show_knocks))
    row = ft.Row(list[ft.Control](buttons), spacing=8, run_spacing=8, wrap=True)
    return [section(t("Moderation"), hint, row)]


def _button(icon: ft.IconData, label: str, action: Callable[[], object]) -> ft.OutlinedButton:
    return ft.OutlinedButton(content=label, icon=icon, on_click=action)


def _leave_button(t: Language, action: Callable[[], object]) -> ft.OutlinedButton:
    style = ft.ButtonStyle(color=ft.Colors.ERROR, icon_color=ft.Colors.ERROR)
    return ft.OutlinedButton(
        content=t("Leave this chat"), icon=ft.Icons.LOGOUT_ROUNDED, style=style, on_click=action
    )
