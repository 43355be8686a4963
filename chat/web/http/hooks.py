"""`POST /hooks/<key>`: incoming webhooks, by which other programs post into a room."""

from html import escape

from fastapi import FastAPI
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from chat.programs.hooks import BODY_LIMIT
from chat.workspace.workspace import Workspace

# The longest key that is looked up, in characters.
_KEY_LIMIT = 64

# Where others see the address: not in a cache, and not in the log of another site.
_HEADERS = {"cache-control": "no-store", "referrer-policy": "no-referrer"}

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Webhook</title>
<meta name="viewport" content="width=device-width">
<p>This is a webhook of <b>{room}</b>. Send it a message:</p>
<pre>curl -d 'Hello' {url}</pre>
<p>It takes what Slack and Mattermost take, and the webhooks of GitHub, GitLab, Gitea, Grafana,
Alertmanager and Sentry. With <code>?fold=1</code> behind the address, what comes too fast is
counted on one message instead of being refused. Whoever knows this address can post in the room:
keep it secret.</p>
"""


def add_hooks(app: FastAPI, workspace: Workspace) -> None:
    """Add `POST /hooks/<key>`, and the page that a person sees at this address."""

    async def receive(request: Request) -> Response:
        return await _receive(request, workspace)

    async def explain(request: Request) -> Response:
        return await _explain(request, workspace)

    app.add_route("/hooks/{key}", receive, methods=["POST"])
    app.add_route("/hooks/{key}", explain, methods=["GET"])


async def _receive(request: Request, workspace: Workspace) -> Response:
    """The answer to a program: `ok`, or a code and a sentence."""
    content = bytearray()

    async def read_body() -> bytes:
        async for chunk in request.stream():
            content.extend(chunk)
            if len(content) > BODY_LIMIT:
                break
        return bytes(content[: BODY_LIMIT + 1])

    try:
        answer = await workspace.hooks.receive(
            _key(request),
            request.headers,
            read_body,
            fold=request.query_params.get("fold") == "1",
        )
    except ClientDisconnect:
        return Response(status_code=400)
    headers = dict(_HEADERS)
    if answer.retry_after:
        headers["retry-after"] = str(answer.retry_after)
    if answer.status != 200:
        # The rest of a body that was not read in whole would be taken for the next request.
        headers["connection"] = "close"
    return PlainTextResponse(answer.text, answer.status, headers)


async def _explain(request: Request, workspace: Workspace) -> Response:
    room = await workspace.hooks.room_of(_key(request))
    if room is None:
        text = "There is no such webhook (any more)."
        return PlainTextResponse(text, 404, _HEADERS)
    url = str(request.url.replace(query=""))
    page = _PAGE.format(room=escape(room.info.title), url=escape(url))
    return HTMLResponse(page, headers=_HEADERS)


def _key(request: Request) -> str:
    return str(request.path_params["key"])[:_KEY_LIMIT]
