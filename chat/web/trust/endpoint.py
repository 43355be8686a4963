"""Plain HTTP beside TLS: everything for this computer, the trust page for all others."""

import hashlib
import plistlib
import uuid
from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from chat.languages import negotiate_language
from chat.web.guard.origins import client_address, is_same_computer
from chat.web.trust.page import CERTIFICATE_PATH, PROFILE_PATH, TRUST_PATH, TrustPage, trust_page

_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
}

# Programs get a short answer there, as they read no page.
_PROGRAM_PATHS = ("/api/", "/hooks/", "/socket.io/")


@dataclass(frozen=True, slots=True)
class Certificate:
    """The certificate of the chat's authority, and its fingerprint as words and as SHA-256."""

    pem: bytes
    der: bytes
    words: str
    sha256: str


class TrustGate:
    """Answers a request of another computer that is not encrypted; `app` gets all others.

    `/trust` and its two files are answered over https and on this computer, too: for whoever
    clicked through the warning. `base` is the path prefix of the chat.
    """

    def __init__(
        self,
        app: ASGIApp,
        certificate: Certificate,
        *,
        title: str,
        logo: str,
        base: str = "",
    ) -> None:
        self._app = app
        self._certificate = certificate
        self._title = title
        self._logo = logo
        self._base = base
        self._files = {
            CERTIFICATE_PATH: Response(
                certificate.pem, media_type="application/x-x509-ca-cert", headers=_HEADERS
            ),
            PROFILE_PATH: Response(
                apple_profile(certificate, title),
                media_type="application/x-apple-aspen-config",
                headers=_HEADERS,
            ),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on."""
        path, is_http = scope["path"], scope["type"] == "http"
        if is_http and path in self._files and scope["method"] in {"GET", "HEAD"}:
            await self._files[path](scope, receive, send)
        elif is_http and path == TRUST_PATH:
            await self._show(Request(scope))(scope, receive, send)
        elif scope["scheme"] in {"https", "wss"} or is_same_computer(scope):
            await self._app(scope, receive, send)
        elif not is_http:
            await WebSocket(scope, receive, send).send_denial_response(self._refusal(scope))
        elif scope["method"] in {"GET", "HEAD"} and not path.startswith(_PROGRAM_PATHS):
            await self._show(Request(scope))(scope, receive, send)
        else:
            await self._refusal(scope)(scope, receive, send)

    def _show(self, request: Request) -> Response:
        t = negotiate_language(request.headers.get("accept-language"))
        path = request.scope["path"]
        page = TrustPage(
            self._title,
            self._certificate.words,
            self._certificate.sha256,
            self._logo,
            _https_address(request, self._base, "/" if path == TRUST_PATH else path),
            self._base,
        )
        return HTMLResponse(
            trust_page(t, page, request.headers.get("user-agent", "")), headers=_HEADERS
        )

    def _refusal(self, scope: Scope) -> Response:
        """403: the request was sent unencrypted, with whatever token it had."""
        connection = HTTPConnection(scope)
        t = negotiate_language(connection.headers.get("accept-language"))
        sentence = t(
            "This chat answers over https only: {address}. The certificate that this needs is at "
            "{trust}.",
            address=_https_address(connection, self._base, ""),
            trust=f"http://{connection.headers.get('host', '')}{self._base}{CERTIFICATE_PATH}",
        )
        return PlainTextResponse(f"{sentence}\n", 403, _HEADERS)


def apple_profile(certificate: Certificate, title: str) -> bytes:
    """The certificate as a configuration profile (Apple, Configuration Profile Reference).

    The same certificate gives the same profile, so that it replaces itself.
    """
    digest = hashlib.sha256(certificate.der).digest()
    profile_id, payload_id = (str(uuid.UUID(bytes=digest[at : at + 16])) for at in (0, 16))
    payload = {
        "PayloadType": "com.apple.security.root",
        "PayloadVersion": 1,
        "PayloadIdentifier": f"chat.flet.{payload_id}",
        "PayloadUUID": payload_id,
        "PayloadDisplayName": title,
        "PayloadCertificateFileName": "ca.crt",
        "PayloadContent": certificate.der,
    }
    return plistlib.dumps(
        {
            "PayloadType": "Configuration",
            "PayloadVersion": 1,
            "PayloadIdentifier": f"chat.flet.{profile_id}",
            "PayloadUUID": profile_id,
            "PayloadDisplayName": title,
            "PayloadDescription": f"Lets this device trust the chat: {certificate.words}",
            "PayloadContent": [payload],
        }
    )


def _https_address(connection: HTTPConnection, base: str, path: str) -> str:
    """The same address over https, on the same port."""
    query = connection.scope["query_string"].decode("latin-1") if path not in {"", "/"} else ""
    host = connection.headers.get("host", client_address(connection.scope))
    address = f"https://{host}{base}{quote(path, safe='/:@')}"
    return f"{address}?{query}" if query else address
