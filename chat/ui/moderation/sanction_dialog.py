"""The dialog that mutes or bans a person: for how long, and why."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

import flet as ft

from chat.errors import gettext_noop
from chat.languages import Language
from chat.model.moderation import SanctionKind
from chat.model.people import Person
from chat.ui.theme.dialog import Dialog, ErrorText, section, stretched_column
from chat.workspace.moderation import REASON_LIMIT

# The values of the choices are minutes; empty is until it is lifted.
_DURATIONS = {
    SanctionKind.MUTE: {
        "15": gettext_noop("15 minutes"),
        "60": gettext_noop("1 hour"),
        "1440": gettext_noop("1 day"),
        "": gettext_noop("Until somebody lifts it"),
    },
    SanctionKind.BAN: {
        "60": gettext_noop("1 hour"),
        "1440": gettext_noop("1 day"),
        "10080": gettext_noop("1 week"),
        "": gettext_noop("Until somebody lifts it"),
    },
}
_TITLES = {
    SanctionKind.MUTE: gettext_noop("Mute {name}"),
    SanctionKind.BAN: gettext_noop("Ban {name}"),
}
_HINTS = {
    SanctionKind.MUTE: gettext_noop("{name} can read, and write nothing in the whole chat."),
    SanctionKind.BAN: gettext_noop(
        "{name} is signed out everywhere, with all bots, and cannot come in again with these "
        "browsers. With another one they can, under another name."
    ),
}


class SanctionDialog(Dialog):
    """Asks how long and why; `action(duration, reason)` may raise ChatError, which it shows."""

    def __init__(
        self,
        kind: SanctionKind,
        person: Person,
        t: Language,
        *,
        action: Callable[[timedelta | None, str], Awaitable[None]],
    ) -> None:
        self._action = action
        self._error_text = ErrorText(t)
        durations = _DURATIONS[kind]
        self._group = ft.RadioGroup(
            ft.Column(
                [ft.Radio(value=each, label=t(words)) for each, words in durations.items()],
                spacing=0,
                tight=True,
            ),
            value=next(iter(durations)),
        )
        is_ban = kind is SanctionKind.BAN
        self._reason_field = ft.TextField(
            label=t("Reason, which {name} reads", name=person.name),
            hint_text="" if is_ban else t("may be empty"),
            max_length=REASON_LIMIT,
            counter="",
            dense=True,
            autofocus=True,
            on_submit=self._on_confirm,
        )
        title = t(_TITLES[kind], name=person.name)
        style = ft.ButtonStyle(color=ft.Colors.ERROR)
        buttons: list[ft.Control] = [
            ft.TextButton(t("Cancel"), on_click=self.close),
            ft.TextButton(title, style=style, on_click=self._on_confirm),
        ]
        parts = [
            ft.Text(t(_HINTS[kind], name=person.name)),
            self._reason_field,
            section(t("For how long"), self._group),
            self._error_text,
        ]
        super().__init__(title, stretched_column(parts, 12), buttons, width=420)

    async def _on_confirm(self) -> None:
        chosen, reason = self._group.value or "", self._reason_field.value or ""
        duration = timedelta(minutes=int(chosen)) if chosen.isdecimal() else None
        if await self._error_text.run(partial(self._action, duration, reason)):
            self.close()
