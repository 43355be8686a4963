"""An OpenID provider of the tests: a real HTTP server with keys of its own, which may also lie.

It checks what a provider checks: the client, PKCE with S256, and that a code is used once.
"""

import base64
import contextlib
import hashlib
import json
import secrets
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import quote_plus, urlencode

import uvicorn
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from chat.tasks import Tasks

CLIENT_ID, CLIENT_SECRET = "flet-chat", "a secret of the chat"


class _QuietServer(uvicorn.Server):
    """A server that leaves signals to pytest."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle no signal."""
        yield


@cache
def _keys() -> tuple[rsa.RSAPrivateKey, rsa.RSAPrivateKey]:
    """The key of the provider, and one that it does not publish: each takes a while."""
    first, second = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    return first, second


@dataclass(frozen=True)
class Grant:
    """What a code stands for."""

    challenge: str
    nonce: str
    redirect_uri: str
    claims: dict[str, Any]


def base64url(content: bytes) -> str:
    """Base64url without padding (RFC 7515, 2)."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def base64url_number(number: int) -> str:
    """A number as a JSON Web Key has it (RFC 7518, 6.3)."""
    return base64url(number.to_bytes((number.bit_length() + 7) // 8))


@dataclass
class OpenIdProvider:
    """One provider, and who signs in there next.

    `lies` replace claims of the ID token; None removes one. `metadata` replaces parts of the
    metadata. With `has_userinfo`, the mail is there and not in the ID token.
    """

    issuer: str
    claims: dict[str, Any] = field(default_factory=dict)
    lies: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    has_userinfo: bool = False
    signs_with_other_key: bool = False
    algorithm: str = "RS256"
    # The `iss` of the answer (RFC 9207).
    answer_issuer: str | None = None

    def __post_init__(self) -> None:
        self._key, self._other_key = _keys()
        self._grants: dict[str, Grant] = {}
        self._access_tokens: dict[str, dict[str, Any]] = {}
        self.authorizations: list[dict[str, str]] = []

    def signs_in(self, subject: str, **claims: Any) -> None:
        """Who signs in next: subject and claims."""
        mail = f"{subject}@example.org"
        self.claims = {"sub": subject, "email": mail, "email_verified": True, **claims}

    async def configuration(self, request: Request) -> Response:
        """The metadata."""
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
                **self.metadata,
            }
        )

    async def keys(self, request: Request) -> Response:
        """The public key."""
        public = self._key.public_key().public_numbers()
        key = {"kty": "RSA", "use": "sig", "kid": "one", "alg": "RS256"}
        key |= {"n": base64url_number(public.n), "e": base64url_number(public.e)}
        return JSONResponse({"keys": [key]})

    async def authorize(self, request: Request) -> Response:
        """Sign the person in at once, and send the browser back with a code."""
        asked = dict(request.query_params)
        self.authorizations.append(asked)
        is_complete = (
            asked.get("response_type") == "code"
            and asked.get("client_id") == CLIENT_ID
            and "openid" in asked.get("scope", "").split()
            and asked.get("code_challenge_method") == "S256"
            and all(asked.get(each) for each in ("state", "nonce", "code_challenge"))
        )
        if not is_complete:
            return JSONResponse({"error": "invalid_request"}, 400)
        code = secrets.token_urlsafe(16)
        redirect_uri = asked["redirect_uri"]
        self._grants[code] = Grant(
            asked["code_challenge"], asked["nonce"], redirect_uri, self.claims
        )
        answer = {"code": code, "state": asked["state"]}
        answer["iss"] = self.answer_issuer or self.issuer
        return RedirectResponse(f"{redirect_uri}?{urlencode(answer)}", 302)

    async def token(self, request: Request) -> Response:
        """The tokens for a code, to the client with its secret and the verifier."""
        form = await request.form()
        # Both are encoded as in a form (RFC 6749, 2.3.1).
        credentials = f"{quote_plus(CLIENT_ID)}:{quote_plus(CLIENT_SECRET)}"
        expected = base64.b64encode(credentials.encode()).decode()
        if request.headers.get("authorization") != f"Basic {expected}":
            return JSONResponse({"error": "invalid_client"}, 401)
        grant = self._grants.pop(str(form.get("code")), None)
        verifier = str(form.get("code_verifier", ""))
        challenge = base64url(hashlib.sha256(verifier.encode()).digest())
        if (
            grant is None
            or challenge != grant.challenge
            or form.get("redirect_uri") != grant.redirect_uri
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        access_token = secrets.token_urlsafe(16)
        self._access_tokens[access_token] = grant.claims
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300}
        claims |= {"nonce": grant.nonce, **grant.claims}
        if self.has_userinfo:
            claims = {k: v for k, v in claims.items() if not k.startswith("email")}
        claims = {k: v for k, v in {**claims, **self.lies}.items() if v is not None}
        return JSONResponse(
            {
                "access_token": access_token,
                "token_type": "Bearer",
                "expires_in": 300,
                "id_token": self._signed(claims),
            }
        )

    async def userinfo(self, request: Request) -> Response:
        """The claims of the person of an access token."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        found = self._access_tokens.get(token)
        return (
            JSONResponse({"error": "invalid_token"}, 401) if found is None else JSONResponse(found)
        )

    def _signed(self, claims: dict[str, Any]) -> str:
        header = {"alg": self.algorithm, "kid": "one", "typ": "JWT"}
        parts = [base64url(json.dumps(each).encode()) for each in (header, claims)]
        text = ".".join(parts)
        if self.algorithm == "none":
            return f"{text}."
        key = self._other_key if self.signs_with_other_key else self._key
        signature = key.sign(text.encode(), padding.PKCS1v15(), SHA256())
        return f"{text}.{base64url(signature)}"


@asynccontextmanager
async def openid_provider() -> AsyncIterator[OpenIdProvider]:
    """A provider on a free port of this computer."""
    with socket.create_server(("127.0.0.1", 0)) as server_socket:
        provider = OpenIdProvider(f"http://127.0.0.1:{server_socket.getsockname()[1]}")
        provider.signs_in("ann-1", name="Ann")
        app = Starlette(
            routes=[
                Route("/.well-known/openid-configuration", provider.configuration),
                Route("/keys", provider.keys),
                Route("/authorize", provider.authorize),
                Route("/token", provider.token, methods=["POST"]),
                Route("/userinfo", provider.userinfo),
            ]
        )
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off")
        server, tasks = _QuietServer(config), Tasks()
        serving = tasks.start(server.serve(sockets=[server_socket]), "serve the provider")
        try:
            yield provider
        finally:
            server.should_exit = True
            await serving
