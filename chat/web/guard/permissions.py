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

# What a page tells of itself when it registers, and never again.
_INITIAL_PAGE_PROPS: dict[str, Validator] = {
    **_PAGE_PROPS,
    **dict.fromkeys(("pwa", "web", "debug", "wasm", "test", "multi_view", "pyodide"), is_bool),
    "platform": one_of(*(each.value for each in ft.PagePlatform)),
}

# The values that a person edits, for each kind of control. Seen in a real Chromium; a control that
# is new to the chat needs its line.
EDITABLE_PROPS: dict[type[BaseControl], dict[str, Validator]] = {
    ft.Page: _PAGE_PROPS,
    ft.Window: _WINDOW_PROPS,
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

# Without these fields its handler would fail.
_REQUIRED_SCROLL_FIELDS = {"pixels", "max_scroll_extent"}

_EVENT_VALIDATORS: dict[str, Validator] = {
    "scroll": lambda data: _SCROLL(data) and data.keys() >= _REQUIRED_SCROLL_FIELDS,
    # There is no place to upload to: nothing was.
    "upload": lambda data: False,
}

# These bring the value that was set just before, or nothing.
_VALUE_EVENTS = {"submit", "change", "select"}


class SessionPermissions:
    """The rights of one connection: `page` is its session's, None before it has one."""

    def __init__(
        self, page: Callable[[], ft.Page | None], may_resume: Callable[[str], bool]
    ) -> None:
        self._page = page
        self._may_resume = may_resume

    def may_resume(self, session_id: str) -> bool:
        """Whether the client may go on with this session."""
        return self._may_resume(session_id)

    def initial_page(self, page: Props) -> Props:
        """What of its page a client that registers may tell."""
        allowed = _valid_props(page, _INITIAL_PAGE_PROPS)
        if isinstance(window := page.get("window"), dict):
            allowed["window"] = _valid_props(window, _WINDOW_PROPS)
        return allowed

    def settable(self, control_id: int, props: Props) -> Props:
        """What of `props` the client may set."""
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
        """Whether this event may have happened: the control can be touched, and listens."""
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
        """Whether the client may answer a call to this control so."""
        page = self._page()
        control = None if page is None else page.get_control(control_id)
        if page is not None and not page.web and isinstance(control, ft.FilePicker):
            # The window's picker reports paths; nothing reads them (`ui/client/file_transfer.py`).
            return True
        return control is not None and not has_file_path(result)

    def _find_reachable(self, control_id: int) -> BaseControl | None:
        """A control that stands in the page and can be touched, with all that it stands in."""
        page = self._page()
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


# In which field a control of one kind was found in one of another: there it is looked for first,
# since this is asked for each key that anybody presses.
_field_cache: dict[tuple[Any, Any], str] = {}


def _contains(outer: BaseControl, inner: BaseControl) -> bool:
    """Whether `inner` is still in `outer`: a control that was taken away remembers its parent."""
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
    return next(
        (EDITABLE_PROPS[kind] for kind in type(control).__mro__ if kind in EDITABLE_PROPS), {}
    )


def _valid_props(props: Props, validators: dict[str, Validator]) -> Props:
    return {name: v for name, v in props.items() if name in validators and validators[name](v)}


_logged: set[str] = set()


def _log_dropped(control_type: str, names: list[str]) -> None:
    """A control that is new to the chat may need its line above: the log says so once."""
    line = f"{control_type}: {', '.join(names)}"
    if line not in _logged and len(_logged) < _MAX_LOGGED:
        _logged.add(line)
        log.info("values of a client were not taken", values=line)
