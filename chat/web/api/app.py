"""The API as an application of its own, at `/api`."""

import asyncio

from fastapi import FastAPI, Security
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from starlette.responses import JSONResponse

from chat import __version__
from chat.web.api import events, files, messages, rooms, streams
from chat.web.api.errors import add_error_handlers
from chat.workspace.workspace import Workspace

API_PATH = "/api"

# A module of calls has a router, which is added here.
ROUTERS = (
    rooms.router,
    messages.router,
    messages.view_router,
    messages.action_router,
    streams.router,
    streams.piece_router,
    streams.output_router,
    files.router,
    files.upload_router,
    events.router,
)

_DESCRIPTION = """
For programs: a bot, a script, a job. Each request has the header `Authorization: Bearer fc_…`; who
has made a bot gets the token. `docs/api.md` has an example of each call.

An error is `{"ok": false, "error": "code", "message": "A sentence that says what to do."}`. Compare
the code, never the sentence. After `slow_down` wait for the seconds of `Retry-After`.
"""


def create_api(workspace: Workspace) -> FastAPI:
    """The application with all calls, and `/openapi.json`, which describes them."""
    token = HTTPBearer(
        scheme_name="token", bearerFormat="fc_…", description="The token.", auto_error=False
    )
    api = FastAPI(
        title="Flet Chat",
        version=__version__,
        description=_DESCRIPTION,
        servers=[{"url": API_PATH}],
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=_operation_id,
        # `ProgramRoute` checks the token; this describes it.
        dependencies=[Security(token)],
    )
    api.state.workspace = workspace
    add_error_handlers(api)
    for router in ROUTERS:
        api.include_router(router)

    @api.get("/openapi.json", include_in_schema=False)
    async def describe() -> JSONResponse:
        # The first time it takes a tenth of a second, which nobody on the loop shall wait for.
        return JSONResponse(await asyncio.to_thread(api.openapi))

    return api


def _operation_id(route: APIRoute) -> str:
    """The name of the function, which generated clients take over."""
    return route.name
