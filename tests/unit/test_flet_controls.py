"""Flet's work with controls, made cheaper: the same results as by Flet itself."""

import inspect
from collections.abc import Callable, Iterator
from datetime import time
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any

import flet as ft
import msgpack
import pytest
from flet.controls import object_patch
from flet.controls.base_control import BaseControl, Prop
from flet.controls.page import ServiceRegistry
from flet.messaging.protocol import configure_encode_object_for_msgpack

import chat.web.socket.connection  # noqa: F401 (the chat uses it in all of the process)
from chat.ui.flet.encoding import encode_control
from tests.harness.flet_internals import id_of

flet_encode = configure_encode_object_for_msgpack(BaseControl)


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


def flet_object_patch() -> ModuleType:
    """Flet's module as it is, without what the chat has changed in it."""
    spec = find_spec("flet.controls.object_patch")
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def patches_of(
    change: Callable[[ft.Column], None], module: ModuleType, encode: Callable[[Any], Any]
) -> Iterator[list[Any]]:
    """The patches that add a tree and change it, and the added and removed controls of each."""
    tree = build_tree()
    for source in (None, tree):
        patch, added, removed = module.ObjectPatch.from_diff(source, tree, control_cls=BaseControl)
        packed = msgpack.packb(patch.to_message(), default=encode)
        # Two trees have different ids, which count up in one order.
        first_id = id_of(tree)
        yield _with_ids_from(first_id, msgpack.unpackb(packed, strict_map_key=False))
        for controls in (added, removed):
            yield sorted((type(each).__name__, id_of(each) - first_id) for each in controls)
        parents = [(each, each.parent) for each in added if each is not tree]
        yield sorted([id_of(each) - first_id, id_of(parent) - first_id] for each, parent in parents)
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
def test_patches_are_those_of_flet(change: Callable[[ft.Column], None]) -> None:
    flet_patches = list(patches_of(change, flet_object_patch(), flet_encode))
    assert list(patches_of(change, object_patch, encode_control)) == flet_patches
    assert len(flet_patches[1]) > 10


class Named(ft.Column):
    """A control that makes its content when it is first sent."""

    def build(self) -> None:
        self.controls = [ft.Text("built")]

    def before_update(self) -> None:
        self.spacing = len(self.controls)


def test_content_that_a_control_builds_when_it_is_sent_is_added() -> None:
    results = []
    for module in (flet_object_patch(), object_patch):
        control = Named()
        patch, added, _ = module.ObjectPatch.from_diff(None, control, control_cls=BaseControl)
        assert patch.to_message()
        assert [type(each) for each in added] == [Named, ft.Text]
        assert added[1].parent is control
        results.append((control.spacing, [id_of(each) - id_of(control) for each in added]))
    assert results[0] == results[1]
    assert results[0][0] == 1


def control_types() -> list[Any]:
    """All classes of Flet's controls that are loaded, and those of the chat."""
    found, waiting = set(), [BaseControl]
    while waiting:
        types = waiting.pop().__subclasses__()
        found.update(types)
        waiting += types
    return sorted(found, key=lambda each: f"{each.__module__}.{each.__qualname__}")


def flet_control_types() -> list[Any]:
    """The classes that Flet's client knows and whose `__init__` is a generated one."""
    return [
        each
        for each in control_types()
        if hasattr(vars(each).get("__init__"), "__wrapped__")
        # Parts of a page, which have a random id or need the page.
        and not issubclass(each, (ft.BasePage, ft.Window, ServiceRegistry))
        # Common parts of several controls have no type of their own.
        and not each.__name__.endswith("Control")
        # Charts that take figures of other packages, and one that asks its parts for their values.
        and not each.__name__.startswith(("Matplotlib", "Plotly", "RadarChart"))
    ]


OWN_VALUES = {"_i", "current_date"}

SAMPLES: tuple[object, ...] = (
    "text",
    7,
    0.5,
    True,
    None,
    [],
    {},
    ft.Padding.all(3),
    ft.Colors.RED,
    [ft.Text("a")],
    ft.Text("b"),
    {"a": ft.Text("c")},
    print,
)


def variants(control_type: Any, create: Callable[..., Any]) -> Iterator[Any]:
    """Controls of one type with each of the samples in some of its properties."""
    parameters = list(inspect.signature(control_type).parameters.values())
    required = {each.name: "x" for each in parameters if each.default is inspect.Parameter.empty}
    optional = [each.name for each in parameters if each.default is not inspect.Parameter.empty]
    optional.remove("ref")
    yield create(control_type, **required)
    for n, sample in enumerate(SAMPLES):
        yield create(control_type, **required | dict.fromkeys(optional[n::4], sample))
    count = sum(each.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD for each in parameters)
    yield create(control_type, *("x" for _ in range(count)))


def create_as_flet(control_type: Any, *args: Any, **kwargs: Any) -> Any:
    control = control_type.__new__(control_type)
    inspect.unwrap(control_type.__init__)(control, *args, **kwargs)
    return control


def state_of(control: Any) -> dict[str, Any]:
    """All that a control keeps, without what is another for each: its id, and the time."""
    return {
        name: each
        for name, each in vars(control).items()
        if name not in OWN_VALUES and not isinstance(each, time)
    }


@pytest.mark.parametrize("control_type", flet_control_types(), ids=lambda each: each.__name__)
def test_created_controls_keep_and_send_what_those_of_flet_do(control_type: Any) -> None:
    ours = variants(control_type, lambda kind, *args, **kwargs: kind(*args, **kwargs))
    for sparse, full in zip(ours, variants(control_type, create_as_flet), strict=True):
        assert state_of(sparse) == state_of(full)
        # Then both are encoded: `__prev_lists` and the other copies are a part of the state.
        encoded, expected = encode_control(sparse), flet_encode(full)
        assert encoded.keys() == expected.keys()
        for name in encoded.keys() - OWN_VALUES:
            assert encoded[name] == expected[name] or isinstance(encoded[name], time)
        assert state_of(sparse) == state_of(full)


def test_many_types_of_controls_are_compared() -> None:
    names = {each.__name__ for each in flet_control_types()}
    assert {"Text", "Container", "Row", "TextField", "AlertDialog", "Icon", "ListView"} <= names
    assert len(names) > 60


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        ((), {"no_such_property": 1}),
        (("a", "b") * 60, {}),
        (("a",), {"value": "b"}),
    ],
)
def test_wrong_arguments_are_refused_as_by_flet(
    args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    with pytest.raises(TypeError) as ours:
        ft.Text(*args, **kwargs)
    with pytest.raises(TypeError) as theirs:
        create_as_flet(ft.Text, *args, **kwargs)
    assert str(ours.value) == str(theirs.value)


def test_required_argument_that_is_missing_is_refused() -> None:
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'icon'"):
        ft.Icon()  # type: ignore[call-arg]


def test_reference_of_a_created_control_leads_to_it() -> None:
    reference = ft.Ref[ft.Text]()
    text = ft.Text("a", ref=reference)
    assert reference.current is text


def test_class_that_is_made_later_creates_its_controls_in_the_same_way() -> None:
    @ft.control("Column")  # type: ignore[arg-type]
    class Later(ft.Column):
        extra: str = "default"

    assert hasattr(Later.__init__, "__wrapped__")
    assert [Later().extra, Later(extra="given").extra] == ["default", "given"]
    assert state_of(Later([ft.Text("a")])).keys() == state_of(create_as_flet(Later, [])).keys()


class CountedReads(Prop):
    """A property that counts how often it is assigned."""

    __slots__ = ("count",)

    def __init__(self, prop: Prop) -> None:
        super().__init__(prop.name, prop.default)
        self.count = 0

    def __set__(self, obj: Any, value: Any) -> None:
        self.count += 1
        super().__set__(obj, value)


@pytest.mark.parametrize("given", [{}, {"size": 14}, {"size": 14, "italic": True, "max_lines": 2}])
def test_only_given_properties_are_assigned(
    given: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    props = [CountedReads(each) for each in vars(ft.Text).values() if isinstance(each, Prop)]
    for each in props:
        monkeypatch.setattr(ft.Text, each.name, each)
    ft.Text("a", **given)
    assert sum(each.count for each in props) == 1 + len(given)
    assert len(props) > 20
