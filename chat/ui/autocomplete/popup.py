"""The completion popup: a list above the field while a name, an emoji or a command is typed."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import flet as ft

from chat.ui.theme import theme, widgets

# The number of completions on the screen at once.
MAX_SHOWN = 6

# The longest text that a provider completes, in characters. What is before it is not searched.
_MAX_TYPED_LENGTH = 256

_ITEM_PADDING = ft.Padding.symmetric(horizontal=10, vertical=6)


@dataclass(frozen=True, slots=True)
class Completion:
    """One line of the popup: `insert_text` goes into the field.

    `build_leading` builds the control before the label. The hint is beside the label, or below it
    if both are long.
    """

    insert_text: str
    label: str
    build_leading: Callable[[], ft.Control]
    hint: str = ""
    is_hint_below: bool = False


@dataclass(frozen=True, slots=True)
class CompletionProvider:
    """Completes what `pattern` matches at the end of the text before the cursor.

    `find_completions` gets the match, and returns the likeliest completion first, or nothing once
    the text is complete. A pattern that begins with `\\A` matches only at the beginning of the
    field. Up to `max_completions` can be reached with the arrow keys, also where fewer are on the
    screen.
    """

    pattern: re.Pattern[str]
    find_completions: Callable[[str], Sequence[Completion]]
    max_completions: int = MAX_SHOWN


def find_completions(
    providers: Sequence[CompletionProvider], text: str
) -> tuple[str, Sequence[Completion]]:
    """What is completed at the end of a text, and its completions."""
    # A search from an index on still sees what is before it, unlike that of a part of the text.
    begin = max(0, len(text) - _MAX_TYPED_LENGTH)
    for provider in providers:
        match = provider.pattern.search(text, begin)
        if match is not None and (completions := provider.find_completions(match.group())):
            return match.group(), completions[: provider.max_completions]
    return "", ()


class CompletionPopup(ft.Container):
    """The popup.

    `on_accept(before, typed, insert_text)` replaces `typed`, which follows `before`.
    """

    def __init__(
        self,
        providers: Sequence[CompletionProvider],
        *,
        on_accept: Callable[[str, str, str], None],
        capture_keys: Callable[[bool], None],
    ) -> None:
        self._providers = providers
        self._on_accept = on_accept
        self._capture_keys = capture_keys
        self._text = ""
        self._typed = ""
        self._completions: Sequence[Completion] = ()
        self._selected = 0
        # After Escape the popup stays closed until the person begins something else.
        self._dismissed: str | None = None
        super().__init__(
            visible=False,
            padding=4,
            border_radius=12,
            border=theme.OUTLINE,
            bgcolor=ft.Colors.SURFACE_CONTAINER_HIGH,
        )

    def refresh(self, text: str) -> None:
        """Complete the text before the cursor."""
        self._text = text
        typed, completions = find_completions(self._providers, text)
        if self._dismissed is not None and typed.startswith(self._dismissed):
            typed, completions = "", ()
        elif text:
            self._dismissed = None
        labels = [choice.label for choice in completions]
        if labels != [choice.label for choice in self._completions] or typed != self._typed:
            self._typed, self._completions, self._selected = typed, completions, 0
            self._draw()

    def key_handler(self, key: str) -> Callable[[], None] | None:
        """The handler of a key while the popup is open; None for a key that it does not use."""
        if not self._completions:
            return None
        handlers: dict[str, Callable[[], None]] = {
            "up": partial(self._move, -1),
            "down": partial(self._move, 1),
            "tab": partial(self._accept, None),
            "enter": partial(self._accept, None),
            "escape": self._dismiss,
        }
        return handlers.get(key)

    def close(self) -> None:
        """Hide the popup: there is nothing to complete."""
        self.refresh("")

    def _move(self, step: int) -> None:
        self._selected = (self._selected + step) % len(self._completions)
        self._draw()

    def _accept(self, completion: Completion | None) -> None:
        accepted, typed = completion or self._completions[self._selected], self._typed
        before = self._text.removesuffix(typed)
        self.close()
        self._on_accept(before, typed, accepted.insert_text)

    def _dismiss(self) -> None:
        typed = self._typed
        self.close()
        self._dismissed = typed

    def _draw(self) -> None:
        is_open = bool(self._completions)
        if is_open != self.visible:
            self._capture_keys(is_open)
        self.visible = is_open
        self.content = (
            ft.Column(list(self._build_items()), spacing=0, tight=True) if is_open else None
        )
        self.update()

    def _build_items(self) -> Iterable[ft.Control]:
        first = max(0, self._selected - MAX_SHOWN + 1)
        for n, completion in enumerate(self._completions[first : first + MAX_SHOWN], first):
            # A button would take the focus away from the field.
            yield ft.Container(
                ft.Row([completion.build_leading(), *_texts(completion)], spacing=10),
                padding=_ITEM_PADDING,
                border_radius=8,
                bgcolor=ft.Colors.SECONDARY_CONTAINER if n == self._selected else None,
                on_click=partial(self._accept, completion),
            )


def _texts(completion: Completion) -> list[ft.Control]:
    if not completion.hint:
        return [widgets.one_line_text(completion.label, 14, expand=True)]
    label, hint = ft.Text(completion.label, size=14), widgets.secondary_text(completion.hint)
    if completion.is_hint_below:
        return [ft.Column([label, hint], spacing=0, tight=True, expand=True)]
    hint.expand = True
    return [label, hint]
