"""One row of the timeline: a message or a system message, with the dividers above it.

A row depends on its message, the previous message, the viewer context, a `RowState` and an
`EventRun`, and on nothing else. So it is the same in all sessions of one viewer context; the row
state is nearly always the default.
"""

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from datetime import timedelta
from functools import partial

import flet as ft

from chat.drawings.drawing import Drawing
from chat.languages import Language
from chat.model.messages import Message, MessageKind
from chat.model.programs import StreamState
from chat.text.folding import last_lines
from chat.text.message_text import parse_emote
from chat.text.senders import has_same_sender
from chat.ui.author_line import row_header, spoken_header
from chat.ui.chosen_row import ChosenRow
from chat.ui.markup.marks import marks_of
from chat.ui.moderated_rows.hidden import HiddenMessage, follows_hidden
from chat.ui.moderated_rows.report import report_box
from chat.ui.row_parts import (
    AVATAR,
    BACKGROUND,
    CHOSEN,
    DAY_LINE,
    MENU_BUTTON,
    ROW,
    TOUCH_AREA,
    OnPartClick,
)
from chat.ui.rows.attachments import attachment_controls
from chat.ui.rows.body import has_wide_block, message_text, needs_full_width
from chat.ui.rows.divider import DayDivider, unread_divider
from chat.ui.rows.emotes import DiceRow, emote_row
from chat.ui.rows.event_runs import NO_RUN, EventRun, FoldedEvents
from chat.ui.rows.event_texts import event_text
from chat.ui.rows.poll import poll_box
from chat.ui.rows.quote import quote_preview
from chat.ui.rows.reactions import reaction_chips
from chat.ui.rows.replies import thread_link
from chat.ui.theme import theme, widgets
from chat.ui.theme.copied_text import (
    EVENT,
    HEADER,
    HIDDEN,
    LINE,
    first_text,
    marked,
    put_before,
)
from chat.ui.viewer import DEFAULT_ROW_STATE, RowState, ViewerContext
from chat.ui.views.view_box import drawing_of, view_box

# Within this time, the next message of the same author has no avatar and no name.
GROUPING_WINDOW = timedelta(minutes=5)


def message_row(
    message: Message,
    previous: Message | None,
    viewer: ViewerContext,
    on_part_click: OnPartClick,
    state: RowState = DEFAULT_ROW_STATE,
    run: EventRun = NO_RUN,
    *,
    has_live_view: bool = False,
) -> ft.Control:
    """The row of `message`; above it a divider if a day or the unread messages begin with it.

    `run` are the events that the row sums up, or says that another row sums it up.

    `on_part_click(number, part)` is awaited when a clickable part is clicked. Without
    `has_live_view`, the row of a view shows its text: its events are known by their ids only.
    """
    is_first_of_day = begins_day(message, previous, viewer)
    dividers: list[ft.Control] = []
    if is_first_of_day:
        open_calendar = partial(on_part_click, message.number, DAY_LINE)
        dividers.append(DayDivider(viewer.format_day(message.sent_at), on_click=open_calendar))
    if state.starts_unread:
        dividers.append(unread_divider(viewer.t("New messages")))
    if message.erased or run.is_folded:
        # An erased message keeps its place in the list, and is invisible.
        body: ft.Control = ft.Container()
    elif run.events:
        body = FoldedEvents(run.events, viewer, state, on_part_click=on_part_click)
    elif state.is_hidden:
        # Several in a row are one line.
        is_shown = bool(dividers) or not follows_hidden(message, previous)
        body = (
            HiddenMessage(message, viewer, on_part_click=on_part_click)
            if is_shown
            else ft.Container()
        )
    elif message.kind is MessageKind.TEXT:
        continues = not dividers and previous is not None and _continues(message, previous)
        row_class = DeletedMessage if message.deleted else ChatMessage
        body = row_class(
            message,
            viewer,
            state,
            on_part_click=on_part_click,
            is_continuation=continues,
            drawing=drawing_of(message) if has_live_view else None,
        )
    elif message.kind is MessageKind.DICE_ROLLED:
        body = DiceRow(message, viewer)
    else:
        body = ChatEvent(message, viewer)
    if is_first_of_day and not message.erased and not run.is_folded:
        # A screen reader would else read it only together with the button of the day.
        body = ft.Semantics(content=body, container=True)
    if state.chosen_part is not None:
        on_drawn = partial(on_part_click, message.number, CHOSEN)
        body = ChosenRow(body, message.number, state.chosen_part, on_drawn=on_drawn)
    control = ft.Column([*dividers, body], spacing=0, tight=True) if dividers else body
    # The key contains the event: Flet takes an isolated row of the same key for the same row.
    key = f"m{message.number}"
    if has_live_view and message.view is not None:
        # The client keeps the focus and the cursor of a field in a row of the same key.
        control.key = _scroll_key(key) if state.is_anchor else f"{key}.view"
        return control
    control.key = _scroll_key(key) if state.is_anchor else f"{key}.{message.change_number}"
    return control


def _scroll_key(key: str) -> ft.ScrollKey:
    """A key that a list can scroll to. (Flet's decorator hides the field of the class.)"""
    build_key: Callable[[str], ft.ScrollKey] = ft.ScrollKey  # type: ignore[assignment]
    return build_key(key)


def is_continuation(message: Message, previous: Message | None, viewer: ViewerContext) -> bool:
    """Whether the row of a message has no name and no time; a divider above it gives it both."""
    return (
        previous is not None
        and message.kind is MessageKind.TEXT
        and not begins_day(message, previous, viewer)
        and _continues(message, previous)
    )


def begins_day(message: Message, previous: Message | None, viewer: ViewerContext) -> bool:
    """Whether a message is the first of its day."""
    return previous is None or viewer.local_date(previous.sent_at) != viewer.local_date(
        message.sent_at
    )


def _continues(message: Message, previous: Message) -> bool:
    return (
        previous.kind is MessageKind.TEXT
        and not previous.erased
        and has_same_sender(message, previous)
        and message.sent_at - previous.sent_at < GROUPING_WINDOW
        and message.quote is None
        and not message.pinned
        and parse_emote(message.text) is None
    )


class ChatMessage(ft.GestureDetector):
    """A text message: avatar, name, time and text; a continuation is the text alone.

    For screen readers it is one leaf; each clickable part is a leaf of its own.
    """

    def __init__(
        self,
        message: Message,
        viewer: ViewerContext,
        state: RowState = DEFAULT_ROW_STATE,
        *,
        on_part_click: OnPartClick,
        is_continuation: bool = False,
        drawing: Drawing | None = None,
    ) -> None:
        look = _Look(drawing, is_continuation=is_continuation)
        body = _row_content(message, viewer, on_part_click, state, look)
        # A mouse drag selects text; a long press of a finger opens the menu.
        touch_detector = ft.GestureDetector(
            content=body,
            exclude_from_semantics=True,
            allowed_devices=_TOUCH_DEVICES,
            data=TOUCH_AREA,
            on_long_press_start=partial(on_part_click, message.number, TOUCH_AREA),
        )
        super().__init__(
            content=touch_detector,
            exclude_from_semantics=True,
            data=ROW,
            on_enter=partial(on_part_click, message.number, ROW),
            on_secondary_tap_down=partial(on_part_click, message.number, ROW),
        )

    def is_isolated(self) -> bool:
        """A row never changes by itself: the diff of its list need not look inside."""
        return True


class DeletedMessage(ft.Container):
    """A deleted message that a thread or a quote refers to. It has no clickable part of its own.

    (Flet's client draws an error in place of a detector without handlers.)
    """

    def __init__(
        self,
        message: Message,
        viewer: ViewerContext,
        state: RowState,
        *,
        on_part_click: OnPartClick,
        is_continuation: bool,
        drawing: Drawing | None = None,
    ) -> None:
        look = _Look(drawing, is_continuation=is_continuation)
        super().__init__(content=_row_content(message, viewer, on_part_click, state, look))

    def is_isolated(self) -> bool:
        """See `ChatMessage.is_isolated`."""
        return True


@dataclass(frozen=True, slots=True)
class _Look:
    """What a row shows of its message: the controls of a view in place of the text, and the name
    and the time of its author unless it is a continuation."""

    drawing: Drawing | None
    _: KW_ONLY
    is_continuation: bool

    def has_text(self, message: Message) -> bool:
        """Whether the row shows the text."""
        return self.drawing is None and (bool(message.text) or not message.files)


def _row_content(
    message: Message,
    viewer: ViewerContext,
    on_part_click: OnPartClick,
    state: RowState,
    look: _Look,
) -> ft.Container:
    is_continuation = look.is_continuation
    content: ft.Control = _avatar_and_text(message, viewer, on_part_click, state, look)
    footer = _footer(message, viewer, on_part_click, state, look)
    if message.quote is not None or footer:
        quote_rows = (
            []
            if message.quote is None
            else [quote_preview(message, viewer, on_part_click, is_hidden=state.hides_quote)]
        )
        parts = [*quote_rows, ft.Semantics(content=content, container=True), *footer]
        content = ft.Column(parts, spacing=1, tight=True)
    padding = (
        viewer.metrics.continuation_padding
        if is_continuation
        else viewer.metrics.group_start_padding
    )
    row = ft.Container(content, padding=padding, data=BACKGROUND)
    if state.mentions_viewer:
        row.bgcolor = theme.MENTION_BACKGROUND
        # The bar takes its width from the padding.
        row.border = theme.MENTION_BAR
        row.padding = ft.Padding.only(
            left=padding.left - theme.MENTION_BAR_WIDTH,
            top=padding.top,
            right=padding.right,
            bottom=padding.bottom,
        )
    if state.is_target:
        row.bgcolor = ft.Colors.TERTIARY_CONTAINER
        row.animate = _FADE
    if state.is_edited:
        row.bgcolor = ft.Colors.SECONDARY_CONTAINER
    return row


def background_of(state: RowState, *, is_tinted: bool = False) -> ft.ColorValue:
    """The background of a row that is no target, or no target any more."""
    if state.is_edited:
        return ft.Colors.SECONDARY_CONTAINER
    if state.mentions_viewer:
        return theme.TINTED_MENTION_BACKGROUND if is_tinted else theme.MENTION_BACKGROUND
    return theme.TINTED_BACKGROUND if is_tinted else ft.Colors.TRANSPARENT


# Within this time, in milliseconds, the background of a target fades.
FADE_MILLISECONDS = 1400
_FADE = ft.Animation(FADE_MILLISECONDS, ft.AnimationCurve.EASE_IN)


# The height of the line with the name, in pixels.
_HEADER_HEIGHT = 22

# A text of so few characters is not wider than a line may be.
_SHORT_TEXT = 60

_TOUCH_DEVICES = [ft.PointerDeviceType.TOUCH, ft.PointerDeviceType.STYLUS]
_STRETCH = ft.CrossAxisAlignment.STRETCH


def _avatar_and_text(
    message: Message,
    viewer: ViewerContext,
    on_part_click: OnPartClick,
    state: RowState,
    look: _Look,
) -> ft.Row:
    is_continuation = look.is_continuation
    size = viewer.metrics.avatar_size
    author_avatar = None if is_continuation else _author_avatar(message, viewer, on_part_click)
    avatar_column = ft.Container(author_avatar, width=size)
    if author_avatar is not None and not look.has_text(message):
        # The attachments, or the controls, begin below the name, not below the avatar, which
        # reaches beside them.
        author_avatar.left = author_avatar.top = 0
        avatar_column.content = ft.Stack(
            [author_avatar], height=_HEADER_HEIGHT, clip_behavior=ft.ClipBehavior.NONE
        )
    body: list[ft.Control]
    if not message.deleted:
        avatar_column.data = MENU_BUTTON
        avatar_column.on_click = partial(on_part_click, message.number, MENU_BUTTON)
    stretches = False
    if look.drawing is None and parse_emote(message.text) is not None:
        body = [emote_row(message, viewer, spoken_header(message, viewer))]
    elif not look.has_text(message):
        # A control without a size is not in the semantics tree.
        placeholder = ft.Container(width=1, height=1)
        labelled = ft.Semantics(content=placeholder, label=spoken_header(message, viewer))
        body = [labelled] if is_continuation else [row_header(message, viewer, on_part_click)]
    else:
        text = _text(message, viewer.t, on_part_click, state)
        stretches = needs_full_width(text)
        body = [row_header(message, viewer, on_part_click), text]
        if is_continuation:
            body = [_with_hidden_header(text, message, viewer)]
    column = ft.Column(body, spacing=1, tight=True, expand=True)
    text_width = viewer.metrics.text_width
    is_wide = stretches and has_wide_block(message.text, state.opened_parts, state.line_width)
    if text_width and len(message.text) > _SHORT_TEXT and not is_wide:
        # (As wide as this, or as there is space.)
        column.width, column.expand_loose = text_width, True
    if stretches:
        column.horizontal_alignment = ft.CrossAxisAlignment.STRETCH
    return ft.Row(
        [avatar_column, column],
        spacing=theme.GAP,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )


def _author_avatar(
    message: Message, viewer: ViewerContext, on_part_click: OnPartClick
) -> ft.CircleAvatar | ft.GestureDetector:
    """The avatar, which opens the card of the author.

    A screen reader reads one leaf for the row, and its click is that of the container around the
    avatar, which opens the menu of the message.
    """
    author = message.author
    avatar = widgets.avatar(author.name, viewer.metrics.avatar_size, viewer.avatar_url(author))
    if message.deleted:
        return avatar
    return ft.GestureDetector(
        content=avatar,
        exclude_from_semantics=True,
        data=AVATAR,
        on_tap_up=partial(on_part_click, message.number, AVATAR),
    )


def _footer(
    message: Message,
    viewer: ViewerContext,
    on_part_click: OnPartClick,
    state: RowState,
    look: _Look,
) -> list[ft.Control]:
    """The parts below the text."""
    footer = list[ft.Control]()
    drawn_files = frozenset[str]()
    if look.drawing is not None:
        drawn_files = look.drawing.file_names
        footer.append(view_box(message, look.drawing, viewer, state))
    if message.files:
        footer += attachment_controls(message, viewer, on_part_click, drawn_files)
    if message.poll is not None:
        footer.append(poll_box(message, viewer, on_part_click, state))
    if message.report is not None:
        footer.append(report_box(message, viewer, on_part_click))
    if message.reactions:
        footer.append(reaction_chips(message, viewer, on_part_click, state))
    if message.replies:
        footer.append(thread_link(message, viewer, on_part_click))
    return footer


def _with_hidden_header(text: ft.Control, message: Message, viewer: ViewerContext) -> ft.Control:
    """A text with author and time, which are not drawn: read to the person, and copied.

    They have a line of their own, so that a mouse does not select them with the text.
    """
    label = spoken_header(message, viewer)
    hidden, first = ft.TextSpan(f"{HEADER}{label}\n{LINE}", HIDDEN), first_text(text)
    if first is not None and not first.rtl:
        put_before(first, hidden)
        return text
    header = ft.Text(spans=[hidden])
    return ft.Column([header, text], spacing=0, tight=True, horizontal_alignment=_STRETCH)


def _text(message: Message, t: Language, on_part_click: OnPartClick, state: RowState) -> ft.Control:
    if message.deleted:
        return widgets.secondary_text(t("Message deleted"), 14, italic=t.has_italics)
    text, suffix = message.text, "" if message.edited_at is None else "  " + t("(edited)")
    if message.stream_state is StreamState.STREAMING:
        # What was written last is what people wait for.
        text, suffix = last_lines(text, state.line_width), "  " + t("writing…")
    elif message.stream_state is StreamState.INTERRUPTED:
        suffix += "  " + t("(interrupted)")
    if message.via is not None and message.via.count > 1:
        suffix += f"  ×{message.via.count}"
    if message.via is not None and message.via.folded:
        suffix += "  " + t.plural("and one more", "and {count} more", message.via.folded)
    return message_text(
        text,
        t,
        partial(on_part_click, message.number),
        state.opened_parts,
        suffix,
        marks_of(message, state),
        () if message.via is None else message.via.bars,
        line_width=state.line_width,
    )


class ChatEvent(ft.Container):
    """A system message, in italics, aligned with the text of messages."""

    def __init__(self, message: Message, viewer: ViewerContext) -> None:
        super().__init__(
            content=widgets.secondary_text(
                marked(EVENT, event_text(message, viewer.t)), 13, italic=viewer.t.has_italics
            ),
            padding=viewer.metrics.event_padding,
        )

    def is_isolated(self) -> bool:
        """See `ChatMessage.is_isolated`."""
        return True
