"""The data folder is moved while the chat runs: nothing is acknowledged, nothing is lost."""

import sys
from pathlib import Path

import pytest

from chat.server.app import ChatServer
from tests.conftest import NewUser
from tests.harness.http import request

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="open files cannot be moved")


async def test_lost_folder_is_reported_and_writing_goes_on_when_it_is_back(
    chat: ChatServer, new_user: NewUser, tmp_path: Path
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    assert (await request(chat, "/readyz")).status_code == 200
    (tmp_path / "data").rename(tmp_path / "moved")
    readiness = await request(chat, "/readyz")
    assert readiness.status_code == 503
    assert "put it back" in readiness.json()["status"]
    # A restart would not help, and people can read.
    assert (await request(chat, "/healthz")).status_code == 200
    await ann.composer.types("keep this")
    await ann.composer.sends()
    await ann.until(lambda: ann.sees_partial("The folder of this chat is gone"))
    assert ann.composer.text == "keep this"
    assert "keep this" not in bob.timeline.texts
    (tmp_path / "moved").rename(tmp_path / "data")
    assert (await request(chat, "/readyz")).json()["status"] == "ok"
    await ann.composer.sends()
    await bob.timeline.waits_for_message("keep this")
