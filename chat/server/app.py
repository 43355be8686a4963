"""Wiring: the house, the hub, the server, and the window or the tab that is opened."""

import asyncio
import contextlib
import gc
import signal
import socket
import sys
import tempfile
import webbrowser
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import structlog
import uvicorn
from flet.pubsub import PubSubHub
from uvicorn.loops.auto import auto_loop_factory

from chat.files.limits import UploadLimits
from chat.model.events import PRESENCE_TOPIC
from chat.model.site import Invitation
from chat.server import network, window
from chat.server.logs import set_up_logs
from chat.server.memory import Memory
from chat.server.settings import Settings, Surroundings, overrule_flet
from chat.tasks import Tasks, aside
from chat.ui.main import main_for
from chat.web.application import Served, application
from chat.web.http import static_files
from chat.web.http.index_page import make_page
from chat.web.http.timeouts import Patient
from chat.web.socket.frame_limits import Counted
from chat.workspace.workspace import Workspace

log = structlog.get_logger(__name__)

# How long clients and handlers have to finish after SIGTERM, in seconds.
_GRACE = 4

# In bytes.
_LARGEST_FRAME = 1024 * 1024

# By then the socket of a closed window is closed too.
_WINDOW_GOES = 1.0


def serve(settings: Settings, around: Surroundings) -> int:
    """Run the chat until it is stopped, and return the exit code. Raises CannotStart."""
    set_up_logs(settings.data)
    # uvloop where it is: half the processor time of asyncio's own for each frame.
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        return runner.run(Chat(settings, around).run())


class Server(uvicorn.Server):
    """A uvicorn that says when it answers, and leaves signals alone.

    (Its own handling ends the process with the signal, not with 0.)
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.answers = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets)
        self.answers.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Let the chat handle them."""
        yield


class Chat:
    """One running chat."""

    def __init__(self, settings: Settings, around: Surroundings) -> None:
        self._settings = settings
        self._around = around
        self._workspace: Workspace | None = None
        self._hub: PubSubHub | None = None
        self._tasks = Tasks()
        self._server: Server | None = None
        self._version = static_files.version()
        self._files = static_files.Compressed(static_files.cache_folder(), self._version)
        self.address = ""
        self.ready = asyncio.Event()
        self._invitation = Invitation(settings.title, "", False)

    async def run(self) -> int:
        """Open, serve, and close in order. Raises CannotStart."""
        overrule_flet()
        listening = bind(self._settings, self._around)
        with listening, tempfile.TemporaryDirectory(prefix="flet-chat-") as folder:
            make_page(Path(folder), self._settings.title, self._version)
            await self._serve(listening, Path(folder))
        return 0

    def stop(self, *_: object) -> None:
        """Begin to end: as Ctrl-C and SIGTERM do."""
        if self._server is not None:
            self._server.should_exit = True

    async def _serve(self, listening: socket.socket, page: Path) -> None:
        self._hub = PubSubHub(loop=asyncio.get_running_loop())
        memory = Memory()
        self._hub.subscribe_topic(
            "memory", PRESENCE_TOPIC, lambda topic, event: memory.give_back_soon()
        )
        publish = self._hub.send_all_on_topic
        self._workspace = await Workspace.open(self._settings.data, publish, limits(self._settings))
        try:
            found = network.invitation(self._settings, listening)
            self._invitation = replace(found, files=f"/v{self._version}/")
            self._server = server = Server(self._config(page))
            self._end_on_signals()
            serving = asyncio.create_task(server.serve(sockets=[listening]))
            answers = self._tasks.start(server.answers.wait(), "wait for the server")
            await asyncio.wait({serving, answers}, return_when=asyncio.FIRST_COMPLETED)
            if server.started:
                self.address = network.own_address(listening)
                # What was made by now stays: a collection that looks through all of it again
                # would keep everybody waiting for some fifty milliseconds.
                gc.freeze()
                self.ready.set()
                self._tasks.start(aside(self._files.make), "compress the page")
                self._opened(self.address)
            await serving
            await self._tasks.stop()
        finally:
            await self._workspace.close()

    def _config(self, page: Path) -> uvicorn.Config:
        main = main_for(self._require_workspace, lambda: self._invitation)
        served = Served(
            self._require_workspace,
            main,
            self._require_hub,
            self._settings.title,
            page,
            self._files,
            self._version,
            self._settings.origins,
            self._settings.session_timeout,
        )
        return uvicorn.Config(
            application(served),
            http=Patient,
            ws=Counted,
            # Whatever is over 128 KiB is refused; here so much of it is read at the most.
            ws_max_size=_LARGEST_FRAME,
            log_config=None,
            access_log=False,
            server_header=False,
            # On a local network the processor is the scarce one: compressing costs each session
            # 48 KB, and each delivery more than everything else together.
            ws_per_message_deflate=False,
            proxy_headers=False,
            timeout_graceful_shutdown=_GRACE,
        )

    def _opened(self, address: str) -> None:
        """The server answers: say so, and open what the person looks at."""
        if self._around.flet_run_prefix is not None:
            # `flet run` waits for this line and opens the window or the tab itself.
            view = "web_browser" if self._around.flet_run_web else "flet_app_web"
            print(self._around.flet_run_prefix, address, view, flush=True)
            return
        print(f"{self._settings.title} is ready at {address}", flush=True)
        if self._settings.lan:
            print(network.in_the_terminal(self._invitation), flush=True)
        if self._wants_window():
            self._tasks.start(self._window(address), "window")
        elif self._wants_tab():
            self._open_tab(address)

    def _wants_window(self) -> bool:
        return self._settings.window or (self._around.screen and not self._settings.web)

    def _wants_tab(self) -> bool:
        return self._around.screen and not self._settings.no_browser

    def _open_tab(self, address: str) -> None:
        # Some browsers return only when they are closed.
        self._tasks.start(aside(lambda: webbrowser.open(address)), "browser tab")

    async def _window(self, address: str) -> None:
        """Show the window; when it is closed the chat ends, unless others are in it."""
        try:
            await window.show(address, fetch=not self._around.brings_window)
        except window.NoWindow as reason:
            opens = " The chat opens in the browser instead." if self._wants_tab() else ""
            print(f"{reason}{opens}", file=sys.stderr, flush=True)
            if self._wants_tab():
                self._open_tab(address)
            return
        await asyncio.sleep(_WINDOW_GOES)
        others = self._require_workspace().people.connected_count
        if others:
            who = "1 person is" if others == 1 else f"{others} people are"
            print(f"The window is closed. {who} still here; Ctrl-C ends the chat.", flush=True)
        else:
            self.stop()

    def _end_on_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                loop.add_signal_handler(number, self.stop)
            except NotImplementedError:  # Windows
                signal.signal(number, self.stop)

    def _require_workspace(self) -> Workspace:
        assert self._workspace is not None, "the house opens before the server does"
        return self._workspace

    def _require_hub(self) -> PubSubHub:
        assert self._hub is not None, "the hub is there before the server is"
        return self._hub


def limits(settings: Settings) -> UploadLimits:
    """What people may send, in bytes and pixels."""
    mebi = 1024 * 1024
    return UploadLimits(
        file_bytes=settings.file_limit * mebi,
        pixels=settings.picture_limit * 1_000_000,
        files_per_hour=settings.files_an_hour,
        bytes_per_person=settings.files_a_person * mebi,
        files_per_message=settings.files_a_message,
    )


def bind(settings: Settings, around: Surroundings) -> socket.socket:
    """A listening socket, so that a taken port is known before anything is opened."""
    host = around.flet_run_host or settings.listens_on
    port = around.flet_run_port or settings.port
    if around.flet_run_prefix and not around.flet_run_port and settings.port == Settings.port:
        # `flet run` opens whatever address is printed: no port has to be free.
        port = 0
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With its protocol named, asyncio switches Nagle's algorithm off: 40 ms less a message.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if sys.platform != "win32":
        # Only there it means: take a port whose last owner has just gone.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(2048)
    except OSError as failure:
        listening.close()
        raise network.cannot_listen(failure, host, port) from failure
    return listening
