"""The tree of controls that a client shows, built from the server's patches."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from chat.ui.theme.copied_text import ASIDE, HEADER, LINE, PADDING

Control = dict[str, Any]

# A closed one is not on the screen. Flet removes it after the client has reported its dismissal.
_DIALOGS = {"AlertDialog", "BottomSheet", "SnackBar"}

_MARKS = re.compile("|".join((HEADER, LINE, ASIDE, PADDING)))

# Properties that are drawn as text.
_TEXT_PROPERTIES = {"content", "error", "label", "tooltip"}


class ControlTree:
    """The controls of one session, by their ids."""

    def __init__(self) -> None:
        self.controls_by_id: dict[int, Control] = {}
        self._closing: list[Control] = []

    def pop_closed_dialogs(self) -> list[Control]:
        """The dialogs that the server has closed since the last call."""
        closed = [each for each in self._closing if not each.get("open")]
        self._closing = []
        return closed

    def register(self, value: Any) -> None:
        """Add all controls of a value to `controls_by_id`."""
        if isinstance(value, dict):
            if "_i" in value:
                self.controls_by_id[value["_i"]] = value
            for inner in value.values():
                self.register(inner)
        elif isinstance(value, list):
            for inner in value:
                self.register(inner)

    def apply_patch(self, root: Control, patch: list[Any]) -> None:
        """Apply a patch of the server to the tree below `root`."""
        nodes: dict[int, Any] = {}

        def walk(tree: list[Any], value: Any) -> None:
            nodes[tree[0]] = value
            for key, subtree in (tree[1] if len(tree) > 1 else {}).items():
                # The server does not send empty lists and maps: the patch fills them.
                if isinstance(value, dict) and key not in value:
                    value[key] = [] if key in {"controls", "actions", "views"} else {}
                walk(subtree, value[key])

        walk(patch[0], root)
        for op, node, key, *rest in patch[1:]:
            target = nodes[node]
            if op == 0:
                target[key] = rest[0]
                if key == "open" and target.get("_c") in _DIALOGS:
                    self._closing.append(target)
            elif op == 1 and isinstance(target, list):
                target.insert(key, rest[0])
            elif op == 1:
                target[key] = rest[0]
            elif op == 2 and isinstance(target, list):
                target.pop(key)
            elif op == 2:
                target.pop(key, None)
            else:
                nodes[rest[0]].insert(rest[1], target.pop(key))
            if op < 2:
                self.register(rest[0])


def is_quote(value: Control) -> bool:
    """Whether this is the quote in a message, which has a line on its left."""
    border = value.get("border") or {}
    left = border.get("left", {})
    # The bar of a mention has another colour.
    return value.get("_c") == "Container" and left.get("width") == 3 and left["color"] != "tertiary"


def find_controls(
    within: Control, kind: str, props: Mapping[str, Any], *, exclude: str = ""
) -> list[Control]:
    """The controls of a kind with these properties, in the order of the tree.

    Controls of the kind `exclude` are not searched, and hidden ones only if the properties say so.
    """
    found: list[Control] = []

    def walk(control: Control) -> None:
        kind_of_control = control.get("_c")
        if kind_of_control == exclude or (kind_of_control in _DIALOGS and not control.get("open")):
            return
        if control.get("visible") is False and "visible" not in props:
            return
        if kind_of_control == kind and all(control.get(k) == v for k, v in props.items()):
            found.append(control)
        for value in control.values():
            for inner in _child_controls(value):
                walk(inner)

    walk(within)
    return found


def texts_of(value: Any, *, quotes: bool = True) -> list[str]:
    """The texts that a control and its descendants draw, in order."""
    found: list[str] = []

    def walk(value: dict[str, Any]) -> None:
        # A hidden control and a closed drawer are not on the screen.
        kind = value.get("_c")
        if kind == "NavigationDrawer" or value.get("visible") is False:
            return
        if (kind in _DIALOGS and not value.get("open")) or (not quotes and is_quote(value)):
            return
        if kind == "Text" and _has_mentions(value):
            found.extend(_texts_with_mentions(value))
            return
        if kind == "Text" and (value.get("value") or not value.get("spans")):
            found.append(without_marks(str(value.get("value", ""))))
        elif kind == "TextSpan" and not _is_hidden(value):
            found.append(without_marks(str(value.get("text", ""))).strip())
        for key, property_value in value.items():
            if isinstance(property_value, str):
                if key in _TEXT_PROPERTIES and (key != "label" or kind != "Semantics"):
                    found.append(property_value)
            else:
                for inner in _child_controls(property_value):
                    walk(inner)

    for each in _child_controls(value):
        walk(each)
    return found


def without_marks(text: str) -> str:
    """A text without the marks for copying, which are not drawn."""
    return _MARKS.sub("", text)


def _has_mentions(text: Control) -> bool:
    return any(PADDING in str(each.get("text")) for each in text.get("spans", []))


def _texts_with_mentions(text: Control) -> Iterator[str]:
    """A text whose mentions are spans of their own, and what follows it in a smaller size."""
    spans = [each for each in text["spans"] if not _is_hidden(each)]
    small = [each for each in spans if (each.get("style") or {}).get("size") == 12]
    yield without_marks("".join(str(each["text"]) for each in spans if each not in small))
    yield from (without_marks(str(each["text"])).strip() for each in small)


def _is_hidden(span: Control) -> bool:
    return bool((span.get("style") or {}).get("size", 14) < 1)


def _child_controls(value: Any) -> Iterator[Control]:
    """The controls in a property, also in nested lists."""
    if isinstance(value, dict):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _child_controls(each)


def find_all(kind: str, within: Control | None, **props: Any) -> list[Control]:
    """The controls of a kind with these properties in a control, in the order of the tree."""
    return [] if within is None else find_controls(within, kind, props)


def row_controls(item: Control) -> list[Control]:
    """The controls of an item with a row, from left to right; empty for another item."""
    content = item.get("content")
    if isinstance(content, dict) and content.get("_c") == "Row":
        return list(content.get("controls", []))
    return []


def completion_labels(items: Iterable[Control]) -> list[str]:
    """The labels of completions; the highlighted one ends with a star."""
    return [
        item_title(each) + ("*" if each.get("bgcolor") == "secondarycontainer" else "")
        for each in items
        if row_controls(each)
    ]


def item_title(item: Control) -> str:
    """The first text of an item of the sidebar or of a dialog."""
    for part in row_controls(item):
        text_control = find_all("Text", part)[0] if part.get("_c") in {"Column", "Row"} else part
        if text_control.get("_c") == "Text":
            return str(text_control["value"])
    return ""
