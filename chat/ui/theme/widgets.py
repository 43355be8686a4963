"""Small controls that all parts of the screen use."""

import zlib
from enum import StrEnum

import flet as ft

from chat.languages import Language
from chat.model.rooms import RoomKind
from chat.text.display import is_rtl
from chat.text.names import split_former_name
from chat.ui.theme import theme
from chat.ui.theme.copied_text import aside
from chat.ui.theme.theme import AVATAR_SIZE

# White initials have a contrast of at least 4.5 : 1 on each of these.
AVATAR_COLOURS = (
    "#C2410C",
    "#B45309",
    "#4D7C0F",
    "#047857",
    "#0E7490",
    "#1D4ED8",
    "#6D28D9",
    "#A21CAF",
    "#BE185D",
)

# The same for somebody whose name is another person's now: their faces differ, too.
FORMER_COLOUR = "#5F6368"


def avatar_colour(name: str) -> str:
    """The colour of a name, the same in every process (unlike `hash`)."""
    if split_former_name(name) is not None:
        return FORMER_COLOUR
    return AVATAR_COLOURS[zlib.crc32(name.encode()) % len(AVATAR_COLOURS)]


def initials(name: str) -> str:
    """One or two capital letters for an avatar."""
    words = [word for word in name.split() if word[0].isalnum()] or name.split()
    first_and_last = words if len(words) < 2 else [words[0], words[-1]]
    return "".join(word[0] for word in first_and_last).upper()


def avatar(name: str, size: float = AVATAR_SIZE, avatar_url: str | None = None) -> ft.CircleAvatar:
    """The avatar of a person. It shows the initials until the picture at `avatar_url` is loaded."""
    letters = initials(name)
    return ft.CircleAvatar(
        content=ft.Text(
            aside(letters),
            # A right-to-left text in a left-to-right paragraph ends the selection of a mouse.
            rtl=is_rtl(letters),
            # The name is beside it.
            semantics_label="",
            size=round(size * 0.38, 1),
            weight=ft.FontWeight.W_600,
        ),
        radius=size / 2,
        color=ft.Colors.WHITE,
        bgcolor=avatar_colour(name),
        foreground_image_src=avatar_url,
    )


_MARK_PADDING = ft.Padding.symmetric(horizontal=5, vertical=1)
_MARK_STYLE = ft.TextStyle(height=1.2, letter_spacing=0.4)


def bot_mark(t: Language, *, is_read: bool = True) -> ft.Container:
    """The mark beside the name of a bot: a box, which no name can contain.

    A screen reader reads it, unless the text beside it says so already.
    """
    return ft.Container(
        ft.Text(
            t("BOT"),
            size=10,
            weight=ft.FontWeight.W_600,
            color=ft.Colors.ON_SURFACE_VARIANT,
            style=_MARK_STYLE,
            semantics_label=t("bot") if is_read else "",
        ),
        padding=_MARK_PADDING,
        border_radius=5,
        bgcolor=ft.Colors.SURFACE_CONTAINER_HIGHEST,
    )


def with_bot_mark(name: ft.Text, t: Language) -> ft.Row:
    """The name of a bot and its mark; a long name is cut, the mark is not."""
    name.expand, name.expand_loose = True, True
    return ft.Row([name, bot_mark(t)], spacing=6)


def secondary_text(text: str, size: float = 12, **kwargs: object) -> ft.Text:
    """Text in a weaker colour."""
    return ft.Text(text, size=size, color=ft.Colors.ON_SURFACE_VARIANT, **kwargs)  # type: ignore[arg-type]


def one_line_text(text: str, size: float, **kwargs: object) -> ft.Text:
    """A text that is cut with an ellipsis where it does not fit."""
    overflow = ft.TextOverflow.ELLIPSIS
    return ft.Text(text, size=size, no_wrap=True, overflow=overflow, **kwargs)  # type: ignore[arg-type]


def heading(text: ft.Text, level: int) -> ft.Semantics:
    """A text that screen readers find as a heading: 1 is the room, 2 a pane or a dialog, 3 a part
    of one."""
    return ft.Semantics(content=text, container=True, heading_level=level, expand=text.expand)


def own_node(control: ft.LayoutControl) -> ft.Semantics:
    """A text or a click area that is a node for screen readers: else it would be its landmark's."""
    return ft.Semantics(content=control, container=True, expand=control.expand)


class Landmark(StrEnum):
    """The parts of the screen that a screen reader jumps to.

    `semantics-tree.js` gives them roles.
    """

    ROOMS = "rooms"
    ROOM = "room"
    SIDE_PANE = "side-pane"


def landmark(content: ft.LayoutControl, place: Landmark) -> ft.Semantics:
    """A part of the screen that screen readers find as a landmark."""
    return ft.Semantics(
        content=content, container=True, identifier=place.value, expand=content.expand
    )


def page_of(control: ft.Control) -> ft.Page:
    """The page of a control, which is the same for the whole session."""
    page = control.page
    assert isinstance(page, ft.Page), "a session has a page"
    return page


def icon_button(icon: ft.IconData, label: str, **kwargs: object) -> ft.IconButton:
    """A small button with a tooltip and a label."""
    return ft.IconButton(
        labelled_icon(icon, label, ft.Colors.ON_SURFACE_VARIANT),
        tooltip=label,
        icon_size=20,
        **kwargs,  # type: ignore[arg-type]
    )


def labelled_icon(icon: ft.IconData, label: str, color: ft.ColorValue | None = None) -> ft.Icon:
    """The icon of a button, with a label: in the semantics tree a tooltip is not a name.

    The button's own `icon_color` applies only to icons that are not controls.
    """
    return ft.Icon(icon, color=color, semantics_label=label)


# From this number on, unread messages are not counted.
UNREAD_LIMIT = 100


def unread_label(count: int) -> str:
    """A number of unread messages, for a badge."""
    return str(count) if count < UNREAD_LIMIT else f"{UNREAD_LIMIT - 1}+"


class UnreadBadge(ft.Container):
    """An unread count; coloured if it contains notifications."""

    def __init__(self, count: int, *, notifies: bool) -> None:
        super().__init__(
            ft.Text(
                unread_label(count),
                size=11,
                weight=ft.FontWeight.W_600,
                color=ft.Colors.ON_PRIMARY if notifies else ft.Colors.ON_SURFACE_VARIANT,
            ),
            padding=ft.Padding.symmetric(horizontal=7, vertical=1),
            border_radius=9,
            bgcolor=ft.Colors.PRIMARY if notifies else ft.Colors.SURFACE_CONTAINER_HIGHEST,
        )


def presence_avatar(
    name: str,
    size: float,
    avatar_url: str | None = None,
    *,
    is_away: bool = False,
    dot_size: float = 11,
) -> ft.Stack:
    """An avatar with a presence dot: green, or amber for a person who is away."""
    # The dot is on the circle: a seventh of the size within the corner of the square around it.
    offset = max(-2, round(size / 7 - 5.5))
    dot = ft.Container(
        width=dot_size,
        height=dot_size,
        border_radius=dot_size,
        bgcolor="#F59E0B" if is_away else "#22C55E",
        border=theme.PRESENCE_RING,
        right=offset,
        bottom=offset,
    )
    return ft.Stack(
        [avatar(name, size, avatar_url), dot],
        width=size,
        height=size,
        clip_behavior=ft.ClipBehavior.NONE,
    )


ROOM_ICONS = {
    RoomKind.PUBLIC: ft.Icons.TAG,
    RoomKind.PRIVATE: ft.Icons.LOCK_OUTLINE_ROUNDED,
    RoomKind.DIRECT: ft.Icons.CHAT_BUBBLE_OUTLINE_ROUNDED,
    RoomKind.THREAD: ft.Icons.FORUM_OUTLINED,
}
