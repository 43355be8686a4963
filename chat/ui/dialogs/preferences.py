"""The dialog of what a person chooses for themselves; each choice is seen at once."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import flet as ft

from chat.errors import gettext_noop
from chat.languages import Language, all_languages
from chat.model.preferences import SYSTEM, Density, Preferences, SeedColour, SendKey, Theme
from chat.ui.theme import theme, widgets
from chat.ui.theme.dialog import Dialog, ErrorText, close_button, stretched_column

_THEMES = {
    Theme.SYSTEM: gettext_noop("System"),
    Theme.LIGHT: gettext_noop("Light"),
    Theme.DARK: gettext_noop("Dark"),
}
_SEEDS = {
    SeedColour.INDIGO: gettext_noop("Indigo"),
    SeedColour.BLUE: gettext_noop("Blue"),
    SeedColour.TEAL: gettext_noop("Teal"),
    SeedColour.GREEN: gettext_noop("Green"),
    SeedColour.AMBER: gettext_noop("Amber"),
    SeedColour.ROSE: gettext_noop("Rose"),
}
_DENSITIES = {
    Density.COMFORTABLE: gettext_noop("Comfortable"),
    Density.COMPACT: gettext_noop("Compact"),
}
_SEND_KEYS = {
    SendKey.ENTER: gettext_noop("Enter"),
    SendKey.CTRL_ENTER: gettext_noop("Ctrl + Enter"),
}

_HINTS = {
    SendKey.ENTER: gettext_noop("Shift + Enter begins a new line."),
    SendKey.CTRL_ENTER: gettext_noop(
        "Enter begins a new line. On a Mac it is ⌘ + Enter that sends."
    ),
}


@dataclass(frozen=True, slots=True)
class PreferenceActs:
    """What the dialog does; `prefer(name, value)` may raise ChatError."""

    prefer: Callable[[str, str], Awaitable[None]]
    notices: Callable[[], object]
    shortcuts: Callable[[], object]
    close: Callable[[], object]


class PreferencesDialog(Dialog):
    """It says what is chosen, here or on another device."""

    def __init__(self, chosen: Preferences, acts: PreferenceActs, t: Language) -> None:
        self._acts = acts
        self._t = t
        self._groups: dict[str, ft.SegmentedButton] = {}
        self._hint = widgets.secondary_text("", 13)
        self._language = self._languages()
        self._reason = ErrorText(t)
        self._swatches = {seed: self._swatch(seed, t(words)) for seed, words in _SEEDS.items()}
        parts: list[ft.Control] = [
            _part(t("Theme"), self._group("theme", _THEMES)),
            _part(t("Colour"), ft.Row(list(self._swatches.values()), spacing=4, wrap=True)),
            _part(t("Rows"), self._group("density", _DENSITIES)),
            _part(t("Language"), self._language),
            _part(t("Send with"), self._group("send_key", _SEND_KEYS), self._hint),
            self._reason,
            ft.Row(
                [
                    _button(ft.Icons.NOTIFICATIONS_NONE_ROUNDED, t("Notifications"), acts.notices),
                    _button(ft.Icons.KEYBOARD_OUTLINED, t("Keyboard shortcuts"), acts.shortcuts),
                ],
                spacing=8,
                run_spacing=8,
                wrap=True,
            ),
        ]
        self._tell(chosen)
        actions = [close_button(t, acts.close)]
        super().__init__(t("Settings"), stretched_column(parts, 18), actions, width=400)

    def show(self, chosen: Preferences) -> None:
        """This is chosen now."""
        self._tell(chosen)
        self.update()

    def _tell(self, chosen: Preferences) -> None:
        self._language.value = chosen.language
        for name, group in self._groups.items():
            group.selected = [getattr(chosen, name).value]
        for seed, swatch in self._swatches.items():
            swatch.selected = seed is chosen.seed
        self._hint.value = self._t(_HINTS[chosen.send_key])

    def _languages(self) -> ft.RadioGroup:
        """Each by its own name: they need not be able to read the others."""
        names = {SYSTEM: self._t("System")} | {each.tag: each.name for each in all_languages()}
        radios: list[ft.Control] = [ft.Radio(value=tag, label=name) for tag, name in names.items()]
        group = ft.RadioGroup(ft.Row(radios, spacing=12, run_spacing=0, wrap=True))

        async def chosen() -> None:
            await self._choose("language", str(group.value))

        group.on_change = chosen
        return group

    def _group(self, name: str, choices: Mapping[Any, str]) -> ft.SegmentedButton:
        group = ft.SegmentedButton(
            [ft.Segment(value=each.value, label=self._t(words)) for each, words in choices.items()],
            selected=[next(iter(choices)).value],
            show_selected_icon=False,
        )

        async def chosen() -> None:
            for value in group.selected[:1]:
                await self._choose(name, value)

        group.on_change = chosen
        self._groups[name] = group
        return group

    def _swatch(self, seed: SeedColour, words: str) -> ft.IconButton:
        return ft.IconButton(
            widgets.labelled_icon(ft.Icons.CIRCLE, words, theme.SEED_COLOURS[seed]),
            selected_icon=widgets.labelled_icon(
                ft.Icons.CHECK_CIRCLE_ROUNDED, words, theme.SEED_COLOURS[seed]
            ),
            icon_size=30,
            width=40,
            height=40,
            padding=0,
            tooltip=words,
            on_click=partial(self._choose, "seed", seed.value),
        )

    async def _choose(self, name: str, value: str) -> None:
        await self._reason.run(partial(self._acts.prefer, name, value))


def _part(words: str, *controls: ft.Control) -> ft.Column:
    title = ft.Text(words, size=14, weight=ft.FontWeight.W_600)
    return stretched_column([title, *controls], 8)


def _button(icon: ft.IconData, words: str, act: Callable[[], object]) -> ft.OutlinedButton:
    return ft.OutlinedButton(content=words, icon=icon, on_click=act)
