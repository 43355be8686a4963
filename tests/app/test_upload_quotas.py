"""Upload quotas of a network and of the whole chat: a new person has none of their own."""

from pathlib import Path

import pytest

from chat.errors import TooManyFiles
from chat.files.limits import NETWORK_LIMIT, NetworkQuota, UploadLimits
from tests.conftest import running_chat
from tests.harness.domain import create_empty_database, sign_in, upload_file


class Clock:
    """A clock that is set by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_uploads_of_a_network_are_counted_within_a_day() -> None:
    clock = Clock()
    quota, limits = NetworkQuota(clock=clock), UploadLimits(bytes_per_network=100)
    quota.record_upload("10.0.0.5", 60, limits)
    clock.now += 10 * 3600
    quota.record_upload("10.0.0.5", 40, limits)
    with pytest.raises(TooManyFiles, match="Wait 14 h"):
        quota.record_upload("10.0.0.5", 1, limits)
    quota.record_upload("10.0.0.6", 100, limits)
    clock.now += 14 * 3600
    quota.record_upload("10.0.0.5", 60, limits)
    with pytest.raises(TooManyFiles, match="Wait 10 h"):
        quota.record_upload("10.0.0.5", 1, limits)
    for n in range(NETWORK_LIMIT):
        quota.record_upload(f"network {n}", 1, limits)
    # The one that was used the longest ago is forgotten.
    quota.record_upload("10.0.0.6", 100, limits)


async def test_files_of_new_people_count_for_their_network_and_the_chat(
    tmp_path: Path,
) -> None:
    data = await create_empty_database(tmp_path / "files")
    mib = 1024 * 1024
    async with running_chat(data, files_an_address=2, files_in_all=4) as chat:
        people = await sign_in(chat.workspace, *(f"P{n}" for n in range(6)))
        lobby = await chat.workspace.rooms.by_slug(people[0], "lobby")
        for n, person in enumerate(people):
            chat.workspace.networks.saw(person.id, f"10.0.0.{n // 3}")
        for n in (0, 1):
            await upload_file(chat.workspace, people[n], lobby, "a.bin", bytes([n]) * mib)
        # Each new person would have a quota of their own.
        with pytest.raises(TooManyFiles, match="2 MiB of files can come from your network"):
            await lobby.begin_upload(people[2], "a.bin", mib)
        for n in (3, 4):
            await upload_file(chat.workspace, people[n], lobby, "a.bin", bytes([n]) * mib)
        chat.workspace.networks.saw(people[5].id, None)
        with pytest.raises(TooManyFiles, match="All files of this chat would take more than 4 MiB"):
            await lobby.begin_upload(people[5], "a.bin", 1)
