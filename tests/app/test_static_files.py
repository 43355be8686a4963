"""Static files: compressed once, versioned, and never an old file after an upgrade."""

import gzip
import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import brotli
import pytest

from chat.server.app import ChatServer
from chat.web.http import static_files
from chat.web.http.index_page import flet_folder
from chat.web.http.static_files import PrecompressedFiles
from tests.harness.http import request

SCRIPT = "main.dart.mjs"


@pytest.fixture
def copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Compressed copies of one file; the lock keeps the chat from building others."""
    folder = tmp_path / "cache" / static_files.page_version()
    folder.mkdir(parents=True)
    data = (flet_folder() / SCRIPT).read_bytes()
    (folder / f"{SCRIPT}.br").write_bytes(brotli.compress(data, quality=5))
    (folder / f"{SCRIPT}.gz").write_bytes(gzip.compress(data))
    monkeypatch.setattr(static_files, "cache_folder", lambda: folder.parent)
    with static_files.folder_lock(folder):
        yield


async def versioned_base(chat: ChatServer) -> str:
    """The versioned path from which the page loads its scripts."""
    page = (await request(chat, "/")).text
    match = re.search(r'flet\.assetBase="(/v[0-9a-f]{12}/)"', page)
    assert match is not None
    # Scripts, the engine and fonts are all versioned.
    addresses = re.findall(r'(?:<script src|flet\.\w+Base(?:Ur[lL])?)="([^"]*)"', page)
    assert len(addresses) > 8
    assert all(each.startswith(match[1]) for each in addresses)
    return match[1]


async def test_versioned_file_is_cached_forever(chat: ChatServer) -> None:
    response = await request(chat, await versioned_base(chat) + "flutter_bootstrap.js")
    assert response.status_code == 200
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert response.headers["content-type"].startswith("text/javascript")
    assert b"_flutter" in response.content
    assert (await request(chat, "/v000000000000/flutter_bootstrap.js")).status_code == 404


async def test_unversioned_file_is_revalidated(chat: ChatServer) -> None:
    first = await request(chat, "/favicon.png")
    assert first.headers["cache-control"] == "no-cache"
    revalidated = await request(chat, "/favicon.png", if_none_match=first.headers["etag"])
    assert (revalidated.status_code, revalidated.content) == (304, b"")


async def test_page_html_is_never_cached(chat: ChatServer) -> None:
    for path in ("/", "/chat", "/room/lobby"):
        assert (await request(chat, path)).headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("main.dart.wasm", "application/wasm"),
        ("canvaskit/skwasm.wasm", "application/wasm"),
        ("flutter_bootstrap.js", "text/javascript; charset=utf-8"),
        ("main.dart.mjs", "text/javascript; charset=utf-8"),
        ("assets/FontManifest.json", "application/json"),
        ("assets/fonts/roboto.woff2", "font/woff2"),
        ("assets/fonts/MaterialIcons-Regular.otf", "font/otf"),
        ("icons/icon-192.png", "image/png"),
        ("manifest.json", "application/json"),
    ],
)
async def test_every_file_has_its_content_type(
    chat: ChatServer, path: str, content_type: str
) -> None:
    for address in (await versioned_base(chat) + path, "/" + path):
        response = await request(chat, address, "HEAD")
        assert (response.status_code, response.headers["content-type"]) == (200, content_type)
        assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("accept_encoding", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("BR ; q=1", "br"),
        ("br;q=0.0, gzip;q=0", None),
        ("identity", None),
        ("xbr, gzipped", None),
    ],
)
async def test_smallest_accepted_encoding_is_served(
    copies: None, chat: ChatServer, accept_encoding: str, encoding: str | None
) -> None:
    path = await versioned_base(chat) + SCRIPT
    response = await request(chat, path, accept_encoding=accept_encoding)
    assert response.headers.get("content-encoding") == encoding
    assert response.headers["vary"] == "accept-encoding"
    assert response.headers["content-type"].startswith("text/javascript")
    assert response.content == (flet_folder() / SCRIPT).read_bytes()


async def test_known_etag_of_a_compressed_file_is_answered_with_304(
    copies: None, chat: ChatServer
) -> None:
    path = await versioned_base(chat) + SCRIPT
    etags = set()
    for accept_encoding in ("br", "gzip", "identity"):
        first = await request(chat, path, accept_encoding=accept_encoding)
        etags.add(first.headers["etag"])
        same = {"accept_encoding": accept_encoding, "if_none_match": first.headers["etag"]}
        revalidated = await request(chat, path, **same)
        assert (revalidated.status_code, revalidated.content) == (304, b"")
        for header in ("etag", "vary", "cache-control"):
            assert revalidated.headers[header] == first.headers[header]
    assert len(etags) == 3, "each encoding has its own ETag"


async def test_range_of_a_compressed_file_is_served(copies: None, chat: ChatServer) -> None:
    path = await versioned_base(chat) + SCRIPT
    whole = (flet_folder() / SCRIPT).read_bytes()
    head = await request(chat, path, "HEAD", accept_encoding="gzip")
    assert (head.status_code, head.content) == (200, b"")
    size = int(head.headers["content-length"])
    assert size < len(whole)
    part = await request(chat, path, accept_encoding="gzip", range="bytes=0-9")
    assert (part.status_code, part.headers["content-range"]) == (206, f"bytes 0-9/{size}")
    beyond = await request(chat, path, accept_encoding="gzip", range=f"bytes={size}-")
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{size}")


async def test_service_worker_is_revalidated_and_holds_version_and_title(chat: ChatServer) -> None:
    response = await request(chat, "/sw.js")
    assert response.headers["cache-control"] == "no-cache"
    assert response.headers["content-type"].startswith("text/javascript")
    assert f'const VERSION = "{static_files.page_version()}";' in response.text
    assert "<title>Flet Chat</title>" in response.text
    assert not re.search(r"\{(name|languages|logo|icon|base)\}", response.text)


async def test_flutters_own_service_worker_is_disabled(chat: ChatServer) -> None:
    bootstrap = (await request(chat, await versioned_base(chat) + "flutter_bootstrap.js")).text
    assert "_flutter.loader.load({" in bootstrap
    assert "serviceWorkerSettings:" not in bootstrap.split("_flutter.buildConfig =")[1]
    # The stub unregisters the service worker of another Flet app on this origin.
    assert "unregister()" in (await request(chat, "/flutter_service_worker.js")).text


async def test_head_and_range_requests_of_an_uncompressed_file(chat: ChatServer) -> None:
    path = await versioned_base(chat) + SCRIPT
    whole = await request(chat, path, accept_encoding="identity")
    head = await request(chat, path, "HEAD", accept_encoding="identity")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(whole.content))
    part = await request(chat, path, accept_encoding="identity", range="bytes=0-9")
    assert (part.status_code, part.content) == (206, whole.content[:10])
    beyond = await request(chat, path, accept_encoding="identity", range="bytes=99999999-")
    assert (beyond.status_code, beyond.content) == (416, b"")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
async def test_page_refuses_methods_other_than_get_and_head(chat: ChatServer, method: str) -> None:
    assert (await request(chat, "/", method)).status_code == 405


@pytest.mark.parametrize(
    "path", ["/../pyproject.toml", "/%2e%2e/pyproject.toml", "/v../x.js", "/..%2f..%2fetc/passwd.x"]
)
async def test_path_traversal_serves_no_file_outside_the_folders(
    chat: ChatServer, path: str
) -> None:
    response = await request(chat, path)
    assert b"flet-chat" not in response.content or b"<!DOCTYPE html>" in response.content
    assert b"root:" not in response.content


async def test_asset_build_scripts_are_not_served(chat: ChatServer) -> None:
    for path in ("/draw_icons.py", await versioned_base(chat) + "make_fonts.py"):
        assert (await request(chat, path)).status_code == 404


def build_in_thread(copies: PrecompressedFiles) -> None:
    """Build in a thread of its own: the build lowers the priority of its thread for good."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(copies.build).result()


def test_compressed_files_are_built_once_and_old_versions_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    web, assets, cache = tmp_path / "web", tmp_path / "ours", tmp_path / "cache"
    for folder in (web / "canvaskit", assets, cache / "old"):
        folder.mkdir(parents=True)
    (web / "canvaskit" / "engine.wasm").write_bytes(b"engine " * 1000)
    (web / "small.js").write_bytes(b"x")
    (assets / "picture.png").write_bytes(b"p" * 5000)
    monkeypatch.setattr(static_files, "flet_folder", lambda: web)
    monkeypatch.setattr(static_files, "assets_folder", lambda: assets)
    copies = PrecompressedFiles(cache, "new")
    assert copies.find("canvaskit/engine.wasm", "br") is None
    build_in_thread(copies)
    built = sorted(p.relative_to(cache).as_posix() for p in cache.rglob("*.*"))
    assert built == ["new/canvaskit/engine.wasm.br", "new/canvaskit/engine.wasm.gz"]
    smallest, encoding = copies.find("canvaskit/engine.wasm", "gzip, deflate, br") or (web, "")
    assert encoding == "br"
    assert brotli.decompress(smallest.read_bytes()) == b"engine " * 1000
    smaller, encoding = copies.find("canvaskit/engine.wasm", "gzip") or (web, "")
    assert encoding == "gzip"
    assert gzip.decompress(smaller.read_bytes()) == b"engine " * 1000
    written = smallest.stat().st_mtime_ns
    build_in_thread(copies)
    assert smallest.stat().st_mtime_ns == written


def test_locked_compressed_folder_is_neither_rebuilt_nor_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    web, cache = tmp_path / "web", tmp_path / "cache"
    for folder in (web, cache / "old", cache / "other"):
        folder.mkdir(parents=True)
    (web / "engine.wasm").write_bytes(b"engine " * 1000)
    monkeypatch.setattr(static_files, "flet_folder", lambda: web)
    monkeypatch.setattr(static_files, "assets_folder", lambda: web / "nothing")
    copies = PrecompressedFiles(cache, "new")
    with static_files.folder_lock(cache / "other"):
        with static_files.folder_lock(cache / "new"):
            # Another version deletes the folder; the lock still prevents a second build.
            shutil.rmtree(cache / "new", ignore_errors=True)
            build_in_thread(copies)
            assert copies.find("engine.wasm", "br") is None
        build_in_thread(copies)
    assert copies.find("engine.wasm", "br") is not None
    assert {each.name for each in cache.iterdir() if each.is_dir()} == {"new", "other"}
