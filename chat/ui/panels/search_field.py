"""The field of the search panel, whose conditions are completed while a person types them."""

import contextlib
from collections.abc import Awaitable, Callable
from typing import Protocol

import flet as ft

from chat.tasks import Latest, Tasks
from chat.text.search_query import MAX_QUERY_LENGTH, open_condition
from chat.text.utf16 import utf16_length
from chat.ui.autocomplete.commands import CommandCandidates
from chat.ui.autocomplete.conditions import condition_completions
from chat.ui.autocomplete.popup import CompletionPopup
from chat.ui.viewer import ViewerContext

# Their values are names, which are loaded when the first of them begins.
_NAMING_OPERATORS = {"from", "in"}


class CompletionHost(Protocol):
    """The screen, as the completion of conditions knows it."""

    async def load_candidates(self) -> CommandCandidates:
        """The people and the rooms that a condition can name; the rooms are those that the person
        may read."""

    def capture_choice_keys(self, enabled: bool) -> None:
        """Capture the keys that choose from the completion popup, or stop it."""

    def replace_input_text(self, index: int, old: str, new: str) -> bool:
        """Replace a text in the client's own field; see `ClientConnection`. False if it cannot."""

    def select_input_text(self) -> bool:
        """Select the text of the client's field that gets the focus next. False if it cannot."""


class SearchField(ft.TextField):
    """The field. `popup` is the completion popup, which its owner puts below it.

    `on_query_change()` is called when the query has changed, `on_enter()` is awaited at Enter.
    """

    def __init__(
        self,
        viewer: ViewerContext,
        host: CompletionHost,
        words: str,
        *,
        takes_focus: bool,
        on_query_change: Callable[[], None],
        on_enter: Callable[[], Awaitable[None]],
    ) -> None:
        t = viewer.t
        self._host = host
        self._on_query_change = on_query_change
        self._on_enter = on_enter
        self._tasks = Tasks()
        self._loads = Latest()
        self._candidates = CommandCandidates()
        self._has_loaded = False
        self._known_text = words
        # The query that a completion makes, until the client reports it.
        self._completed: str | None = None
        self.has_focus = takes_focus
        # Whether the list was open when the field lost the focus.
        self._was_completing = False
        self.popup = CompletionPopup(
            [condition_completions(self._get_candidates, viewer)],
            on_accept=self._accept,
            capture_keys=self._capture_keys,
        )
        super().__init__(
            value=words,
            hint_text=t("Search messages"),
            prefix_icon=ft.Icons.SEARCH_ROUNDED,
            autofocus=takes_focus,
            max_length=MAX_QUERY_LENGTH,
            counter="",
            on_change=self._on_change,
            on_submit=self._on_submit,
            on_focus=self._on_focus,
            on_blur=self._on_blur,
        )

    def did_mount(self) -> None:
        """The field is on the screen: what is typed takes the place of the words."""
        if self.autofocus and self.value and not self._host.select_input_text():
            self.selection = ft.TextSelection(0, utf16_length(self.value))
            self.update()

    async def take_focus(self) -> None:
        """Give the focus to the field."""
        if self.autofocus:
            # Otherwise the field would have the focus after a reload of the page, too.
            self.autofocus = False
            self.update()
        # The client may have gone, or not answer.
        with contextlib.suppress(TimeoutError, RuntimeError):
            await self.focus()  # type: ignore[no-untyped-call]

    def set_words(self, words: str) -> None:
        """Replace the query."""
        self.popup.close()
        self.value = self._known_text = words

    def _on_change(self) -> None:
        if self.selection is not None:
            # Else Flet would select the words again whenever it draws the field.
            self.selection = None
            self.update()
        is_completed = self._completed is not None and self.value.startswith(self._completed)
        if is_completed:
            self._completed = None
        is_end_changed = _is_end_changed(self._known_text, self.value)
        self._known_text = self.value
        if is_completed or is_end_changed:
            self._refresh_completions()
        else:
            self.popup.close()
        self._on_query_change()

    def _refresh_completions(self) -> None:
        """Complete the condition at the end of the query."""
        text = self._known_text
        condition = open_condition(text)
        if condition is None:
            self.popup.close()
            self._has_loaded = False
            return
        if condition.operator in _NAMING_OPERATORS and not self._has_loaded:
            self._has_loaded = True
            self._tasks.start(self._load_candidates(self._loads.start()), "load candidates")
        self.popup.refresh(text[condition.start :])

    async def _load_candidates(self, load: int) -> None:
        candidates = await self._host.load_candidates()
        if not self._loads.has_overtaken(load):
            self._candidates = candidates
            if self._has_loaded and self.has_focus:
                self._refresh_completions()

    def _get_candidates(self) -> CommandCandidates:
        return self._candidates

    def _accept(self, _: str, typed: str, insert_text: str) -> None:
        if not self._known_text.endswith(typed):
            return
        before = self._known_text.removesuffix(typed)
        # Only the client knows what was typed meanwhile. It reports the completed query with that.
        self._completed = before + insert_text
        if not self._host.replace_input_text(utf16_length(before), typed, insert_text):
            self.value = self._known_text = self._completed
            self.update()
            self._on_query_change()
            self._tasks.start(self.take_focus(), "go on with a search")

    def _capture_keys(self, enabled: bool) -> None:
        # With this handler a click in the popup leaves the focus in the field.
        self.on_tap_outside = _keep_focus if enabled else None
        self.update()
        self._host.capture_choice_keys(enabled)

    async def _on_submit(self) -> None:
        """Enter where the page does not report it: in the desktop window."""
        if (accept := self.popup.key_handler("enter")) is not None:
            accept()
        else:
            await self._on_enter()

    def _on_focus(self) -> None:
        self.has_focus = True
        if self._was_completing:
            self._refresh_completions()

    def _on_blur(self) -> None:
        self.has_focus, self._was_completing = False, bool(self.popup.visible)
        self.popup.close()


def _is_end_changed(before: str, after: str) -> bool:
    """Whether the end of a text was typed, and not something before it."""
    differing = (n for n, pair in enumerate(zip(before, after, strict=False)) if len({*pair}) > 1)
    common = next(differing, min(len(before), len(after)))
    removed, added = before[common:], after[common:]
    return not removed or not added or removed[-1] != added[-1]


def _keep_focus() -> None:
    pass
