"""A backup of a chat in use has all that was shown as sent, and a chat starts on it."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.harness.process import ServerProcess
from tests.harness.uploader import make_picture
from tests.harness.user import ChatUser

pytestmark = pytest.mark.usefixtures("no_sessions")


def back_up(folder: Path, backup: Path) -> None:
    """As the commands of docs/operating.md."""
    backup.mkdir()
    with closing(sqlite3.connect(f"file:{folder / 'chat.db'}?mode=ro", uri=True)) as database:
        database.execute("VACUUM INTO ?", [str(backup / "chat.db")])
    shutil.copytree(folder / "files", backup / "files")


async def picture_bytes(person: ChatUser) -> bytes:
    """The picture in the timeline, as the browser loads it."""
    await person.until(lambda: any("/pictures/" in str(e.get("src")) for e in person.find("Image")))
    (address,) = (str(each["src"]) for each in person.find("Image") if "/pictures/" in each["src"])
    answer = await person.http_get(address)
    assert answer.status_code == 200
    return answer.content


async def test_chat_goes_back_to_a_backup_that_was_made_while_people_wrote(
    server: ServerProcess, tmp_path: Path
) -> None:
    folder = server.data_folder
    ann = ChatUser(server.address)
    await ann.opens_as("Ann")
    await ann.page_script.chooses_files(("hill.png", make_picture()))
    await ann.waits_for_partial_text("hill.png")
    await ann.composer.posts("before the backup")
    picture = await picture_bytes(ann)
    back_up(folder, tmp_path / "backup")
    # The chat is not disturbed by the program that reads its database.
    await ann.composer.posts("after the backup")
    await ann.disconnects()
    server.stop()
    folder.rename(tmp_path / "old")
    (tmp_path / "backup").rename(folder)
    server.start()
    await ann.opens("/chat")
    await ann.timeline.waits_for_message("before the backup")
    assert "after the backup" not in ann.timeline.texts
    assert await picture_bytes(ann) == picture
    await ann.composer.posts("it goes on")
    await ann.disconnects()
    server.stop()
    log = (folder / "chat.log").read_text("utf-8")
    assert "level=warning" not in log
    assert "level=error" not in log
