"""Wiring of workspace, PubSub hub, HTTP server, and window or browser tab."""

import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import structlog
import uvicorn
from flet.pubsub import PubSubHub
from uvicorn.loops.auto import auto_loop_factory

from chat.accounts.provider import ProviderSettings, require_provider_extra
from chat.activity.activity_limits import ActivityRates
from chat.errors import CannotStart, MissingExtra
from chat.files.limits import UploadLimits
from chat.loop_time import LoopWatch
from chat.model.events import PRESENCE_TOPIC
from chat.model.site import SiteInfo
from chat.outgoing.addresses import AddressRules
from chat.outgoing.deliveries import Sending
from chat.outgoing.requests import Requester
from chat.server import network, window
from chat.server.bots_folder import bots_process, require_bots
from chat.server.drain import drain
from chat.server.local_socket import local_socket
from chat.server.logs import set_up_logs
from chat.server.memory import MemoryTrimmer, collect_garbage
from chat.server.open_files import raise_open_file_limit
from chat.server.settings import (
    Environment,
    Settings,
    clear_flet_environment,
    metrics_token,
    provider_secret,
)
from chat.server.standard_streams import print_line
from chat.tasks import Tasks, run_in_daemon_thread
from chat.text.emoji import load_table
from chat.ui.main import create_main
from chat.web.api.event_json import event_json
from chat.web.application import AppConfig, create_app
from chat.web.guard.address_limits import AddressLimits
from chat.web.guard.origins import Origins
from chat.web.http import static_files
from chat.web.http.index_page import build_page
from chat.web.http.timeouts import TimeoutHttpProtocol
from chat.web.light.endpoint import LightPages
from chat.web.monitoring.endpoint import has_metrics
from chat.web.monitoring.health import Health
from chat.web.socket.uvicorn_protocol import RateLimitedProtocol
from chat.web.trust.endpoint import Certificate
from chat.workspace.timings import DEFAULT_TIMINGS, Timings
from chat.workspace.workspace import Workspace

if TYPE_CHECKING:
    from chat.server.tls.certificates import Certificates
    from chat.server.tls.listener import TlsListener
    from chat.web.socketio.endpoint import SocketIOEndpoint

log = structlog.get_logger(__name__)

# A thread that computes (a search, a picture) leaves the interpreter to the event loop after this
# time, in seconds. A message changes between loop and store several times, and waits that long each
# time: with Python's 5 ms, 60 ms and more.
THREAD_SWITCH_SECONDS = 0.0005

# The time for clients and handlers to finish when the chat stops, in seconds.
SHUTDOWN_SECONDS = 4

# In bytes.
_MAX_FRAME_BYTES = 1024 * 1024

# In seconds; by then the socket of a closed window is closed too.
_WINDOW_CLOSE_DELAY = 1.0


def serve(settings: Settings, environment: Environment) -> int:
    """Run the chat until it is stopped, and return the exit code. Raises CannotStart."""
    set_up_logs(settings.data)
    raise_open_file_limit()
    # uvloop, where it is installed, needs half of asyncio's processor time for each frame.
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        return runner.run(ChatServer(settings, environment).run())


class HttpServer(uvicorn.Server):
    """A uvicorn server that reports when it is ready, and does not handle signals.

    (Uvicorn's own handling ends the process with the signal, not with exit code 0.)
    """

    def __init__(self, config: uvicorn.Config, *, on_shutdown: Callable[[], None]) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()
        self._on_shutdown = on_shutdown
        # Set before the start, it accepts connections as well.
        self.tls_listener: TlsListener | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to answer requests."""
        await super().startup(sockets)
        if self.tls_listener is not None:
            self.tls_listener.start()
        self.ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop: answers that would last are ended before uvicorn waits for all of them."""
        self._on_shutdown()
        if self.tls_listener is not None:
            await self.tls_listener.stop()
        await super().shutdown(sockets)

    def make_protocol(self) -> asyncio.Protocol:
        """The protocol of a new connection, as uvicorn makes it for its own sockets."""
        protocol: asyncio.Protocol = self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return protocol

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to `ChatServer`."""
        yield


class ChatServer:
    """One running chat."""

    def __init__(
        self, settings: Settings, environment: Environment, timings: Timings = DEFAULT_TIMINGS
    ) -> None:
        self._settings = settings
        self._environment = environment
        self._origins = Origins(settings.origins)
        self._address_limits = AddressLimits(settings.sockets_an_address, settings.proxies)
        self._timings = timings
        self._workspace: Workspace | None = None
        self._tasks = Tasks()
        self._loop_watch = LoopWatch()
        self._server: HttpServer | None = None
        self._is_stopped = False
        self._health: Health | None = None
        self._draining: asyncio.Task[None] | None = None
        self._socketio: SocketIOEndpoint | None = None
        self._light_pages: LightPages | None = None
        self._certificates: Certificates | None = None
        self._trusted: Certificate | None = None
        self._version = static_files.page_version()
        self._static_files = static_files.PrecompressedFiles(
            static_files.cache_folder(), self._version
        )
        self.url = ""
        self.ready = asyncio.Event()
        self.site_info = SiteInfo(settings.title, "", False)

    @property
    def workspace(self) -> Workspace:
        """The workspace, once it is open; it opens before the server starts."""
        assert self._workspace is not None, "the workspace opens before the server starts"
        return self._workspace

    @property
    def connections(self) -> tuple[asyncio.Protocol, ...]:
        """The open connections, HTTP and web sockets."""
        return () if self._server is None else tuple(self._server.server_state.connections)

    async def run(self) -> int:
        """Open the workspace, serve, and close. Returns the exit code. Raises CannotStart."""
        clear_flet_environment()
        if self._settings.socketio:
            require_socketio()
        if self._settings.tls:
            require_tls()
        if self._settings.oidc_issuer:
            require_oidc()
            provider_secret(self._settings)
        if metrics_token(self._settings):
            require_metrics()
        if self._settings.bots_folder is not None:
            require_bots(self._settings.bots_folder)
        self._stop_on_signals()
        with bind(self._settings, self._environment) as server_socket:
            page = build_page(self._settings.title, self._version, self._settings.base_path)
            await self._serve(server_socket, page)
        return 0

    def stop(self, *_: object) -> None:
        """Stop at once, as Ctrl-C does."""
        self._is_stopped = True
        if self._draining is not None:
            self._draining.cancel()
        if self._server is not None:
            self._server.should_exit = True

    def drain(self, *_: object) -> None:
        """Stop after all clients were told to connect again, as SIGTERM does; again, at once."""
        if self._server is None or self._health is None or self._draining is not None:
            self.stop()
            return
        self._health.is_draining = True
        connections = self._server.server_state.connections
        self._draining = self._tasks.start(drain(connections), "drain")
        self._draining.add_done_callback(self.stop)

    async def _serve(self, server_socket: socket.socket, page: Mapping[str, bytes]) -> None:
        loop = asyncio.get_running_loop()
        sys.setswitchinterval(THREAD_SWITCH_SECONDS)
        self._loop_watch.install(loop)
        self._tasks.start(self._loop_watch.watch_callbacks(), "watch the loop")
        hub = PubSubHub(loop=loop)
        memory_trimmer = MemoryTrimmer()
        hub.subscribe_topic(
            "memory", PRESENCE_TOPIC, lambda topic, event: memory_trimmer.trim_soon()
        )
        publish = hub.send_all_on_topic
        timings = replace(
            self._timings,
            audit_days=self._settings.audit_days,
            name_days=self._settings.name_days,
            new_people=self._settings.new_people,
            free_bytes=self._settings.free_disk * 1024 * 1024,
            activity=activity_rates(self._settings, self._timings.activity),
            join=self._settings.join_policy,
        )
        self._workspace = await Workspace.open(
            self._settings.data,
            publish,
            upload_limits(self._settings),
            timings,
            database=self._settings.database,
        )
        try:
            if self._is_stopped:
                return
            if self._settings.tls:
                self._certificates = await asyncio.to_thread(self._open_certificates)
            self.site_info = self._site(server_socket)
            if self._settings.oidc_issuer:
                self._workspace.provider_accounts.start(provider_settings(self._settings))
            await self._workspace.deliveries.start(
                sending(self._workspace, self._settings, self.site_info, server_socket)
            )
            with local_socket(self._settings.data) as program_socket:
                await self._serve_sockets(server_socket, program_socket, page, hub)
            await self._tasks.stop()
        finally:
            await self._workspace.close()

    def _open_certificates(self) -> "Certificates":
        # Imported here: it is an extra.
        from chat.server.tls.certificates import Certificates, own_addresses

        settings = self._settings
        return Certificates(settings.data, settings.title, addresses=own_addresses)

    def _site(self, server_socket: socket.socket) -> SiteInfo:
        names, words = None, ""
        if self._certificates is not None:
            names = self._certificates.names
            self._trusted = self._certificates.describe(self._certificates.authority)
            words = self._trusted.words
        site = network.site_info(self._settings, server_socket, names)
        return replace(
            site,
            static_url=f"{self._settings.base_path}/v{self._version}/",
            certificate_words=words,
            base_path=self._settings.base_path,
            is_public=self._settings.has_public_origin,
            local_url=network.local_url(server_socket) + self._settings.base_path,
        )

    async def _serve_sockets(
        self,
        server_socket: socket.socket,
        program_socket: socket.socket | None,
        page: Mapping[str, bytes],
        hub: PubSubHub,
    ) -> None:
        """Answer requests until the end: of the network, and of programs on this computer."""
        if self._settings.socketio:
            # Imported here: it is an extra.
            from chat.web.socketio.endpoint import SocketIOEndpoint

            self._socketio = SocketIOEndpoint(self.workspace, hub, self._origins)
        self._light_pages = LightPages(
            self.workspace,
            hub,
            self._origins,
            title=self._settings.title,
            base=self._settings.base_path,
        )
        self._health = Health(self.workspace, self._loop_watch)
        config = self._config(page, hub, program_socket, self._health)
        self._server = server = HttpServer(config, on_shutdown=self._end_lasting_answers)
        sockets = [] if program_socket is None else [program_socket]
        if self._certificates is None:
            sockets.insert(0, server_socket)
        else:
            from chat.server.tls.listener import TlsListener

            server.tls_listener = TlsListener(
                server_socket,
                self._certificates,
                self._address_limits,
                make_protocol=server.make_protocol,
            )
        server_task = asyncio.create_task(server.serve(sockets=sockets))
        ready_task = self._tasks.start(server.ready.wait(), "wait for the server")
        await asyncio.wait({server_task, ready_task}, return_when=asyncio.FIRST_COMPLETED)
        if server.started:
            self.url = network.local_url(server_socket) + self._settings.base_path
            self._tasks.start(collect_garbage(), "collect garbage")
            self.ready.set()
            self._tasks.start(run_in_daemon_thread(self._static_files.build), "compress the page")
            self._tasks.start(asyncio.to_thread(load_table), "read the table of emoji")
            self._on_ready(self.url)
        async with self._running_bots(has_socket=program_socket is not None):
            await server_task
        if self._socketio is not None:
            await self._socketio.close()

    @contextlib.asynccontextmanager
    async def _running_bots(self, *, has_socket: bool) -> AsyncIterator[None]:
        """Run the bots of the folder, if there is one, within the block."""
        folder = self._settings.bots_folder
        if folder is None:
            yield
            return
        process = bots_process(
            folder,
            self._settings.data,
            self.workspace.file_bots,
            url=self.url,
            has_socket=has_socket,
        )
        running = asyncio.create_task(process.run(), name="run bots")
        try:
            yield
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    def _end_lasting_answers(self) -> None:
        """End what uvicorn would wait for."""
        self.workspace.program_events.end_readers()
        if self._light_pages is not None:
            self._light_pages.end()
        if self._socketio is not None:
            self._socketio.end()

    def _config(
        self,
        page: Mapping[str, bytes],
        hub: PubSubHub,
        program_socket: socket.socket | None,
        health: Health,
    ) -> uvicorn.Config:
        main = create_main(self.workspace, self.site_info)
        app_config = AppConfig(
            self.workspace,
            main,
            hub,
            self._settings.title,
            page,
            self._static_files,
            self._version,
            health,
            self._origins,
            self._address_limits,
            self._settings.session_timeout,
            None if program_socket is None else Path(program_socket.getsockname()),
            self._socketio,
            self._light_pages,
            self._trusted,
            self._settings.base_path,
            self._settings.proxies,
            metrics_token(self._settings),
        )
        return uvicorn.Config(
            create_app(app_config),
            http=_bound(
                TimeoutHttpProtocol,
                limits=self._address_limits,
                base_path=self._settings.base_path,
            ),
            ws=_bound(RateLimitedProtocol, limits=self._address_limits),
            # The guard refuses frames over 128 KiB; this is the most that is read of one.
            ws_max_size=_MAX_FRAME_BYTES,
            log_config=None,
            access_log=False,
            server_header=False,
            # On a local network the processor is the bottleneck. Compression costs 48 KB a
            # session, and more time a delivery than everything else together.
            ws_per_message_deflate=False,
            proxy_headers=False,
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        )

    def _on_ready(self, url: str) -> None:
        """Print the address, and open the window or the browser tab."""
        if self._environment.flet_run_prefix is not None:
            # `flet run` waits for this line and opens the window or the tab itself.
            view = "web_browser" if self._environment.flet_run_web else "flet_app_web"
            print_line(f"{self._environment.flet_run_prefix} {url} {view}")
            return
        print_line(f"{self._settings.title} is ready at {url}")
        if self._settings.lan:
            print_line(network.format_for_terminal(self.site_info, self._settings.join_policy))
        print_line(self._owner_line(url))
        if self._should_open_window():
            self._tasks.start(self._run_window(url), "window")
        elif self._should_open_tab():
            self._open_browser_tab(url)

    def _owner_line(self, url: str) -> str:
        """The link that makes whoever opens it the owner, once."""
        is_named = self._settings.lan or self._origins.has_https
        base = self.site_info.url if is_named else url
        secret = self.workspace.ownership.link_secret
        return (
            f"Whoever opens {base.rstrip('/')}/chat?owner={secret} owns this chat; it works once."
        )

    def _should_open_window(self) -> bool:
        return self._settings.window or (self._environment.has_screen and not self._settings.web)

    def _should_open_tab(self) -> bool:
        return self._environment.has_screen and not self._settings.no_browser

    def _open_browser_tab(self, url: str) -> None:
        self._tasks.start(window.open_browser_tab(url), "browser tab")

    async def _run_window(self, url: str) -> None:
        """Show the window. When it is closed the chat ends, unless people are connected."""
        try:
            await window.show(url, download=not self._environment.has_bundled_client)
        except window.WindowUnavailable as error:
            fallback_note = (
                " The chat opens in the browser instead." if self._should_open_tab() else ""
            )
            print(f"{error}{fallback_note}", file=sys.stderr, flush=True)
            if self._should_open_tab():
                self._open_browser_tab(url)
            return
        await asyncio.sleep(_WINDOW_CLOSE_DELAY)
        connected_count = self.workspace.presence.connected_count
        if connected_count:
            count_text = "1 person is" if connected_count == 1 else f"{connected_count} people are"
            print_line(f"The window is closed. {count_text} still here; Ctrl-C ends the chat.")
        else:
            self.stop()

    def _stop_on_signals(self) -> None:
        loop = asyncio.get_running_loop()
        handlers = {signal.SIGINT: self.stop, signal.SIGTERM: self.drain}
        # A closed terminal sends it. `nohup` ignores it.
        if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            handlers[signal.SIGHUP] = self.stop
        for signal_number, handler in handlers.items():
            try:
                loop.add_signal_handler(signal_number, handler)
            except NotImplementedError:  # Windows
                signal.signal(signal_number, handler)


def _bound(protocol: Callable[..., asyncio.Protocol], **options: Any) -> type[asyncio.Protocol]:
    """The protocol as uvicorn makes it, with options of ours. (It calls it like a class.)"""
    return cast(type[asyncio.Protocol], partial(protocol, **options))


def require_socketio() -> None:
    """Raises CannotStart without the extra."""
    if find_spec("socketio") is None:
        raise CannotStart(
            "--socketio needs python-socketio. Install it: python -m pip install python-socketio"
        )


def require_oidc() -> None:
    """Raises CannotStart without the extra."""
    try:
        require_provider_extra()
    except MissingExtra as missing:
        raise CannotStart(
            'The flag --oidc-issuer needs Authlib. Install it: python -m pip install ".[oidc]"'
        ) from missing


def require_metrics() -> None:
    """Raises CannotStart without the extra."""
    if not has_metrics():
        raise CannotStart(
            "--metrics-token-file needs prometheus-client. Install it: "
            "python -m pip install prometheus-client"
        )


def provider_settings(settings: Settings) -> ProviderSettings:
    """The OpenID provider of the settings. Raises CannotStart."""
    return ProviderSettings(
        settings.oidc_issuer,
        settings.oidc_client_id,
        provider_secret(settings),
        settings.provider_groups,
    )


def require_tls() -> None:
    """Raises CannotStart without the extra."""
    if find_spec("cryptography") is None or find_spec("ifaddr") is None:
        raise CannotStart(
            "--tls needs cryptography and ifaddr. Install them: "
            "python -m pip install cryptography ifaddr"
        )


def sending(
    workspace: Workspace, settings: Settings, site: SiteInfo, server_socket: socket.socket
) -> Sending:
    """How outgoing webhooks are sent: not to this chat, nor to hosts that are not named."""
    own_hosts = {urlsplit(each).hostname or "" for each in (site.url, *settings.origins)}
    own_port = server_socket.getsockname()[1]
    rules = AddressRules(settings.allowed_hook_hosts, own_hosts, own_port)
    return Sending(event_json, workspace.program_events.cursors, Requester(rules))


def activity_rates(settings: Settings, rates: ActivityRates) -> ActivityRates:
    """These rates, with what the settings say of posts and of rooms."""
    return replace(
        rates,
        posts_at_once=settings.posts_at_once,
        posts_a_minute=settings.posts_a_minute,
        program_posts_a_minute=settings.program_posts_a_minute,
        network_posts_a_minute=settings.address_posts_a_minute,
        all_posts_a_minute=settings.all_posts_a_minute,
        rooms_an_hour=settings.rooms_an_hour,
        conversations_an_hour=settings.conversations_an_hour,
    )


def upload_limits(settings: Settings) -> UploadLimits:
    """The upload limits of the settings, in bytes and pixels."""
    mebi = 1024 * 1024
    return UploadLimits(
        file_bytes=settings.file_limit * mebi,
        pixels=settings.picture_limit * 1_000_000,
        files_per_hour=settings.files_an_hour,
        bytes_per_person=settings.files_a_person * mebi,
        files_per_message=settings.files_a_message,
        bytes_per_network=settings.files_an_address * mebi,
        bytes_in_all=settings.files_in_all * mebi,
    )


def bind(settings: Settings, environment: Environment) -> socket.socket:
    """A listening socket, opened first so that a taken port is reported at once."""
    host = environment.flet_run_host or settings.bind_host
    port = environment.flet_run_port or settings.port
    if (
        environment.flet_run_prefix
        and not environment.flet_run_port
        and settings.port == Settings.port
    ):
        # `flet run` opens any printed address: no fixed port is needed.
        port = 0
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With an explicit protocol asyncio disables Nagle's algorithm, which saves 40 ms a message.
    server_socket = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if sys.platform != "win32":
        # Outside Windows this allows a port whose previous owner has just closed it.
        server_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        server_socket.bind((host, port))
        server_socket.listen(2048)
    except OSError as failure:
        server_socket.close()
        raise network.bind_error(failure, host, port) from failure
    return server_socket
