"""The corpus: people, rooms, and messages with every kind of markup and of annotation."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from chat.model.attachments import Attachment, Blob
from chat.model.events import OnlinePeople, TypingUpdated
from chat.model.messages import Message, MessageKind, Poll, PollOption, Quote, Reaction
from chat.model.people import Person
from chat.model.programs import Bar, StreamState, Via
from chat.model.rooms import Membership, NotificationLevel, RoomInfo, RoomKind
from tests.golden.client import NOW, before

ANN = Person(1, "Ann")
BOB = Person(2, "Bob Marley-Smith", "f00d")
MEI = Person(3, "梅 Mei", "beef")
DANA = Person(4, "דנה")
OMAR = Person(5, "عمر")
PEOPLE = (ANN, BOB, MEI, DANA, OMAR)
OPS = Person(6, "ops", is_bot=True)
RTL_BOT = Person(7, "רובוט", is_bot=True)
CROWD = tuple(Person(100 + n, f"Guest {n}") for n in range(60))

LOBBY = RoomInfo(1, "lobby", "Lobby", "")
GARDEN = RoomInfo(2, "garden", "Garden", "Roses & weeds", created_by=ANN.id)
CELLAR = RoomInfo(3, "cellar", "Cellar", "Only for us", RoomKind.PRIVATE, created_by=BOB.id)
ATTIC = RoomInfo(4, "attic", "Attic with a title that is too long for a line", "", archived=True)
KITCHEN = RoomInfo(5, "厨房", "厨房", "今天吃什么？")
PAIR = RoomInfo(6, "dm-1-2", "", "", RoomKind.DIRECT)
TRIO = RoomInfo(7, "dm-1-2-3", "", "", RoomKind.DIRECT)
NOTES = RoomInfo(8, "dm-1", "", "", RoomKind.DIRECT)
THREAD = RoomInfo(9, "thread-1-7", "Shall we?", "", RoomKind.THREAD, (1, 7))
SILENT = RoomInfo(10, "silent", "Silent", "Nothing is said here", RoomKind.THREAD, (1, 8))
ROOMS = (LOBBY, GARDEN, CELLAR, ATTIC, KITCHEN, PAIR, TRIO, NOTES, THREAD, SILENT)

# The memberships of Ann.
MEMBERSHIPS = (
    Membership(LOBBY, 10, NotificationLevel.ALL),
    Membership(GARDEN, 3, NotificationLevel.ALL, 7, 0, 10),
    Membership(CELLAR, 3, NotificationLevel.MENTIONS, 7, 2, 10),
    Membership(ATTIC, 3, NotificationLevel.ALL, 1, 0, 4),
    Membership(KITCHEN, 0, NotificationLevel.NOTHING, 100, 3, 200),
    Membership(PAIR, 0, NotificationLevel.ALL, 100, 0, 100, (BOB,)),
    Membership(TRIO, 0, NotificationLevel.ALL, 0, 0, 0, (BOB, MEI)),
    Membership(NOTES, 0, NotificationLevel.ALL),
    Membership(THREAD, 0, NotificationLevel.ALL, 2, 1, 2),
    Membership(SILENT, 0, NotificationLevel.NOTHING, 2, 1, 2),
)

ONLINE = OnlinePeople(PEOPLE, frozenset({MEI.id, DANA.id}))
MANY_ONLINE = OnlinePeople((*PEOPLE, *CROWD), frozenset({CROWD[0].id}))
TYPING = {
    "nobody": TypingUpdated(()),
    "only the viewer": TypingUpdated((ANN,)),
    "one": TypingUpdated((ANN, BOB)),
    "two": TypingUpdated((BOB, MEI)),
    "several": TypingUpdated((BOB, MEI, DANA)),
}

_PICTURE = Blob("a" * 64, 123_456, "image/jpeg", 1600, 1200)
WIDE = Attachment("wide", "wide hill.jpg", "image/jpeg", _PICTURE)
TALL = Attachment("tall", "tall.png", "image/png", Blob("b" * 64, 999, "image/png", 30, 900))
TINY = Attachment("tiny", "tiny.gif", "image/gif", Blob("c" * 64, 43, "image/gif", 1, 1))


def _file(name: str, mime_type: str, size: int) -> Attachment:
    return Attachment(name.partition(".")[0], name, mime_type, Blob("d" * 64, size))


FILES = (
    _file("notes", "application/octet-stream", 12),
    _file("report.pdf", "application/pdf", 3_500_000),
    _file("budget.xlsx", "application/vnd.ms-excel", 120_000),
    _file("slides.pptx", "application/vnd.ms-powerpoint", 5_000_000_000),
    _file("film.mkv", "video/x-matroska", 700_000_000),
    _file("song.mp3", "audio/mpeg", 4_200_000),
    _file("readme.txt", "text/plain", 1024),
    _file("letters.woff2", "font/woff2", 20_000),
    _file("all.tar.gz", "application/gzip", 1_048_576),
    _file("文件 – מסמך.bin", "application/octet-stream", 2047),
)

# Each kind of markup, and texts that only look like markup.
MARKUP = {
    "plain": "Hello! I have $5 or $6, snake_case_name and 2 * 3 * 4.",
    "emphasis": "**bold** __too__ *italic* _too_ ~~struck~~ `code` ***all***",
    "links": (
        "See https://example.org/a?b=c#d and [the page](https://example.org) or "
        "[https://good.org](https://evil.org) or example.com, ann@example.org, <https://x.org>"
    ),
    "bad link": "[click](javascript:alert(1)) ![x](http://host/p.png) <b>bold?</b> &amp; &#106;",
    "heading": "# One\n## Two\n### Three\n\nand a paragraph\nof two lines",
    "quote": "> said **once**\n> and again\n\n> > deeper\n\nanswer",
    "bullets": "- one\n- two\n  - inner\n    - more\n- three",
    "numbered list": "3. three\n4. four\n\n1000. far",
    "task list": "- [x] done\n- [ ] not yet",
    "table": "| a | b | c |\n|:-|:-:|-:|\n| 1 | **2** | `3` |\n| x | | z |",
    "code": "```python\ndef f(x: int) -> int:\n    return x + 1  # more\n```",
    "code without a language": "before\n```\n  as it is <b>\n```\nafter",
    "formula": "It is $e^{i\\pi} + 1 = 0$ and\n\n$$\\sum_{n=1}^\\infty \\frac{1}{n^2}$$",
    "formula block": "```math\nx^2 + y^2\n```",
    "divider": "above\n\n---\n\nbelow",
    "spoiler": "It was ||the **butler**, see [this](https://a.org)||!",
    "spoiler block": "```spoiler Who was it?\nthe **butler**\n- in the hall\n```",
    "large emoji": "🎉😀👍🏽",
    "shortcodes": ":tada: is not 🎉 by now, 12:100:45",
    "long": "\n".join(f"line {n}" for n in range(1, 61)),
    "long with markup": "\n".join(f"**line** {n}" for n in range(1, 61)),
    "too much markup": "".join(f"- *{n}* `x` **y** ~~z~~\n" for n in range(35)),
    "mention": "@Ann and @everyone, @here: look, @nobody",
    "right to left": "مرحبا **يا** عالم",
    "right to left in markup": "> שלום\n\n- אחת\n- two\n\n| א | b |\n|-|-|\n| ג | d |",
    "direction overrides": "a \u202eevil\u202c b \u2067isolated\u2069 c",
    "chinese": "你好，**世界**！今天 *天气* 很好。\n- 一\n- 二",
    "stacked combining marks": "Z" + "\u0310" * 30 + "algo",
    "emote": "/me waves **both** hands",
    "emote of many lines": "/me " + "\n".join(f"step {n}" for n in range(30)),
}

EVENTS = {
    "joined": (MessageKind.JOINED, ""),
    "joined a room": (MessageKind.JOINED, "Garden"),
    "left": (MessageKind.LEFT, ""),
    "left a room": (MessageKind.LEFT, "Garden"),
    "room created": (MessageKind.ROOM_CREATED, "Garden"),
    "invited": (MessageKind.INVITED, "梅 Mei"),
    "room renamed": (MessageKind.ROOM_RENAMED, "Rose garden"),
    "topic changed": (MessageKind.TOPIC_CHANGED, "All about roses"),
    "topic removed": (MessageKind.TOPIC_CHANGED, ""),
    "archived": (MessageKind.ARCHIVED, ""),
    "reopened": (MessageKind.REOPENED, ""),
    "person renamed": (MessageKind.PERSON_RENAMED, "Annie"),
    "dice rolled": (MessageKind.DICE_ROLLED, "2d6+1 = 4 + 3 + 1 = 8"),
}

_THREE_PEOPLE = tuple(PEOPLE[:3])
_MANY_PEOPLE = tuple(CROWD[:13])
_POLL = Poll(
    (PollOption("Soup", _THREE_PEOPLE), PollOption("Salad **x**", (ANN,)), PollOption("חומוס", ()))
)


class Conversation:
    """The messages of a room, in order, each with a name."""

    def __init__(self) -> None:
        self.messages: dict[str, Message] = {}
        self._time = before(days=400)

    def advance(self, **by: float) -> None:
        """Advance the time of the next message."""
        self._time += timedelta(**by)

    def set_time(self, time: datetime) -> None:
        """Set the time of the next message."""
        self._time = time

    def add(
        self,
        name: str,
        author: Person,
        text: str,
        *,
        kind: MessageKind = MessageKind.TEXT,
        edited: bool = False,
        deleted: bool = False,
        erased: bool = False,
        pinned: bool = False,
        quote: Quote | None = None,
        reactions: tuple[Reaction, ...] = (),
        mentions: frozenset[int] = frozenset(),
        replies: int = 0,
        files: tuple[Attachment, ...] = (),
        poll: Poll | None = None,
        via: Via | None = None,
        stream_state: StreamState | None = None,
    ) -> None:
        """Add a message, half a minute after the one before it."""
        self.advance(seconds=30)
        number = len(self.messages) + 1
        self.messages[name] = Message(
            LOBBY.id,
            number,
            author,
            kind,
            text,
            self._time,
            1000 + number,
            edited_at=self._time + timedelta(minutes=2) if edited else None,
            deleted=deleted,
            erased=erased,
            pinned=pinned,
            quote=quote,
            reactions=reactions,
            mentions=mentions,
            replies=replies,
            last_reply_at=self._time + timedelta(hours=1) if replies else None,
            files=files,
            poll=poll,
            via=via,
            stream_state=stream_state,
        )


def messages_by_name() -> dict[str, Message]:
    """All messages by name: of another year, of this year, of yesterday and of today."""
    conversation = Conversation()
    for name, (kind, text) in EVENTS.items():
        conversation.add(name, ANN if kind is not MessageKind.JOINED else BOB, text, kind=kind)
    conversation.set_time(before(days=40))
    for name, text in MARKUP.items():
        conversation.add(
            name, BOB, text, mentions=frozenset({1}) if "@Ann" in text else frozenset()
        )
        conversation.add(f"{name}, edited", MEI, text, edited=True)
    conversation.set_time(before(days=1, hours=3))
    _add_annotated_messages(conversation)
    conversation.set_time(before(hours=2))
    for n in range(3):
        conversation.add(f"follow-up {n}", DANA, f"line {n}")
    conversation.advance(minutes=5)
    conversation.add("five minutes later", DANA, "five minutes later")
    conversation.add("a right-to-left author", OMAR, "السلام عليكم", pinned=True)
    conversation.set_time(before(hours=1))
    _add_messages_of_bots(conversation)
    conversation.set_time(NOW - timedelta(seconds=60))
    conversation.add("today", BOB, "now")
    return conversation.messages


def _add_annotated_messages(conversation: Conversation) -> None:
    quotes = {
        "a quote": Quote(3, "Ann", "some **words**\nof two lines", ANN.id),
        "a quote of an emote": Quote(3, "Ann", "/me waves", ANN.id),
        "a quote of a deleted message": Quote(3, "Ann", "", ANN.id),
        "a quote of a picture": Quote(3, "Ann", WIDE.name, ANN.id, WIDE),
        "a quote of a file": Quote(3, "דנה", FILES[1].name, DANA.id, FILES[1]),
        "a right-to-left quote": Quote(3, "עומר", "שלום \u202eabc", OMAR.id),
    }
    for name, quote in quotes.items():
        conversation.add(name, ANN, "yes", quote=quote)
    conversation.add("pinned", BOB, "remember", pinned=True)
    conversation.add(
        "reactions", BOB, "roses", reactions=(Reaction("👍", _THREE_PEOPLE), Reaction("🌹", (BOB,)))
    )
    conversation.add(
        "many reactions",
        BOB,
        "weeds",
        reactions=(Reaction("🎉", _MANY_PEOPLE), Reaction("😀", _MANY_PEOPLE[:11])),
    )
    conversation.add("one reply", BOB, "one", replies=1)
    conversation.add("many replies", BOB, "more", replies=12, reactions=(Reaction("👍", (ANN,)),))
    conversation.add("deleted", BOB, "", deleted=True, replies=2)
    conversation.add("erased", MEI, "", deleted=True, erased=True)
    conversation.add("after an erased message", MEI, "still here")
    conversation.add("own", ANN, "my words")
    conversation.add("own and edited", ANN, "my other words", edited=True, pinned=True)
    conversation.add("a picture", BOB, "", files=(WIDE,))
    conversation.add("a picture with text", BOB, "look", files=(TALL,))
    conversation.add("pictures", MEI, "three", files=(WIDE, TALL, TINY), edited=True)
    conversation.add("files", MEI, "", files=FILES)
    conversation.add("pictures and files", DANA, "**both**", files=(TINY, *FILES[:2]), replies=1)
    conversation.add("a poll", ANN, "Which one?", poll=_POLL)
    conversation.add(
        "a poll without votes",
        BOB,
        "这个还是那个？",
        poll=Poll((PollOption("这个"), PollOption("那个"))),
    )
    conversation.add("a closed poll", BOB, "Done?", poll=Poll(_POLL.options, closed=True))
    conversation.add(
        "a poll of many",
        MEI,
        "All?",
        poll=Poll((PollOption("Yes", CROWD), PollOption("No", _MANY_PEOPLE))),
    )
    conversation.add(
        "everything", ANN, "**all** of it", edited=True, pinned=True,
        quote=quotes["a quote of a picture"], reactions=(Reaction("👍🏽", (ANN, BOB)),),
        mentions=frozenset({ANN.id}), replies=3, files=(WIDE, FILES[1]),
    )  # fmt: skip
    conversation.add("a pinned emote", MEI, "/me waits", edited=True, pinned=True)


def _add_messages_of_bots(conversation: Conversation) -> None:
    grafana = Via("ops", "Grafana", "📈", "CPU is **high**")
    text = "[CPU is high](https://example.org)\n\n- 97 %\n- on db1\n\nAll is well again"
    conversation.add("of a bot", OPS, "deployed", pinned=True)
    conversation.add("of a bot, next", OPS, "done", edited=True)
    conversation.add("of a sender", OPS, "high", via=grafana)
    conversation.add("of a sender, again", OPS, "higher", via=replace(grafana, count=3))
    conversation.add("of another sender", OPS, "built", via=Via("", "CI"))
    bars = (Bar(0, 48, "#e01e5a"), Bar(50, len(text), "#2eb67d"))
    conversation.add("with bars", OPS, text, via=Via("ops", bars=bars))
    plain = "before\n\nwithin, @Ann\n\nafter"
    via = Via("ops", bars=(Bar(8, 20, "#daa038"),))
    conversation.add("with a bar", OPS, plain, via=via, mentions=frozenset({ANN.id}))
    long = "\n".join(f"line {n}" for n in range(40))
    conversation.add("long with a bar", OPS, long, via=Via("ops", bars=(Bar(0, 300, "#000000"),)))
    conversation.add("being written", OPS, "Buil", stream_state=StreamState.STREAMING)
    code = f"```\n{long}\n```"
    conversation.add("being written, long", OPS, code, stream_state=StreamState.STREAMING)
    conversation.add("interrupted", OPS, "Buil", stream_state=StreamState.INTERRUPTED)
    conversation.add("an emote of a bot", OPS, "/me restarts", via=grafana)
    quote = Quote(3, "ops", "CPU is **high**", OPS.id, is_bot=True)
    conversation.add("a quote of a bot", ANN, "who looks?", quote=quote)
    conversation.add("of a right-to-left bot", RTL_BOT, "שלום")
    conversation.add("deleted, of a bot", OPS, "", deleted=True, replies=1)


def named_pairs() -> Sequence[tuple[str, Message | None, Message]]:
    """Each message with its name and the one before it."""
    named_pairs, previous = list[tuple[str, Message | None, Message]](), None
    for name, message in messages_by_name().items():
        named_pairs.append((name, previous, message))
        previous = message
    return named_pairs
