"""A feed reader: posts what is new in RSS and Atom feeds.

    !feed add https://example.org/feed.xml    in the room where it is to be posted
    !feed remove https://example.org/feed.xml
    !feed list

What is in a feed when it is added is not posted. Only the owner of the bot adds feeds, because they
are read from this computer, also from its network; `FEED_OPEN=1` lets everybody, and `FEED_FILES=1`
reads files, too (`file:///srv/feed.xml`). The XML parser of Python reads them; those with a DOCTYPE
are refused, so that none can name entities that grow without an end.
"""

import asyncio
import hashlib
import html
import os
import re
import ssl
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname
from xml.etree import ElementTree

import httpx

from flet_chat import AsyncContext, Bot, ChatError

# A feed is read so often, may have so many bytes, and posts so many entries at once.
MOST_BYTES, MOST_NEW = 2 * 1024 * 1024, 5
MOST_FEEDS, MOST_SEEN = 50, 200
# Feeds that are files of this computer: `FEED_FILES=1`.
MAY_READ_FILES, IS_OPEN = bool(os.environ.get("FEED_FILES")), bool(os.environ.get("FEED_OPEN"))
EVERY = os.environ.get("FEED_EVERY", "10 minutes")

# Certificates take a moment to load: once, and not on the loop.
CERTIFICATES = ssl.create_default_context()

bot = Bot("feeds", about="Posts what is new in RSS and Atom feeds.")


@dataclass(frozen=True)
class Entry:
    """An entry of a feed."""

    key: str
    title: str
    link: str


class BadFeed(Exception):
    """A feed that cannot be read; the sentence says why."""


@bot.command("feed", about="!feed add ADDRESS, !feed remove ADDRESS, !feed list")
async def feed(event: AsyncContext) -> None:
    """Add, remove or list the feeds of this room."""
    verb, _, address = event.arguments.partition(" ")
    address = address.strip().strip("<>")
    feeds = bot.state.setdefault("feeds", {})
    key = f"{event.room.slug} {address}"
    if verb == "list":
        here = [each.partition(" ")[2] for each in feeds if each.startswith(f"{event.room.slug} ")]
        await event.reply("\n".join(f"- {each}" for each in here) or "There are none here.")
    elif verb == "remove" and feeds.pop(key, None) is not None:
        await event.reply("It is not read any more.")
    elif verb == "add" and not (IS_OPEN or await is_of_owner(event)):
        await event.reply("Only the owner of this bot adds feeds. Ask them.")
    elif verb == "add" and len(feeds) >= MOST_FEEDS:
        await event.reply(f"{MOST_FEEDS} feeds are read already. Remove one first.")
    elif verb == "add" and address:
        try:
            title, entries = await read_feed(address)
        except BadFeed as error:
            await event.reply(f"I cannot read that: {error}")
            return
        feeds[key] = {"title": title, "seen": [each.key for each in entries][:MOST_SEEN]}
        await event.reply(f"I will post what is new in **{title}**.")
    else:
        await event.reply("Write `!feed add ADDRESS`, `!feed remove ADDRESS` or `!feed list`.")


async def is_of_owner(event: AsyncContext) -> bool:
    """Whether the owner of the bot wrote this."""
    owner = (await event.chat.me()).owner
    return owner is not None and owner.id == event.person.id


@bot.every(EVERY)
async def look(event: AsyncContext) -> None:
    """Post what is new in all feeds."""
    for key, known in list(bot.state.get("feeds", {}).items()):
        room, _, address = key.partition(" ")
        try:
            title, entries = await read_feed(address)
        except BadFeed as error:
            # It may be back the next time.
            print(f"{address}: {error}")
            continue
        new = [each for each in entries if each.key not in known["seen"]]
        # Remembered first: nothing is posted twice.
        known["seen"] = ([each.key for each in new] + known["seen"])[:MOST_SEEN]
        lines = [f"- [{escaped(each.title)}]({each.link})" for each in new[:MOST_NEW]]
        if len(new) > MOST_NEW:
            lines.append(f"- and {len(new) - MOST_NEW} more")
        if lines:
            try:
                await event.chat.post(room, "\n".join([f"**{escaped(title)}**", *lines]))
            except ChatError as error:
                print(f"#{room}: {error}")


async def read_feed(address: str) -> tuple[str, list[Entry]]:
    """The title and the entries of a feed, the newest first. Raises BadFeed."""
    content = await download(address)
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise BadFeed("it has a DOCTYPE, which feeds do not need.")
    try:
        root = await asyncio.to_thread(ElementTree.fromstring, content)
    except ElementTree.ParseError as error:
        raise BadFeed(f"it is no XML ({error}).") from None
    for each in root.iter():
        # Without namespaces the names of RSS, RDF and Atom are few.
        each.tag = each.tag.rpartition("}")[2]
    channel = root.find("channel") if root.tag == "rss" else root
    entries = [entry_of(each) for each in root.iter() if each.tag in {"item", "entry"}]
    if channel is None or root.tag not in {"rss", "feed", "RDF"}:
        raise BadFeed("it is neither RSS nor Atom.")
    title = channel.findtext("title") or channel.findtext("channel/title") or address
    return one_line(title), entries


async def download(address: str) -> bytes:
    """The bytes of a feed. Raises BadFeed."""
    parts = urlsplit(address)
    if parts.scheme == "file" and MAY_READ_FILES:
        try:
            return await asyncio.to_thread(Path(url2pathname(parts.path)).read_bytes)
        except OSError as error:
            raise BadFeed(f"{error.strerror}.") from None
    if parts.scheme not in {"http", "https"}:
        raise BadFeed("write its address as https://example.org/feed.xml.")
    content = bytearray()
    try:
        async with (
            httpx.AsyncClient(timeout=20, follow_redirects=True, verify=CERTIFICATES) as http,
            http.stream("GET", address) as response,
        ):
            response.raise_for_status()
            async for chunk in response.aiter_bytes():
                content += chunk
                if len(content) > MOST_BYTES:
                    raise BadFeed(f"it is larger than {MOST_BYTES // 1024} KiB.")
    except httpx.HTTPStatusError as error:
        raise BadFeed(f"the answer is {error.response.status_code}.") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise BadFeed(f"{error or type(error).__name__}.") from None
    return bytes(content)


def entry_of(item: ElementTree.Element) -> Entry:
    """The entry of an element."""
    link = (item.findtext("link") or "").strip()
    for each in item.findall("link"):
        if each.get("rel", "alternate") == "alternate" and each.get("href"):
            link = each.get("href", "")
    title = one_line(item.findtext("title") or link)
    key = item.findtext("guid") or item.findtext("id") or link or title
    return Entry(
        hashlib.sha256(key.encode()).hexdigest()[:16], title, re.sub(r"[\s()<>]", "", link)
    )


def one_line(text: str) -> str:
    """A title as a line of text: feeds write them with HTML."""
    text = re.sub(r"<[^>]*>", "", html.unescape(text))
    return " ".join(text.split())[:200]


def escaped(text: str) -> str:
    """A title, none of whose characters is markup; and which calls nobody."""
    return re.sub(r"([\\*_`\[\]<>|~$@])", r"\\\1", text)
