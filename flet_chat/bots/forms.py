"""Forms: the fields of a dataclass as controls, and what a person entered as one of its objects."""

import dataclasses
import types
import typing
from collections.abc import Mapping
from datetime import date, time
from enum import Enum
from typing import Any, Literal, get_args, get_origin

SUBMIT = "Send"


class BadEntry(ValueError):
    """What is wrong with the values of a form, by the names of its fields."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = dict(errors)


@dataclasses.dataclass(frozen=True, slots=True)
class FormField:
    """One field: its type, whether it may be left empty, and what `metadata` says about it.

    Metadata: `label`, `hint`, `multiline`, and for numbers `min` and `max`; both make a slider.
    """

    name: str
    type: Any
    is_optional: bool
    default: Any
    metadata: Mapping[str, Any]

    @property
    def label(self) -> str:
        """What the field is called: its name in words, unless it has a label."""
        label: str = self.metadata.get("label", self.name.replace("_", " ").capitalize())
        return label

    @property
    def choices(self) -> dict[str, Any]:
        """The values of a choice, by what is shown."""
        if get_origin(self.type) is Literal:
            return {str(each): each for each in get_args(self.type)}
        if isinstance(self.type, type) and issubclass(self.type, Enum):
            return {each.name.replace("_", " ").capitalize(): each for each in self.type}
        return {}

    def control(self) -> Any:
        """The control of the field."""
        import flet as ft

        hint = self.metadata.get("hint")
        if self.choices:
            shown = next((k for k, each in self.choices.items() if each == self.default), None)
            options = [ft.DropdownOption(key=each, text=each) for each in self.choices]
            return ft.Dropdown(key=self.name, label=self.label, options=options, value=shown)
        if self.type is bool:
            return ft.Switch(key=self.name, label=self.label, value=bool(self.default))
        if self.type is date:
            return ft.DatePicker(key=self.name, help_text=self.label, value=self.default)
        if self.type is time:
            return ft.TimePicker(key=self.name, help_text=self.label, value=self.default)
        low, high = self.metadata.get("min"), self.metadata.get("max")
        if self.type in (int, float) and low is not None and high is not None:
            value = low if self.default is None else self.default
            divisions = high - low if self.type is int and high - low <= 1000 else None
            slider = ft.Slider(key=self.name, min=low, max=high, value=value, divisions=divisions)
            slider.label = "{value}"
            return ft.Column([ft.Text(self.label), slider], spacing=0)
        kind = ft.KeyboardType.NUMBER if self.type in (int, float) else ft.KeyboardType.TEXT
        return ft.TextField(
            key=self.name,
            label=self.label,
            hint_text=hint,
            value="" if self.default is None else str(self.default),
            keyboard_type=kind,
            multiline=bool(self.metadata.get("multiline")),
        )

    def read(self, value: Any) -> Any:
        """The value that a person entered. Raises ValueError with a sentence."""
        if isinstance(value, str):
            value = value.strip()
        if value in (None, ""):
            if self.is_optional:
                return None
            if self.type is str and self.default == "":
                return ""
            raise ValueError("This is needed.")
        if self.choices:
            return self.choices[value]
        if self.type is date:
            return date.fromisoformat(value)
        if self.type is time:
            return time.fromisoformat(value)
        if self.type in (int, float):
            return self._number(value)
        return value

    def _number(self, value: Any) -> int | float:
        try:
            number = float(str(value).replace(",", "."))
        except ValueError:
            raise ValueError("Write a number.") from None
        if self.type is int:
            if number != int(number):
                raise ValueError("Write a whole number.")
            number = int(number)
        low, high = self.metadata.get("min"), self.metadata.get("max")
        if low is not None and number < low:
            raise ValueError(f"At least {low}.")
        if high is not None and number > high:
            raise ValueError(f"At most {high}.")
        return number


class Form:
    """The form of a dataclass. Raises TypeError for a field of a type that no control has."""

    def __init__(self, of: type) -> None:
        if not dataclasses.is_dataclass(of):
            raise TypeError(f"{of!r} is no dataclass. Write @dataclass above it.")
        self._of = of
        hints = typing.get_type_hints(of)
        self.fields = [_form_field(each, hints[each.name]) for each in dataclasses.fields(of)]

    def controls(self) -> list[Any]:
        """The controls of all fields."""
        return [each.control() for each in self.fields]

    def read(self, values: Mapping[str, Any]) -> Any:
        """An object of the dataclass. Raises BadEntry."""
        found, errors = dict[str, Any](), dict[str, str]()
        for each in self.fields:
            try:
                found[each.name] = each.read(values.get(each.name))
            except (ValueError, KeyError) as error:
                errors[each.name] = str(error) if isinstance(error, ValueError) else "Choose one."
        if errors:
            raise BadEntry(errors)
        try:
            return self._of(**found)
        except ValueError as error:
            # What `__post_init__` says about several fields is told at the first one.
            raise BadEntry({self.fields[0].name: str(error)}) from error


def _form_field(field: "dataclasses.Field[Any]", hint: Any) -> FormField:
    options = [each for each in get_args(hint) if each is not types.NoneType]
    is_optional = get_origin(hint) in (typing.Union, types.UnionType) and len(options) == 1
    type_ = options[0] if is_optional else hint
    is_choice = get_origin(type_) is Literal or (
        isinstance(type_, type) and issubclass(type_, Enum)
    )
    if not is_choice and type_ not in (str, int, float, bool, date, time):
        raise TypeError(
            f"{field.name}: {hint} has no control. Use str, int, float, bool, date, time, an Enum "
            "or a Literal."
        )
    default = None if field.default is dataclasses.MISSING else field.default
    return FormField(field.name, type_, is_optional, default, field.metadata)
