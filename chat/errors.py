"""Everything that a person may be told when something cannot be done: one tree of sentences."""


class ChatError(Exception):
    """A refusal. Its words are for the person who acted; its facts are attributes."""


class BadName(ChatError):
    """A name that cannot be shown or told apart from nothing."""


class NameTaken(ChatError):
    """Somebody who is here bears this name; `suggestion` is a free one."""

    def __init__(self, name: str, suggestion: str) -> None:
        super().__init__(f"{name} is already here. How about “{suggestion}”?")
        self.name = name
        self.suggestion = suggestion


class BadText(ChatError):
    """A text that a message cannot hold."""


class TextTooLong(BadText):
    """`length` and `limit` are in characters."""

    def __init__(self, length: int, limit: int) -> None:
        super().__init__(
            f"This message has {length:,} characters and {limit:,} fit. "
            f"Shorten it by {length - limit:,}."
        )
        self.length = length
        self.limit = limit


class NoSuchRoom(ChatError):
    """The same words for a room that is not there and one that may not be read."""

    def __init__(self) -> None:
        super().__init__("There is no such room. Choose one from the list.")


class NoSuchPerson(ChatError):
    """Nobody of this name is known."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Nobody here is called {name}. Look for them under People.")


class NoSuchMessage(ChatError):
    """The same words for a message that is not there and one that is somebody else's."""

    def __init__(self) -> None:
        super().__init__("There is no such message here. It may have been deleted meanwhile.")


class NotYours(ChatError):
    """Something that only the room's maker or the owner of the chat may do."""

    def __init__(self, what: str) -> None:
        super().__init__(f"Only who made this room can {what}. Ask them to do it.")


class RoomArchived(ChatError):
    """Nothing is said any more in a room that is archived."""

    def __init__(self) -> None:
        super().__init__("This room is archived. Reopen it from its menu to write in it again.")


class BadRoom(ChatError):
    """A title, a topic or an address that a room cannot have."""


class SlugTaken(BadRoom):
    """Another room has this address; `suggestion` is a free one."""

    def __init__(self, slug: str, suggestion: str) -> None:
        super().__init__(f"There is a room at “{slug}” already. How about “{suggestion}”?")
        self.slug = slug
        self.suggestion = suggestion


class TooManyMentions(BadText):
    """`count` people are called by name, and `limit` may be."""

    def __init__(self, count: int, limit: int) -> None:
        super().__init__(
            f"This message mentions {count} people and {limit} may be. "
            "Mention fewer, or everyone with @everyone."
        )


class BadReaction(ChatError):
    """What cannot be put below a message."""


class NotStored(ChatError):
    """The store could not keep what was said; nothing was announced."""

    def __init__(self) -> None:
        super().__init__("Your message could not be stored. Your words are still here: try again.")


class CannotStart(ChatError):
    """The program refuses to start, in one line; the command ends with exit code 2."""


class DataInUse(CannotStart):
    """Another process works on the same data folder."""

    def __init__(self, folder: object) -> None:
        super().__init__(
            f"Another Flet Chat is using the folder {folder}. "
            "Stop it first, or give this one its own folder with --data."
        )


class BadDatabase(CannotStart):
    """`chat.db` is not a database that this program can read."""


class NewerDatabase(CannotStart):
    """`chat.db` was written by a later Flet Chat."""

    def __init__(self, path: object) -> None:
        super().__init__(
            f"{path} was written by a newer Flet Chat. "
            "Install that version again, or choose another folder with --data."
        )


class PortTaken(CannotStart):
    """Another program listens where this one should."""

    def __init__(self, port: int) -> None:
        super().__init__(f"Port {port} is taken by another program. Choose another with --port.")
