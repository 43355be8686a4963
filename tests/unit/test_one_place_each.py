"""One place for each person: heavy work of one person is done one after the other."""

import asyncio

import pytest

from chat.tasks import OnePlaceEach


@pytest.mark.parametrize("people", [1, 3, 20])
async def test_works_of_one_person_never_overlap_and_those_of_others_do(people: int) -> None:
    places, running, most = OnePlaceEach(), dict.fromkeys(range(people), 0), 0

    async def work(person: int) -> None:
        nonlocal most
        async with places.of(person):
            running[person] += 1
            assert running[person] == 1
            most = max(most, sum(running.values()))
            await asyncio.sleep(0.001)
            running[person] -= 1

    await asyncio.gather(*(work(n % people) for n in range(5 * people)))
    assert most == people
    assert len(places) == 0


async def test_cancelled_and_failed_works_free_their_place() -> None:
    places = OnePlaceEach()

    async def fail() -> None:
        async with places.of("Ann"):
            await asyncio.sleep(0)
            raise ValueError

    works = [asyncio.create_task(fail()) for _ in range(4)]
    await asyncio.sleep(0)
    works[2].cancel()
    results = await asyncio.gather(*works, return_exceptions=True)
    assert [type(each) for each in results] == [
        ValueError,
        ValueError,
        asyncio.CancelledError,
        ValueError,
    ]
    assert len(places) == 0
