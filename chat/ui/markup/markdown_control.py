"""The blocks that only Flet's Markdown control can draw: highlighted code, large tables, formulas.

`ui/markup/markdown_source.py` writes its input.
"""

import flet as ft

from chat.text.markup.nodes import CodeBlock, Spans, Table, plain_text
from chat.ui.markup import markdown_source
from chat.ui.theme.theme import MONO_FONT

CODE_STYLE = ft.TextStyle(font_family=MONO_FONT, size=13.5, height=1.45, letter_spacing=0)
_FORMULA_STYLE = ft.TextStyle(size=16, color=ft.Colors.ON_SURFACE)

# Colours of the theme: the same row is right in light and in dark.
_KEYWORD, _STRING, _NUMBER, _NAME, _COMMENT = (
    ft.TextStyle(color=color)
    for color in (
        ft.Colors.PRIMARY,
        ft.Colors.TERTIARY,
        ft.Colors.ERROR,
        ft.Colors.SECONDARY,
        ft.Colors.ON_SURFACE_VARIANT,
    )
)
_CODE_THEME = ft.MarkdownCustomCodeTheme(
    root=ft.TextStyle(color=ft.Colors.ON_SURFACE, bgcolor=ft.Colors.TRANSPARENT),
    keyword=_KEYWORD,
    selector_tag=_KEYWORD,
    tag=_KEYWORD,
    name=_KEYWORD,
    string=_STRING,
    addition=_STRING,
    regexp=_STRING,
    number=_NUMBER,
    literal=_NUMBER,
    deletion=_NUMBER,
    symbol=_NUMBER,
    title=_NAME,
    built_in=_NAME,
    type=_NAME,
    attr=_NAME,
    attribute=_NAME,
    comment=_COMMENT,
    meta=_COMMENT,
)
_BODY_STYLE = ft.TextStyle(size=15, height=1.4, letter_spacing=0, color=ft.Colors.ON_SURFACE)
_LINK_STYLE = ft.TextStyle(color=ft.Colors.PRIMARY, decoration=ft.TextDecoration.UNDERLINE)
_STYLE_SHEET = ft.MarkdownStyleSheet(
    p_text_style=_BODY_STYLE,
    a_text_style=_LINK_STYLE,
    code_text_style=ft.TextStyle(
        font_family=MONO_FONT,
        size=13.5,
        color=ft.Colors.ON_SURFACE,
        bgcolor=ft.Colors.SURFACE_CONTAINER_HIGH,
    ),
    table_head_text_style=ft.TextStyle(size=14, weight=ft.FontWeight.W_600),
    table_body_text_style=ft.TextStyle(size=14),
    table_cells_padding=ft.Padding.symmetric(horizontal=10, vertical=5),
)
_CODE_STYLE_SHEET = ft.MarkdownStyleSheet(
    code_text_style=CODE_STYLE, codeblock_decoration=ft.BoxDecoration(), codeblock_padding=0
)
# The least and the greatest width of a table column, in pixels.
_COLUMN_WIDTHS = (64, 220)


def code_block(code: CodeBlock) -> ft.Markdown:
    """Code of a language that the client can highlight."""
    return ft.Markdown(
        markdown_source.fenced_code(code),
        extension_set=ft.MarkdownExtensionSet.GITHUB_WEB,
        code_theme=_CODE_THEME,
        code_style_sheet=_CODE_STYLE_SHEET,
        md_style_sheet=_CODE_STYLE_SHEET,
    )


def paragraph(spans: Spans) -> ft.Markdown:
    """A paragraph that contains a formula."""
    return _markdown(markdown_source.paragraph(spans))


def formula(text: str) -> ft.Markdown:
    """A formula on lines of its own."""
    return _markdown(markdown_source.formula(text))


def table(table: Table) -> ft.Container:
    """A table; its columns share the width of the row."""
    longest = max(len(plain_text(cell)) for row in table.rows for cell in row)
    column_width = min(max(_COLUMN_WIDTHS[0], 8 * longest + 22), _COLUMN_WIDTHS[1])
    return ft.Container(
        _markdown(markdown_source.table(table)), width=len(table.alignments) * column_width
    )


def _markdown(source: str) -> ft.Markdown:
    return ft.Markdown(
        source,
        extension_set=ft.MarkdownExtensionSet.GITHUB_WEB,
        md_style_sheet=_STYLE_SHEET,
        code_style_sheet=_STYLE_SHEET,
        latex_style=_FORMULA_STYLE,
        auto_follow_links=True,
        auto_follow_links_target=ft.UrlTarget.BLANK,
        soft_line_break=True,
    )
