"""The requests of the API as models. A field that is not known is refused, and named."""

from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from chat.drawings.limits import LABEL_LIMIT, MAX_CONTROLS, NAME_LIMIT
from chat.drawings.views import NewView
from chat.model.reports import ReportKind
from chat.model.rooms import RoomKind
from chat.programs.actions import ANSWER_TEXT_LIMIT, ActionAnswer
from chat.programs.streams import IDLE_SECONDS, LENGTH_LIMIT, SHORTEST_IDLE_SECONDS
from chat.rooms.directory import DIRECT_MEMBER_LIMIT, INVITATION_LIMIT
from chat.rooms.history import PAGE_SIZE
from chat.text.message_text import TEXT_LIMIT
from chat.text.room_names import TITLE_LIMIT, TOPIC_LIMIT
from chat.text.search_query import MAX_QUERY_LENGTH
from chat.web.api.cursors import CURSOR_LIMIT
from chat.workspace.program_messages import PAGE_LIMIT, Position
from chat.workspace.program_rooms import LIST_LIMIT
from chat.workspace.reports import NOTE_LIMIT
from chat.workspace.workspace import RESULTS_PAGE_SIZE

# The lengths of texts, titles and topics are checked by the chat, whose sentences say more.

# Numbers of messages and ids of people; the store counts to 2**63.
MAX_NUMBER = 2**53

# The longest address of a room, name of an upload, and emoji.
SLUG_LIMIT, UPLOAD_ID_LIMIT, EMOJI_LIMIT = 200, 100, 50

# The longest name of a person in a request, as people may write it.
NAME_FIELD_LIMIT = 100

# The uploads that one body may name; how many files a message has is a setting of the owner.
MAX_UPLOADS = 100

Number = Annotated[int, Field(ge=1, le=MAX_NUMBER)]
Slug = Annotated[
    str,
    Path(
        min_length=1,
        max_length=SLUG_LIMIT,
        description="The address of a room, or of a thread.",
        examples=["lobby"],
    ),
]
MessageNumber = Annotated[
    int, Path(ge=1, le=MAX_NUMBER, description="The number of a message.", examples=[42])
]
Emoji = Annotated[str, Path(min_length=1, max_length=EMOJI_LIMIT, examples=["🎉"])]


ActionId = Annotated[
    str, Path(min_length=1, max_length=64, description="`id` of an event `action`.")
]
FieldName = Annotated[str, Field(max_length=NAME_LIMIT)]

EXAMPLE_VIEW: dict[str, Any] = {
    "name": "deploy",
    "state": {"version": "1.4"},
    "drawing": {
        "type": "Row",
        "controls": [
            {"type": "Text", "value": "1.4"},
            {"type": "Button", "content": "Ship", "on_click": "ship"},
        ],
    },
}


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PageQuery(_Request):
    """Which page: before, after or around a message; without any, the newest messages."""

    before: Number | None = Field(None, description="The page that ends before this number.")
    after: Annotated[int, Field(ge=0, le=MAX_NUMBER)] | None = Field(
        None, description="The page that begins after this number."
    )
    around: Number | None = Field(None, description="The page with this number in its middle.")
    limit: int = Field(PAGE_SIZE, ge=1, le=PAGE_LIMIT, description="Messages of the page.")

    def position(self) -> Position:
        """The position of the page. Of several, the first one counts."""
        return Position(before=self.before, after=self.after, around=self.around)


class ListQuery(_Request):
    """A page of a list."""

    cursor: str | None = Field(
        None, max_length=CURSOR_LIMIT, description="`next_cursor` of the page before."
    )
    limit: int = Field(PAGE_SIZE, ge=1, le=LIST_LIMIT, description="Items of the page.")


class PeopleQuery(ListQuery):
    """A page of the people."""

    online: bool = Field(default=False, description="Only those who are connected.")


class SearchQuery(_Request):
    """A search; docs/search.md has what a query may say."""

    q: str = Field(
        min_length=1,
        max_length=MAX_QUERY_LENGTH,
        description="As people write it: `from:ann deploy`.",
    )
    room: str | None = Field(
        None, min_length=1, max_length=SLUG_LIMIT, description="Only this room and its threads."
    )
    cursor: str | None = Field(
        None, max_length=CURSOR_LIMIT, description="`next_cursor` of the page before."
    )
    limit: int = Field(
        RESULTS_PAGE_SIZE, ge=1, le=RESULTS_PAGE_SIZE, description="Messages of the page."
    )


class UploadQuery(_Request):
    """Where the file will be posted, and its name."""

    room: str = Field(min_length=1, max_length=SLUG_LIMIT, description="The address of the room.")
    name: str = Field(min_length=1, max_length=1000, description="The name of the file.")
    thread: Number | None = Field(
        None, description="The number of the message whose thread it is for."
    )


class ViewBody(_Request):
    """Live controls: the function that drew them, its argument, and the document of controls."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_VIEW]})

    name: str = Field(description="The function of the program that draws it.")
    state: Any = Field(None, description="Any JSON; the program gets it with each action.")
    drawing: dict[str, Any] = Field(description="The controls, as docs/live-controls.md has them.")

    def new_view(self) -> NewView:
        """The view, which is not checked yet."""
        return NewView(self.name, self.state, self.drawing)


class PostBody(_Request):
    """A new message."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"text": "Deployed **1.4** to production."}]}
    )

    text: str = Field(
        "", json_schema_extra={"maxLength": TEXT_LIMIT}, description="May be empty with files."
    )
    quote: Number | None = Field(None, description="The number of the message that it quotes.")
    files: list[Annotated[str, Field(max_length=UPLOAD_ID_LIMIT)]] = Field(
        default_factory=list, max_length=MAX_UPLOADS, description="Ids of `POST /api/files`."
    )
    thread: Number | None = Field(
        None, description="The number of the message in whose thread it is posted."
    )
    confirm_calls: bool = Field(
        default=False, description="Post it even if @everyone or @here calls many people."
    )
    view: ViewBody | None = Field(
        None, description="Live controls. `text` says the same wherever they are not shown."
    )


class StreamBody(_Request):
    """A message that will be written piece by piece."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": True}]})

    code: bool = Field(default=False, description="Draw it as a block of code.")
    quote: Number | None = Field(None, description="The number of the message that it quotes.")
    thread: Number | None = Field(
        None, description="The number of the message in whose thread it is posted."
    )
    idle_seconds: int = Field(
        int(IDLE_SECONDS),
        ge=int(SHORTEST_IDLE_SECONDS),
        le=int(IDLE_SECONDS),
        description="After so many seconds without a piece, which may be empty, it is interrupted.",
    )


class OutputQuery(_Request):
    """How a body is shown."""

    code: bool = Field(default=True, description="Draw it as a block of code.")


class PieceBody(_Request):
    """A piece of a message."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"at": 0, "text": "Building"}]})

    at: int = Field(
        ge=0,
        le=LENGTH_LIMIT,
        description="Its place: how many characters (code points) of the text come before it. "
        "What is there already is left out.",
    )
    text: str = Field(description="May be empty: the writer is there.")


class EditBody(_Request):
    """The new text of a message."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "Deployed **1.5**."}]})

    text: str = Field(json_schema_extra={"maxLength": TEXT_LIMIT})


class ReportBody(_Request):
    """What is wrong with a message."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"kind": "spam", "note": "The same link in five rooms."}]}
    )

    kind: ReportKind
    note: str = Field(
        "", json_schema_extra={"maxLength": NOTE_LIMIT}, description="For the moderators."
    )


class NewViewBody(_Request):
    """The new live controls of a message."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"view": EXAMPLE_VIEW, "text": "1.4 is live."}]}
    )

    view: ViewBody | None = Field(description="Without one, its row shows the text.")
    text: str | None = Field(
        None,
        json_schema_extra={"maxLength": TEXT_LIMIT},
        description="What the controls say, wherever they are not shown. It does not count as "
        "edited.",
    )


class AnswerBody(_Request):
    """The answer to an action."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"say": "1.4 is on its way.", "view": EXAMPLE_VIEW}]}
    )

    say: str = Field(
        "",
        max_length=ANSWER_TEXT_LIMIT,
        description="A sentence that only the person sees who acted.",
    )
    errors: dict[FieldName, Annotated[str, Field(max_length=LABEL_LIMIT)]] = Field(
        default_factory=dict,
        max_length=MAX_CONTROLS,
        description="A sentence for each field whose value is wrong. Nothing typed is lost.",
    )
    view: ViewBody | None = Field(None, description="The new controls, if they have changed.")
    text: str | None = Field(
        None,
        json_schema_extra={"maxLength": TEXT_LIMIT},
        description="With a `view`: what it says, wherever it is not shown.",
    )

    def answer(self) -> ActionAnswer:
        """What the person is told."""
        return ActionAnswer(self.say, self.errors)


class RoomBody(_Request):
    """A new room."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"title": "Releases", "topic": "What went out when"}]}
    )

    title: str = Field(json_schema_extra={"minLength": 1, "maxLength": TITLE_LIMIT})
    topic: str = Field("", json_schema_extra={"maxLength": TOPIC_LIMIT})
    kind: Literal[RoomKind.PUBLIC, RoomKind.PRIVATE] = RoomKind.PUBLIC
    invite: list[Number] = Field(
        default_factory=list, max_length=INVITATION_LIMIT, description="Ids of people."
    )


class DirectBody(_Request):
    """The other people of a direct conversation: their ids, their names, or some of both."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"names": ["Ann"]}]})

    people: list[Number] = Field(
        default_factory=list, max_length=DIRECT_MEMBER_LIMIT, description="Ids of people."
    )
    names: list[Annotated[str, Field(min_length=1, max_length=NAME_FIELD_LIMIT)]] = Field(
        default_factory=list,
        max_length=DIRECT_MEMBER_LIMIT,
        description="Names of people. `Ann#2` is the second of several Anns.",
    )
