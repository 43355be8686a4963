"""Runs of events: consecutive lines of people who joined, left or were invited are one line.

Each message keeps its row, so that the index of a row follows from its number. The row of the last
event of a run sums up the run, and the rows before it are empty.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import flet as ft

from chat.languages import Language
from chat.model.messages import Message, MessageKind
from chat.model.people import PersonId
from chat.ui.moderated_rows.hidden import follows_hidden
from chat.ui.row_parts import SHOW_EVENTS, OnPartClick
from chat.ui.rows.event_texts import event_text, summary_text
from chat.ui.theme import widgets
from chat.ui.theme.copied_text import EVENT, aside, marked
from chat.ui.viewer import RowState, ViewerContext

# Fewer events than this have a line each.
MIN_FOLDED_EVENTS = 3

# The most events of one line. In a longer run the line has the last ones.
MAX_FOLDED_EVENTS = 300

_FOLDED_KINDS = frozenset({MessageKind.JOINED, MessageKind.LEFT, MessageKind.INVITED})

# The previous message, and a message.
MessagePair = tuple[Message | None, Message]


@dataclass(frozen=True, slots=True)
class EventRun:
    """The events that a row sums up; or `is_folded`: a later row sums up this one."""

    events: tuple[Message, ...] = ()
    is_folded: bool = False


NO_RUN, FOLDED = EventRun(), EventRun(is_folded=True)


@dataclass(frozen=True, slots=True)
class RowContent:
    """A message with the neighbours that its row depends on."""

    previous: Message | None
    message: Message
    run: EventRun = NO_RUN


def is_foldable(message: Message) -> bool:
    """Whether a message may be part of a run."""
    return message.kind in _FOLDED_KINDS


def row_contents(pairs: Iterable[MessagePair], viewer: ViewerContext) -> list[RowContent]:
    """The contents of consecutive rows, oldest first."""
    contents = list[RowContent]()
    run = list[Message]()
    for previous, message in pairs:
        foldable = is_foldable(message)
        if run and not (
            foldable and viewer.local_date(run[-1].sent_at) == viewer.local_date(message.sent_at)
        ):
            _fold(contents, run)
            run.clear()
        if foldable:
            run.append(message)
        contents.append(RowContent(previous, message))
    _fold(contents, run)
    return contents


def _fold(contents: list[RowContent], run: Sequence[Message]) -> None:
    """Fold the last contents, those of a whole run, if it is long enough."""
    if len(run) < MIN_FOLDED_EVENTS:
        return
    for at in range(-len(run), -1):
        contents[at] = RowContent(contents[at].previous, contents[at].message, FOLDED)
    events = EventRun(tuple(run[-MAX_FOLDED_EVENTS:]))
    contents[-1] = RowContent(contents[-1].previous, contents[-1].message, events)


def visible_count(
    messages: Sequence[Message],
    viewer: ViewerContext,
    hidden_ids: frozenset[PersonId] = frozenset(),
) -> int:
    """The number of rows of these messages that are drawn. The messages of `hidden_ids` are
    hidden: several of one author in a row are one line."""
    pairs = zip((None, *messages), messages, strict=False)
    return sum(
        not each.message.erased
        and not each.run.is_folded
        and not (
            each.message.author.id in hidden_ids and follows_hidden(each.message, each.previous)
        )
        for each in row_contents(pairs, viewer)
    )


class FoldedEvents(ft.Container):
    """The line that sums up a run; opened, with the events below it."""

    def __init__(
        self,
        events: Sequence[Message],
        viewer: ViewerContext,
        state: RowState,
        *,
        on_part_click: OnPartClick,
    ) -> None:
        t, is_open = viewer.t, SHOW_EVENTS in state.opened_parts
        icon = ft.Icons.EXPAND_LESS_ROUNDED if is_open else ft.Icons.EXPAND_MORE_ROUNDED
        summary = summary_text(events, t)
        label = widgets.secondary_text(
            aside(summary) if is_open else marked(EVENT, summary), 13, italic=t.has_italics
        )
        label.expand, label.expand_loose = True, True
        line = ft.Container(
            ft.Row([label, ft.Icon(icon, size=16, color=ft.Colors.ON_SURFACE_VARIANT)], spacing=4),
            data=SHOW_EVENTS,
            on_click=partial(on_part_click, events[-1].number, SHOW_EVENTS),
        )
        parts: list[ft.Control] = [
            ft.Semantics(content=line, container=True, button=True, expanded=is_open)
        ]
        if is_open:
            parts.append(_opened(list(_lines(events, viewer)), t))
        super().__init__(
            content=ft.Column(parts, spacing=2, tight=True), padding=viewer.metrics.event_padding
        )

    def is_isolated(self) -> bool:
        """See `ChatMessage.is_isolated`."""
        return True


def _lines(events: Sequence[Message], viewer: ViewerContext) -> Iterator[str]:
    for each in events:
        yield f"{viewer.format_time(each.sent_at)}  {event_text(each, viewer.t)}"


def _opened(lines: Sequence[str], t: Language) -> ft.Text:
    """All lines as one text: a run may have more events than a row has controls."""
    return widgets.secondary_text(
        "\n".join(marked(EVENT, each) for each in lines), 13, italic=t.has_italics
    )
