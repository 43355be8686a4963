"""The calls about messages."""

from typing import Annotated

from fastapi import APIRouter, Header, Query
from starlette.responses import Response

from chat.drawings.views import drawing_of, state_of
from chat.web.api.answers import (
    ChangeAnswer,
    MessageAnswer,
    MessagesAnswer,
    SearchAnswer,
    ThreadAnswer,
    ViewAnswer,
)
from chat.web.api.cursors import decode_cursor, encode_cursor
from chat.web.api.errors import ErrorCode, error_responses
from chat.web.api.program_route import ActionRoute, MessageRoute, Session, ViewRoute
from chat.web.api.requests import (
    ActionId,
    AnswerBody,
    EditBody,
    Emoji,
    MessageNumber,
    NewViewBody,
    PageQuery,
    PostBody,
    ReportBody,
    SearchQuery,
    Slug,
)
from chat.workspace.program_messages import KEY_LIMIT, ProgramMessages, ProgramText

router = APIRouter(route_class=MessageRoute, tags=["messages"])
view_router = APIRouter(route_class=ViewRoute, tags=["views"])
action_router = APIRouter(route_class=ActionRoute, tags=["views"])

_ROOM_ERRORS = error_responses(ErrorCode.NO_SUCH_ROOM)
_MESSAGE_ERRORS = error_responses(ErrorCode.NO_SUCH_ROOM, ErrorCode.NO_SUCH_MESSAGE)
_CHANGE_CODES = (
    ErrorCode.NO_SUCH_ROOM,
    ErrorCode.NO_SUCH_MESSAGE,
    ErrorCode.ROOM_ARCHIVED,
    ErrorCode.MUTED,
    ErrorCode.BANNED,
    ErrorCode.NOT_STORED,
)
_CHANGE_ERRORS = error_responses(*_CHANGE_CODES)
_VIEW_CODES = (*_CHANGE_CODES, ErrorCode.BAD_TEXT, ErrorCode.BAD_VIEW)
_REACTION_ERRORS = error_responses(*_CHANGE_CODES, ErrorCode.BAD_REACTION)

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=KEY_LIMIT,
        description="Chosen by the program. A request that is sent again with the same key and "
        "body is answered with the first message.",
        examples=["deploy-1.4"],
    ),
]


@router.get("/rooms/{slug}/messages", responses=_ROOM_ERRORS)
async def list_messages(
    session: Session, slug: Slug, query: Annotated[PageQuery, Query()]
) -> MessagesAnswer:
    """A page of messages, in order of number; by default the newest. Scope: `read`."""
    messages = ProgramMessages(session)
    return MessagesAnswer.of(*await messages.page(slug, query.position(), query.limit))


@router.post(
    "/rooms/{slug}/messages",
    status_code=201,
    responses={
        200: {"model": MessageAnswer, "description": "The first message with this key."},
        **error_responses(
            *_CHANGE_CODES,
            ErrorCode.MANY_PEOPLE_CALLED,
            ErrorCode.BAD_TEXT,
            ErrorCode.BAD_VIEW,
            ErrorCode.BAD_KEY,
            ErrorCode.KEY_REUSED,
            ErrorCode.NO_SUCH_UPLOAD,
            ErrorCode.TOO_MANY_FILES,
        ),
    },
)
async def post_message(
    session: Session,
    slug: Slug,
    body: PostBody,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> MessageAnswer:
    """Post a message with text, files or both, in a room or a thread. Scope: `write`."""
    new = ProgramText(
        text=body.text,
        quoted_number=body.quote,
        upload_ids=tuple(body.files),
        thread_number=body.thread,
        confirms_calls=body.confirm_calls,
        view=None if body.view is None else body.view.new_view(),
    )
    room, message, is_new = await ProgramMessages(session).post(slug, new, idempotency_key)
    if not is_new:
        response.status_code = 200
    return MessageAnswer.of(room, message)


@router.get("/rooms/{slug}/messages/{number}", responses=_MESSAGE_ERRORS)
async def get_message(session: Session, slug: Slug, number: MessageNumber) -> MessageAnswer:
    """One message. Scope: `read`."""
    return MessageAnswer.of(slug, await ProgramMessages(session).message(slug, number))


@router.patch(
    "/rooms/{slug}/messages/{number}",
    responses=error_responses(*_CHANGE_CODES, ErrorCode.BAD_TEXT, ErrorCode.NOT_EDITABLE),
)
async def edit_message(
    session: Session, slug: Slug, number: MessageNumber, body: EditBody
) -> MessageAnswer:
    """Change the text of an own message. Scope: `write`."""
    return MessageAnswer.of(slug, await ProgramMessages(session).edit(slug, number, body.text))


@router.delete(
    "/rooms/{slug}/messages/{number}",
    status_code=204,
    responses=_CHANGE_ERRORS,
)
async def delete_message(session: Session, slug: Slug, number: MessageNumber) -> None:
    """Delete an own message. Scope: `write`.

    In a room that the bot has made, that of anybody. Scope: `write` and `manage`.
    """
    await ProgramMessages(session).delete(slug, number)


@router.put(
    "/rooms/{slug}/messages/{number}/reactions/{emoji}",
    responses=_REACTION_ERRORS,
)
async def add_reaction(
    session: Session, slug: Slug, number: MessageNumber, emoji: Emoji
) -> MessageAnswer:
    """React to a message; once more changes nothing. Scope: `react`."""
    message = await ProgramMessages(session).react(slug, number, emoji, present=True)
    return MessageAnswer.of(slug, message)


@router.delete(
    "/rooms/{slug}/messages/{number}/reactions/{emoji}",
    responses=_REACTION_ERRORS,
)
async def remove_reaction(
    session: Session, slug: Slug, number: MessageNumber, emoji: Emoji
) -> MessageAnswer:
    """Take a reaction back; once more changes nothing. Scope: `react`."""
    message = await ProgramMessages(session).react(slug, number, emoji, present=False)
    return MessageAnswer.of(slug, message)


@router.put("/rooms/{slug}/messages/{number}/pin", responses=_CHANGE_ERRORS)
async def pin_message(session: Session, slug: Slug, number: MessageNumber) -> MessageAnswer:
    """Pin a message; once more changes nothing. Scope: `manage`."""
    message = await ProgramMessages(session).pin(slug, number, pinned=True)
    return MessageAnswer.of(slug, message)


@router.delete("/rooms/{slug}/messages/{number}/pin", responses=_CHANGE_ERRORS)
async def unpin_message(session: Session, slug: Slug, number: MessageNumber) -> MessageAnswer:
    """Unpin a message; once more changes nothing. Scope: `manage`."""
    message = await ProgramMessages(session).pin(slug, number, pinned=False)
    return MessageAnswer.of(slug, message)


@router.post(
    "/rooms/{slug}/messages/{number}/report",
    status_code=204,
    responses=error_responses(
        ErrorCode.NO_SUCH_ROOM,
        ErrorCode.NO_SUCH_MESSAGE,
        ErrorCode.ALREADY_REPORTED,
        ErrorCode.BAD_REPORT,
        ErrorCode.BAD_TEXT,
        ErrorCode.NOT_STORED,
    ),
)
async def report_message(
    session: Session, slug: Slug, number: MessageNumber, body: ReportBody
) -> None:
    """Tell owner and moderators of a message. Its author is not told. Scope: `write`.

    They read the words as they are now. A message is reported once.
    """
    await ProgramMessages(session).report(slug, number, body.kind, body.note)


@router.get("/rooms/{slug}/messages/{number}/thread", responses=_MESSAGE_ERRORS)
async def list_thread(
    session: Session, slug: Slug, number: MessageNumber, query: Annotated[PageQuery, Query()]
) -> ThreadAnswer:
    """A page of the replies to a message; empty while nobody has replied. Scope: `read`."""
    thread, page = await ProgramMessages(session).thread_page(
        slug, number, query.position(), query.limit
    )
    return ThreadAnswer(**dict(MessagesAnswer.of(thread or "", page)), thread=thread)


@router.get("/rooms/{slug}/messages/{number}/view", responses=_MESSAGE_ERRORS)
async def get_view(session: Session, slug: Slug, number: MessageNumber) -> ViewAnswer:
    """The live controls of an own message, and the state that they were drawn from.

    Scope: `read`.
    """
    view = await ProgramMessages(session).view(slug, number)
    return ViewAnswer(name=view.name, state=state_of(view), drawing=drawing_of(view))


@view_router.put("/rooms/{slug}/messages/{number}/view", responses=error_responses(*_VIEW_CODES))
async def set_view(
    session: Session, slug: Slug, number: MessageNumber, body: NewViewBody
) -> MessageAnswer:
    """Replace the live controls of an own message. Scope: `write`."""
    view = None if body.view is None else body.view.new_view()
    message = await ProgramMessages(session).set_view(slug, number, view, body.text)
    return MessageAnswer.of(slug, message)


@action_router.post(
    "/actions/{action_id}",
    responses=error_responses(ErrorCode.NO_SUCH_ACTION, *_VIEW_CODES),
)
async def answer_action(session: Session, action_id: ActionId, body: AnswerBody) -> ChangeAnswer:
    """Answer what a person did with the controls of an own message. Scope: `write`.

    The new controls are one change of the room. Without an answer within ten seconds, the person is
    told that there is none.
    """
    view = None if body.view is None else body.view.new_view()
    messages = ProgramMessages(session)
    number = await messages.answer_action(action_id, body.answer(), view, body.text)
    return ChangeAnswer(change_number=number)


@router.get(
    "/search",
    responses=error_responses(ErrorCode.NO_SUCH_ROOM, ErrorCode.BAD_QUERY, ErrorCode.BAD_CURSOR),
)
async def search_messages(session: Session, query: Annotated[SearchQuery, Query()]) -> SearchAnswer:
    """Messages of the rooms that the token covers, the newest first. Scope: `read`."""
    before = decode_cursor("search", query.cursor)
    hits = await ProgramMessages(session).search(query.q, before, query.limit, query.room)
    cursor = encode_cursor("search", hits[-1].id) if len(hits) == query.limit else None
    messages = [MessageAnswer.of(each.room.slug, each.message) for each in hits]
    return SearchAnswer(messages=messages, next_cursor=cursor)
