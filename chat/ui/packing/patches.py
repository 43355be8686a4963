"""Frames of Flet's protocol that change one property of one control."""

from collections.abc import Sequence

import flet as ft
import msgpack

from chat.ui.client.connection import ClientConnection, scroll_time

packer_pack = msgpack.Packer()

_INVOKE_METHOD = 5

# The time of a scroll.
_SCROLL_MILLISECONDS = 200

# A control with children, or the id of a packed control, which is not kept.
ControlRef = ft.Control | int


def replace_content(connection: ClientConnection, parent: ControlRef, packed: bytes) -> None:
    """Replace the content of a control by a packed control."""
    connection.send_frame(patch_prefix(parent), b"\x92\x91\x00\x94\x00\x00\xa7content", packed)


def replace_controls(
    connection: ClientConnection, parent: ControlRef, packed: Sequence[bytes]
) -> None:
    """Replace the children of a control by packed controls."""
    connection.send_frame(
        patch_prefix(parent),
        b"\x92\x91\x00\x94\x00\x00\xa8controls",
        packer_pack.pack_array_header(len(packed)),
        *packed,
    )


def replace_item(
    connection: ClientConnection, parent: ControlRef, index: int, packed: bytes
) -> None:
    """Replace the item at an index of a list by a packed control."""
    operation = (
        b"\x92\x92\x00\x81\xa8controls\x91\x01\x94\x00\x01",
        packer_pack.pack(index),
        packed,
    )
    connection.send_frame(patch_prefix(parent), *operation)


def insertion(index: int, packed: bytes) -> bytes:
    """The operation of `change_controls` that inserts a packed control."""
    return b"".join((b"\x94\x01\x01", packer_pack.pack(index), packed))


def removal(index: int) -> bytes:
    """The operation of `change_controls` that removes a control."""
    return b"".join((b"\x93\x02\x01", packer_pack.pack(index)))


def replacement(index: int, packed: bytes) -> bytes:
    """The operation of `change_controls` that replaces a control by a packed one."""
    return b"".join((b"\x94\x00\x01", packer_pack.pack(index), packed))


def change_controls(
    connection: ClientConnection, parent: ControlRef, operations: Sequence[bytes]
) -> None:
    """Change the children of a control, one operation after the other, in one frame."""
    connection.send_frame(
        patch_prefix(parent),
        packer_pack.pack_array_header(len(operations) + 1),
        b"\x92\x00\x81\xa8controls\x91\x01",
        *operations,
    )


def scroll_to(connection: ClientConnection, control_id: int, offset: float) -> None:
    """Scroll a packed list, in pixels from its top. Nobody waits for the client's answer."""
    duration = scroll_time(connection, _SCROLL_MILLISECONDS)
    arguments = {"offset": offset, "duration": duration, "curve": "ease"}
    call = {"control_id": control_id, "call_id": "", "name": "scroll_to", "args": arguments}
    connection.send_frame(b"\x00", packer_pack.pack([_INVOKE_METHOD, call]))


def set_value(connection: ClientConnection, control: ControlRef, value: str) -> None:
    """Change the value of a text, without a comparison."""
    connection.send_frame(
        patch_prefix(control), b"\x92\x91\x00\x94\x00\x00\xa5value", packer_pack.pack(value)
    )


def set_background(connection: ClientConnection, control: ControlRef, color: str) -> None:
    """Change the background of a container, without a comparison."""
    connection.send_frame(
        patch_prefix(control), b"\x92\x91\x00\x94\x00\x00\xa7bgcolor", packer_pack.pack(color)
    )


def set_focus(connection: ClientConnection, control: ControlRef, request: str) -> None:
    """Give the focus to a field. `request` has to differ from the one before.

    (Flet's client does so when this property changes. Its method `focus` asks a node that a field
    with `shift_enter` does not use.)
    """
    connection.send_frame(
        patch_prefix(control), b"\x92\x91\x00\x94\x00\x00\xa5focus", packer_pack.pack(request)
    )


def patch_prefix(control: ControlRef) -> bytes:
    control_id = control if isinstance(control, int) else control._i
    return b"".join((b"\x00\x92\x02\x82\xa2id", packer_pack.pack(control_id), b"\xa5patch"))
