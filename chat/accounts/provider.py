"""One OpenID provider: the authorization code flow with PKCE (OpenID Connect Core 1.0, 3.1).

The provider's answers are checked here: state, nonce, issuer, audience, signature and time of the
ID token, and that the mail address is verified. The package Authlib is an extra.
"""

import asyncio
import json
import re
import secrets
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any, NoReturn
from urllib.parse import quote_plus, urlsplit

import httpx
import structlog

from chat.errors import MissingExtra, ProviderRefused
from chat.model.accounts import ProviderAccount
from chat.model.moderation import Role

log = structlog.get_logger(__name__)

EXTRA = "oidc"

# Seconds for each request to the provider, and for which its metadata and keys are kept.
REQUEST_SECONDS, METADATA_SECONDS = 10.0, 3600.0

# Bytes of an answer of the provider, and its requests at the same time.
ANSWER_BYTES, REQUESTS_AT_ONCE = 256 * 1024, 10

# Seconds by which the clocks of chat and provider may differ.
_LEEWAY = 60

# Signatures with a public key: one that is made with the client's secret, or none, is refused.
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]

_NO_HEADERS: Mapping[str, str] = {}

_ERROR_CODE = re.compile(r"[a-z_]{1,40}")


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """The provider and this chat as its client.

    `groups` has the group of the provider that gives a role in the chat.
    """

    issuer: str
    client_id: str
    secret: str = field(repr=False)
    groups: Mapping[Role, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Authorization:
    """A sign-in that has begun: what its answer is checked against (RFC 7636, 4.1)."""

    state: str
    nonce: str
    code_verifier: str = field(repr=False)
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class ProviderIdentity:
    """Whom the provider has signed in: the account, a name, and the groups."""

    account: ProviderAccount
    name: str
    groups: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Metadata:
    """The part of the provider's metadata that is used (OpenID Connect Discovery 1.0, 3)."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str
    read_at: float


class OpenIdProvider:
    """Begins sign-ins at the provider, and checks its answers. Raises ProviderRefused."""

    def __init__(self, settings: ProviderSettings) -> None:
        self._settings = settings
        self._metadata: _Metadata | None = None
        self._tls: ssl.SSLContext | None = None
        self._places = asyncio.Semaphore(REQUESTS_AT_ONCE)

    @property
    def host(self) -> str:
        """The host of the provider, by which people know it."""
        return urlsplit(self._settings.issuer).hostname or self._settings.issuer

    async def open(self) -> None:
        """Load the certificates that are trusted, in a thread."""
        if self._tls is None:
            self._tls = await asyncio.to_thread(ssl.create_default_context)

    async def begin(self, redirect_uri: str) -> tuple[str, Authorization]:
        """The address at which the browser signs in, and what its answer is checked against."""
        from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
        from authlib.oauth2.rfc7636 import create_s256_code_challenge

        metadata = await self._read_metadata()
        new = Authorization(
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            code_verifier=secrets.token_urlsafe(48),
            redirect_uri=redirect_uri,
        )
        address = prepare_grant_uri(
            metadata.authorization_endpoint,
            self._settings.client_id,
            "code",
            redirect_uri,
            scope="openid email profile",
            state=new.state,
            nonce=new.nonce,
            code_challenge=create_s256_code_challenge(new.code_verifier),
            code_challenge_method="S256",
        )
        return str(address), new

    async def finish(
        self, authorization: Authorization, answer: Mapping[str, str]
    ) -> ProviderIdentity:
        """Whom the provider has signed in, from the parameters of its answer."""
        if (code := answer.get("error")) is not None:
            reason = code if _ERROR_CODE.fullmatch(code) else "error"
            raise ProviderRefused(
                "{host} did not sign you in ({reason}). Begin it again.",
                host=self.host,
                reason=reason,
            )
        if answer.get("iss", self._settings.issuer) != self._settings.issuer:
            # RFC 9207: the answer of one provider was sent to the client of another.
            self._refuse("an answer of another issuer")
        token = await self._exchange(authorization, answer.get("code", ""))
        claims = await self._verified_claims(token, authorization.nonce)
        if "email" not in claims:
            claims = {**await self._userinfo(token, claims), **claims}
        if claims.get("email_verified") is not True or not claims.get("email"):
            raise ProviderRefused(
                "{host} has not verified your mail address. Verify it there, then sign in again.",
                host=self.host,
            )
        account = ProviderAccount(
            self._settings.issuer, str(claims["sub"]), str(claims["email"])[:320]
        )
        return ProviderIdentity(account, _name_of(claims), _groups_of(claims))

    async def _exchange(self, authorization: Authorization, code: str) -> Mapping[str, Any]:
        """The tokens for a code. The provider compares the verifier with the challenge."""
        from authlib.oauth2.auth import ClientAuth
        from authlib.oauth2.rfc6749.parameters import prepare_token_request

        address = (await self._read_metadata()).token_endpoint
        body = prepare_token_request(
            "authorization_code",
            redirect_uri=authorization.redirect_uri,
            code=code,
            code_verifier=authorization.code_verifier,
        )
        headers = {"content-type": "application/x-www-form-urlencoded"}
        auth = ClientAuth(quote_plus(self._settings.client_id), quote_plus(self._settings.secret))
        address, headers, body = auth.prepare("POST", address, headers, body)
        token = await self._request("POST", address, headers, body)
        if not isinstance(token.get("id_token"), str):
            self._refuse("no ID token")
        return token

    async def _verified_claims(self, token: Mapping[str, Any], nonce: str) -> dict[str, Any]:
        """The claims of the ID token (OpenID Connect Core 1.0, 3.1.3.7)."""
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        metadata, client_id = await self._read_metadata(), self._settings.client_id
        keys = await self._request("GET", metadata.jwks_uri)
        rules = jwt.JWTClaimsRegistry(
            leeway=_LEEWAY,
            iss={"essential": True, "value": self._settings.issuer},
            aud={"essential": True, "value": client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            key_set = KeySet.import_key_set(keys)  # type: ignore[arg-type]
            decoded = jwt.decode(token["id_token"], key_set, algorithms=_ALGORITHMS)
            rules.validate(decoded.claims)
        except (JoseError, ValueError, TypeError, KeyError) as failure:
            self._refuse(f"an ID token that does not fit: {failure}")
        claims = dict(decoded.claims)
        if claims["nonce"] != nonce:
            self._refuse("a list of nonces")
        if isinstance(claims["aud"], list) and claims.get("azp", client_id) != client_id:
            self._refuse("an ID token for another client")
        return claims

    async def _userinfo(
        self, token: Mapping[str, Any], claims: Mapping[str, Any]
    ) -> dict[str, Any]:
        """More claims of the same person (OpenID Connect Core 1.0, 5.3.2)."""
        metadata = await self._read_metadata()
        if not metadata.userinfo_endpoint:
            return {}
        headers = {"authorization": f"Bearer {token.get('access_token', '')}"}
        found = await self._request("GET", metadata.userinfo_endpoint, headers)
        if found.get("sub") != claims["sub"]:
            self._refuse("user information of somebody else")
        return found

    async def _read_metadata(self) -> _Metadata:
        known = self._metadata
        if known is not None and time.monotonic() - known.read_at < METADATA_SECONDS:
            return known
        issuer = self._settings.issuer
        address = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
        found = await self._request("GET", address)
        if found.get("issuer") != issuer:
            log.error("the provider has another issuer", issuer=str(found.get("issuer"))[:200])
            raise ProviderRefused(
                "The provider at {host} says that it is another one. Whoever runs the chat "
                "corrects --oidc-issuer.",
                host=self.host,
            )
        methods = found.get("code_challenge_methods_supported")
        if methods is not None and "S256" not in methods:
            raise ProviderRefused(
                "The provider at {host} has no PKCE with S256, without which others could take a "
                "sign-in. Whoever runs the chat chooses another provider.",
                host=self.host,
            )
        names = ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint")
        addresses = [str(found.get(each) or "") for each in names]
        if not all(addresses[:3]):
            self._refuse("no endpoints")
        authorize, token, keys, userinfo = addresses
        self._metadata = _Metadata(authorize, token, keys, userinfo, time.monotonic())
        return self._metadata

    async def _request(
        self, method: str, address: str, headers: Mapping[str, str] = _NO_HEADERS, body: str = ""
    ) -> dict[str, Any]:
        """The JSON object that the provider answers with."""
        assert self._tls is not None, "the provider is opened first"
        client = httpx.AsyncClient(timeout=REQUEST_SECONDS, trust_env=False, verify=self._tls)
        try:
            async with (
                self._places,
                client,
                client.stream(
                    method, address, headers=headers, content=body.encode() or None
                ) as response,
            ):
                found = await _read_object(response)
                status = response.status_code
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as failure:
            log.warning("the provider does not answer", reason=repr(failure)[:300])
            raise ProviderRefused(
                "{host} does not answer as it should. Try again later, or come in another way.",
                host=self.host,
            ) from failure
        if status != httpx.codes.OK:
            self._refuse(f"status {status}: {found.get('error')}")
        return found

    def _refuse(self, reason: str) -> NoReturn:
        log.warning("refused an answer of the provider", reason=reason[:300])
        raise ProviderRefused(
            "The answer of {host} does not fit this sign-in. Begin it again. If that does not "
            "help, tell whoever runs the chat: the log says more.",
            host=self.host,
        )


def require_provider_extra() -> None:
    """Raises MissingExtra without the extra."""
    if find_spec("authlib") is None or find_spec("joserfc") is None:
        raise MissingExtra(EXTRA)


async def _read_object(response: httpx.Response) -> dict[str, Any]:
    """Raises ValueError for an answer that is too large, or no JSON object."""
    content = bytearray()
    async for chunk in response.aiter_bytes():
        content += chunk
        if len(content) > ANSWER_BYTES:
            raise ValueError("an answer that is too large")
    found = json.loads(content)
    if not isinstance(found, dict):
        raise ValueError("no JSON object")
    return found


def _name_of(claims: Mapping[str, Any]) -> str:
    """A name of the person, as the provider has it."""
    for each in ("name", "nickname", "preferred_username"):
        if isinstance(name := claims.get(each), str) and name.strip():
            return name.strip()
    return str(claims["email"]).partition("@")[0]


def _groups_of(claims: Mapping[str, Any]) -> frozenset[str]:
    groups = claims.get("groups")
    return (
        frozenset(each for each in groups if isinstance(each, str))
        if isinstance(groups, list)
        else frozenset()
    )
