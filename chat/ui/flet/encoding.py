"""Encodes controls for MessagePack, as Flet does, with what it looks up for each found once a type.

Flet keeps copies of the lists, dictionaries and value objects that it sent, to compare with.
"""

import dataclasses
from dataclasses import dataclass
from functools import cache
from typing import Any

from flet.controls.base_control import BaseControl
from flet.controls.value_types import _UNSET
from flet.messaging import protocol

from chat.ui.flet.value_kinds import ValueKind, kind_of_type

# The attribute of a control that was encoded before it is sent: plain values.
EARLY_ENCODING = "_early_encoding"

_encode_any = protocol.configure_encode_object_for_msgpack(BaseControl)

# No default: no value is equal to it.
_NONE_SUCH = object()


@dataclass(frozen=True, slots=True)
class _EncodedType:
    """How the properties of one type of controls or value objects are encoded."""

    events: frozenset[str]
    # A value that is equal to this one is left out: it is the client's default.
    client_defaults: dict[str, Any]
    # Defaults of this type that differ from those of the client.
    own_defaults: tuple[tuple[str, Any], ...]
    # Fields that Flet does not keep sparsely, with the value that is left out.
    fields: tuple[tuple[str, Any], ...]


@cache
def _encoded_type(value_type: Any) -> _EncodedType:
    defaults = {field.name: field.default for field in dataclasses.fields(value_type)}
    fields = []
    for name in value_type._structural_fields:
        root = protocol._get_root_dataclass_field(value_type, name)
        fields.append((name, defaults.get(name, _NONE_SUCH) if root is None else root.default))
    return _EncodedType(
        value_type._event_fields,
        {
            name: value
            for name, value in value_type._root_defaults.items()
            if value is not None and value is not _UNSET
        },
        tuple(
            (name, each) for name, each in value_type._override_props.items() if each is not None
        ),
        tuple(fields),
    )


def encode_control(value: Any) -> Any:
    """What MessagePack packs in place of a control or of another value that it does not know."""
    if kind_of_type[type(value)] not in (ValueKind.CONTROL, ValueKind.SPARSE):
        return _encode_any(value)
    if (early := vars(value).pop(EARLY_ENCODING, None)) is not None:
        return early
    encoded_type = _encoded_type(type(value))  # type: ignore[arg-type]
    events, client_defaults = encoded_type.events, encoded_type.client_defaults
    encoded: dict[str, Any] = {}
    lists: dict[str, list[Any]] = {}
    dictionaries: dict[str, dict[Any, Any]] = {}
    objects: dict[str, Any] = {}
    for name, each in value._values.items():
        if each is None or (name in client_defaults and each == client_defaults[name]):
            continue
        kind = kind_of_type[type(each)]
        if not kind:
            encoded[name] = True if name in events else each
        elif kind is ValueKind.LIST:
            encoded[name] = lists[name] = each[:]
        elif kind is ValueKind.DICT:
            encoded[name] = dictionaries[name] = each.copy()
        else:
            encoded[name] = objects[name] = each
    for name, each in encoded_type.own_defaults:
        encoded.setdefault(name, each)
    for name, default in encoded_type.fields:
        each = getattr(value, name)
        kind = kind_of_type[type(each)]
        if not kind:
            if each is not None and each != default:
                encoded[name] = each
            continue
        if kind is ValueKind.LIST:
            each = lists[name] = each[:]
        elif kind is ValueKind.DICT:
            each = dictionaries[name] = each.copy()
        else:
            objects[name] = each
            encoded[name] = each
            continue
        if each:
            encoded[name] = each
    if not hasattr(value, "_frozen"):
        setattr(value, "__prev_lists", lists)
        setattr(value, "__prev_dicts", dictionaries)
        setattr(value, "__prev_classes", objects)
    return encoded
