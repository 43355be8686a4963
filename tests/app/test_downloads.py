"""Downloads: only for readers of the room, whole or a range, never executed by the browser."""

import time
from urllib.parse import unquote

import httpx
import pytest

from chat.files.signed_urls import SHORT_LIFETIME, SignedUrls
from chat.model.attachments import Attachment
from chat.rooms.room import Room
from tests.harness.uploader import HttpUser, ann, bob, make_picture, private_room, senders

__all__ = ["ann", "bob", "private_room", "senders"]

DATA = bytes(range(256)) * 4096


@pytest.fixture
async def uploaded_file(ann: HttpUser, private_room: Room) -> Attachment:
    """A file of a megabyte in Ann's room."""
    return (
        await ann.posts(private_room, await ann.uploads_file(private_room, "план 🌹.bin", DATA))
    ).files[0]


async def test_download_has_the_original_name_bytes_and_safe_headers(
    ann: HttpUser, uploaded_file: Attachment
) -> None:
    saved = await ann.http_get(uploaded_file.url)
    assert saved.content == DATA
    name = saved.headers["content-disposition"].partition("filename*=UTF-8''")[2]
    assert unquote(name) == uploaded_file.name == "план 🌹.bin"
    assert saved.headers["content-length"] == str(len(DATA))
    assert saved.headers["x-content-type-options"] == "nosniff"
    assert saved.headers["cross-origin-resource-policy"] == "same-origin"
    # One policy, which forbids scripts and all other content.
    assert saved.headers.get_list("content-security-policy") == ["sandbox; default-src 'none'"]
    head = await ann.http.head(uploaded_file.url)
    assert head.content == b""
    same = ("content-length", "etag", "content-disposition", "accept-ranges")
    assert [head.headers[each] for each in same] == [saved.headers[each] for each in same]


LAST = len(DATA) - 1
RANGES = {
    "bytes=0-0": (0, 0),
    "bytes=10-19": (10, 19),
    "bytes=1000000-": (1_000_000, LAST),
    "bytes=-5": (LAST - 4, LAST),
    f"bytes=0-{10**12}": (0, LAST),
    f"bytes=-{10**12}": (0, LAST),
}


@pytest.mark.parametrize("range_header", RANGES)
async def test_valid_range_is_answered_with_206(
    range_header: str, ann: HttpUser, uploaded_file: Attachment
) -> None:
    first, last = RANGES[range_header]
    part = await ann.http_get(uploaded_file.url, range=range_header)
    assert part.status_code == 206
    assert part.headers["content-range"] == f"bytes {first}-{last}/{len(DATA)}"
    assert part.content == DATA[first : last + 1]


@pytest.mark.parametrize("range_header", [f"bytes={len(DATA)}-", "bytes=-0", f"bytes={10**14}-"])
async def test_unsatisfiable_range_is_answered_with_416(
    range_header: str, ann: HttpUser, uploaded_file: Attachment
) -> None:
    part = await ann.http_get(uploaded_file.url, range=range_header)
    assert (part.status_code, part.content) == (416, b"")
    assert part.headers["content-range"] == f"bytes */{len(DATA)}"


@pytest.mark.parametrize(
    "range_header",
    ["bytes=-", "bytes=5-2", "bytes=0-1,4-5", "lines=1-2", "bytes=a-b", "bytes=" + "9" * 99],
)
async def test_malformed_range_is_answered_with_the_whole_file(
    range_header: str, ann: HttpUser, uploaded_file: Attachment
) -> None:
    whole = await ann.http_get(uploaded_file.url, range=range_header)
    assert (whole.status_code, whole.content) == (200, DATA)


async def test_known_etag_is_answered_with_304(ann: HttpUser, uploaded_file: Attachment) -> None:
    etag = (await ann.http_get(uploaded_file.url)).headers["etag"]
    known = await ann.http_get(uploaded_file.url, **{"if-none-match": etag})
    assert (known.status_code, known.content) == (304, b"")
    for if_range, status in ((etag, 206), ('"another"', 200)):
        part = await ann.http_get(uploaded_file.url, range="bytes=0-9", **{"if-range": if_range})
        assert part.status_code == status


async def test_file_of_a_forbidden_room_is_answered_like_a_missing_one(
    ann: HttpUser, bob: HttpUser, private_room: Room
) -> None:
    (hills,) = (
        await ann.posts(
            private_room, await ann.uploads_file(private_room, "hills.png", make_picture())
        )
    ).files
    missing = await bob.http_get("/files/0000/hills.png")
    etag = (await ann.http_get(hills.url)).headers["etag"]
    for address in (hills.url, hills.small_url, hills.large_url):
        for headers in ({}, {"range": "bytes=0-9"}, {"if-none-match": etag}):
            refused = await bob.http_get(address, **headers)
            assert (refused.status_code, refused.content) == (404, missing.content)
        async with httpx.AsyncClient(base_url=ann.http.base_url) as signed_out:
            assert (await signed_out.get(address)).status_code == 404
    await ann.workspace.rooms.invite(ann.person, private_room, bob.person)
    assert (await bob.http_get(hills.url)).status_code == 200
    await ann.workspace.rooms.leave(bob.person, private_room)
    for address in (hills.url, hills.small_url):
        assert (await bob.http_get(address)).status_code == 404


async def test_signed_out_person_cannot_download(ann: HttpUser, bob: HttpUser) -> None:
    lobby = await ann.workspace.rooms.by_slug(ann.person, "lobby")
    (file,) = (await ann.posts(lobby, await ann.uploads_file(lobby, "a.txt", b"for all"))).files
    assert (await bob.http_get(file.url)).status_code == 200
    signed_url = bob.workspace.downloads.sign(bob.person, file.url)
    await bob.workspace.sign_out(bob.person)
    assert (await bob.http_get(file.url)).status_code == 404
    assert (await bob.http_get(signed_url)).status_code == 404


async def test_signed_url_allows_a_download_without_cookies(
    ann: HttpUser, bob: HttpUser, uploaded_file: Attachment, monkeypatch: pytest.MonkeyPatch
) -> None:
    downloads = ann.workspace.downloads
    async with httpx.AsyncClient(base_url=ann.http.base_url) as without_cookies:
        signed_url = downloads.sign(ann.person, uploaded_file.url, SHORT_LIFETIME)
        assert (await without_cookies.get(signed_url)).content == DATA
        # A signature of Bob gives no access to a room that he cannot read.
        assert (
            await without_cookies.get(downloads.sign(bob.person, uploaded_file.url))
        ).status_code == 404
        forged = signed_url.replace(f"/pass/{ann.person.id}.", f"/pass/{bob.person.id}.")
        assert (await without_cookies.get(forged)).status_code == 404
        other_file = signed_url.replace(uploaded_file.id, "another")
        assert (await without_cookies.get(other_file)).status_code == 404
        for bad in ("0", "1", "1.2", "1.2.3", "x.y.z", "1." * 999, "１.２.３"):
            assert (await without_cookies.get(f"/pass/{bad}{uploaded_file.url}")).status_code == 404
        now = time.time()
        monkeypatch.setattr("chat.files.signed_urls.time.time", lambda: now + SHORT_LIFETIME + 1)
        assert (await without_cookies.get(signed_url)).status_code == 404


def test_signed_picture_url_is_stable_within_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    day, signed_urls = 24 * 3600, SignedUrls()
    urls = set()
    for seconds in (0, 1, day - 1):
        monkeypatch.setattr(
            "chat.files.signed_urls.time.time", lambda seconds=seconds: 20_000 * day + seconds
        )
        urls.add(signed_urls.sign(7, "/pictures/abc/small"))
    assert len(urls) == 1
    (signature,) = (url.split("/")[2] for url in urls)
    assert signed_urls.verify("/pictures/abc/large", signature) == 7
    assert signed_urls.verify("/pictures/abd/small", signature) is None
    assert SignedUrls().verify("/pictures/abc/small", signature) is None
