"""Slash commands: one table. Adding one is one function here, with what `/help` says of it."""

import re
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import Enum, auto

from chat.errors import BadCommand, BadRoom, NoSuchPerson, Phrase, phrase
from chat.model.addresses import room_path
from chat.model.messages import Message
from chat.model.people import Person
from chat.model.rooms import RoomKind
from chat.rooms.room import Room
from chat.text.arguments import split_arguments
from chat.text.dice import parse_dice
from chat.text.mentions import match_longest_name
from chat.text.message_text import is_blank, parse_emote
from chat.text.names import NAME_LIMIT, name_key
from chat.workspace.workspace import Workspace

# As Markdown writes it: else it would lose an arm.
_SHRUG = r"¯\\\_(ツ)\_/¯"

# A word after a slash; `/usr/bin` is no command.
_CALLED = re.compile(r"/([^\W\d_]{1,32})(?=\s|\Z)")

# What stands between the names of several people.
_BETWEEN = re.compile(r"[\s,，、@]*")
_SAID = re.compile(r"\A[\s,，、]*[:：]?")


class Wants(Enum):
    """What a command's arguments are, so that they can be completed."""

    WORDS = auto()
    PERSON = auto()
    PEOPLE = auto()
    ROOM = auto()


@dataclass(frozen=True, slots=True)
class Order:
    """A command as somebody gave it; `rest` is what stands after its name."""

    house: Workspace
    person: Person
    room: Room
    rest: str
    client_id: str
    quoted: int | None = None
    uploads: Sequence[str] = ()

    async def post(self, text: str) -> "Done":
        """Say something here."""
        more = (self.client_id, self.quoted, self.uploads)
        return Done(await self.room.post(self.person, text, *more))


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it: a message, an address to go to, or the list of commands to be shown."""

    message: Message | None = None
    path: str | None = None
    help: bool = False


Act = Callable[[Order], Awaitable[Done]]


@dataclass(frozen=True, slots=True)
class Command:
    """One line of the table: `arguments` in square brackets may be left out; files may go with one
    that `says` something here."""

    name: str
    arguments: str
    does: str
    wants: Wants
    act: Act = field(repr=False)
    says: bool = False

    def check(self, rest: str) -> None:
        """Raises BadCommand if there is nothing where something has to be, or the reverse."""
        wrong = bool(rest) if not self.arguments else not rest and self.arguments[0] != "["
        if wrong:
            raise BadCommand(
                "Write it like this: /{command} {arguments}",
                command=self.name,
                arguments=Phrase(self.arguments),
            )


COMMANDS: dict[str, Command] = {}


def command(
    name: str,
    arguments: str,
    does: str,
    wants: Wants = Wants.WORDS,
    *,
    says: bool = False,
) -> Callable[[Act], Act]:
    """Put a function into the table; the two sentences are said in the reader's language."""

    def put(act: Act) -> Act:
        COMMANDS[name] = Command(name, arguments, does, wants, act, says)
        return act

    return put


def called(text: str) -> str | None:
    """The name of the command that a text begins with, as it was typed; None if with none."""
    found = _CALLED.match(text)
    return None if found is None else found.group(1)


async def say(
    house: Workspace,
    person: Person,
    room: Room,
    text: str,
    client_id: str,
    quoted: int | None = None,
    uploads: Sequence[str] = (),
) -> Done:
    """Do what a text orders, or say it in a room; files (ids of uploads) may go with what is said.

    A text that begins with a slash is said after another slash or a space. Raises ChatError.
    """
    name = called(text)
    if name is None:
        order = Order(house, person, room, "", client_id, quoted, uploads)
        return await order.post(_plain(text))
    found = COMMANDS.get(name.casefold())
    if found is None:
        raise _unknown(name)
    rest = text[len(name) + 1 :].strip()
    found.check(rest)
    if uploads and not found.says:
        raise BadCommand("No files go with this command. Give it when they are sent, or removed.")
    return await found.act(Order(house, person, room, rest, client_id, quoted, uploads))


def _plain(text: str) -> str:
    """`/roll` of `//roll`."""
    if not text.startswith("//") or called(text[1:]) is None:
        return text
    # What would be drawn as something else begins with a space.
    return f" {text[1:]}" if parse_emote(text[1:]) is not None else text[1:]


def _unknown(name: str) -> BadCommand:
    near = get_close_matches(name.casefold(), COMMANDS, 1, 0.5)
    if near:
        return BadCommand(
            "There is no command /{name}. Did you mean /{near}? "
            "To say it as it is, begin with // or with a space.",
            name=name,
            near=near[0],
        )
    return BadCommand(
        "There is no command /{name}; /help shows all. "
        "To say it as it is, begin with // or with a space.",
        name=name,
    )


def named(text: str, people: Iterable[Person]) -> tuple[list[str], str]:
    """The names (keys) that a text begins with, and what stands after them.

    They stand side by side or between commas, with or without @, in quotes or not; a colon ends
    them.
    """
    names, keys, at = list[str](), {name_key(each.name) for each in people}, 0
    while True:
        begins = _BETWEEN.match(text, at)
        assert begins is not None, "it may be empty"
        end = begins.end() + _name_length(text[begins.end() :], keys)
        if end == begins.end():
            return names, _SAID.sub("", text[at:]).strip()
        names.append(name_key(text[begins.end() : end].strip('"“”„「」')))
        at = end


def _name_length(text: str, keys: Collection[str]) -> int:
    for opens, closes in ('""', "“”", "„“", "「」"):
        end = text.find(closes, 1)
        if text.startswith(opens) and end > 0 and name_key(text[1:end]) in keys:
            return end + 1
    return match_longest_name(text[: 2 * NAME_LIMIT], keys)


@command("me", phrase("does something"), phrase("Say what you are doing: “Ann waves”."), says=True)
async def _me(order: Order) -> Done:
    return await order.post(f"/me {order.rest}")


@command(
    "poll",
    phrase("“question” “option” “option” …"),
    phrase("Ask everybody here; all vote in place."),
)
async def _poll(order: Order) -> Done:
    question, *options = split_arguments(order.rest)
    return Done(
        await order.room.post_poll(
            order.person, question, options, order.client_id, quoted_number=order.quoted
        )
    )


@command(
    "dm",
    phrase("name [more names] [message]"),
    phrase("Talk with one or several people, nobody else."),
    Wants.PEOPLE,
)
async def _dm(order: Order) -> Done:
    known = await order.house.all_people()
    names, words = named(order.rest, known)
    if not names:
        raise NoSuchPerson(_first(order.rest))
    people = [await order.house.find_person(name) for name in dict.fromkeys(names)]
    room = await order.house.rooms.get_or_create_direct(order.person, people)
    if not is_blank(words):
        await room.post(order.person, words, order.client_id)
    return Done(path=room_path(room.info))


@command("invite", phrase("name"), phrase("Bring somebody into this room."), Wants.PERSON)
async def _invite(order: Order) -> Done:
    guest = await order.house.find_person(_name(order.rest))
    await order.house.rooms.invite(order.person, order.room, guest)
    return Done()


@command("join", phrase("room"), phrase("Go to a room, and be in it from now on."), Wants.ROOM)
async def _join(order: Order) -> Done:
    wanted = await order.house.find_room(order.person, _name(order.rest).removeprefix("#"))
    room = await order.house.rooms.enter(order.person, wanted.slug)
    return Done(path=room_path(room.info))


@command("leave", "", phrase("Leave this room: it goes from your list."))
async def _leave(order: Order) -> Done:
    await order.house.rooms.leave(order.person, order.room)
    return Done()


@command("nick", phrase("name"), phrase("Be called otherwise, in all that you said, too."))
async def _nick(order: Order) -> Done:
    await order.house.rename(order.person, _name(order.rest))
    return Done()


@command("topic", phrase("words"), phrase("Say what this room is about; “” takes it away."))
async def _topic(order: Order) -> Done:
    if order.room.info.kind not in {RoomKind.PUBLIC, RoomKind.PRIVATE}:
        raise BadRoom("Only a room has a topic. A thread or a direct conversation has none.")
    await order.house.rooms.set_topic(order.person, order.room, _name(order.rest))
    return Done()


@command("roll", phrase("[2d6]"), phrase("Throw dice that nobody can fake: 2d6, d20, 3d6+2."))
async def _roll(order: Order) -> Done:
    return Done(await order.room.roll(order.person, parse_dice(order.rest), order.client_id))


@command("shrug", phrase("[words]"), phrase("Say it with a shrug."), says=True)
async def _shrug(order: Order) -> Done:
    return await order.post(f"{order.rest} {_SHRUG}".strip())


@command("help", phrase("[command]"), phrase("See all commands; nobody else does."))
async def _help(order: Order) -> Done:
    return Done(help=True)


def _name(rest: str) -> str:
    """A name that is all that was given, perhaps in quotes or after an @."""
    given = split_arguments(rest) if rest[:1] in '"“„「『«＂' else [rest]
    name = given[0] if len(given) == 1 else rest
    return name.removeprefix("@").strip()


def _first(rest: str) -> str:
    return (split_arguments(rest) or [rest])[0].removeprefix("@")
