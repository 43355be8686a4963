"""Flask-SocketIO on gevent: each event is emitted to all clients."""

# ruff: noqa: E402
# mypy: disable-error-code="import-untyped, import-not-found, untyped-decorator"
from gevent import monkey

monkey.patch_all()

import sys
from typing import Any

from flask import Flask
from flask_socketio import SocketIO, emit

app = Flask(__name__)
server = SocketIO(app, async_mode="gevent")


@server.on("post")
def post(message: dict[str, Any]) -> None:
    """Emit the message to all clients."""
    emit("post", message, broadcast=True)


if __name__ == "__main__":
    server.run(app, port=int(sys.argv[1]))
