"""The dialogs of one outgoing webhook: its state and its deliveries, and its secret."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import flet as ft

from chat.errors import gettext_noop
from chat.languages import Language
from chat.model.outgoing import Attempt, OutgoingHook, PauseReason, Problem, Trigger
from chat.outgoing.requests import REQUEST_SECONDS
from chat.ui.programs.outgoing_requests import (
    BeginChange,
    DeleteOutgoing,
    OutgoingRequest,
    PauseOutgoing,
    PerformOutgoingRequest,
    RenewSecret,
    ResumeOutgoing,
    SendAgain,
    SendTest,
    ShowOutgoing,
    ShowTold,
    ShowWebhooks,
)
from chat.ui.programs.program_dialog import (
    CopyBox,
    ProgramDialog,
    deliveries_section,
    destructive_button,
    explanation,
)
from chat.ui.theme import widgets
from chat.ui.theme.dialog import ErrorText, section, stretched_column
from chat.ui.viewer import ViewerContext

_PAUSED = {
    PauseReason.PERSON: gettext_noop("It is paused: nothing is sent."),
    PauseReason.FAILING: gettext_noop(
        "It is paused: the receiver did not take what was sent, for days. Send a test; if that "
        "arrives, resume it."
    ),
    PauseReason.GONE: gettext_noop(
        "It is paused: the receiver says that this address does not exist any more. Change it, "
        "or delete the webhook."
    ),
    PauseReason.NO_ACCESS: gettext_noop(
        "It is paused: whoever was responsible for it, or its bot, is not in this room any more. "
        "Resume it to be responsible for it."
    ),
}

_PROBLEMS = {
    Problem.REFUSED: gettext_noop("The chat may not send there."),
    Problem.UNKNOWN_HOST: gettext_noop("There is no host of this name."),
    Problem.NOT_REACHED: gettext_noop("Nothing answers at this address."),
    Problem.CERTIFICATE: gettext_noop("Its certificate is not trusted."),
    Problem.TOO_SLOW: gettext_noop("There was no whole answer within {seconds} seconds."),
    Problem.NO_ANSWER: gettext_noop("What came back is not HTTP."),
    Problem.REDIRECT: gettext_noop("It leads to another address. Enter that one instead."),
}

_ITEM_PADDING = ft.Padding.only(left=8, top=6, bottom=6)
_BOX_PADDING = ft.Padding.all(12)


class OutgoingDialog(ProgramDialog):
    """One outgoing webhook. `perform(request)` may raise ChatError."""

    def __init__(
        self,
        hook: OutgoingHook,
        attempts: Sequence[Attempt],
        viewer: ViewerContext,
        *,
        page_width: float,
        perform: PerformOutgoingRequest,
    ) -> None:
        t = viewer.t
        self._hook, self._viewer, self._t = hook, viewer, t
        self._perform = perform
        self._is_sending = False
        self._error_text = ErrorText(t)
        change = ft.OutlinedButton(
            t("Change"), icon=ft.Icons.EDIT_OUTLINED, on_click=self._asks(BeginChange(hook))
        )
        test = ft.OutlinedButton(
            t("Send a test event"), icon=ft.Icons.SEND_ROUNDED, on_click=self._asks(SendTest(hook))
        )
        pause = ft.OutlinedButton(
            t("Pause"), icon=ft.Icons.PAUSE_ROUNDED, on_click=self._asks(PauseOutgoing(hook))
        )
        secret = ft.OutlinedButton(
            t("New secret"), icon=ft.Icons.KEY_ROUNDED, on_click=self._asks(RenewSecret(hook))
        )
        delete = destructive_button(t("Delete webhook"), self._asks(DeleteOutgoing(hook)))
        first = [change, test] if hook.pause is not None else [change, test, pause]
        parts = [
            *self._state(),
            CopyBox(t("It sends to"), hook.url, t),
            section(t("It is told"), ft.Text(trigger_text(hook.trigger, t), size=14)),
            _button_row(first),
            self._error_text,
            self._deliveries(attempts),
            _button_row([secret, delete]),
        ]
        super().__init__(
            t("Outgoing webhook {name}", name=hook.bot.name),
            parts,
            t,
            page_width=page_width,
            go_back=partial(perform, ShowWebhooks()),
        )

    def _state(self) -> list[ft.Control]:
        """Why nothing arrives; nothing if all is well."""
        t, hook = self._t, self._hook
        controls: list[ft.Control] = []
        if hook.pause is not None:
            controls = [
                ft.Text(t(_PAUSED[hook.pause]), size=14),
                _button_row(
                    [
                        ft.FilledButton(
                            t("Resume with what was missed"),
                            on_click=self._asks(ResumeOutgoing(hook, skip=False)),
                        ),
                        ft.TextButton(
                            t("Resume from now on"),
                            on_click=self._asks(ResumeOutgoing(hook, skip=True)),
                        ),
                    ]
                ),
            ]
        elif hook.progress.next_at is not None:
            when = self._viewer.format_recent_time(hook.progress.next_at)
            text = t.plural(
                "The last attempt failed. The next one is at {when}; what is posted meanwhile "
                "waits.",
                "The last {count} attempts failed. The next one is at {when}; what is posted "
                "meanwhile waits.",
                hook.progress.failures,
                when=when,
            )
            controls = [ft.Text(text, size=14)]
        if not controls:
            return []
        return [
            ft.Container(
                stretched_column(controls, 10),
                padding=_BOX_PADDING,
                border_radius=10,
                bgcolor=ft.Colors.SURFACE_CONTAINER_HIGHEST,
            )
        ]

    def _deliveries(self, attempts: Sequence[Attempt]) -> ft.Control:
        items = [self._delivery(each) for each in attempts]
        return deliveries_section(self._t, items, load_again=self._asks(ShowOutgoing(self._hook)))

    def _delivery(self, attempt: Attempt) -> ft.Control:
        """Time, attempt and answer; a click leads to the message."""
        t = self._t
        facts = [
            self._viewer.format_recent_time(attempt.at),
            t("{milliseconds} ms", milliseconds=attempt.milliseconds),
        ]
        if not attempt.sequence:
            facts.insert(1, t("Test"))
        if attempt.count > 1:
            facts.append(t("attempt {count}", count=attempt.count))
        color = ft.Colors.ON_SURFACE if attempt.problem is None else ft.Colors.ERROR
        texts: list[ft.Control] = [
            widgets.secondary_text("  ·  ".join(facts), 13),
            ft.Text(answer_text(attempt, t), size=13, color=color, max_lines=4),
        ]
        column = ft.Column(texts, spacing=0, tight=True, expand=True)
        link = ft.Container(column, padding=_ITEM_PADDING, border_radius=10, expand=True)
        if attempt.number:
            link.ink, link.on_click = True, self._asks(ShowTold(attempt.number))
            link.tooltip = t("Show the message")
        again = widgets.icon_button(
            ft.Icons.REPLAY_ROUNDED,
            t("Send again"),
            on_click=self._asks(SendAgain(self._hook, attempt)),
        )
        return ft.Row([link, again], spacing=4)

    def _asks(self, request: OutgoingRequest) -> Callable[[], Awaitable[None]]:
        """What a button does. (Flet passes its event to a handler that has a parameter left.)"""

        async def ask() -> None:
            await self._ask(request)

        return ask

    async def _ask(self, request: OutgoingRequest) -> None:
        """Perform a request, one at a time; a refusal is shown."""
        if self._is_sending:
            return
        self._is_sending = True
        try:
            await self._error_text.run(partial(self._perform, request))
        finally:
            self._is_sending = False


class OutgoingSecretDialog(ProgramDialog):
    """The secret of an outgoing webhook, which is shown this once."""

    def __init__(
        self,
        hook: OutgoingHook,
        *,
        t: Language,
        page_width: float,
        perform: PerformOutgoingRequest,
    ) -> None:
        text = t(
            "Copy the secret now: it is shown only this once. With it the receiver checks that a "
            "request is from this chat, as the libraries of standardwebhooks.com do."
        )
        super().__init__(
            t("Secret of {name}", name=hook.bot.name),
            [explanation(text), CopyBox(t("Secret"), hook.secret, t)],
            t,
            page_width=page_width,
            go_back=partial(perform, ShowOutgoing(hook)),
        )


def trigger_text(trigger: Trigger, t: Language) -> str:
    """What a webhook is told, in one sentence."""
    kinds = [
        name
        for name, is_on in (
            (t("new messages"), trigger.posts),
            (t("changes"), trigger.changes),
            (t("deletions"), trigger.deletions),
        )
        if is_on
    ]
    texts = [t.join(kinds), t("of people and programs") if trigger.programs else t("of people")]
    if trigger.words:
        texts.append(t("only with: {words}", words=", ".join(trigger.words)))
    return "  ·  ".join(texts)


def state_text(hook: OutgoingHook, viewer: ViewerContext) -> str:
    """Whether a webhook is paused or failing, and when it was used last."""
    t = viewer.t
    texts = [hook.host]
    if hook.pause is not None:
        texts.insert(0, t("paused"))
    elif hook.progress.failures:
        texts.insert(0, t("failing"))
    if hook.used_at is not None:
        texts.append(t("last used: {when}", when=viewer.format_recent_time(hook.used_at)))
    return "  ·  ".join(texts)


def answer_text(attempt: Attempt, t: Language) -> str:
    """What became of a request."""
    if attempt.problem in _PROBLEMS:
        sentence = t(_PROBLEMS[attempt.problem], seconds=round(REQUEST_SECONDS))
        status = str(attempt.status) if attempt.status else ""
        return " ".join(filter(None, (status, sentence, attempt.details)))
    return f"{attempt.status} {attempt.details}".rstrip()


def _button_row(buttons: Sequence[ft.Control]) -> ft.Row:
    return ft.Row(list(buttons), spacing=10, run_spacing=10, wrap=True)
