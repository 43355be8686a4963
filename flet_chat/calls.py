"""The calls of the API, written once for `Chat` and `AsyncChat`."""

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeAlias, TypeVar
from urllib.parse import quote

from flet_chat.answers import Attachment, Message, Person, Profile, Room
from flet_chat.content import File, compose
from flet_chat.errors import ChatError
from flet_chat.events import Event
from flet_chat.requests import Request, Steps, answer_to
from flet_chat.views import LiveView

Item = TypeVar("Item")

# A room, or a person, who stands for the direct conversation with them: `#build`, `build`, `@Ann`.
Place: TypeAlias = str | Room | Person

# Messages, rooms or people of one page.
_PAGE_SIZE = 200


@dataclass(frozen=True, slots=True)
class Links:
    """What a new message belongs to: the message that it quotes, and that of its thread."""

    quoted: int | Message | None = None
    thread: int | Message | None = None

    def body(self) -> dict[str, Any]:
        """The fields of a request."""
        found = {"quote": self.quoted, "thread": self.thread}
        return {name: number_of(each) for name, each in found.items() if each is not None}


def slug_of(room: str | Room) -> str:
    """The address of a room, from `#build`, `build` or the room itself. Raises ChatError."""
    slug = room.slug if isinstance(room, Room) else room.removeprefix("#")
    if not slug or slug.startswith("@") or "/" in slug:
        sentence = f"“{room}” is no room. Write its address, as #lobby, or a person, as @Ann."
        raise ChatError("no_such_room", sentence)
    return slug


def address_of(place: Place) -> Steps[str]:
    """The address of a room, or of the direct conversation with a person. Raises ChatError."""
    if isinstance(place, Person):
        return (yield from direct([place])).slug
    if isinstance(place, str) and len(place) > 1 and place.startswith("@"):
        return (yield from direct([place])).slug
    return slug_of(place)


def direct(people: Sequence[str | Person]) -> Steps[Room]:
    """The direct conversation with these people, made on first use."""
    ids = [each.id for each in people if isinstance(each, Person)]
    names = [each.removeprefix("@") for each in people if isinstance(each, str)]
    return Room.read((yield from _send("POST", "/direct", {"people": ids, "names": names})))


def number_of(message: int | Message) -> int:
    """The number of a message, from the number or the message itself."""
    return message if isinstance(message, int) else message.number


def profile() -> Steps[Profile]:
    """Who this program is."""
    return Profile.read((yield from _get("/me")))


def room(room: Place) -> Steps[Room]:
    """One room."""
    return Room.read((yield from _get((yield from _room_path(room)))))


def message(room: Place, number: int) -> Steps[Message]:
    """One message."""
    path = yield from _room_path(room)
    return Message.read((yield from _get(f"{path}/messages/{number}")))


def post(
    room: Place,
    content: Sequence[object],
    links: Links,
    *,
    confirms_calls: bool,
    key: str | None,
) -> Steps[Message]:
    """Send the files of a message, then the message itself; once, however often it is tried."""
    draft = compose(content)
    slug = yield from address_of(room)
    upload_ids = list[str]()
    for each in draft.files:
        upload_ids.append((yield from upload(slug, each, links.thread)))
    body = {"text": draft.text, "files": upload_ids, "confirm_calls": confirms_calls}
    if draft.view is not None:
        body["view"] = draft.view.body()
    path = f"{_slug_path(slug)}/messages"
    return Message.read((yield from _send("POST", path, body | links.body(), key or _new_key())))


def edit(message: Message, text: str) -> Steps[Message]:
    """Change the text of an own message."""
    return Message.read((yield from _send("PATCH", _message_path(message), {"text": text})))


def set_view(message: Message, view: LiveView | None, text: str) -> Steps[Message]:
    """Replace the live controls of a message."""
    body = {"view": None if view is None else view.body(), "text": text or None}
    return Message.read((yield from _send("PUT", f"{_message_path(message)}/view", body)))


def answer_action(event: Event, body: Mapping[str, Any]) -> Steps[int]:
    """Answer an action."""
    path = f"/actions/{event.values['id']}"
    change_number: int = (yield from _send("POST", path, dict(body)))["change_number"]
    return change_number


def delete(message: Message) -> Steps[None]:
    """Delete a message."""
    yield from answer_to(Request(method="DELETE", path=_message_path(message)))


def react(message: Message, emoji: str, *, present: bool) -> Steps[Message]:
    """Add a reaction, or take it back."""
    path = f"{_message_path(message)}/reactions/{quote(emoji, safe='')}"
    return Message.read((yield from _send("PUT" if present else "DELETE", path)))


def pin(message: Message, *, pinned: bool) -> Steps[Message]:
    """Pin a message, or unpin it."""
    path = f"{_message_path(message)}/pin"
    return Message.read((yield from _send("PUT" if pinned else "DELETE", path)))


def upload(room: Place, file: File | Path, thread: int | Message | None) -> Steps[str]:
    """Send a file for a message, which names it by the returned id."""
    slug = yield from address_of(room)
    query: dict[str, str | int] = {"room": slug, "name": file.name}
    if thread is not None:
        query["thread"] = number_of(thread)
    content = file if isinstance(file, Path) else file.content
    request = Request(method="POST", path="/files", query=query, content=content)
    reply = yield from answer_to(request)
    upload_id: str = reply.json()["upload_id"]
    return upload_id


def download(file: str | Attachment, save_to: Path | None) -> Steps[bytes]:
    """The content of a file of a message; empty if it is saved."""
    file_id = file if isinstance(file, str) else file.id
    path = f"/files/{quote(file_id, safe='')}"
    reply = yield from answer_to(Request(method="GET", path=path, save_to=save_to))
    return reply.content


def begin_stream(room: Place, links: Links, *, is_code: bool, idle_seconds: int) -> Steps[Message]:
    """Begin a message that is written piece by piece."""
    body = {"code": is_code, "idle_seconds": idle_seconds, **links.body()}
    path = yield from _room_path(room)
    return Message.read((yield from _send("POST", f"{path}/streams", body, _new_key())))


def append(message: Message, at: int, text: str) -> Steps[None]:
    """Add a piece that begins after `at` characters. A repeated piece changes nothing."""
    yield from _send("POST", f"{_message_path(message)}/append", {"at": at, "text": text})


def end_stream(message: Message, *, interrupted: bool) -> Steps[Message]:
    """Complete a message that is written piece by piece, or mark it as interrupted."""
    word = "interrupt" if interrupted else "finish"
    return Message.read((yield from _send("POST", f"{_message_path(message)}/{word}")))


def cursor() -> Steps[str]:
    """The cursor of now."""
    found: str = (yield from _get("/events", {"wait": 0}))["cursor"]
    return found


class Pages(Generic[Item]):
    """The pages of a list, one after the other. `{}` in a path is the address of a place."""

    def __init__(
        self,
        path: str,
        query: dict[str, str | int],
        read: Callable[[Any], Iterable[Item]],
        follow: Callable[[Any], dict[str, str | int] | None],
        *,
        place: Place | None = None,
    ) -> None:
        self._path = path
        self._query = query
        self._read = read
        self._follow = follow
        self._place = place
        self.is_over = False

    def next_page(self) -> Steps[list[Item]]:
        """The next page."""
        if self._place is not None:
            slug = yield from address_of(self._place)
            self._path, self._place = self._path.format(quote(slug, safe="")), None
        page = yield from _get(self._path, self._query)
        following = self._follow(page)
        if following is None:
            self.is_over = True
        else:
            self._query = self._query | following
        return list(self._read(page))


def all_rooms() -> Pages[Room]:
    """The public rooms, and those of the bot."""
    return _listed("/rooms", "rooms", Room.read, limit=_PAGE_SIZE)


def all_people(*, only_online: bool) -> Pages[Person]:
    """The people and bots in the chat."""
    query: dict[str, str | int] = {"limit": _PAGE_SIZE}
    if only_online:
        query["online"] = "true"
    return _listed("/people", "people", Person.read, **query)


def room_messages(room: Place, after: int | None, before: int | None) -> Pages[Message]:
    """The messages of a room."""
    return _messages("/rooms/{}/messages", room, after, before)


def thread_messages(room: Place, number: int) -> Pages[Message]:
    """The replies to a message, in their order."""
    return _messages(f"/rooms/{{}}/messages/{number}/thread", room, 0, None)


def found_messages(words: str, room: str | Room | None) -> Pages[Message]:
    """The messages that a search finds, the newest first."""
    query: dict[str, str | int] = {"q": words}
    if room is not None:
        query["room"] = slug_of(room)
    return _listed("/search", "messages", Message.read, **query)


def _listed(path: str, name: str, read: Callable[[Any], Item], **query: str | int) -> Pages[Item]:
    """The pages of a list with a cursor; `name` is that of the list in an answer."""

    def follow(page: Any) -> dict[str, str | int] | None:
        cursor = page["next_cursor"]
        return None if cursor is None else {"cursor": cursor}

    return Pages(path, query, lambda page: map(read, page[name]), follow)


def _messages(path: str, place: Place, after: int | None, before: int | None) -> Pages[Message]:
    """The messages after a number in their order, or those before one with the newest first."""
    query: dict[str, str | int] = {"limit": _PAGE_SIZE}
    direction, more, at = (
        ("before", "has_older", 0) if after is None else ("after", "has_newer", -1)
    )
    start = before if after is None else after
    if start is not None:
        query[direction] = start

    def follow(page: Any) -> dict[str, str | int] | None:
        found = page["messages"]
        return {direction: found[at]["number"]} if found and page[more] else None

    def read(page: Any) -> Iterable[Message]:
        found = page["messages"]
        return map(Message.read, reversed(found) if after is None else found)

    return Pages(path, query, read, follow, place=place)


def _room_path(place: Place) -> Steps[str]:
    return _slug_path((yield from address_of(place)))


def _slug_path(slug: str) -> str:
    return f"/rooms/{quote(slug, safe='')}"


def _message_path(message: Message) -> str:
    return f"{_slug_path(message.room)}/messages/{message.number}"


def _get(path: str, query: dict[str, str | int] | None = None) -> Steps[Any]:
    reply = yield from answer_to(Request(method="GET", path=path, query=query or {}))
    return reply.json()


def _send(
    method: str, path: str, body: dict[str, Any] | None = None, key: str | None = None
) -> Steps[Any]:
    reply = yield from answer_to(Request(method=method, path=path, body=body, key=key))
    return reply.json()


def _new_key() -> str:
    return secrets.token_hex(16)
