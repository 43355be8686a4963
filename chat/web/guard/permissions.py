"""What a client may do to the controls of its session.

Flet's server takes whatever it is sent: any property of any control, any event. A person edits a
few values and touches what they can see; all else is dropped.
"""

import dataclasses
from collections.abc import Callable
from functools import cache
from typing import Any

import flet as ft
import structlog
from flet.controls.base_control import BaseControl

from chat.web.guard.validators import (
    Validator,
    dict_of,
    has_file_path,
    is_bool,
    is_extent,
    is_key_name,
    is_none,
    is_number,
    is_route,
    is_safe_data,
    is_text,
    one_of,
)

log = structlog.get_logger(__name__)

Props = dict[str, Any]

# So many values that were not taken are told of in the log.
_TOLD = 50


_EDGES = dict_of(left=is_number, top=is_number, right=is_number, bottom=is_number)

_MEDIA = dict_of(
    padding=_EDGES,
    view_padding=_EDGES,
    view_insets=_EDGES,
    device_pixel_ratio=is_number,
    orientation=one_of(*(each.value for each in ft.Orientation)),
    always_use_24_hour_format=is_bool,
)

_PAGE: dict[str, Validator] = {
    "route": is_route,
    "width": is_extent,
    "height": is_extent,
    "media": _MEDIA,
    "platform_brightness": one_of(*(each.value for each in ft.Brightness)),
}

_WINDOW: dict[str, Validator] = {
    **dict.fromkeys(("width", "height", "top", "left", "opacity"), is_number),
    **dict.fromkeys(("maximized", "minimized", "full_screen", "focused"), is_bool),
}

# What a page tells of itself when it registers, and never again.
_TOLD_ONCE: dict[str, Validator] = {
    **_PAGE,
    **dict.fromkeys(("pwa", "web", "debug", "wasm", "test", "multi_view", "pyodide"), is_bool),
    "platform": one_of(*(each.value for each in ft.PagePlatform)),
}

# The values that a person edits, for each kind of control. Seen in a real Chromium; a control that
# is new to the chat needs its line.
EDITED: dict[type[BaseControl], dict[str, Validator]] = {
    ft.Page: _PAGE,
    ft.Window: _WINDOW,
    ft.DialogControl: {"open": one_of(False)},
    ft.TextField: {
        "value": is_text,
        "selection": dict_of(
            base_offset=is_number, extent_offset=is_number, affinity=is_text, directional=is_bool
        ),
    },
    ft.Checkbox: {"value": is_bool},
    ft.Switch: {"value": is_bool},
    ft.RadioGroup: {"value": is_text},
}

# What can happen to a page in a browser. That somebody connected, left or logged in is the
# server's to say.
_PAGE_EVENTS: dict[str, Validator] = {
    "resize": dict_of(width=is_extent, height=is_extent),
    "media_change": _MEDIA,
    "platform_brightness_change": _PAGE["platform_brightness"],
    "app_lifecycle_state_change": dict_of(
        state=one_of(*(each.value for each in ft.AppLifecycleState))
    ),
    "route_change": dict_of(route=is_route),
    "keyboard_event": dict_of(
        key=is_key_name, ctrl=is_bool, shift=is_bool, alt=is_bool, meta=is_bool
    ),
}

_SCROLL = dict_of(
    event_type=one_of("start", "update", "end", "user", "overscroll"),
    direction=one_of("idle", "forward", "reverse"),
    **dict.fromkeys(
        (
            "pixels",
            "min_scroll_extent",
            "max_scroll_extent",
            "viewport_dimension",
            "scroll_delta",
            "overscroll",
            "velocity",
        ),
        is_number,
    ),
)

# Without these fields its handler would fail.
_PLACE = {"pixels", "max_scroll_extent"}

_EVENTS: dict[str, Validator] = {
    "scroll": lambda data: _SCROLL(data) and data.keys() >= _PLACE,
    # There is no place to upload to: nothing was.
    "upload": lambda data: False,
}

# These bring the value that was set just before, or nothing.
_WITH_VALUE = {"submit", "change", "select"}


class SessionRights:
    """The rights of one connection: `page` is its session's, None before it has one."""

    def __init__(
        self, page: Callable[[], ft.Page | None], may_attach: Callable[[str], bool]
    ) -> None:
        self._page = page
        self._may_attach = may_attach

    def attaches(self, session: str) -> bool:
        """Whether the client may go on with this session."""
        return self._may_attach(session)

    def page_told(self, page: Props) -> Props:
        """What of its page a client that registers may tell."""
        told = _passing(page, _TOLD_ONCE)
        if isinstance(window := page.get("window"), dict):
            told["window"] = _passing(window, _WINDOW)
        return told

    def sets(self, control: int, props: Props) -> Props:
        """What of `props` the client may set."""
        found = self._reachable(control)
        if found is None:
            return {}
        kept = _passing(props, _edited(found))
        if len(kept) < len(props):
            _tell(type(found).__name__, sorted(str(name)[:40] for name in props.keys() - kept))
        return kept

    def triggers(self, control: int, name: str, data: object) -> bool:
        """Whether this event may have happened: the control can be touched, and listens."""
        found = self._reachable(control)
        if found is None or not _listens(found, name):
            return False
        if isinstance(found, ft.Page):
            return name in _PAGE_EVENTS and _PAGE_EVENTS[name](data)
        if name in _WITH_VALUE:
            edited = _edited(found)
            return data is None or edited.get("value", edited.get("selected", is_none))(data)
        return _EVENTS.get(name, is_safe_data)(data)

    def answers(self, control: int, result: object) -> bool:
        """Whether the client may answer a call to this control so."""
        page = self._page()
        found = None if page is None else page.get_control(control)
        if page is not None and not page.web and isinstance(found, ft.FilePicker):
            # The window's picker reports paths; nothing reads them (`ui/client/file_transfer.py`).
            return True
        return found is not None and not has_file_path(result)

    def _reachable(self, control: int) -> BaseControl | None:
        """A control that stands in the page and can be touched, with all that it stands in."""
        page = self._page()
        found = page.get_control(control) if page is not None else None
        if found is None or not _can_be_touched(found):
            return None
        inner = found
        while (outer := inner.parent) is not None:
            if not (_can_be_touched(outer) and _is_open(outer) and _holds(outer, inner)):
                return None
            inner = outer
        return found if inner is page else None


def _can_be_touched(control: BaseControl) -> bool:
    return bool(getattr(control, "visible", True)) and not getattr(control, "disabled", False)


def _is_open(control: BaseControl) -> bool:
    return not isinstance(control, ft.DialogControl) or bool(control.open)


# In which field a control of one kind was found in one of another: there it is looked for first,
# since this is asked for each key that anybody presses.
_found_in: dict[tuple[Any, Any], str] = {}


def _holds(outer: BaseControl, inner: BaseControl) -> bool:
    """Whether `inner` is still in `outer`: a control that was taken away remembers its parent."""
    kinds: tuple[Any, Any] = (type(outer), type(inner))
    if kinds in _found_in and _is_in(getattr(outer, _found_in[kinds], None), inner):
        return True
    for name in _fields(kinds[0]):
        if _is_in(getattr(outer, name, None), inner):
            _found_in[kinds] = name
            return True
    return False


def _is_in(value: object, control: BaseControl) -> bool:
    if isinstance(value, list):
        return any(each is control for each in value)
    return value is control


@cache
def _fields(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


def _listens(control: BaseControl, name: str) -> bool:
    handler = f"on_{name}"
    kind: Any = type(control)
    return handler in _fields(kind) and callable(getattr(control, handler, None))


def _edited(control: BaseControl) -> dict[str, Validator]:
    if getattr(control, "read_only", False):
        return {}
    if isinstance(control, ft.Dropdown):
        return {"value": one_of(*(each.key or each.text for each in control.options))}
    if isinstance(control, ft.SegmentedButton):
        return {"selected": one_of(*([each.value] for each in control.segments))}
    return next((EDITED[kind] for kind in type(control).__mro__ if kind in EDITED), {})


def _passing(props: Props, checks: dict[str, Validator]) -> Props:
    return {name: v for name, v in props.items() if name in checks and checks[name](v)}


_told: set[str] = set()


def _tell(kind: str, names: list[str]) -> None:
    """A control that is new to the chat may need its line above: the log says so once."""
    line = f"{kind}: {', '.join(names)}"
    if line not in _told and len(_told) < _TOLD:
        _told.add(line)
        log.info("values of a client were not taken", values=line)
