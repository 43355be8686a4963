"""The content security policy: what a page may load, run and connect to (W3C, CSP Level 3)."""

import base64
import hashlib
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.types import Scope

from chat.web.guard.origins import Origins, own_host

_INLINE_SCRIPT = re.compile(r"<script(?:\s+type=\"[^\"]*\")?\s*>(.*?)</script>", re.DOTALL)


def inline_script_hashes(page: str) -> tuple[str, ...]:
    """The sources `'sha256-…'` of the scripts that are written in an HTML page."""
    scripts = _INLINE_SCRIPT.findall(page.replace("\r\n", "\n"))
    digests = [hashlib.sha256(each.encode()).digest() for each in scripts]
    return tuple(f"'sha256-{base64.b64encode(each).decode()}'" for each in digests)


def content_policy(scope: Scope, origins: Origins, script_hashes: Iterable[str] = ()) -> str:
    """The policy of an answer. Of inline scripts, those with `script_hashes` may run.

    Flutter needs wasm, blob workers and inline styles; nothing may come from another host. (Flet's
    client asks a public CDN for a script that it does not need: this policy blocks the request.)
    """
    return "; ".join(
        (
            "default-src 'self'",
            " ".join(("script-src 'self'", *script_hashes, "'wasm-unsafe-eval' blob:")),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            " ".join(("connect-src 'self'", *_sockets(scope, origins), "data: blob:")),
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def _sockets(scope: Scope, origins: Origins) -> list[str]:
    """The chat's own sockets: for Safari before 15.4, `'self'` is no address of a socket.

    A proxy may have changed the name and the scheme of the page.
    """
    hosts = {urlsplit(each).netloc for each in origins.allowed}
    if (host := own_host(scope)) is not None:
        hosts.add(host)
    return [f"{scheme}://{host}" for host in sorted(hosts) for scheme in ("ws", "wss")]
