"""What programs post: texts, figures, tables and files, as they become a message."""

import base64
import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from chat.text.markup.nodes import Table
from chat.text.markup.reader import parse_markup
from chat.text.message_text import TEXT_LIMIT
from flet_chat.content import TEXT_LIMIT as CLIENT_TEXT_LIMIT
from flet_chat.content import Draft, File, compose

PNG = b"\x89PNG\r\n\x1a\n"


class Figure:
    """A figure of matplotlib: it saves itself into a file."""

    def savefig(self, file: io.BytesIO, **options: str) -> None:
        assert options == {"format": "png"}
        file.write(PNG)


class Plot:
    """A figure of plotly: it returns an image."""

    def to_image(self, **options: str) -> bytes:
        assert options == {"format": "png"}
        return PNG


class Shown:
    """What Jupyter shows as a picture, in one of the forms that it allows."""

    def __init__(self, drawn: object) -> None:
        self._drawn = drawn

    def _repr_png_(self) -> object:
        return self._drawn


class PandasTable:
    """A table of pandas."""

    def __init__(self, columns: list[Any], rows: list[tuple[object, ...]]) -> None:
        self.columns, self._rows = columns, rows

    def itertuples(self, index: bool = True, name: str | None = "Pandas") -> Iterator[Any]:
        assert (index, name) == (False, None)
        return iter(self._rows)


class PolarsTable:
    """A table of polars."""

    def __init__(self, columns: list[str], rows: list[tuple[object, ...]]) -> None:
        self.columns, self._rows = columns, rows

    def iter_rows(self) -> Iterator[tuple[object, ...]]:
        return iter(self._rows)


def contents(draft: Draft) -> dict[str, bytes]:
    """The files of a draft by name."""
    return {each.name: each.content for each in draft.files if isinstance(each, File)}


def table_of(draft: Draft) -> Table:
    """The table in the text, as the chat reads it."""
    markup = parse_markup(draft.text)
    assert markup is not None, "it has a table"
    (table,) = [each for each in markup.blocks if isinstance(each, Table)]
    return table


def cells(draft: Draft) -> list[list[str]]:
    """The words of the cells, the head first."""
    return [["".join(span.text for span in cell) for cell in row] for row in table_of(draft).rows]


def test_texts_and_numbers_are_paragraphs() -> None:
    assert compose(["epoch 3", 0.25, "", 7]).text == "epoch 3\n\n0.25\n\n7"
    assert compose(["a"]).files == ()


@pytest.mark.parametrize(
    "figure",
    [
        Figure(),
        Plot(),
        Shown(PNG),
        Shown((PNG, {"width": 3})),
        Shown(base64.b64encode(PNG).decode()),
    ],
)
def test_figure_of_each_protocol_is_a_png(figure: object) -> None:
    assert contents(compose(["loss", figure])) == {"figure.png": PNG}


def test_picture_of_pil_is_a_png() -> None:
    draft = compose([Image.new("RGB", (3, 2), "red")])
    picture = Image.open(io.BytesIO(contents(draft)["figure.png"]))
    assert (picture.format, picture.size, draft.text) == ("PNG", (3, 2), "")


def test_several_figures_have_names_of_their_own() -> None:
    draft = compose([Figure(), Figure(), Path("figure-3.png"), Figure()])
    names = [each.name for each in draft.files]
    assert names == ["figure.png", "figure-2.png", "figure-3.png", "figure-4.png"]


@pytest.mark.parametrize(
    "table",
    [
        PandasTable(["name", "loss"], [("a", 0.5), ("b", None)]),
        PolarsTable(["name", "loss"], [("a", 0.5), ("b", None)]),
        [{"name": "a", "loss": 0.5}, {"name": "b"}],
    ],
)
def test_table_of_each_protocol_is_shown_and_attached(table: object) -> None:
    draft = compose(["results", table])
    assert draft.text.startswith("results\n\n| name | loss |")
    assert cells(draft) == [["name", "loss"], ["a", "0.5"], ["b", ""]]
    assert table_of(draft).alignments == ("", "right")
    assert contents(draft)["table.csv"].decode("utf-8-sig") == "name,loss\r\na,0.5\r\nb,\r\n"


def test_columns_of_several_levels_have_one_name() -> None:
    table = PandasTable([("loss", "mean"), ("loss", "max")], [(1, 2)])
    assert cells(compose([table]))[0] == ["loss mean", "loss max"]


def test_cells_are_no_markup() -> None:
    hostile = ["a|b", "**bold**", "`code`", "[x](https://x.example)", "<b>", "a\nb", "\\", "~~s~~"]
    draft = compose([[{"text": each} for each in hostile]])
    assert [row[0] for row in cells(draft)[1:]] == [each.replace("\n", " ") for each in hostile]


def test_not_a_number_is_an_empty_cell_and_long_ones_are_cut() -> None:
    draft = compose([[{"x": float("nan"), "y": "w" * 500, "z": 1 / 3}]])
    assert cells(draft)[1] == ["", "w" * 79 + "…", "0.333333"]
    assert "w" * 500 in contents(draft)["table.csv"].decode("utf-8-sig")


@pytest.mark.parametrize("columns", [1, 2, 4, 16, 40])
@pytest.mark.parametrize("cell", ["7", "**[x](y)|", "word " * 12])
def test_long_table_is_drawn_as_far_as_it_fits(columns: int, cell: str) -> None:
    rows = [{f"c{at}": cell for at in range(columns)} for _ in range(5000)]
    draft = compose(["before", rows])
    assert len(draft.text) <= TEXT_LIMIT
    shown = cells(draft)
    assert 1 < len(shown) <= 201
    assert len(shown[0]) == min(columns, 16)
    assert f"{len(shown) - 1:,} of 5,000 rows" in draft.text
    assert ("16 of 40 columns" in draft.text) is (columns == 40)
    read = list(csv.reader(io.StringIO(contents(draft)["table.csv"].decode("utf-8-sig"))))
    assert (len(read), len(read[-1])) == (5001, columns)


def test_second_table_takes_what_the_first_one_leaves() -> None:
    rows = [{"a": "**", "b": "||"} for _ in range(100)]
    draft = compose([rows, rows, rows])
    assert len(draft.text) <= TEXT_LIMIT
    assert [each.name for each in draft.files] == ["table.csv", "table-2.csv", "table-3.csv"]
    assert draft.text.endswith("0 of 100 rows; table-3.csv has all.")
    markup = parse_markup(draft.text)
    assert markup is not None and isinstance(markup.blocks[0], Table)


def test_table_without_rows_or_columns_is_a_file() -> None:
    assert cells(compose([PolarsTable(["a", "b"], [])])) == [["a", "b"]]
    empty = compose([PolarsTable([], [])])
    assert (empty.text, list(contents(empty))) == ("", ["table.csv"])


def test_too_long_text_is_cut_at_a_line_and_is_a_file() -> None:
    assert CLIENT_TEXT_LIMIT == TEXT_LIMIT
    text = "".join(f"line {n}\n" for n in range(3000))
    draft = compose([text, Figure()])
    assert len(draft.text) <= TEXT_LIMIT
    beginning, note = draft.text.split("\n…\n")
    assert text.startswith(beginning + "\n")
    assert note == "The whole text is in message.txt."
    assert contents(draft) == {"message.txt": text.encode(), "figure.png": PNG}
    assert len(compose(["x" * 20_000]).text) == TEXT_LIMIT


@pytest.mark.parametrize("value", [object(), None, {"a": 1}, [], [1, 2], Shown(None)])
def test_anything_else_is_refused_by_name(value: object) -> None:
    with pytest.raises(TypeError, match=type(value).__name__):
        compose([value])


def test_bytes_need_a_name() -> None:
    with pytest.raises(TypeError, match=r"File\("):
        compose([b"x"])
