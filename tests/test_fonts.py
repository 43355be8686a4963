"""Fonts: two weights of Roboto, and an answer for a fallback font that the chat has not."""

import importlib
import importlib.util
import io
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from chat.app import Chat
from chat.web.page import assets_folder, flet_folder
from tests.chromium import DESKTOP, Tab, a_browser
from tests.server import Server

CHINESE = "notosanssc/v37/k3kCo84MPvpLmixcA63oeAL7Iqp5IZJF9bmaG9_FnYkldv7J.118.woff2"

# Both are needed to read a woff2 file; the chat itself needs neither.
READABLE = all(importlib.util.find_spec(name) for name in ("fontTools", "brotli"))


def parsed(font: bytes) -> Any:
    """The font, as fontTools reads it."""
    return importlib.import_module("fontTools.ttLib").TTFont(io.BytesIO(font))


async def fetched(chat: Chat, path: str) -> httpx.Response:
    """The answer to a browser that asks for a file."""
    async with httpx.AsyncClient(trust_env=False) as http:
        return await http.get(f"{chat.address}/assets/{path}")


async def test_both_weights_of_roboto_are_listed_and_served(chat: Chat) -> None:
    families = (await fetched(chat, "FontManifest.json")).json()
    [roboto] = [family["fonts"] for family in families if family["family"] == "Roboto"]
    assert [font.get("weight", 400) for font in roboto] == [400, 600]
    for font in roboto:
        answer = await fetched(chat, font["asset"])
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "font/woff2"
        assert answer.content.startswith(b"wOF2")
        assert len(answer.content) < 80_000


async def test_a_fallback_font_that_is_not_there_is_blank_for_an_hour(chat: Chat) -> None:
    answer = await fetched(chat, f"fonts/{CHINESE}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "font/woff2"
    assert answer.headers["cache-control"] == "max-age=3600"
    assert answer.content.startswith(b"wOF2")
    # CanvasKit cannot read a smaller one.
    assert 256 <= len(answer.content) <= 400
    if READABLE:
        font = parsed(answer.content)
        assert (font["maxp"].numGlyphs, font.getBestCmap()) == (1, {})


@pytest.mark.parametrize(
    "path",
    [
        "fonts/missing.woff2",
        "fonts/roboto/v32/KFOmCnqEu92Fr1Me4GZLCzYlKw.woff2",
        "fonts/notosanssc/v37/a.ttf",
        "fonts/notosanssc/../missing.woff2",
        "notosanssc/v37/a.woff2",
    ],
)
async def test_any_other_file_that_is_not_there_is_not_found(chat: Chat, path: str) -> None:
    assert (await fetched(chat, path)).status_code == 404


@pytest.mark.skipif(not READABLE, reason="fontTools with brotli is not installed")
def test_the_semi_bold_draws_what_the_regular_draws() -> None:
    regular = parsed((flet_folder() / "assets" / "fonts" / "roboto.woff2").read_bytes())
    bold = parsed((assets_folder() / "fonts" / "roboto-600.woff2").read_bytes())
    assert bold.getBestCmap().keys() == regular.getBestCmap().keys()
    assert bold["OS/2"].usWeightClass == 600
    assert bold["glyf"][".notdef"].numberOfContours > 0, "what it cannot draw is a box"
    for table, height in (("hhea", "ascent"), ("hhea", "descent"), ("head", "unitsPerEm")):
        assert getattr(bold[table], height) == getattr(regular[table], height)


def test_a_line_in_many_scripts_asks_for_each_font_once(tmp_path: Path) -> None:
    server = Server(tmp_path / "data", "--web", "--no-browser").starts()
    asked: Counter[str] = Counter()
    try:
        with a_browser() as browser:
            width, height = DESKTOP
            context = browser.new_context(viewport={"width": width, "height": height})
            ann = Tab(context, server.address).opens().comes_in("Ann")
            ann.page.on("request", lambda request: asked.update([request.url]))
            ann.says("你好，世界 مرحبا 😀")
            ann.sees("你好，世界 مرحبا 😀")
            # Every key draws the field anew, and what is missing is looked for again.
            ann.page.keyboard.insert_text("日本語")
            ann.page.keyboard.type(" and more")
            ann.page.wait_for_timeout(3000)
            before = asked.total()
            ann.page.wait_for_timeout(2000)
            assert asked.total() == before, "and then there is silence"
    finally:
        server.is_cleared_away()
    fonts = {url: count for url, count in asked.items() if "/fonts/noto" in url}
    assert 3 <= len(fonts) <= 15
    assert set(fonts.values()) == {1}
