"""`GET /metrics`, for whoever may read it; without prometheus-client it says what to install."""

import asyncio
from importlib.util import find_spec

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from chat.web.monitoring.access import MetricsAccess
from chat.web.monitoring.readings import Readings

# Prometheus' text format.
_MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_HEADERS = {"cache-control": "no-store"}

_MISSING = (
    "Metrics need prometheus-client. Install it, and start the chat again: "
    'python -m pip install ".[metrics]"\n'
)


def has_metrics() -> bool:
    """Whether the extra is installed."""
    return find_spec("prometheus_client") is not None


def add_metrics(app: FastAPI, readings: Readings, access: MetricsAccess) -> None:
    """Add `GET /metrics`."""

    async def respond(request: Request) -> Response:
        if (refusal := access.refusal(request.scope)) is not None:
            return refusal
        if not has_metrics():
            return PlainTextResponse(_MISSING, 501, _HEADERS)
        # Imported here: it is an extra.
        from chat.web.monitoring.metrics import metrics_text

        # On a thread: the memory and the processor time of the process are read from files.
        content = await asyncio.to_thread(metrics_text, await readings.read())
        return Response(content, media_type=_MEDIA_TYPE, headers=_HEADERS)

    app.add_route("/metrics", respond, methods=["GET"])
