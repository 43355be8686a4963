"""One person in one session: the list on the left, the header, and the talk in the middle."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import flet as ft
import structlog

from chat.model.addresses import room_path
from chat.model.events import (
    PRESENCE_TOPIC,
    MembershipUpdated,
    MessageNotification,
    OnlinePeople,
    PersonUpdated,
)
from chat.model.people import Person
from chat.model.preferences import Preferences
from chat.model.rooms import RoomId, RoomKind
from chat.model.site import SiteInfo
from chat.tasks import Tasks
from chat.ui.client.connection import KEYBOARD, wire_of
from chat.ui.packing.control_ids import FIRST_ID, message_of
from chat.ui.packing.row_cache import Press
from chat.ui.screen.header import Doors, Header, Sign
from chat.ui.screen.keyboard import Keys, listen
from chat.ui.screen.layout import Frame
from chat.ui.screen.menu_actions import Errands
from chat.ui.screen.message_actions import Deeds
from chat.ui.screen.notifications import Notices
from chat.ui.screen.read_tracker import Attention
from chat.ui.screen.room_pane import Talk
from chat.ui.screen.router import Way
from chat.ui.sidebar.room_list import RoomList
from chat.ui.viewer import ViewerContext
from chat.workspace.workspace import Workspace

log = structlog.get_logger(__name__)


class Conversation(Frame):
    """What a session shows to somebody who came in."""

    def __init__(
        self,
        house: Workspace,
        me: Person,
        viewer: ViewerContext,
        chosen: Preferences,
        invitation: SiteInfo,
        leave: Callable[[], Awaitable[None]],
        press: Press,
    ) -> None:
        self._house = house
        self._tasks = Tasks()
        self._send_key = chosen.send_key
        t = viewer.t
        self._attention = attention = Attention(house, me, lambda: self._talk)
        self._way = way = Way(
            house, me, t, lambda: self._talk, attention.arrived, self.close_drawer
        )
        talk = Talk(
            house,
            me,
            viewer,
            press,
            self._row_touched,
            self._sign,
            attention.attend,
            way.go,
            invitation.static_url,
        )
        self._errands = errands = Errands(house, me, viewer, chosen, invitation, talk, way.go)
        self._deeds = Deeds(house, me, viewer, invitation, talk, way.go, attention.hold)
        talk.float(self._deeds.bar)
        places = RoomList(me, viewer, press, way.go_to, way.talk_to)
        self._notices = Notices(house, me, t)
        self._keys = Keys(
            self._edit_last,
            errands.jumping.show,
            errands.shortcuts,
            attention.read_all,
            attention.attend,
            self._step,
            way.go,
            talk.composer.send,
            talk.composer.pressed_ctrl_enter,
            errands.jumping.arrow_handler,
            talk.composer.pressed,
            talk.composer.told_cursor,
            talk.composer.files,
        )
        doors = Doors(self.open_drawer, way.go_up, errands.pins, errands.search, errands.about)
        header = Header(doors, t)
        super().__init__(invitation.title, me, places, errands.buttons(leave), header, talk, t)

    async def wear(self, viewer: ViewerContext, chosen: Preferences) -> None:
        """Be as the person chose just now: all that stands here is drawn again."""
        for part in (self._talk, self._deeds, self._places):
            part.apply_viewer(viewer)
        self._errands.wear(viewer, chosen)
        self._send_key = chosen.send_key
        self._use_keys()
        if not self._way.is_away and self._talk.is_open:
            self.draw_around()
            at_end = self._talk.timeline.at_end
            path = room_path(self._talk.room.info) if at_end else self._way.path
            self._talk.rest()
            await self._way.show(path)

    async def open(self, path: str) -> None:
        """Subscribe, and show the room that `path` leads to; the lobby if there is none such."""
        wire = wire_of(self.page)
        session = self.page.session.id
        self._way.is_away = False
        self._talk.draw_on(wire)
        if wire is not None:
            wire.listen(self._touched)
        self._use_keys()
        self.page.pubsub.subscribe_topic(PRESENCE_TOPIC, self._hear_here)
        self._house.people.session_connected(self._me, session)
        await self._house.memberships.session_connected(self._me, session)
        await self._house.emoji_preferences.load(self._me)
        if self.is_away:
            return
        self._notices.arrive(wire)
        self.draw_around()
        await self._way.begin(path)

    @property
    def is_away(self) -> bool:
        """Whether the connection is away."""
        return self._way.is_away

    def pause(self) -> None:
        """The connection is away: hear nothing, keep what was typed."""
        self._talk.rest()
        self.page.pubsub.unsubscribe_topic(PRESENCE_TOPIC)
        self._house.people.session_disconnected(self._me, self.page.session.id)
        self._house.memberships.session_disconnected(self._me, self.page.session.id)
        self._way.pause()

    async def words_are_kept(self) -> None:
        """Wait, after `pause`, until whoever comes back finds what was typed."""
        await self._talk.words_are_kept()

    async def come_back(self, path: str) -> None:
        """The page's address is another: by the browser's buttons, or by what was pushed."""
        await self._way.come_back(path)

    def hear_mine(self, event: object) -> None:
        """What all sessions of this person are told."""
        if isinstance(event, MembershipUpdated):
            self._places.update_membership(event.room_id, event.membership)
            self._notices.put(event.room_id, event.membership)
            if event.membership is None and event.room_id == self._room_id:
                self._tasks.start(self._way.go("/room/lobby"), "go to the lobby")
            elif event.membership is not None and event.room_id == self._room_id:
                self._sign()
        elif isinstance(event, MessageNotification):
            self._notices.call(event, self._room_id)

    def draw_around(self) -> None:
        """Draw what stands around the talk, after `fit` and the update."""
        wire = wire_of(self.page)
        self._side.draw(wire)
        self._header.draw(wire)
        here = self._house.people.online
        self._places.show(self._house.memberships.for_person(self._me), self._room_id, here)
        self._header.show_here(here, wire)

    @property
    def _room_id(self) -> RoomId:
        return self._talk.room.info.id if self._talk.is_open else 0

    def _hear_here(self, topic: str, event: object) -> None:
        try:
            if isinstance(event, OnlinePeople):
                self._places.show_online(event)
                self._header.show_here(event, wire_of(self.page))
            elif isinstance(event, PersonUpdated):
                self._talk.draw_again()
                if event.person.id == self._me.id:
                    self._is_now(event.person)
        except Exception:
            log.exception("could not draw", topic=topic, person=self._me.id)

    def _is_now(self, me: Person) -> None:
        """The person is called otherwise, or has another picture."""
        if me.name != self._me.name:
            self._tasks.start(self._way.drop_query(), "leave the address with a name")
        self._me = self._side.me = me
        self.draw_around()
        self._sign()

    def _sign(self) -> None:
        """Say in the header which room this is."""
        room = self._talk.room.info
        self._places.set_current_room(room.id)
        seat = self._house.memberships.get(self._me, room.id)
        title = room.title if seat is None else seat.title
        about = room.topic
        if room.kind is RoomKind.THREAD:
            parent = self._talk.room.parent
            title = self._t("Thread")
            about = "" if parent is None else self._t("in {room}", room=parent.info.title)
        elif room.id == 1:
            about = self._t("Welcome, {name}!", name=self._me.name)
        if room.archived:
            about = self._t("Archived. {about}", about=about)
        self._header.show(Sign(title, room.kind, about), wire_of(self.page))
        self._talk.room_changed()

    def _touched(self, control: int, event: str, data: object) -> Callable[[], Any] | None:
        """What happens when a control is touched."""
        if control == KEYBOARD:
            return self._keys.handler(event, data)
        if control < FIRST_ID:
            return self._talk.composer.handler(control, event)
        row = message_of(control)
        if row is None:
            stands = (self._side, self._header, self._talk.picker)
            return next((each for part in stands if (each := part.handler(control, event))), None)
        return partial(self._deeds.touched, *row, event, data)

    def _use_keys(self) -> None:
        """The desktop window has no script that tells of keys: Flet does."""
        page = self.page
        if isinstance(page, ft.Page) and not page.web:
            self._talk.composer.send_with(self._send_key)
            listen(page, self._keys, self._talk.composer, self._tasks)

    async def _edit_last(self) -> None:
        if self._talk.is_open:
            await self._deeds.edit_last()

    async def _step(self, by: int, unread: bool) -> None:
        room = self._places.room_at_offset(by, unread=unread)
        if room is not None:
            await self._way.go_to(room)

    async def _row_touched(self, number: int, part: int) -> None:
        """As Flet tells of it, where rows are ordinary controls."""
        await self._deeds.touched(number, part, "click")
