"""The calls about the program itself, rooms and people."""

from typing import Annotated

from fastapi import APIRouter, Query

from chat.web.api.answers import (
    OneRoomAnswer,
    PeopleAnswer,
    ProfileAnswer,
    RoomAnswer,
    RoomsAnswer,
    SeenPersonAnswer,
)
from chat.web.api.cursors import decode_cursor, encode_cursor
from chat.web.api.errors import ErrorCode, error_responses
from chat.web.api.program_route import ProgramRoute, Session
from chat.web.api.requests import DirectBody, ListQuery, PeopleQuery, RoomBody, Slug
from chat.workspace.program_rooms import ProgramRooms

router = APIRouter(route_class=ProgramRoute, tags=["rooms"])

_LIST_ERRORS = error_responses(ErrorCode.BAD_CURSOR)


@router.get("/me", responses=error_responses())
async def get_profile(session: Session) -> ProfileAnswer:
    """The bot of the token, its owner, and what the token allows."""
    token = session.token
    profile = await ProgramRooms(session).profile()
    return ProfileAnswer.of(profile, token.label, token.scopes, token.expires_at)


@router.get("/people", responses=_LIST_ERRORS)
async def list_people(session: Session, query: Annotated[PeopleQuery, Query()]) -> PeopleAnswer:
    """The people and bots in the chat, in order of their first sign-in. Scope: `read`."""
    after = decode_cursor("people", query.cursor) or 0
    people, has_more = await ProgramRooms(session).people(
        after, query.limit, only_online=query.online
    )
    cursor = encode_cursor("people", people[-1].person.id) if has_more else None
    return PeopleAnswer(people=[SeenPersonAnswer.seen(each) for each in people], next_cursor=cursor)


@router.get("/rooms", responses=_LIST_ERRORS)
async def list_rooms(session: Session, query: Annotated[ListQuery, Query()]) -> RoomsAnswer:
    """The public rooms, and those that the bot is in, as far as the token covers them.

    The oldest is the first. Threads are not listed. Scope: `read`.
    """
    after = decode_cursor("rooms", query.cursor) or 0
    rooms, has_more = await ProgramRooms(session).rooms(after, query.limit)
    cursor = encode_cursor("rooms", rooms[-1].info.id) if has_more else None
    return RoomsAnswer(rooms=[RoomAnswer.of(each) for each in rooms], next_cursor=cursor)


@router.get("/rooms/{slug}", responses=error_responses(ErrorCode.NO_SUCH_ROOM))
async def get_room(session: Session, slug: Slug) -> OneRoomAnswer:
    """One room. Scope: `read`."""
    return OneRoomAnswer.of(await ProgramRooms(session).room(slug))


@router.post(
    "/rooms",
    status_code=201,
    responses=error_responses(
        ErrorCode.TOKEN_BOUND_TO_ROOMS,
        ErrorCode.TITLE_TAKEN,
        ErrorCode.BAD_ROOM,
        ErrorCode.NO_SUCH_PERSON,
        ErrorCode.NOT_STORED,
    ),
)
async def create_room(session: Session, body: RoomBody) -> OneRoomAnswer:
    """Make a room, which the bot can moderate. Scope: `manage`."""
    made = await ProgramRooms(session).create(body.title, body.kind, body.topic, body.invite)
    return OneRoomAnswer.of(made)


@router.post(
    "/direct",
    responses=error_responses(
        ErrorCode.TOKEN_BOUND_TO_ROOMS,
        ErrorCode.BAD_ROOM,
        ErrorCode.NO_SUCH_PERSON,
        ErrorCode.AMBIGUOUS_NAME,
        ErrorCode.NOT_STORED,
    ),
)
async def open_direct(session: Session, body: DirectBody) -> OneRoomAnswer:
    """The direct conversation of the bot with these people, made on first use. Scope: `write`."""
    return OneRoomAnswer.of(await ProgramRooms(session).direct(body.people, body.names))
