"""Frames of Flet's protocol that change one property of one control."""

from collections.abc import Sequence

import flet as ft
import msgpack

from chat.ui.client.connection import ClientConnection

packer_pack = msgpack.Packer()


# A control that has others in it, or the id of one that was packed and let go of.
ControlRef = ft.Control | int


def replace_content(connection: ClientConnection, parent: ControlRef, packed: bytes) -> None:
    """Put this packed control into another, in the place of what is there."""
    connection.send_frame(patch_prefix(parent), b"\x92\x91\x00\x94\x00\x00\xa7content", packed)


def replace_controls(
    connection: ClientConnection, parent: ControlRef, packed: Sequence[bytes]
) -> None:
    """Give a control of the session these packed controls instead of those it has."""
    connection.send_frame(
        patch_prefix(parent),
        b"\x92\x91\x00\x94\x00\x00\xa8controls",
        packer_pack.pack_array_header(len(packed)),
        *packed,
    )


def replace_item(
    connection: ClientConnection, parent: ControlRef, index: int, packed: bytes
) -> None:
    """Put this packed control into the place of the one at an index of a list."""
    operation = (
        b"\x92\x92\x00\x81\xa8controls\x91\x01\x94\x00\x01",
        packer_pack.pack(index),
        packed,
    )
    connection.send_frame(patch_prefix(parent), *operation)


def set_value(connection: ClientConnection, control: ControlRef, value: str) -> None:
    """Change what a text says, without a comparison."""
    connection.send_frame(
        patch_prefix(control), b"\x92\x91\x00\x94\x00\x00\xa5value", packer_pack.pack(value)
    )


def patch_prefix(control: ControlRef) -> bytes:
    control_id = control if isinstance(control, int) else control._i
    return b"".join((b"\x00\x92\x02\x82\xa2id", packer_pack.pack(control_id), b"\xa5patch"))
