"""What may be meant: the list above the field while a name, an emoji … is being written."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import flet as ft

from chat.ui.theme import theme, widgets

# So many are shown at once.
MAX_SHOWN = 6

_ITEM_PADDING = ft.Padding.symmetric(horizontal=10, vertical=6)


@dataclass(frozen=True, slots=True)
class Completion:
    """One line: `written` comes into the field; `mark` draws what stands before the words.

    The hint stands beside the words, or `below` them if both are long.
    """

    insert_text: str
    label: str
    build_leading: Callable[[], ft.Control]
    hint: str = ""
    is_hint_below: bool = False


@dataclass(frozen=True, slots=True)
class CompletionProvider:
    """What can be completed: `begun` finds what stands of it at the end of the field.

    `choices` gets that, and gives the likeliest first; nothing once all is written out. What
    stands only at the beginning of the field has a `begun` that begins with `\\A`. Of more than
    are shown, up to `most` are come to with the arrows.
    """

    pattern: re.Pattern[str]
    find_completions: Callable[[str], Sequence[Completion]]
    max_completions: int = MAX_SHOWN


class CompletionPopup(ft.Container):
    """The list; `choose(before, part, written)` is told what stands there now, after what,
    and what is to."""

    def __init__(
        self,
        providers: Sequence[CompletionProvider],
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
        # What was put away with Escape stays away until something else is begun.
        self._dismissed: str | None = None
        super().__init__(
            visible=False,
            padding=4,
            border_radius=12,
            border=theme.OUTLINE,
            bgcolor=ft.Colors.SURFACE_CONTAINER_HIGH,
        )

    def refresh(self, text: str) -> None:
        """The field says this now."""
        self._text = text
        typed, completions = self._find_completions(text)
        if self._dismissed is not None and typed.startswith(self._dismissed):
            typed, completions = "", ()
        elif text:
            self._dismissed = None
        labels = [choice.label for choice in completions]
        if labels != [choice.label for choice in self._completions] or typed != self._typed:
            self._typed, self._completions, self._selected = typed, completions, 0
            self._draw()

    def _find_completions(self, text: str) -> tuple[str, Sequence[Completion]]:
        for provider in self._providers:
            match = provider.pattern.search(text)
            if match is not None and (completions := provider.find_completions(match.group())):
                return match.group(), completions[: provider.max_completions]
        return "", ()

    def key_handler(self, key: str) -> Callable[[], None] | None:
        """What a key does while the list is open."""
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
        """Nothing is being written any more."""
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
            # (A button would take the focus away from the field.)
            yield ft.Container(
                ft.Row([completion.build_leading(), *_texts(completion)], spacing=10),
                padding=_ITEM_PADDING,
                border_radius=8,
                bgcolor=ft.Colors.SECONDARY_CONTAINER if n == self._selected else None,
                on_click=partial(self._accept, completion),
            )


def _texts(completion: Completion) -> list[ft.Control]:
    label, hint = ft.Text(completion.label, size=14), widgets.secondary_text(completion.hint)
    if completion.is_hint_below:
        return [ft.Column([label, hint], spacing=0, tight=True, expand=True)]
    hint.expand = True
    return [label, hint]
