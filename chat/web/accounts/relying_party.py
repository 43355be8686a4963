"""Whether passkeys work on a page, by its address (W3C, WebAuthn Level 3, 5.1.2)."""

import ipaddress
import socket
from urllib.parse import urlsplit

from starlette.types import Scope

from chat.accounts.passkeys import RelyingParty
from chat.errors import PasskeyRefused
from chat.web.guard.origins import Origins


def relying_party(origins: Origins, scope: Scope, title: str) -> RelyingParty:
    """The chat as devices see it on the page of this request.

    The host is one that is listed with `--origin`, this computer's own name, or `localhost`: nobody
    else owns a passkey's host then. Raises PasskeyRefused with the sentence why there is none: an
    address of numbers is never the host of a passkey.
    """
    origin = origins.page_origin(scope)
    parts = urlsplit(origin or "")
    host = parts.hostname or ""
    if not host or _is_address(host):
        raise PasskeyRefused(
            "Passkeys need a page with a name, and this one is open at an address of numbers. Open "
            "the chat by a name, then they can be used."
        )
    if parts.scheme != "https" and host != "localhost":
        raise PasskeyRefused("Passkeys need https, and this page is open over http.")
    if origin not in origins.allowed and host not in _own_names():
        raise PasskeyRefused(
            "Passkeys work at the addresses that whoever runs this chat lists with --origin, and "
            "this one is not among them."
        )
    return RelyingParty(host, str(origin), title)


def _own_names() -> set[str]:
    name = socket.gethostname().partition(".")[0].lower()
    return {"localhost", f"{name}.local"}


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
