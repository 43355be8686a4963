"""The path prefix of the chat behind a proxy: it is removed from requests, and added to redirects.

Some proxies pass the path on as it is, others remove the prefix: both work.
"""

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send


def without_base(path: str, base: str) -> str:
    """The path without the prefix `base`, as `/team`; "" for the prefix alone."""
    if path == base:
        return ""
    return path.removeprefix(base) if path.startswith(f"{base}/") else path


class BasePath:
    """Gives `app` the requests below `base`, and those whose prefix a proxy has removed."""

    def __init__(self, app: ASGIApp, base: str) -> None:
        self._app = app
        self._base = base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on without the prefix."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        path = without_base(scope["path"], self._base)
        if not path and scope["type"] == "http":
            query = scope["query_string"].decode("latin-1")
            address = f"{self._base}/?{query}" if query else f"{self._base}/"
            await RedirectResponse(address, 307)(scope, receive, send)
            return

        async def send_with_base(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    (name, self._base.encode() + value)
                    if name == b"location" and value.startswith(b"/")
                    else (name, value)
                    for name, value in message.get("headers", ())
                ]
            await send(message)

        raw_path = scope.get("raw_path")
        if raw_path is not None:
            raw_path = raw_path.removeprefix(self._base.encode()) or b"/"
        await self._app({**scope, "path": path, "raw_path": raw_path}, receive, send_with_base)
