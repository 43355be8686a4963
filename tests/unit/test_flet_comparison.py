"""Flet's comparison with the properties that are set: the same patches as with all of them."""

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import flet as ft
import msgpack
import pytest
from flet.controls import object_patch
from flet.controls.base_control import BaseControl
from flet.controls.object_patch import ObjectPatch

from chat.ui.packing.control_ids import encode_control
from chat.web.socket.flet_comparison import SparseDataclasses
from tests.harness.flet_internals import id_of


def build_tree() -> ft.Column:
    """Controls within lists, single properties, value objects and dictionaries."""
    return ft.Column(
        [
            ft.Container(
                ft.Text(spans=[ft.TextSpan("a", ft.TextStyle(weight=ft.FontWeight.BOLD))]),
                padding=ft.Padding.all(4),
                on_click=print,
            ),
            ft.TextField(label="name", suffix=ft.TextButton("OK", on_click=print)),
            ft.Dropdown(options=[ft.DropdownOption(key="1", text="one")]),
            ft.IconButton(ft.Icons.ADD, style=ft.ButtonStyle(side=ft.BorderSide(1))),
            ft.AlertDialog(title="t", content=ft.Text("c"), actions=[ft.TextButton("x")]),
        ],
        spacing=4,
    )


def change_nothing(_: ft.Column) -> None:
    pass


def replace_content(tree: ft.Column) -> None:
    tree.controls[0].content = ft.Row([ft.Text("new"), ft.Icon(ft.Icons.ADD)])  # type: ignore[attr-defined]


def remove_content(tree: ft.Column) -> None:
    tree.controls[0].content = None  # type: ignore[attr-defined]


def add_and_remove_items(tree: ft.Column) -> None:
    tree.controls.insert(1, ft.Container(ft.Text("added"), data="x"))
    del tree.controls[3]


def back_to_the_default(tree: ft.Column) -> None:
    tree.spacing = 10
    tree.controls[0].on_click = None  # type: ignore[attr-defined]


def change_values(tree: ft.Column) -> None:
    tree.controls[1].value = "typed"  # type: ignore[attr-defined]
    tree.controls[2].options.append(ft.DropdownOption(key="2"))  # type: ignore[attr-defined]
    tree.controls[3].style.side = ft.BorderSide(2)  # type: ignore[attr-defined]


def patches_of(change: Callable[[ft.Column], None]) -> Iterator[list[Any]]:
    """The patches that add a tree and change it, and the added and removed controls of each."""
    tree = build_tree()
    for source in (None, tree):
        patch, added, removed = ObjectPatch.from_diff(source, tree, control_cls=BaseControl)
        packed = msgpack.packb(patch.to_message(), default=encode_control)
        # Two trees have different ids, which count up in one order.
        first_id = id_of(tree)
        yield _with_ids_from(first_id, msgpack.unpackb(packed, strict_map_key=False))
        for controls in (added, removed):
            yield sorted((type(each).__name__, id_of(each) - first_id) for each in controls)
        change(tree)


def _with_ids_from(first_id: int, value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: each - first_id if key == "_i" else _with_ids_from(first_id, each)
            for key, each in value.items()
        }
    return [_with_ids_from(first_id, each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    "change",
    [
        change_nothing,
        replace_content,
        remove_content,
        add_and_remove_items,
        back_to_the_default,
        change_values,
    ],
)
def test_patches_are_the_same_as_with_all_fields(
    change: Callable[[ft.Column], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    results = []
    for module in (dataclasses, SparseDataclasses):
        monkeypatch.setattr(object_patch, "dataclasses", module)
        results.append(list(patches_of(change)))
    all_fields, set_fields = results
    assert set_fields == all_fields
    assert len(set_fields[1]) > 10


def test_a_chat_uses_it() -> None:
    import chat.web.socket.connection  # noqa: F401

    assert object_patch.dataclasses is SparseDataclasses  # type: ignore[comparison-overlap, attr-defined]
