"""The page's files: compressed once, versioned, and never an old one after an upgrade."""

import gzip
import re
from pathlib import Path

import brotli
import httpx
import pytest

from chat.app import Chat
from chat.web import files
from chat.web.files import Compressed


async def asked(chat: Chat, path: str, method: str = "GET", **headers: str) -> httpx.Response:
    """The answer to a browser, as it is on the wire."""
    async with httpx.AsyncClient(trust_env=False) as http:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return await http.request(method, chat.address + path, headers=sent)


async def base(chat: Chat) -> str:
    """Where the page has its scripts from."""
    page = (await asked(chat, "/")).text
    found = re.search(r'flet\.assetBase="(/v[0-9a-f]{12}/)"', page)
    assert found is not None
    assert page.count(found[1]) == 7, "scripts, engine and fonts are all versioned"
    return found[1]


async def test_a_versioned_file_is_kept_for_ever(chat: Chat) -> None:
    answer = await asked(chat, await base(chat) + "flutter_bootstrap.js")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert b"_flutter" in answer.content
    assert (await asked(chat, "/v000000000000/flutter_bootstrap.js")).status_code == 404


async def test_a_file_without_version_is_asked_for_again(chat: Chat) -> None:
    first = await asked(chat, "/favicon.png")
    assert first.headers["cache-control"] == "no-cache"
    again = await asked(chat, "/favicon.png", if_none_match=first.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")


async def test_the_page_itself_is_never_kept(chat: Chat) -> None:
    for path in ("/", "/chat", "/room/lobby"):
        assert (await asked(chat, path)).headers["cache-control"] == "no-store"


async def test_head_and_ranges(chat: Chat) -> None:
    path = await base(chat) + "main.dart.mjs"
    whole = await asked(chat, path, accept_encoding="identity")
    head = await asked(chat, path, "HEAD", accept_encoding="identity")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(whole.content))
    part = await asked(chat, path, accept_encoding="identity", range="bytes=0-9")
    assert (part.status_code, part.content) == (206, whole.content[:10])


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
async def test_the_page_is_only_read(chat: Chat, method: str) -> None:
    assert (await asked(chat, "/", method)).status_code == 405


@pytest.mark.parametrize(
    "path", ["/../pyproject.toml", "/%2e%2e/pyproject.toml", "/v../x.js", "/..%2f..%2fetc/passwd.x"]
)
async def test_nothing_outside_is_served(chat: Chat, path: str) -> None:
    answer = await asked(chat, path)
    assert b"flet-chat" not in answer.content or b"<!DOCTYPE html>" in answer.content
    assert b"root:" not in answer.content


def test_copies_are_made_once_and_those_of_other_versions_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    web, ours, cache = tmp_path / "web", tmp_path / "ours", tmp_path / "cache"
    for folder in (web / "canvaskit", ours, cache / "old"):
        folder.mkdir(parents=True)
    (web / "canvaskit" / "engine.wasm").write_bytes(b"engine " * 1000)
    (web / "small.js").write_bytes(b"x")
    (ours / "picture.png").write_bytes(b"p" * 5000)
    monkeypatch.setattr(files, "flet_folder", lambda: web)
    monkeypatch.setattr(files, "assets_folder", lambda: ours)
    copies = Compressed(cache, "new")
    assert copies.best("canvaskit/engine.wasm", "br") is None
    copies.make()
    made = sorted(p.relative_to(cache).as_posix() for p in cache.rglob("*.*"))
    assert made == ["new/canvaskit/engine.wasm.br", "new/canvaskit/engine.wasm.gz"]
    smallest, encoding = copies.best("canvaskit/engine.wasm", "gzip, deflate, br") or (web, "")
    assert encoding == "br"
    assert brotli.decompress(smallest.read_bytes()) == b"engine " * 1000
    smaller, encoding = copies.best("canvaskit/engine.wasm", "gzip") or (web, "")
    assert encoding == "gzip"
    assert gzip.decompress(smaller.read_bytes()) == b"engine " * 1000
    written = smallest.stat().st_mtime_ns
    copies.make()
    assert smallest.stat().st_mtime_ns == written
