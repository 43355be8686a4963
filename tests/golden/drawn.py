"""Draws the corpus: rows, lists, dialogs and other parts of the screen, by name.

Nearly all uses of the chat's code in the golden test are in this file.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import flet as ft

from chat.devices.pairing import PairingLink
from chat.errors import BadName, ChatError, NameTaken
from chat.files.upload import Upload, UploadState
from chat.languages import ENGLISH, Language, negotiate_language
from chat.model.devices import PairingChanged, PairingStep
from chat.model.messages import Message, Revision, RoomFile, SearchHit
from chat.model.notification_settings import OPEN_END, NotificationSettings
from chat.model.people import NO_STATUS, Person
from chat.model.preferences import (
    Density,
    Preferences,
    SeedColour,
    SendKey,
    SidebarSection,
    Theme,
)
from chat.model.rooms import Membership, NotificationLevel, RoomKind, RoomSummary
from chat.model.site import SiteInfo
from chat.text.emoji import EmojiPreferences
from chat.text.folding import NARROW_LINE_WIDTH
from chat.text.markup.reader import to_plain_text
from chat.text.message_text import emote_text
from chat.text.previews import message_preview
from chat.text.search_query import Query, parse_query
from chat.ui.autocomplete.commands import CommandCandidates, command_completions
from chat.ui.autocomplete.mentions import MentionCandidates, mention_completions
from chat.ui.autocomplete.popup import CompletionPopup, CompletionProvider
from chat.ui.autocomplete.shortcodes import shortcode_completions
from chat.ui.client.connection import ClientConnection
from chat.ui.client.file_transfer import FileTransfer
from chat.ui.client.notification_state import NotificationState
from chat.ui.composer.context_bar import ContextBar
from chat.ui.devices.pairing_dialog import PairingDialog
from chat.ui.dialogs.avatar import AvatarDialog
from chat.ui.dialogs.gallery import Gallery, PictureSequence
from chat.ui.dialogs.help import CommandsDialog, ShortcutsDialog
from chat.ui.dialogs.link_warning import LinkWarningDialog
from chat.ui.dialogs.message_menu import EarlierTexts, MenuItem, MessageMenu, ReactionActions
from chat.ui.dialogs.preferences import PreferenceActions, PreferencesDialog, ProfileSummary
from chat.ui.dialogs.quick_switcher import QuickSwitcherDialog, Target
from chat.ui.dialogs.room_browser import RoomBrowserDialog, RoomPreviewDialog
from chat.ui.dialogs.room_details import RoomDetailsDialog, RoomPermissions
from chat.ui.emoji.picker import EmojiPickerDialog
from chat.ui.joining.invite_dialog import InviteDialog
from chat.ui.notifications.settings_dialog import NotificationSettingsDialog
from chat.ui.packing.control_ids import ROOM_ROWS, assign_ids
from chat.ui.packing.row_cache import RowCache
from chat.ui.panels.files import FilesPanel
from chat.ui.panels.message_list import MessageEntry, MessageListPanel, location_label
from chat.ui.panels.panel import Panel, PanelDialog, SidePane
from chat.ui.panels.search import SearchPanel
from chat.ui.row_parts import FIRST_TEXT_PART, SHOW_MORE
from chat.ui.rows.divider import LabelledDivider
from chat.ui.rows.event_runs import RowContent
from chat.ui.rows.file_preview import file_thumbnail
from chat.ui.rows.poll import VotersDialog
from chat.ui.screen.header import Header, HeaderContent
from chat.ui.screen.welcome import NameDialog, WelcomeScreen
from chat.ui.sidebar.room_list import RoomList
from chat.ui.sidebar.sidebar import FILTER_FROM, Sidebar
from chat.ui.theme import theme
from chat.ui.theme.density import COMFORTABLE_METRICS, COMPACT_METRICS
from chat.ui.theme.widgets import ROOM_ICONS
from chat.ui.timeline.hover_toolbar import HoveredRow, HoverToolbar
from chat.ui.timeline.jump_buttons import JumpButtons
from chat.ui.timeline.renderer import LiveRenderer, PackedRenderer, RowRenderer
from chat.ui.timeline.timeline_header import RoomOpening
from chat.ui.timeline.typing_line import TypingLine
from chat.ui.uploads.pending_files import PendingFile
from chat.ui.uploads.upload_tray import UploadTray
from chat.ui.viewer import DEFAULT_ROW_STATE, RowState, ViewerContext
from chat.workspace.commands import COMMANDS
from chat.workspace.timings import Timings
from chat.workspace.workspace import Workspace
from tests.golden import corpus
from tests.golden.client import Client, Drawings, PackedClient, before
from tests.golden.screens import draw_screens
from tests.harness.activity import MANY_ACTS
from tests.harness.domain import create_empty_database, sign_in
from tests.harness.waiting import wait_until

CHINESE = negotiate_language("zh-CN")
LANGUAGES = {"English": ENGLISH, "Chinese": CHINESE}


def signed(address: str) -> str:
    """An address for the desktop window, with a constant in place of the real signature."""
    return f"http://127.0.0.1:8550/pass/1.2.signature{address}"


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person with a viewer context, and their row state of each message."""

    context: ViewerContext
    person: Person
    row_state: Callable[[Message], RowState] = lambda message: DEFAULT_ROW_STATE


def _own_row_state(person: Person) -> Callable[[Message], RowState]:
    """The row state of a person with every own part set, and everything opened."""

    def row_state(message: Message) -> RowState:
        return RowState(
            mentions_viewer=person.id in message.mentions,
            own_reactions=message.reactions_of(person.id),
            opened_parts=(SHOW_MORE, *range(FIRST_TEXT_PART, FIRST_TEXT_PART + 6)),
            own_votes=() if message.poll is None else message.poll.chosen_by(person.id),
        )

    return row_state


def _unread_and_target(message: Message) -> RowState:
    return RowState(
        starts_unread=message.number % 4 == 0, is_target=message.number % 3 == 0, is_anchor=True
    )


def _narrow(message: Message) -> RowState:
    return RowState(line_width=NARROW_LINE_WIDTH)


VIEWERS = {
    "narrow": Viewer(ViewerContext(UTC), corpus.CROWD[0], _narrow),
    "default": Viewer(ViewerContext(UTC), corpus.CROWD[0]),
    "Ann": Viewer(ViewerContext(UTC), corpus.ANN, _own_row_state(corpus.ANN)),
    "unread": Viewer(ViewerContext(ZoneInfo("America/New_York")), corpus.BOB, _unread_and_target),
    "Chinese": Viewer(
        ViewerContext(ZoneInfo("Asia/Shanghai"), CHINESE), corpus.MEI, _own_row_state(corpus.MEI)
    ),
    "compact": Viewer(
        ViewerContext(ZoneInfo("Europe/Zurich"), ENGLISH, COMPACT_METRICS), corpus.DANA
    ),
    "desktop window": Viewer(ViewerContext(UTC, ENGLISH, COMFORTABLE_METRICS, signed), corpus.OMAR),
}

VIEWER_CONTEXTS = {
    name: VIEWERS[name].context for name in ("default", "Chinese", "compact", "desktop window")
}


async def nothing(*_: Any) -> None:
    """A placeholder for any click handler."""


async def no_entries(_: int) -> tuple[MessageEntry, ...]:
    """No further entries of a list."""
    return ()


async def no_revisions(_: int) -> tuple[Revision, ...]:
    """A placeholder for the loading of earlier texts."""
    return ()


def closes() -> None:
    """A placeholder for the function that closes a dialog."""


# Both renderers.


def _list_on(client: Client) -> ft.ListView:
    rows = ft.ListView(reverse=True)
    if isinstance(client, PackedClient):
        assign_ids(rows, ROOM_ROWS.list_id)
    client.show(rows)
    return rows


def _renderer_on(client: Client, viewer: Viewer) -> RowRenderer:
    rows = _list_on(client)
    if isinstance(client, PackedClient):
        return PackedRenderer(
            rows,
            viewer.context,
            client,
            row_ids=ROOM_ROWS,
            row_cache=RowCache(),
            get_row_state=viewer.row_state,
        )
    return LiveRenderer(rows, viewer.context, on_part_click=nothing, get_row_state=viewer.row_state)


def _connection(client: Client) -> ClientConnection | None:
    return client if isinstance(client, PackedClient) else None


RENDERERS: dict[str, Callable[[], Client]] = {"packed": PackedClient, "controls": Client}

# (Flet takes some milliseconds for each row of ordinary controls.)
_VIEWERS_OF_CONTROLS = {"Ann", "unread"}


def draw_rows(drawings: Drawings) -> None:
    """Draw each message by itself, for each viewer with both renderers."""
    pairs = corpus.named_pairs()
    for renderer, new_client in RENDERERS.items():
        for name, viewer in VIEWERS.items():
            if renderer == "controls" and name not in _VIEWERS_OF_CONTROLS:
                continue
            client = new_client().open()
            for title, previous, message in pairs:
                _renderer_on(client, viewer).replace_all([(previous, message)], None)
                drawings.add(f"rows/{name}/{renderer}/{title}", client)


def draw_timelines(drawings: Drawings) -> None:
    """Draw a timeline, and each of the renderer's operations on it."""
    for renderer, new_client in RENDERERS.items():
        _draw_timeline(drawings, f"timeline/{renderer}", new_client().open())


def _draw_timeline(drawings: Drawings, prefix: str, client: Client) -> None:
    messages = list(corpus.messages_by_name().values())
    pairs = list(zip([None, *messages], messages, strict=False))
    renderer = _renderer_on(client, VIEWERS["Ann"])
    edited = replace(messages[22], text="otherwise", change_number=2000)
    steps: dict[str, Callable[[], object]] = {
        "show": lambda: renderer.replace_all(pairs[10:20], None),
        "newer": lambda: renderer.add_newer(messages[19], tuple(messages[20:23]), lambda _: ()),
        "newer again": lambda: renderer.add_newer(
            messages[22], tuple(messages[23:25]), lambda _: ()
        ),
        "older": lambda: renderer.add_older(15, pairs[5:10], None),
        "older, from the beginning": lambda: renderer.add_older(
            20, pairs[:5], RoomOpening([], "Lobby", ["The beginning"])
        ),
        "redraw": lambda: renderer.redraw(2, RowContent(messages[21], edited)),
        "header": lambda: renderer.redraw_header(25, RoomOpening([], "Garden", ["The beginning"])),
        "trim": lambda: renderer.trim(5, 26),
        "empty": lambda: renderer.replace_all([], LabelledDivider("Nothing")),
    }
    for name, step in steps.items():
        step()
        drawings.add(f"{prefix}/{name}", client)


# The parts around the timeline.


def draw_sidebars(drawings: Drawings) -> None:
    """Draw the sidebar: on a wide screen and on a phone, and its changes."""
    for renderer, new_client in RENDERERS.items():
        for name, context in VIEWER_CONTEXTS.items():
            _draw_sidebar(
                drawings, f"sidebar/{name}/{renderer}", new_client().open(), context, phone=False
            )
        context = VIEWER_CONTEXTS["default"]
        _draw_sidebar(
            drawings, f"sidebar/phone/{renderer}", new_client().open(), context, phone=True
        )


def _draw_sidebar(
    drawings: Drawings, prefix: str, client: Client, context: ViewerContext, *, phone: bool
) -> None:
    connection, me = _connection(client), corpus.ANN
    room_list = RoomList(me, context, RowCache(), get_status=lambda _: NO_STATUS, perform=nothing)
    sidebar = Sidebar("Flet Chat", me, room_list, perform=nothing, t=context.t, phone=phone)
    client.show(sidebar)
    sidebar.draw(connection)
    drawings.add(f"{prefix}/empty", client)
    lobby, garden, cellar = corpus.MEMBERSHIPS[:3]
    steps: dict[str, Callable[[], object]] = {
        "all rooms": lambda: room_list.show(corpus.MEMBERSHIPS, 1, corpus.ONLINE),
        "more unread": lambda: room_list.update_membership(
            2, replace(garden, unread=8, unread_mentions=1)
        ),
        "renamed": lambda: room_list.update_membership(
            2, replace(garden, room=replace(garden.room, title="Zoo"))
        ),
        "another room": lambda: room_list.set_current_room(3),
        "room left": lambda: room_list.update_membership(3, None),
        "a thread": lambda: room_list.set_current_room(corpus.SILENT.id),
        "many people": lambda: room_list.show_online(corpus.MANY_ONLINE),
        "others offline": lambda: room_list.show_online(replace(corpus.ONLINE, people=(me,))),
        "a favourite with a draft": lambda: room_list.update_membership(
            6, replace(corpus.MEMBERSHIPS[5], is_favourite=True, has_draft=True)
        ),
        "folded": lambda: room_list.set_folded(
            frozenset({SidebarSection.DIRECT, SidebarSection.ROOMS, SidebarSection.PEOPLE})
        ),
        "filtered": lambda: room_list.filter("b"),
        "all again": lambda: room_list.filter(""),
    }
    for name, step in steps.items():
        step()
        drawings.add(f"{prefix}/{name}", client)
    sidebar.me = corpus.BOB
    sidebar.draw(connection)
    drawings.add(f"{prefix}/another person", client)
    sidebar.draw(connection, FILTER_FROM)
    room_list.show(corpus.MEMBERSHIPS, 1, corpus.ONLINE)
    drawings.add(f"{prefix}/with a filter", client)
    room_list.apply_viewer(replace(context, metrics=COMPACT_METRICS))
    room_list.show((lobby, cellar), 1, corpus.ONLINE)
    drawings.add(f"{prefix}/compact density", client)


def draw_headers(drawings: Drawings) -> None:
    """Draw the header of each kind of room."""
    contents = {
        "public": HeaderContent("Lobby", RoomKind.PUBLIC, "Welcome, Ann!"),
        "private": HeaderContent("Cellar", RoomKind.PRIVATE, ""),
        "direct": HeaderContent("Bob Marley-Smith", RoomKind.DIRECT, ""),
        "thread": HeaderContent("Thread", RoomKind.THREAD, "in Lobby"),
        "long": HeaderContent(corpus.ATTIC.title, RoomKind.PUBLIC, "about " * 30),
    }
    for renderer, new_client in RENDERERS.items():
        for language, t in LANGUAGES.items():
            for phone in (False, True):
                client = new_client().open()
                prefix = f"header/{language}/{renderer}/{'phone' if phone else 'wide'}"
                header = Header(t, perform=nothing)
                header.fit(phone)
                client.show(header)
                for name, content in contents.items():
                    header.show(content, _connection(client))
                    drawings.add(f"{prefix}/{name}", client)
                header.show_online("1,234 here", _connection(client))
                drawings.add(f"{prefix}/online people", client)


# Ordinary controls.


class DrawingPage:
    """One page on which Flet draws controls."""

    def __init__(self, drawings: Drawings, prefix: str) -> None:
        self._drawings = drawings
        self._prefix = prefix

    def control(self, name: str, control: ft.Control) -> None:
        """Draw a control."""
        client = Client().open()
        client.page.controls = [control]
        client.page.update()
        self._drawings.add(f"{self._prefix}/{name}", client)

    def dialog(self, name: str, dialog: ft.DialogControl) -> Client:
        """Draw a dialog; returns its client."""
        client = Client().open()
        client.page.show_dialog(dialog)
        self._drawings.add(f"{self._prefix}/{name}", client)
        return client

    def panel(self, name: str, panel: Panel, t: Language) -> Client:
        """Draw a panel in a dialog; returns its client."""
        dialog = PanelDialog(panel, t, page_width=theme.PHONE_BREAKPOINT, on_dismiss=closes)
        return self.dialog(name, dialog)

    def changes(self, name: str, client: Client) -> None:
        """Draw the changes since the last drawing."""
        self._drawings.add(f"{self._prefix}/{name}", client)


def draw_pages(drawings: Drawings) -> None:
    """Draw the page itself: its title, fonts, themes and locale."""
    preferences_by_name = {
        "defaults": Preferences(),
        "dark": Preferences(Theme.DARK, SeedColour.ROSE, Density.COMPACT),
        "light": Preferences(Theme.LIGHT, SeedColour.TEAL),
    }
    for language, t in LANGUAGES.items():
        for name, preferences in preferences_by_name.items():
            client = Client().open()
            theme.setup_page(client.page, "Flet Chat", "/v1/")
            theme.apply_preferences(client.page, preferences, t)
            client.page.update()
            theme.load_formula_fonts(client.page, "/v1/")
            drawings.add_screen(f"page/{language}/{name}", client)


async def draw_dialogs(drawings: Drawings, workspace: Workspace) -> None:
    """Draw each dialog, the completion list and the hover toolbar, in each language."""
    for language, t in LANGUAGES.items():
        context = ViewerContext(UTC if t is ENGLISH else ZoneInfo("Asia/Shanghai"), t)
        page = DrawingPage(drawings, f"dialog/{language}")
        _draw_sign_in(page, t)
        _draw_message_dialogs(page, context)
        _draw_room_dialogs(page, context)
        _draw_list_dialogs(page, context)
        _draw_preferences_and_help(page, t)
        await _draw_files(page, context, workspace)
        await _draw_pickers(page, t)
        await _draw_search(page, context)
        page = DrawingPage(drawings, f"parts/{language}")
        _draw_parts(page, context)
        _draw_completions(page, context)
        await _draw_hover(page, t)


def _draw_sign_in(page: DrawingPage, t: Language) -> None:
    page.control("welcome", WelcomeScreen("Flet Chat", t, on_start=closes))
    page.dialog("name", NameDialog("Flet Chat", t, sign_in=nothing))
    refused = BadName("Name cannot be blank!")
    page.dialog(
        "name, refused", NameDialog("Flet Chat", t, sign_in=nothing, name=" ", error=refused)
    )
    taken = NameTaken("Ann", "Ann 2", "Ann 3", "Ann 4", may_be_own=True)
    page.dialog("name, taken", NameDialog("聊天", t, sign_in=nothing, name="Ann", error=taken))


def _draw_message_dialogs(page: DrawingPage, context: ViewerContext) -> None:
    messages = corpus.messages_by_name()
    actions = [
        MenuItem(ft.Icons.REPLY_ROUNDED, context.t("Reply"), nothing),
        MenuItem(ft.Icons.HOW_TO_VOTE_OUTLINED, context.t("Who voted"), nothing, opens_dialog=True),
        MenuItem(
            ft.Icons.DELETE_OUTLINE_ROUNDED, context.t("Delete"), nothing, is_destructive=True
        ),
    ]
    earlier = [Revision("**second**", before(hours=5)), Revision("first", before(days=2))]
    react = ReactionActions(EmojiPreferences(("🚀", "👋"), 3), nothing, nothing)
    for name in ("emphasis", "long", "files", "a picture", "pictures", "emote", "right to left"):
        message = messages[name]
        menu = MessageMenu(
            message,
            context,
            items=actions,
            reaction_actions=react,
            earlier=EarlierTexts((), no_revisions),
            is_sheet=True,
        )
        page.dialog(f"message menu, {name}", menu)
    edited = messages["own and edited"]
    menu = MessageMenu(
        edited,
        context,
        items=actions,
        reaction_actions=None,
        earlier=EarlierTexts(earlier, no_revisions),
        is_sheet=False,
    )
    page.dialog("message menu, edited", menu)
    page.dialog("voters", VotersDialog(messages["a poll"], context.t))
    page.dialog("voters, many", VotersDialog(messages["a poll of many"], context.t))
    address = "https://evil.example.org/%20path?to=good.org#\u202ex"
    page.dialog("link warning", LinkWarningDialog(address, context.t))


def _draw_room_dialogs(page: DrawingPage, context: ViewerContext) -> None:
    t = context.t
    summaries = [
        RoomSummary(room, 10**n, None if n == 3 else before(minutes=n))
        for n, room in enumerate(corpus.ROOMS[:5])
    ]
    for name, listed in (("room browser", summaries), ("room browser, empty", [])):
        dialog = RoomBrowserDialog(listed, {1}, context, open_room=nothing, create=nothing)
        page.dialog(name, dialog)
    for name, messages in (
        ("room preview", list(corpus.messages_by_name().values())),
        ("room preview, empty", []),
    ):
        preview = RoomPreviewDialog(
            summaries[1], messages[:8], context, join=nothing, go_back=nothing
        )
        page.dialog(name, preview)
    all_permissions, no_permissions = RoomPermissions(*[True] * 7), RoomPermissions()
    for name, room, level, members, permissions in (
        ("public", corpus.GARDEN, NotificationLevel.ALL, corpus.PEOPLE, all_permissions),
        (
            "archived",
            corpus.ATTIC,
            NotificationLevel.NOTHING,
            (*corpus.PEOPLE, *corpus.CROWD),
            all_permissions,
        ),
        ("no permissions", corpus.KITCHEN, NotificationLevel.MENTIONS, (), no_permissions),
    ):
        details = RoomDetailsDialog(
            room,
            Membership(room, 0, level),
            members=members,
            permissions=permissions,
            perform=nothing,
            viewer=context,
        )
        page.dialog(f"room details, {name}", details)
    reachable = SiteInfo("Flet Chat", "http://192.168.1.5:8550/", True)
    page.dialog("invite", InviteDialog(reachable, t))
    page.dialog("invite, unreachable", InviteDialog(replace(reachable, reachable=False), t))
    link = PairingLink("A" * 22, 300.0)
    for site in (reachable, replace(reachable, reachable=False)):
        for step in PairingStep:
            state = PairingChanged(step, "Chrome on Android", "192.168.1.7")
            adding = PairingDialog(state, link, site, t=t, page_width=1440, perform=nothing)
            page.dialog(f"add a device, {step.name.lower()}, {site.reachable}", adding)


def _draw_list_dialogs(page: DrawingPage, context: ViewerContext) -> None:
    messages, t = corpus.messages_by_name(), context.t
    rooms = (corpus.GARDEN, corpus.PAIR, corpus.THREAD)
    entries = [
        MessageEntry(
            message,
            location_label(room, t),
            f"/room/{room.slug}/{message.number}",
            to_plain_text(emote_text(message.author.name, message_preview(message))),
            ((0, 2), (3, 4)),
        )
        for room in rooms
        for message in (
            messages["emphasis"],
            messages["a picture"],
            messages["files"],
            messages["emote"],
        )
    ]
    for name, listed in (("message list", entries), ("message list, empty", [])):
        panel = MessageListPanel(
            "Mentions", listed, "none", viewer=context, navigate=nothing, load_entries=no_entries
        )
        page.panel(name, panel, t)

    def icon_of(icon: ft.IconData) -> Callable[[], ft.Control]:
        return lambda: ft.Icon(icon)

    targets = [
        Target(
            membership.title,
            t("room"),
            icon_of(ROOM_ICONS[membership.room.kind]),
            nothing,
            membership.badge_count,
        )
        for membership in corpus.MEMBERSHIPS
    ]
    targets += [Target(each.name, t("person"), icon_of(ft.Icons.TAG), nothing, 3, True) for each in
              corpus.PEOPLE]  # fmt: skip
    quick_switcher = QuickSwitcherDialog(
        "Go to", targets, t, on_dismiss=closes, search_messages=nothing
    )
    client = page.dialog("quick switcher", quick_switcher)
    quick_switcher.move_selection(2)
    page.changes("quick switcher, moved selection", client)
    empty = QuickSwitcherDialog("Go to", [], t, on_dismiss=closes)
    empty.add_targets([])
    page.dialog("quick switcher, empty", empty)


def _draw_preferences_and_help(page: DrawingPage, t: Language) -> None:
    actions = PreferenceActions(
        nothing, closes, nothing, nothing, closes, closes, nothing, nothing, closes
    )
    me = ProfileSummary("Ann", "🌴 On holiday", None, "Password")
    dialog = PreferencesDialog(Preferences(), actions, t, notification_summary="Off", me=me)
    client = page.dialog("preferences", dialog)
    dialog.show(
        Preferences(Theme.DARK, SeedColour.AMBER, Density.COMPACT, SendKey.CTRL_ENTER, CHINESE.tag)
    )
    page.changes("preferences, changed", client)
    notifications = NotificationSettingsDialog(
        NotificationSettings(keywords=("release plan", "会议")),
        NotificationState.ALLOWED,
        ViewerContext(t=t),
        perform=nothing,
    )
    client = page.dialog("notification settings", notifications)
    notifications.show_settings(NotificationSettings(False, (), OPEN_END))
    notifications.show_state(NotificationState.BLOCKED_IN_FIREFOX)
    page.changes("notification settings, changed", client)
    for key in SendKey:
        page.dialog(f"shortcuts, {key.value}", ShortcutsDialog(key, t))
    page.dialog("commands", CommandsDialog(t))


class _CorpusFiles:
    """The files of two messages of the corpus."""

    async def load_files(
        self, *, pictures: bool, before: RoomFile | None, limit: int
    ) -> tuple[RoomFile, ...]:
        messages = corpus.messages_by_name()
        return tuple(
            RoomFile(file, message.number, n, message.author, message.sent_at)
            for message in (messages["pictures"], messages["pictures and files"])
            for n, file in enumerate(message.files)
            if file.is_picture is pictures
        )

    async def open_file(self, file: RoomFile) -> None:
        """Nothing is drawn."""

    async def open_message_of(self, file: RoomFile) -> None:
        """Nothing is drawn."""


async def _draw_files(page: DrawingPage, context: ViewerContext, workspace: Workspace) -> None:
    owner = ft.Container()
    transfer = FileTransfer(owner, image_url=context.image_url)
    for person in (corpus.ANN, corpus.BOB):
        avatar = AvatarDialog(workspace, person, context, file_transfer=transfer)
        page.dialog(f"avatar, {person.name}", avatar)
    panel = FilesPanel(context, _CorpusFiles())
    await panel.show()
    client = page.panel("files", panel, context.t)
    (segments,) = [each for each in _all(client.screen) if each.get("_c") == "SegmentedButton"]
    client.session.apply_patch(segments["_i"], {"selected": ["files"]})
    await client.session.dispatch_event(segments["_i"], "change", ["files"])
    page.changes("files, other files", client)
    viewer, *_ = await workspace.all_people()
    lobby = await workspace.rooms.by_slug(viewer, "lobby")
    pictures = PictureSequence(lobby, viewer, corpus.messages_by_name()["pictures"], file_index=1)
    gallery = Gallery(pictures, context, save=nothing)
    client = page.dialog("gallery", gallery)
    await gallery.update_arrows()
    page.changes("gallery, with arrows", client)


async def _draw_pickers(page: DrawingPage, t: Language) -> None:
    for tone, recent in ((0, ()), (4, ("👋", "🚀"))):
        preferences = EmojiPreferences(recent, tone)
        for renderer, new_client in RENDERERS.items():
            client = new_client().open()
            connection = _connection(client)

            def get_preferences(preferences: EmojiPreferences = preferences) -> EmojiPreferences:
                return preferences

            def get_connection(
                connection: ClientConnection | None = connection,
            ) -> ClientConnection | None:
                return connection

            dialog = EmojiPickerDialog(
                t,
                get_preferences=get_preferences,
                set_tone=nothing,
                on_pick=nothing,
                get_connection=get_connection,
            )
            client.page.show_dialog(dialog)
            page.changes(f"emoji picker, tone {tone}, {renderer}", client)
            for group in (0, 1, 6) if connection else (6,):
                await dialog.show_group(group)
                page.changes(f"emoji picker, tone {tone}, {renderer}, group {group}", client)


class _SearchedCorpus:
    """The messages of the corpus, as a search finds them."""

    def __init__(self, context: ViewerContext) -> None:
        self._context = context
        self.queries: list[str] = []

    async def search(
        self, text: str, before_id: int | None, *, only_here: bool
    ) -> tuple[Query, tuple[SearchHit, ...]]:
        self.queries.append(text)
        messages = corpus.messages_by_name()
        hits = [
            SearchHit(n, corpus.GARDEN, messages[name]) for n, name in enumerate(("long", "files"))
        ]
        return parse_query(text, self._context.time_zone), tuple(hits if text == "line" else ())

    async def load_candidates(self) -> CommandCandidates:
        return CommandCandidates(MentionCandidates([corpus.ANN, corpus.BOB]), [corpus.GARDEN])

    def capture_choice_keys(self, enabled: bool) -> None:
        """No page reports keys."""

    def replace_input_text(self, index: int, old: str, new: str) -> bool:
        return False

    def select_input_text(self) -> bool:
        return False

    def build_entry(
        self, hit: SearchHit, text: str, highlights: tuple[tuple[int, int], ...]
    ) -> MessageEntry:
        label = location_label(hit.room, self._context.t)
        return MessageEntry(hit.message, label, "/room/x", text, highlights)

    async def open_message(self, path: str, marked_words: tuple[str, ...]) -> None:
        """Nothing is drawn."""

    def on_search(self, words: str, *, only_here: bool) -> None:
        """Nothing is drawn."""


async def _draw_search(page: DrawingPage, context: ViewerContext) -> None:
    searched = _SearchedCorpus(context)
    panel = SearchPanel(context, searched)
    client = page.panel("search", panel, context.t)
    for text in ("line", "nowhere"):
        field = next(each for each in _all(client.screen) if each.get("_c") == "TextField")
        client.session.apply_patch(field["_i"], {"value": text})
        await client.session.dispatch_event(field["_i"], "change", text)
        await wait_until(lambda: client.frames, interval=0.005)
        page.changes(f"search, {text}", client)
    assert searched.queries == ["line", "nowhere"]
    beside = SearchPanel(context, searched, only_here=True, takes_focus=False)
    page.control("search beside the room", SidePane(beside, context.t, on_close=nothing))


def _draw_parts(page: DrawingPage, context: ViewerContext) -> None:
    t, messages = context.t, corpus.messages_by_name()
    for name, typing in corpus.TYPING.items():
        line = TypingLine()
        client = Client().open().show(line)
        line.show(typing, {corpus.ANN.id}, t)
        if client.frames:
            page.changes(f"typing line, {name}", client)
    stack = ft.Stack()
    client = Client().open().show(stack)
    buttons = JumpButtons(stack, t, jump_down=nothing, jump_up=nothing, dismiss=nothing)
    steps: dict[str, Callable[[], object]] = {
        "one": lambda: buttons.show_below(1, is_far=False),
        "three": lambda: buttons.show_below(3, is_far=False),
        "far": lambda: buttons.show_below(0, is_far=True),
        "at the end": lambda: buttons.show_below(0, is_far=False),
        "one above": lambda: buttons.show_above(1, "09:41"),
        "nine above": lambda: buttons.show_above(9, "09:41"),
        "many above": lambda: buttons.show_above(100, "09:41"),
        "none above": lambda: buttons.show_above(0, "09:41"),
    }
    for name, step in steps.items():
        step()
        page.changes(f"jump buttons, {name}", client)
    bar = ContextBar(t, on_cancel=closes)
    client = Client().open().show(bar)
    bar.show(ft.Icons.EDIT_OUTLINED, t("Editing your message"))
    page.changes("context bar, editing", client)
    picture = file_thumbnail(corpus.WIDE, context.image_url, t, 24)
    bar.show(ft.Icons.REPLY_ROUNDED, message_preview(messages["a picture"]), picture)
    page.changes("context bar, a picture", client)
    bar.show(None, "")
    page.changes("context bar, nothing", client)
    tray = UploadTray(t, image_url=context.image_url, remove=closes_item)
    client = Client().open().show(tray)
    tray.show(_items(), t("Your message is sent as soon as the files are here."))
    page.changes("upload tray", client)
    tray.show([], "")
    page.changes("upload tray, empty", client)


def closes_item(item: PendingFile) -> None:
    """A placeholder for the function that removes a file from the tray."""


def _items() -> list[PendingFile]:
    def upload(name: str, state: UploadState, received: int) -> Upload:
        return Upload(1, 1, name, 1000, state=state, received=received, id="id", token="token")

    ready = upload("hill.jpg", UploadState.READY, 1000)
    ready.attachment = corpus.WIDE
    noted = upload("film.mkv", UploadState.READY, 1000)
    noted.attachment, noted.warning = corpus.FILES[4], ChatError("It is only a file.")
    return [
        PendingFile(1, "waiting.pdf", 1000),
        PendingFile(2, "half.zip", 1000, upload("half.zip", UploadState.RECEIVING, 500)),
        PendingFile(3, "all.txt", 1000, upload("all.txt", UploadState.PREPARING, 1000)),
        PendingFile(4, "hill.jpg", 1000, ready),
        PendingFile(5, "film.mkv", 1000, noted),
        PendingFile(6, "folder", -1, None, "A folder cannot be sent."),
    ]


def _draw_completions(page: DrawingPage, context: ViewerContext) -> None:
    mentions = MentionCandidates(corpus.PEOPLE, (corpus.MEI.id,), frozenset({corpus.BOB.id}))
    commands = CommandCandidates(mentions, corpus.ROOMS[:5])
    providers: list[CompletionProvider] = [
        command_completions(lambda: commands, closes, context),
        mention_completions(lambda: mentions, context),
        shortcode_completions(lambda: EmojiPreferences(("🚀",), 2)),
    ]
    popup = CompletionPopup(providers, on_accept=lambda *_: None, capture_keys=lambda on: None)
    client = Client().open().show(popup)
    texts = ["@", "hello @bo", ":ha", ":rocket", "/", "/in", *(f"/{each} " for each in COMMANDS)]
    texts += ["/dm b", "/invite an", "/join g", "/poll x"]
    for text in texts:
        popup.refresh(text)
        if client.frames:
            page.changes(f"completions, {text.replace('/', 'slash ')}", client)
    popup.refresh("/")
    for key in ("down", "down", "down", "down", "down", "down", "up"):
        if (press := popup.key_handler(key)) is not None:
            press()
    page.changes("completions, keys", client)
    popup.close()
    page.changes("completions, closed", client)


async def _hovered_row(number: int) -> HoveredRow:
    emoji = ("👍", "❤️", "🎉") if number == 1 else ()
    message = corpus.messages_by_name()["emphasis"]
    return HoveredRow(
        message, "Monday, 30 November 2026, 09:41", "" if number == 1 else "09:41", 2, 36, 80, emoji
    )


class _Rows(ft.Stack):
    """Where the hover toolbar floats; it has no rows."""

    def tint(self, message: Message | None) -> None:
        """Tint nothing."""


async def _draw_hover(page: DrawingPage, t: Language) -> None:
    stack = _Rows()
    client = Client().open().show(stack)
    bar = HoverToolbar(stack, {t("React"): (ft.Icons.ADD_REACTION_OUTLINED, nothing),
                       t("More"): (ft.Icons.MORE_HORIZ_ROUNDED, nothing)},
                       t, react=nothing, load_row=_hovered_row)  # fmt: skip
    for edge in (0.0, 120.5):
        bar.show_soon(round(edge) + 1, edge, edge)
        await wait_until(lambda: client.frames, interval=0.005)
        page.changes(f"hover toolbar, {edge}", client)
    bar.hide()
    page.changes("hover toolbar, hidden", client)


def _all(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, list):
        return [found for each in value for found in _all(each)]
    if not isinstance(value, dict):
        return []
    return [value, *(found for each in value.values() for found in _all(each))]


async def draw_all(folder: Path) -> Drawings:
    """Draw everything. The clock has to be frozen already."""
    drawings = Drawings()
    draw_rows(drawings)
    draw_timelines(drawings)
    draw_sidebars(drawings)
    draw_headers(drawings)
    draw_pages(drawings)
    await draw_screens(drawings, folder)
    workspace = await Workspace.open(
        await create_empty_database(folder),
        lambda topic, event: None,
        timings=Timings(activity=MANY_ACTS),
    )
    try:
        await sign_in(workspace, "Ann")
        await draw_dialogs(drawings, workspace)
    finally:
        await workspace.close()
    return drawings
