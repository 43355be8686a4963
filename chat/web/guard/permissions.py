"""The properties and events that a client may send for the controls of its session.

Flet's server accepts any property of any control, and any event. A person edits a few values and
uses the controls that are visible; everything else is dropped.
"""

import dataclasses
from functools import cache
from typing import Any, Protocol

import flet as ft
import structlog
from flet.controls.base_control import BaseControl

from chat.drawings.limits import FIELD_TEXT_LIMIT
from chat.web.guard.validators import (
    Validator,
    dict_of,
    has_file_path,
    is_bool,
    is_date_time,
    is_extent,
    is_key_name,
    is_list_of_texts,
    is_none,
    is_number,
    is_route,
    is_safe_data,
    is_text,
    is_time_of_day,
    one_of,
    text_up_to,
)

log = structlog.get_logger(__name__)

Props = dict[str, Any]

# Flutter counts the length of a field in characters that a person sees. The longest of Unicode, a
# flag or a family, have fewer code points.
_LONGEST_CHARACTER = 16

# The characters of a text in a field of a view, as a client counts them.
MAX_PACKED_TEXT = _LONGEST_CHARACTER * FIELD_TEXT_LIMIT

# The log names at most this many dropped values.
_MAX_LOGGED = 50


_EDGES = dict_of(left=is_number, top=is_number, right=is_number, bottom=is_number)

_MEDIA = dict_of(
    padding=_EDGES,
    view_padding=_EDGES,
    view_insets=_EDGES,
    device_pixel_ratio=is_number,
    orientation=one_of(*(each.value for each in ft.Orientation)),
    always_use_24_hour_format=is_bool,
)

_PAGE_PROPS: dict[str, Validator] = {
    "route": is_route,
    "width": is_extent,
    "height": is_extent,
    "media": _MEDIA,
    "platform_brightness": one_of(*(each.value for each in ft.Brightness)),
}

_WINDOW_PROPS: dict[str, Validator] = {
    **dict.fromkeys(("width", "height", "top", "left", "opacity"), is_number),
    **dict.fromkeys(("maximized", "minimized", "full_screen", "focused"), is_bool),
}

# The properties that a page sends once, when it registers.
_INITIAL_PAGE_PROPS: dict[str, Validator] = {
    **_PAGE_PROPS,
    **dict.fromkeys(("pwa", "web", "debug", "wasm", "test", "multi_view", "pyodide"), is_bool),
    "platform": one_of(*(each.value for each in ft.PagePlatform)),
}

# The values that a person edits, by kind of control, as observed in Chromium. A kind of control
# that is new to the chat needs an entry.
EDITABLE_PROPS: dict[type[BaseControl], dict[str, Validator]] = {
    ft.Page: _PAGE_PROPS,
    ft.Window: _WINDOW_PROPS,
    ft.DialogControl: {"open": one_of(False)},
    ft.DatePicker: {"open": one_of(False), "value": is_date_time},
    ft.TextField: {
        "value": is_text,
        "selection": dict_of(
            base_offset=is_number, extent_offset=is_number, affinity=is_text, directional=is_bool
        ),
    },
    ft.Checkbox: {"value": is_bool},
    ft.Switch: {"value": is_bool},
    ft.Slider: {"value": is_number},
    ft.TimePicker: {"open": one_of(False), "value": is_time_of_day},
    ft.RadioGroup: {"value": is_text},
}

# The events of a page in a browser. Flet's events of connecting, closing and logging in are raised
# by the server only.
_PAGE_EVENTS: dict[str, Validator] = {
    "resize": dict_of(width=is_extent, height=is_extent),
    "media_change": _MEDIA,
    "platform_brightness_change": _PAGE_PROPS["platform_brightness"],
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

_SIZE = dict_of(w=is_extent, h=is_extent)

# The handlers of these events fail without these fields.
_REQUIRED_SCROLL_FIELDS, _REQUIRED_SIZE_FIELDS = {"pixels", "max_scroll_extent"}, {"w", "h"}

_EVENT_VALIDATORS: dict[str, Validator] = {
    "scroll": lambda data: _SCROLL(data) and data.keys() >= _REQUIRED_SCROLL_FIELDS,
    "size_change": lambda data: _SIZE(data) and data.keys() >= _REQUIRED_SIZE_FIELDS,
    # The chat does not use Flet's uploads.
    "upload": lambda data: False,
}

# The data of these events is the value that was set just before, or None.
_VALUE_EVENTS = {"submit", "change", "select"}


class ClientSession(Protocol):
    """The session of one connection."""

    @property
    def flet_page(self) -> ft.Page | None:
        """The page of the session; None before a session has begun."""

    def resume(self, session_id: str) -> bool:
        """Resume this session for the client; false if the client may not."""

    async def wait_for_release(self, session_id: str) -> None:
        """Wait, not for long, while another connection of this client holds this session."""


class SessionPermissions:
    """The rights of one connection. Only a client that may be the desktop window counts as one."""

    def __init__(self, session: ClientSession, *, may_be_window: bool) -> None:
        self._session = session
        self._may_be_window = may_be_window

    def may_resume(self, session_id: str) -> bool:
        """Whether the client may resume this session."""
        return self._session.resume(session_id)

    async def wait_for_release(self, session_id: str) -> None:
        """Wait, not for long, while another connection of this client holds this session."""
        await self._session.wait_for_release(session_id)

    def initial_page(self, page: Props) -> Props:
        """The properties of `page` that a client may set when it registers."""
        allowed = _valid_props(page, _INITIAL_PAGE_PROPS)
        if isinstance(window := page.get("window"), dict):
            allowed["window"] = _valid_props(window, _WINDOW_PROPS)
        if not self._may_be_window:
            # Rows are drawn for a window alone, because its addresses of pictures are signed.
            allowed["web"] = True
        return allowed

    def settable(self, control_id: int, props: Props) -> Props:
        """The part of `props` that the client may set."""
        control = self._find_reachable(control_id)
        if control is None:
            return {}
        allowed = _valid_props(props, _editable_props(control))
        if len(allowed) < len(props):
            _log_dropped(
                type(control).__name__, sorted(str(name)[:40] for name in props.keys() - allowed)
            )
        return allowed

    def may_fire(self, control_id: int, name: str, data: object) -> bool:
        """Whether the client may send this event: the control is reachable and has a handler."""
        control = self._find_reachable(control_id)
        if control is None or not _has_handler(control, name):
            return False
        if isinstance(control, ft.Page):
            return name in _PAGE_EVENTS and _PAGE_EVENTS[name](data)
        if name in _VALUE_EVENTS:
            validators = _editable_props(control)
            return data is None or validators.get("value", validators.get("selected", is_none))(
                data
            )
        return _EVENT_VALIDATORS.get(name, is_safe_data)(data)

    def may_answer(self, control_id: int, result: object) -> bool:
        """Whether the client may return `result` from a call to this control."""
        page = self._session.flet_page
        control = None if page is None else page.get_control(control_id)
        if page is not None and not page.web and isinstance(control, ft.FilePicker):
            # The picker of the desktop window reports paths; the chat ignores them
            # (`ui/client/file_transfer.py`).
            return True
        return control is not None and not has_file_path(result)

    def _find_reachable(self, control_id: int) -> BaseControl | None:
        """The control, if it is in the page, visible and enabled, and so are all its ancestors."""
        page = self._session.flet_page
        control = page.get_control(control_id) if page is not None else None
        if control is None or not _is_interactive(control):
            return None
        inner = control
        while (outer := inner.parent) is not None:
            if not (_is_interactive(outer) and _is_open(outer) and _contains(outer, inner)):
                return None
            inner = outer
        return control if inner is page else None


def _is_interactive(control: BaseControl) -> bool:
    return bool(getattr(control, "visible", True)) and not getattr(control, "disabled", False)


def _is_open(control: BaseControl) -> bool:
    return not isinstance(control, ft.DialogControl) or bool(control.open)


# The field of the outer type in which a control of the inner type was last found. It is searched
# first, because this check runs for every key that is pressed.
_field_cache: dict[tuple[Any, Any], str] = {}


def _contains(outer: BaseControl, inner: BaseControl) -> bool:
    """Whether `inner` is still in `outer`: a removed control keeps its `parent`."""
    types: tuple[Any, Any] = (type(outer), type(inner))
    if types in _field_cache and _is_or_contains(getattr(outer, _field_cache[types], None), inner):
        return True
    for name in _field_names(types[0]):
        if _is_or_contains(getattr(outer, name, None), inner):
            _field_cache[types] = name
            return True
    return False


def _is_or_contains(value: object, control: BaseControl) -> bool:
    if isinstance(value, list):
        return any(each is control for each in value)
    return value is control


@cache
def _field_names(control_type: Any) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(control_type))


def _has_handler(control: BaseControl, event: str) -> bool:
    handler = f"on_{event}"
    control_type: Any = type(control)
    return handler in _field_names(control_type) and callable(getattr(control, handler, None))


def _editable_props(control: BaseControl) -> dict[str, Validator]:
    if getattr(control, "read_only", False):
        return {}
    if isinstance(control, ft.Dropdown):
        return {"value": one_of(*(each.key or each.text for each in control.options))}
    if isinstance(control, ft.SegmentedButton):
        return {"selected": one_of(*([each.value] for each in control.segments))}
    editable = next(
        (EDITABLE_PROPS[kind] for kind in type(control).__mro__ if kind in EDITABLE_PROPS), {}
    )
    if isinstance(control, ft.TextField) and (control.max_length or 0) > 0:
        return {**editable, "value": text_up_to(_LONGEST_CHARACTER * (control.max_length or 0))}
    return editable


# The values of fields in views, which Flet does not know: texts, choices, numbers, and whether
# something is on. Whether a field has such a value is for the session.
_PACKED_PROPS: dict[str, Validator] = {
    "value": lambda value: text_up_to(MAX_PACKED_TEXT)(value) or is_bool(value) or is_number(value),
    "selected": lambda value: is_bool(value) or is_list_of_texts(value),
    "start_value": is_number,
    "end_value": is_number,
}


def packed_values(props: Props) -> Props:
    """The values that a client may report of a packed control."""
    return _valid_props(props, _PACKED_PROPS)


def _valid_props(props: Props, validators: dict[str, Validator]) -> Props:
    return {name: v for name, v in props.items() if name in validators and validators[name](v)}


_logged: set[str] = set()


def _log_dropped(control_type: str, names: list[str]) -> None:
    """Log once what was dropped: a new kind of control may need an entry in EDITABLE_PROPS."""
    line = f"{control_type}: {', '.join(names)}"
    if line not in _logged and len(_logged) < _MAX_LOGGED:
        _logged.add(line)
        log.info("values of a client were not taken", values=line)
