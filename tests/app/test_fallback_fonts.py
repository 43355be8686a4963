"""Fonts: two weights of Roboto, and pieces of Noto for all other scripts."""

import asyncio
import importlib
import importlib.util
import io
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any
from zipfile import ZIP_STORED, ZipFile

import httpx
import pytest

from chat.server.app import ChatServer
from chat.web.http import static_files
from chat.web.http.index_page import assets_folder, flet_folder
from tests.browser.test_writing_systems import LINES_BY_SCRIPT
from tests.harness.http import request

CHINESE_PIECE = (
    "notosanssc/v37/k3kCo84MPvpLmixcA63oeAL7Iqp5IZJF9bmaG9_FnYkldv7JjxkkgFsFSSOPMOkySAZ73y9ViAt3acb8"
    "NexQ2w.118.woff2"
)
MISSING_PIECE = "notosanscuneiform/v17/bMrrmTWK7YY-MF22aHGGd7H8PhJtvBDWse5DlCQu.woff2"

# Both are needed to read a woff2 file; the chat itself needs neither.
CAN_READ_WOFF2 = all(importlib.util.find_spec(name) for name in ("fontTools", "brotli"))


def parse_font(font: bytes) -> Any:
    """Parse a font with fontTools."""
    return importlib.import_module("fontTools.ttLib").TTFont(io.BytesIO(font))


async def fetch_asset(chat: ChatServer, path: str) -> httpx.Response:
    """Request a static file as a browser does."""
    return await request(chat, f"/assets/{path}")


async def test_both_weights_of_roboto_are_listed_and_served(chat: ChatServer) -> None:
    families = (await fetch_asset(chat, "FontManifest.json")).json()
    [roboto] = [family["fonts"] for family in families if family["family"] == "Roboto"]
    assert [font.get("weight", 400) for font in roboto] == [400, 600]
    for font in roboto:
        response = await fetch_asset(chat, font["asset"])
        assert response.status_code == 200
        assert response.headers["content-type"] == "font/woff2"
        assert response.content.startswith(b"wOF2")
        assert len(response.content) < 80_000


async def test_missing_fallback_font_is_a_blank_font_cached_for_an_hour(chat: ChatServer) -> None:
    response = await fetch_asset(chat, f"fonts/{MISSING_PIECE}")
    assert response.status_code == 200
    assert response.headers["content-type"] == "font/woff2"
    assert response.headers["cache-control"] == "max-age=3600"
    assert response.content.startswith(b"wOF2")
    # CanvasKit cannot read a smaller one.
    assert 256 <= len(response.content) <= 400
    if CAN_READ_WOFF2:
        font = parse_font(response.content)
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
async def test_other_missing_font_path_is_answered_with_404(chat: ChatServer, path: str) -> None:
    assert (await fetch_asset(chat, path)).status_code == 404


@pytest.mark.skipif(not CAN_READ_WOFF2, reason="fontTools with brotli is not installed")
def test_semibold_roboto_has_the_glyphs_and_metrics_of_regular() -> None:
    regular = parse_font((flet_folder() / "assets" / "fonts" / "roboto.woff2").read_bytes())
    bold = parse_font((assets_folder() / "fonts" / "roboto-600.woff2").read_bytes())
    assert bold.getBestCmap().keys() == regular.getBestCmap().keys()
    assert bold["OS/2"].usWeightClass == 600
    assert bold["glyf"][".notdef"].numberOfContours > 0, "a missing glyph is drawn as a box"
    for table, height in (("hhea", "ascent"), ("hhea", "descent"), ("head", "unitsPerEm")):
        assert getattr(bold[table], height) == getattr(regular[table], height)


@cache
def engine_table() -> dict[str, frozenset[int]]:
    """The code points that the engine of the installed Flet expects at each font path."""
    script = assets_folder() / "make_noto.py"
    spec = importlib.util.spec_from_file_location(script.stem, script)
    assert spec is not None
    assert spec.loader is not None
    spec.loader.exec_module(module := importlib.util.module_from_spec(spec))
    text = (flet_folder() / "main.dart.js").read_text("utf-8")
    table: dict[str, frozenset[int]] = module.engine_table(text)
    return table


@pytest.fixture(scope="module")
def archive() -> Iterator[ZipFile]:
    """The archive of all font pieces in the repository."""
    with ZipFile(assets_folder() / "fonts" / "noto.zip") as archive:
        yield archive


async def test_versioned_font_piece_is_cached_forever(chat: ChatServer, archive: ZipFile) -> None:
    path = f"/v{static_files.page_version()}/assets/fonts/{CHINESE_PIECE}"
    response = await request(chat, path)
    assert response.status_code == 200
    assert response.headers["content-type"] == "font/woff2"
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert response.content == archive.read(CHINESE_PIECE)
    head = await request(chat, path, "HEAD")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(response.content))
    tag = response.headers["etag"]
    for known in (tag, f'"other", W/{tag}'):
        revalidated = await request(chat, path, if_none_match=known)
        assert (revalidated.status_code, revalidated.content) == (304, b"")
        assert revalidated.headers["cache-control"] == response.headers["cache-control"]
    assert (await request(chat, path, if_none_match='"other"')).status_code == 200


async def test_unversioned_font_piece_is_revalidated(chat: ChatServer) -> None:
    first = await fetch_asset(chat, f"fonts/{CHINESE_PIECE}")
    assert (first.status_code, first.headers["cache-control"]) == (200, "no-cache")
    assert len(first.content) > 10_000


async def test_large_font_pieces_are_served_completely_and_concurrently(
    chat: ChatServer, archive: ZipFile
) -> None:
    largest = sorted(archive.infolist(), key=lambda piece: -piece.file_size)[:8]
    responses = await asyncio.gather(
        *(fetch_asset(chat, f"fonts/{each.filename}") for each in largest)
    )
    assert [response.content for response in responses] == [archive.read(each) for each in largest]


async def test_font_archive_is_not_served(chat: ChatServer) -> None:
    for path in ("/fonts/noto.zip", f"/v{static_files.page_version()}/fonts/noto.zip"):
        assert (await request(chat, path)).status_code == 404


@pytest.mark.skipif(not CAN_READ_WOFF2, reason="fontTools with brotli is not installed")
def test_font_archive_paths_match_the_installed_flet(archive: ZipFile) -> None:
    pieces = {piece.filename: piece for piece in archive.infolist()}
    assert set(pieces) <= set(engine_table()), "made for another Flet: run make_noto.py"
    assert {piece.compress_type for piece in pieces.values()} == {ZIP_STORED}
    families = Counter(path.partition("/")[0] for path in pieces)
    documented = (assets_folder() / "fonts" / "noto.md").read_text("utf-8")
    assert families == {
        row[1]: int(row[2])
        for row in re.finditer(r"^\| (noto\w+) \|.* (\d+) \| [\d,]+ \|$", documented, re.M)
    }


@pytest.mark.skipif(not CAN_READ_WOFF2, reason="fontTools with brotli is not installed")
@pytest.mark.parametrize("language", LINES_BY_SCRIPT)
def test_font_piece_that_the_engine_picks_has_the_character(
    archive: ZipFile, language: str
) -> None:
    roboto = parse_font((flet_folder() / "assets" / "fonts" / "roboto.woff2").read_bytes())
    missing = {ord(letter) for letter in LINES_BY_SCRIPT[language]} - roboto.getBestCmap().keys()
    pieces = {
        path: code_points
        for path, code_points in engine_table().items()
        if path in archive.NameToInfo
    }
    for path, code_points in pieces.items():
        if covered := code_points & missing:
            assert covered <= parse_font(archive.read(path)).getBestCmap().keys(), path
    assert missing <= frozenset().union(*pieces.values())
