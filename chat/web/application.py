"""The ASGI application: the socket, the page and its files, and the requests of the page."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from flet.pubsub import PubSubHub
from flet_web.fastapi import FastAPI
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from chat.languages import negotiate_language
from chat.ui.main import Main
from chat.web import slack
from chat.web.accounts.endpoint import AccountPages, add_account_pages
from chat.web.accounts.passkey_pages import PasskeyPages, add_passkey_pages
from chat.web.accounts.provider_pages import ProviderPages, add_provider_pages
from chat.web.accounts.visits import Visits
from chat.web.api.app import API_PATH, create_api
from chat.web.api.program_route import FROM_THIS_COMPUTER
from chat.web.devices.endpoint import add_device_pages
from chat.web.devices.pages import PageFrame
from chat.web.guard.address_limits import AddressLimits, Network
from chat.web.guard.base_path import BasePath
from chat.web.guard.content_policy import content_policy
from chat.web.guard.cookies import TokenCookie, add_token_exchange
from chat.web.guard.origins import Origins, client_address
from chat.web.http.audit_export import add_audit_export
from chat.web.http.downloads import add_downloads
from chat.web.http.drafts import add_drafts
from chat.web.http.first_view import add_first_view
from chat.web.http.hooks import add_hooks
from chat.web.http.index_page import logo
from chat.web.http.sign_in import add_sign_in
from chat.web.http.static_files import PrecompressedFiles, StaticSite
from chat.web.http.uploads import add_uploads
from chat.web.join.endpoint import JoinEndpoint, add_join
from chat.web.light.endpoint import LightPages, add_light_pages
from chat.web.local_socket import LocalSocket
from chat.web.monitoring.access import MetricsAccess
from chat.web.monitoring.endpoint import add_metrics
from chat.web.monitoring.health import Health, add_health
from chat.web.monitoring.readings import Readings, SocketIOApp
from chat.web.socket.endpoint import TRY_AGAIN_LATER, SocketEndpoint
from chat.web.socket.uvicorn_protocol import SERVICE_RESTART
from chat.web.trust.endpoint import Certificate, TrustGate
from chat.workspace.workspace import Workspace

_SECURITY_HEADERS = {
    # These two let Flutter draw on several threads.
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    # No page of another site shows anything of the chat, or measures it.
    "cross-origin-resource-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
}

_POLICY = b"content-security-policy"

# For a chat that is opened over https: a browser that has been there uses nothing else for a year.
# Browsers ignore it over http, as in the local network.
_HTTPS_HEADERS = {"strict-transport-security": f"max-age={365 * 24 * 3600}"}


@dataclass(frozen=True, slots=True)
class AppConfig:
    """The parts of the application.

    `page` is the result of `build_page`; `session_timeout` is in seconds;
    `socket_path` is that of the socket for programs on this computer, `socketio` the application at
    `/socket.io`, `certificate` that of the chat's own authority; each is None without it.
    `base_path` is the path prefix; the headers of `proxies` say who asks, and over which protocol.
    Whoever has `metrics_token` may read the metrics; "" is none.
    """

    workspace: Workspace
    main: Main
    hub: PubSubHub
    title: str
    page: Mapping[str, bytes]
    precompressed: PrecompressedFiles
    version: str
    health: Health
    origins: Origins
    address_limits: AddressLimits
    session_timeout: int = 600
    socket_path: Path | None = None
    socketio: SocketIOApp | None = None
    light_pages: LightPages | None = None
    certificate: Certificate | None = None
    base_path: str = ""
    proxies: tuple[Network, ...] = ()
    metrics_token: str = ""


def create_app(config: AppConfig) -> ASGIApp:
    """The application that uvicorn runs."""
    app = FastAPI(title=config.title, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.workspace = config.workspace
    origins, cookie = config.origins, TokenCookie(config.workspace, config.origins)
    endpoint = SocketEndpoint(origins, config.session_timeout, main=config.main)

    readings = Readings(
        config.workspace, endpoint, config.health, address_limits=config.address_limits
    )
    readings.socketio, readings.light_pages = config.socketio, config.light_pages
    may_be_proxied = bool(origins.allowed or config.proxies or config.base_path)
    access = MetricsAccess(config.metrics_token, may_be_proxied=may_be_proxied)

    async def serve_socket(websocket: WebSocket) -> None:
        if config.health.is_draining:
            await endpoint.refuse(websocket, SERVICE_RESTART)
            return
        with config.address_limits.socket(client_address(websocket.scope)) as has_place:
            if has_place:
                await endpoint.serve(websocket, config.hub, cookie)
            else:
                await endpoint.refuse(websocket, TRY_AGAIN_LATER)

    add_health(app, config.health)
    add_metrics(app, readings, access)
    add_token_exchange(app, config.workspace, origins, cookie)
    add_sign_in(app, config.workspace, origins, cookie)
    visits = Visits(config.workspace, origins, cookie, title=config.title, base=config.base_path)
    account_pages = AccountPages(config.workspace, visits, origins)
    add_account_pages(app, account_pages)
    add_passkey_pages(app, PasskeyPages(config.workspace, visits, account_pages, origins=origins))
    add_provider_pages(app, ProviderPages(config.workspace, visits, origins, base=config.base_path))
    frame = PageFrame(config.title, logo(), config.base_path)
    add_device_pages(app, config.workspace, origins, cookie, frame)
    add_first_view(app, config.workspace, cookie)
    add_drafts(app, config.workspace, cookie)
    add_uploads(app, config.workspace, origins, cookie)
    add_downloads(app, config.workspace, cookie)
    add_audit_export(app, config.workspace, cookie)
    add_hooks(app, config.workspace)
    join = JoinEndpoint(config.workspace, cookie, title=config.title, base=config.base_path)
    add_join(app, join)
    if config.light_pages is not None:
        add_light_pages(app, config.light_pages)
    static_site = StaticSite(
        config.page,
        config.version,
        config.workspace,
        precompressed=config.precompressed,
        origins=origins,
    )
    app.mount("/", static_site)
    # With a certificate of our own, the trust page has to be reached over http.
    is_strict = origins.has_https and config.certificate is None
    headers = _SECURITY_HEADERS | (_HTTPS_HEADERS if is_strict else {})
    api = create_api(config.workspace)
    api.include_router(slack.router)
    outer: ASGIApp = Router(app, api=api, socketio=config.socketio, socket=serve_socket)
    if config.certificate is not None:
        outer = TrustGate(
            outer, config.certificate, title=config.title, logo=logo(), base=config.base_path
        )
    outer = Guard(outer, headers, origins)
    if config.base_path:
        outer = BasePath(outer, config.base_path)
    if config.proxies:
        proxies = [str(each) for each in config.proxies]
        outer = cast(ASGIApp, ProxyHeadersMiddleware(cast(Any, outer), proxies))
    return outer if config.socket_path is None else LocalSocket(outer, config.socket_path)


class Guard:
    """Refuses requests for a name that is not the chat's, and adds headers to every response.

    A foreign page whose name was made to resolve to this computer (DNS rebinding) would read the
    answer. `app` gets all others.
    """

    def __init__(self, app: ASGIApp, headers: Mapping[str, str], origins: Origins) -> None:
        self._app = app
        self._origins = origins
        self._headers = [(k.encode(), v.encode()) for k, v in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and add the security headers to its response."""
        # A program on this computer may write any name.
        is_ours = (
            scope["type"] == "lifespan"
            or FROM_THIS_COMPUTER in scope
            or self._origins.has_own_host(scope)
        )
        if is_ours and scope["type"] == "websocket":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own_headers = list(message.get("headers", ()))
                # A header that a response sets itself is stricter.
                own_names = {name for name, _ in own_headers}
                policy = (_POLICY, content_policy(scope, self._origins).encode())
                message["headers"] = own_headers + [
                    each for each in (*self._headers, policy) if each[0] not in own_names
                ]
            await send(message)

        if is_ours:
            await self._app(scope, receive, send_with_headers)
        else:
            await _refuse_host(scope, receive, send_with_headers)


class Router:
    """Sockets go straight to `socket`, which saves FastAPI's memory for each, and requests of
    programs to `api` and `socketio`; `app` gets the rest.

    (Starlette's own way to mount an application would pass over an address with a line break.)
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        api: ASGIApp,
        socketio: ASGIApp | None,
        socket: Callable[[WebSocket], Awaitable[None]],
    ) -> None:
        self._app = app
        self._api = api
        self._socketio = socketio
        self._serve_socket = socket

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] == "websocket" and scope["path"] == "/ws":
            await self._serve_socket(WebSocket(scope, receive, send))
        elif self._socketio is not None and scope.get("path", "").startswith("/socket.io/"):
            await self._socketio(scope, receive, send)
        elif scope["type"] == "http" and scope["path"].startswith(f"{API_PATH}/"):
            scope = {**scope, "root_path": scope.get("root_path", "") + API_PATH}
            await self._api(scope, receive, send)
        else:
            await self._app(scope, receive, send)


async def _refuse_host(scope: Scope, receive: Receive, send: Send) -> None:
    """421 (RFC 9110, 15.5.20) with a sentence; a socket ends without one."""
    connection = HTTPConnection(scope)
    t = negotiate_language(connection.headers.get("accept-language"))
    sentence = t(
        "This chat has another address. Whoever runs it can let this one in with --origin, "
        "followed by the address of the page."
    )
    headers = {"cache-control": "no-store", "connection": "close"}
    response = PlainTextResponse(f"{sentence}\n", 421, headers)
    if scope["type"] == "http":
        await response(scope, receive, send)
    else:
        await WebSocket(scope, receive, send).send_denial_response(response)
