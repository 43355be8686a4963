"""Everything that a person may be told when something cannot be done: one tree of sentences."""


class Translatable(str):
    """A sentence, or a piece of one, that is said in the language of whoever reads it."""

    __slots__ = ()


def gettext_noop(text: str) -> Translatable:
    """Mark a literal that has its place in the catalogues, where it is not said at once."""
    return Translatable(text)


class ChatError(Exception):
    """A refusal: an English sentence, and the facts that stand in it as `{name}`.

    It is for the person who acted; `Language.error` says it to them, `str` to the log.
    """

    def __init__(self, template: str = "", **values: object) -> None:
        super().__init__(template.format(**values) if values else template)
        self.template = template
        self.values = values


class BadName(ChatError):
    """A name that cannot be shown or told apart from nothing."""


class NameTaken(ChatError):
    """Somebody who is here bears this name; `suggestion` is a free one."""

    def __init__(self, name: str, suggestion: str) -> None:
        super().__init__(
            "{name} is already here. How about “{suggestion}”?", name=name, suggestion=suggestion
        )
        self.name = name
        self.suggestion = suggestion


class BadText(ChatError):
    """A text that a message cannot hold."""


class TextTooLong(BadText):
    """`length` and `limit` are in characters."""

    def __init__(self, length: int, limit: int) -> None:
        super().__init__(
            "This message has {length:,} characters and {limit:,} fit. Shorten it by {over:,}.",
            length=length,
            limit=limit,
            over=length - limit,
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
        super().__init__("Nobody here is called {name}. Look for them under People.", name=name)


class NoSuchMessage(ChatError):
    """The same words for a message that is not there and one that is somebody else's."""

    def __init__(self) -> None:
        super().__init__("There is no such message here. It may have been deleted meanwhile.")


class ModeratorRequired(ChatError):
    """Something that only the room's maker or the owner of the chat may do."""

    def __init__(self, action: Translatable) -> None:
        super().__init__(
            "Only the creator of this room or the owner of the chat can {what}. Ask one of them.",
            what=action,
        )


class RoomArchived(ChatError):
    """Nothing is said any more in a room that is archived."""

    def __init__(self) -> None:
        super().__init__("This room is archived. Reopen it from its menu to write in it again.")


class BadRoom(ChatError):
    """A title, a topic or an address that a room cannot have."""


class SlugTaken(BadRoom):
    """Another room has this address; `suggestion` is a free one."""

    def __init__(self, slug: str, suggestion: str) -> None:
        super().__init__(
            "There is a room at “{slug}” already. How about “{suggestion}”?",
            slug=slug,
            suggestion=suggestion,
        )
        self.slug = slug
        self.suggestion = suggestion


class TooManyMentions(BadText):
    """`count` people are called by name, and `limit` may be."""

    def __init__(self, count: int, limit: int) -> None:
        super().__init__(
            "This message mentions {count} people and {limit} may be. "
            "Mention fewer, or everyone with @everyone.",
            count=count,
            limit=limit,
        )


class BadReaction(ChatError):
    """What cannot be put below a message."""


class BadCommand(ChatError):
    """What stands after a slash, and cannot be done as it is written."""


class BadPoll(ChatError):
    """A poll that cannot be made, or not be changed in this way."""


class PollClosed(BadPoll):
    """Nobody votes any more in a poll that is closed."""

    def __init__(self) -> None:
        super().__init__("This poll is closed: its votes stay as they are.")


class BadPreference(ChatError):
    """A choice that is not among those that there are."""

    def __init__(self) -> None:
        super().__init__("There is no such option. Choose one in the settings.")


class NotStored(ChatError):
    """The store could not keep what was said or chosen; nothing was announced."""

    def __init__(self) -> None:
        super().__init__("This could not be stored. Nothing is lost: try again.")


class BadUpload(ChatError):
    """A file that cannot be taken."""


class FileTooLarge(BadUpload):
    """`limit` is in bytes."""

    def __init__(self, limit: int) -> None:
        limit_text = f"{limit / 1024**2:,.4g}"
        super().__init__(
            "This file is too large: {limit} MiB fit. Make it smaller, or send a part of it.",
            limit=limit_text,
        )
        self.limit = limit


class WrongSize(BadUpload):
    """More or less came than was said; `more` is which."""

    def __init__(self, *, is_larger: bool) -> None:
        super().__init__(
            "This file arrived incomplete, or it changed during the upload. Send it again."
        )
        self.is_larger = is_larger


class TooManyFiles(BadUpload):
    """A limit of files or bytes, of one message, one hour or one person."""


class NoSuchUpload(BadUpload):
    """An upload that is not there any more, or another person's, or for another room."""

    def __init__(self) -> None:
        super().__init__("This upload has expired or was used already. Choose the file once more.")


class NotAPicture(BadUpload):
    """A content that cannot be shown as a picture."""

    def __init__(self) -> None:
        super().__init__("This picture cannot be shown. Choose a JPEG, PNG, GIF or WebP file.")


class PictureTooLarge(BadUpload):
    """`limit` is in pixels."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            "This picture has more than {limit} megapixels: it can only be sent as a file.",
            limit=f"{limit / 1e6:g}",
        )
        self.limit = limit


class StorageFull(BadUpload):
    """The disk could not keep a file; nothing of it is left."""

    def __init__(self) -> None:
        super().__init__(
            "The chat's disk has no room for this file. Tell the person who runs the chat."
        )


class NoSuchFile(ChatError):
    """The same words for a file that is not there and one that may not be read."""

    def __init__(self) -> None:
        super().__init__("There is no such file. It may have been deleted meanwhile.")


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
