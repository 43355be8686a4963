"""Slash commands: one table. To add one, write a function here with its `/help` text."""

import re
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import Enum, auto
from functools import partial
from itertools import chain

from chat.errors import BadCommand, BadPoll, BadRoom, NoSuchPerson, Translatable, gettext_noop
from chat.model.addresses import room_path
from chat.model.messages import Message
from chat.model.people import Person, Status
from chat.model.rooms import RoomKind
from chat.rooms.directory import LOBBY, require_direct_size
from chat.rooms.room import Room
from chat.text.arguments import split_arguments
from chat.text.dice import parse_dice
from chat.text.mentions import match_longest_name
from chat.text.message_text import is_blank, parse_emote
from chat.text.names import NAME_LIMIT, cached_name_key, name_key, numbered_names
from chat.text.polls import MAX_OPTIONS, MIN_OPTIONS
from chat.text.statuses import parse_status
from chat.workspace.workspace import Workspace

# Escaped for Markdown, which would otherwise remove an arm.
_SHRUG = r"¯\\\_(ツ)\_/¯"

# A word after a slash; `/usr/bin` is no command.
_COMMAND_NAME = re.compile(r"/([^\W\d_]{1,32})(?=\s|\Z)")

# The separators between names, and between the names and the message.
_NAME_SEPARATORS = re.compile(r"[\s,，、@]*")
_MESSAGE_SEPARATOR = re.compile(r"\A[\s,，、]*[:：]?")


# The length of a name in quotes, in characters.
_MAX_QUOTED_NAME = 4 * NAME_LIMIT + 2


class ArgumentType(Enum):
    """The type of a command's argument, which decides how it is completed."""

    TEXT = auto()
    PERSON = auto()
    PEOPLE = auto()
    ROOM = auto()


@dataclass(frozen=True, slots=True)
class Invocation:
    """A command with its arguments; `argument_text` is the text after its name."""

    workspace: Workspace
    person: Person
    room: Room
    argument_text: str
    client_id: str
    quoted_number: int | None = None
    upload_ids: Sequence[str] = ()
    draft: str = ""

    async def post(self, text: str) -> "CommandResult":
        """Post a message in the room."""
        post_arguments = (self.client_id, self.quoted_number, self.upload_ids)
        return CommandResult(
            await self.room.post(self.person, text, *post_arguments, draft=self.draft)
        )


@dataclass(frozen=True, slots=True)
class CommandResult:
    """The result: a posted message, a path to open, a request to show the help, or the new status
    of the person."""

    message: Message | None = None
    path: str | None = None
    show_help: bool = False
    status: Status | None = None


CommandHandler = Callable[[Invocation], Awaitable[CommandResult]]


@dataclass(frozen=True, slots=True)
class Command:
    """One entry of the table. A `usage` in square brackets is optional. A command may have files if
    `posts_message` is true."""

    name: str
    usage: str
    description: str
    argument_type: ArgumentType
    handler: CommandHandler = field(repr=False)
    posts_message: bool = False

    def check_argument(self, argument_text: str) -> None:
        """Raises BadCommand for a missing or a superfluous argument."""
        is_wrong = (
            bool(argument_text) if not self.usage else not argument_text and self.usage[0] != "["
        )
        if is_wrong:
            raise BadCommand(
                "Write it like this: /{command} {arguments}",
                command=self.name,
                arguments=Translatable(self.usage),
            )


COMMANDS: dict[str, Command] = {}


def command(
    name: str,
    usage: str,
    description: str,
    argument_type: ArgumentType = ArgumentType.TEXT,
    *,
    posts_message: bool = False,
) -> Callable[[CommandHandler], CommandHandler]:
    """Register a function. Usage and description are translated when they are shown."""

    def register(handler: CommandHandler) -> CommandHandler:
        COMMANDS[name] = Command(name, usage, description, argument_type, handler, posts_message)
        return handler

    return register


def command_name(text: str) -> str | None:
    """The name of the command at the beginning of a text, as typed, or None."""
    found = _COMMAND_NAME.match(text)
    return None if found is None else found.group(1)


async def submit(
    workspace: Workspace,
    person: Person,
    room: Room,
    text: str,
    client_id: str,
    quoted_number: int | None = None,
    upload_ids: Sequence[str] = (),
    draft: str = "",
) -> CommandResult:
    """Run the command in a text, or post the text with its files (ids of uploads).

    Another slash or a space before a command posts it as text. A message in `room` deletes the
    person's stored draft there if that is `draft`. A repeated `client_id` runs nothing again.
    Raises ChatError.
    """
    given = (client_id, quoted_number, upload_ids, draft)
    run = partial(_run, workspace, person, room, text, given)
    # The store knows the messages.
    return await workspace.submissions.run(
        person.id, client_id, run, is_remembered=lambda result: result.message is None
    )


async def _run(
    workspace: Workspace,
    person: Person,
    room: Room,
    text: str,
    given: tuple[str, int | None, Sequence[str], str],
) -> CommandResult:
    _, _, upload_ids, _ = given
    name = command_name(text)
    if name is None:
        return await Invocation(workspace, person, room, "", *given).post(_unescape(text))
    found = COMMANDS.get(name.casefold())
    if found is None:
        raise _unknown_command(name)
    argument_text = text[len(name) + 1 :].strip()
    found.check_argument(argument_text)
    if upload_ids and not found.posts_message:
        raise BadCommand("This command cannot be sent with files. Send or remove them first.")
    return await found.handler(Invocation(workspace, person, room, argument_text, *given))


def plain_text(text: str) -> str:
    """The text to post for a text that is no command. Raises BadCommand for one that is."""
    if command_name(text) is not None:
        raise BadCommand(
            "A command cannot be sent later. Send it now, or begin with // to send it as text."
        )
    return _unescape(text)


def _unescape(text: str) -> str:
    """`/roll` of `//roll`."""
    if not text.startswith("//") or command_name(text[1:]) is None:
        return text
    # `/me` is drawn in another way: a leading space prevents that.
    return f" {text[1:]}" if parse_emote(text[1:]) is not None else text[1:]


def _unknown_command(name: str) -> BadCommand:
    near = get_close_matches(name.casefold(), COMMANDS, 1, 0.5)
    if near:
        return BadCommand(
            "There is no command /{name}. Did you mean /{near}? "
            "To send it as text, begin with // or with a space.",
            name=name,
            near=near[0],
        )
    return BadCommand(
        "There is no command /{name}; /help shows all. "
        "To send it as text, begin with // or with a space.",
        name=name,
    )


_NUMBER = re.compile(r"#[0-9]{1,6}(?!\w)")

# The names of one command that are read: no conversation has so many people.
MAX_NAMES = 50


def parse_leading_names(text: str, people: Iterable[Person]) -> tuple[list[str], str]:
    """The names (keys) at the beginning of a text, and the text after them.

    Names are separated by spaces or commas, and may have an @ or quotes. A colon ends them. One of
    several people of a name has a number, as in “Ann#2”. At most 50 names are read.
    """
    counts = Counter(cached_name_key(each.name) for each in people)
    numbered = (numbered_names(key, count) for key, count in counts.items() if count > 1)
    names, keys, at = list[str](), {*counts, *chain.from_iterable(numbered)}, 0
    while len(names) < MAX_NAMES:
        begins = _NAME_SEPARATORS.match(text, at)
        assert begins is not None, "it may be empty"
        end = begins.end() + _name_length(text[begins.end() :][:_MAX_QUOTED_NAME], keys)
        if end == begins.end():
            break
        # A number also tells apart people whose names only look alike.
        if (number := _NUMBER.match(text, end)) is not None:
            end = number.end()
        names.append(name_key(text[begins.end() : end].strip('"“”„「」')))
        at = end
    return names, _MESSAGE_SEPARATOR.sub("", text[at:]).strip()


def _name_length(text: str, keys: Collection[str]) -> int:
    for opens, closes in ('""', "“”", "„“", "「」"):
        if text.startswith(opens):
            end = text.find(closes, 1)
            if end > 0 and name_key(text[1:end]) in keys:
                return end + 1
    return match_longest_name(text[: 2 * NAME_LIMIT], keys)


@command(
    "me",
    gettext_noop("does something"),
    gettext_noop("Say what you are doing: “Ann waves”."),
    posts_message=True,
)
async def _me(invocation: Invocation) -> CommandResult:
    return await invocation.post(f"/me {invocation.argument_text}")


@command(
    "poll",
    gettext_noop("“question” “option” “option” …"),
    gettext_noop("Post a poll that everyone in this room can vote in."),
)
async def _poll(invocation: Invocation) -> CommandResult:
    question, *options = split_arguments(invocation.argument_text)
    if is_blank(question):
        raise BadPoll("A poll needs a question. Write it like this: /poll “Lunch?” “Soup” “Salad”")
    if not MIN_OPTIONS <= len(options) <= MAX_OPTIONS:
        raise BadPoll(
            "A poll has {fewest} to {most} options, and this one has {count}. "
            "Put the question and each option in quotes.",
            fewest=MIN_OPTIONS,
            most=MAX_OPTIONS,
            count=len(options),
        )
    return CommandResult(
        await invocation.room.post_poll(
            invocation.person,
            question,
            options,
            invocation.client_id,
            quoted_number=invocation.quoted_number,
            draft=invocation.draft,
        )
    )


@command(
    "dm",
    gettext_noop("name [more names] [message]"),
    gettext_noop("Start a direct conversation with one or several people."),
    ArgumentType.PEOPLE,
)
async def _dm(invocation: Invocation) -> CommandResult:
    all_people = await invocation.workspace.all_people()
    names, text = parse_leading_names(invocation.argument_text, all_people)
    if not names:
        raise NoSuchPerson(_first_argument(invocation.argument_text))
    names = list(dict.fromkeys(names))
    require_direct_size(len(names))
    people = [await invocation.workspace.find_person(name) for name in names]
    room = await invocation.workspace.rooms.get_or_create_direct(invocation.person, people)
    if not is_blank(text):
        await room.post(invocation.person, text, invocation.client_id)
    return CommandResult(path=room_path(room.info))


@command(
    "invite",
    gettext_noop("name"),
    gettext_noop("Bring somebody into this room."),
    ArgumentType.PERSON,
)
async def _invite(invocation: Invocation) -> CommandResult:
    guest = await invocation.workspace.find_person(_single_name(invocation.argument_text))
    await invocation.workspace.rooms.invite(invocation.person, invocation.room, guest)
    return CommandResult()


@command(
    "join",
    gettext_noop("room"),
    gettext_noop("Join a room and go to it."),
    ArgumentType.ROOM,
)
async def _join(invocation: Invocation) -> CommandResult:
    info = await invocation.workspace.find_room(
        invocation.person, _single_name(invocation.argument_text).removeprefix("#")
    )
    room = await invocation.workspace.rooms.enter(invocation.person, info.slug)
    return CommandResult(path=room_path(room.info))


@command("leave", "", gettext_noop("Leave this room and remove it from your list."))
async def _leave(invocation: Invocation) -> CommandResult:
    rooms = invocation.workspace.rooms
    if invocation.room.info.kind is RoomKind.DIRECT:
        await rooms.close_direct(invocation.person, invocation.room)
        lobby = await rooms.by_slug(invocation.person, LOBBY)
        return CommandResult(path=room_path(lobby.info))
    if invocation.room.info.kind is RoomKind.PRIVATE:
        # A mistyped command must not end what only somebody else can give back.
        raise BadRoom(
            "You cannot come back to a private room unless somebody invites you. To leave it, "
            "choose “Leave this room” in “About this room”."
        )
    await rooms.leave(invocation.person, invocation.room)
    return CommandResult()


@command(
    "nick", gettext_noop("name"), gettext_noop("Change your display name, also on past messages.")
)
async def _nick(invocation: Invocation) -> CommandResult:
    name = _single_name(invocation.argument_text)
    await invocation.workspace.profiles.rename(invocation.person, name)
    return CommandResult()


@command(
    "status",
    gettext_noop("[emoji] [words]"),
    gettext_noop("Say what you are doing, beside your name; nothing removes it."),
)
async def _status(invocation: Invocation) -> CommandResult:
    emoji, text = parse_status(invocation.argument_text)
    details = invocation.workspace.people_details
    return CommandResult(status=await details.set_status(invocation.person, emoji, text))


@command("topic", gettext_noop("words"), gettext_noop("Set the topic of this room; “” removes it."))
async def _topic(invocation: Invocation) -> CommandResult:
    if invocation.room.info.kind not in {RoomKind.PUBLIC, RoomKind.PRIVATE}:
        raise BadRoom("Only a room has a topic. A thread or a direct conversation has none.")
    await invocation.workspace.rooms.set_topic(
        invocation.person, invocation.room, _single_name(invocation.argument_text)
    )
    return CommandResult()


@command(
    "roll", gettext_noop("[2d6]"), gettext_noop("Throw dice that nobody can fake: 2d6, d20, 3d6+2.")
)
async def _roll(invocation: Invocation) -> CommandResult:
    return CommandResult(
        await invocation.room.roll(
            invocation.person,
            parse_dice(invocation.argument_text),
            invocation.client_id,
            draft=invocation.draft,
        )
    )


@command(
    "shrug",
    gettext_noop("[words]"),
    gettext_noop("Send your words with a shrug."),
    posts_message=True,
)
async def _shrug(invocation: Invocation) -> CommandResult:
    return await invocation.post(f"{invocation.argument_text} {_SHRUG}".strip())


@command("help", gettext_noop("[command]"), gettext_noop("Show all commands, only to you."))
async def _help(invocation: Invocation) -> CommandResult:
    return CommandResult(show_help=True)


def _single_name(argument_text: str) -> str:
    """The argument as one name, without quotes and @."""
    given = split_arguments(argument_text) if argument_text[:1] in '"“„「『«＂' else [argument_text]
    name = given[0] if len(given) == 1 else argument_text
    return name.removeprefix("@").strip()


def _first_argument(argument_text: str) -> str:
    return (split_arguments(argument_text) or [argument_text])[0].removeprefix("@")
