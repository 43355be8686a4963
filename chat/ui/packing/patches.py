"""Frames of Flet's protocol that change one property of one control."""

from collections.abc import Sequence

import flet as ft
import msgpack

from chat.ui.client.connection import Wire

_pack = msgpack.Packer()


# A control that has others in it, or the id of one that was packed and let go of.
Owner = ft.Control | int


def replace_content(wire: Wire, owner: Owner, packed: bytes) -> None:
    """Put this packed control into another, in the place of what is there."""
    wire.send_frame(_head(owner), b"\x92\x91\x00\x94\x00\x00\xa7content", packed)


def replace_controls(wire: Wire, owner: Owner, packed: Sequence[bytes]) -> None:
    """Give a control of the session these packed controls instead of those it has."""
    wire.send_frame(
        _head(owner),
        b"\x92\x91\x00\x94\x00\x00\xa8controls",
        _pack.pack_array_header(len(packed)),
        *packed,
    )


def replace_item(wire: Wire, owner: Owner, at: int, packed: bytes) -> None:
    """Put this packed control into the place of the one at an index of a list."""
    change = (b"\x92\x92\x00\x81\xa8controls\x91\x01\x94\x00\x01", _pack.pack(at), packed)
    wire.send_frame(_head(owner), *change)


def set_value(wire: Wire, text: Owner, value: str) -> None:
    """Change what a text says, without a comparison."""
    wire.send_frame(_head(text), b"\x92\x91\x00\x94\x00\x00\xa5value", _pack.pack(value))


def _head(control: Owner) -> bytes:
    number = control if isinstance(control, int) else control._i
    return b"".join((b"\x00\x92\x02\x82\xa2id", _pack.pack(number), b"\xa5patch"))
