"""The Python client against a running chat: posting, reading, files and streams, in both kinds."""

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from itertools import islice
from pathlib import Path
from typing import TypeVar

import pytest
from PIL import Image

from chat.model.people import Person
from chat.model.programs import Scope
from chat.programs.streams import LENGTH_LIMIT
from chat.server.app import ChatServer
from chat.workspace.timings import Timings
from flet_chat import AsyncChat, Chat, ChatError, File, ThreadRoot, post
from tests.conftest import NewUser
from tests.harness.programs import Program, Programs, ann, ops, programs, workspace

__all__ = ["ann", "ops", "programs", "workspace"]

Result = TypeVar("Result")


@pytest.fixture
def timings() -> Timings:
    """Programs may ask often: this file is not about that."""
    return Timings(program_burst=1000, room_burst=1000)


@pytest.fixture
async def client(chat: ChatServer, ops: Program) -> AsyncIterator[AsyncChat]:
    """The client of this bot with asyncio."""
    async with AsyncChat(chat.url, ops.secret) as client:
        yield client


async def with_chat(chat: ChatServer, program: Program, use: Callable[[Chat], Result]) -> Result:
    """The result of a program without asyncio, which runs in a thread of its own."""

    def run() -> Result:
        with Chat(chat.url, program.secret) as client:
            return use(client)

    return await asyncio.to_thread(run)


async def test_one_line_posts(
    chat: ChatServer, ops: Program, new_user: NewUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLET_CHAT_URL", chat.url)
    monkeypatch.setenv("FLET_CHAT_TOKEN", ops.secret)
    bob = await new_user("Bob")
    posted = await asyncio.to_thread(post, "#lobby", "The build is green.")
    await bob.until(lambda: bob.sees("The build is green."))
    assert (posted.room, posted.author.name, posted.author.is_bot) == ("lobby", "ops", True)
    assert posted.sent_at.tzinfo is not None


async def test_figure_table_file_and_path_are_one_message(
    client: AsyncChat, tmp_path: Path
) -> None:
    report = tmp_path / "report.txt"
    report.write_text("all is well", "utf-8")
    picture = Image.new("RGB", (30, 20), "red")
    rows = [{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": 0.25}]
    posted = await client.post(
        "lobby", "epoch 2", picture, rows, report, File("a.bin", b"\x00\x01")
    )
    assert posted.text == "epoch 2\n\n| epoch | loss |\n| ---: | ---: |\n| 1 | 0.5 |\n| 2 | 0.25 |"
    files = {each.name: each for each in posted.files}
    assert list(files) == ["figure.png", "table.csv", "report.txt", "a.bin"]
    assert (files["figure.png"].width, files["figure.png"].height) == (30, 20)
    assert await client.download(files["report.txt"]) == b"all is well"
    assert await client.download(files["a.bin"].id) == b"\x00\x01"
    saved = tmp_path / "saved.csv"
    assert await client.download(files["table.csv"], saved) == b""
    assert saved.read_text("utf-8-sig").splitlines()[0] == "epoch,loss"
    drawn = Image.open(io.BytesIO(await client.download(files["figure.png"])))
    assert drawn.size == (30, 20)


async def test_what_a_program_does_with_its_message(client: AsyncChat, ops: Program) -> None:
    posted = await client.post("lobby", "done")
    assert (await client.edit(posted, "done at last")).edited_at is not None
    (reaction,) = (await client.react(posted, "🎉")).reactions
    assert (reaction.emoji, reaction.people[0].name) == ("🎉", "ops")
    assert (await client.unreact(posted, "🎉")).reactions == ()
    assert (await client.pin(posted)).pinned
    assert not (await client.unpin(posted)).pinned
    reply = await client.post("lobby", "why?", thread=posted)
    quoting = await client.post("lobby", "this one", quote=posted.number)
    assert quoting.quote is not None and quoting.quote.number == posted.number
    assert [each async for each in client.thread("lobby", posted)] == [reply]
    assert (await client.message("lobby", posted.number)).replies == 1
    await client.delete(quoting)
    assert (await client.message("lobby", quoting.number)).deleted
    with pytest.raises(ChatError) as error:
        await client.delete(quoting)
    assert (error.value.code, error.value.status) == ("no_such_message", 404)


async def test_lists_are_read_page_by_page(
    chat: ChatServer, ops: Program, ann: Person, client: AsyncChat
) -> None:
    lobby = await chat.workspace.rooms.by_slug(ann, "lobby")
    first = lobby.last_number + 1
    for n in range(450):
        await lobby.post(ann, f"deploy {n}", f"key {n}")
    texts = [f"deploy {n}" for n in range(450)]
    found = [each.text async for each in client.messages("lobby", after=first - 1)]
    assert found == texts
    newest = await with_chat(chat, ops, lambda each: list(each.messages("#lobby")))
    assert [each.text for each in newest[:450]] == texts[::-1]
    assert newest[-1].number == 1
    some = await with_chat(
        chat, ops, lambda each: list(islice(each.messages("lobby", before=first + 10), 3))
    )
    assert [each.text for each in some] == ["deploy 9", "deploy 8", "deploy 7"]
    hits = await with_chat(chat, ops, lambda each: list(islice(each.search("deploy"), 70)))
    assert [each.text for each in hits] == texts[:-71:-1]
    with pytest.raises(ChatError) as error:
        await anext(client.search("deploy", "nothing-here"))
    assert error.value.code == "no_such_room"


async def test_rooms_people_and_the_bot_itself(
    chat: ChatServer,
    ops: Program,
    ann: Person,
    client: AsyncChat,
    programs: Programs,
    new_user: NewUser,
) -> None:
    for n in range(3):
        await chat.workspace.rooms.create(ann, f"Room {n}")
    rooms = await with_chat(chat, ops, lambda each: list(each.rooms()))
    assert [each.slug for each in rooms] == ["lobby", "room-0", "room-1", "room-2"]
    assert await client.room(rooms[1]) == await client.room("#room-0")
    assert (await client.room("room-0")).member_count == 1
    hello = await client.post("lobby", "hello")
    people = {each.name: each async for each in client.people()}
    assert (people["ops"].is_bot, people["Ann"].is_bot) == (True, False)
    await new_user("Bob")
    online = {each.name async for each in client.people(online=True)}
    # Ann, who has no page open, is online for a moment more.
    assert online - {"Ann"} == {"Bob"}
    reply = await client.post("lobby", "again", thread=hello)
    assert (await client.room(reply.room)).thread_of == ThreadRoot("lobby", hello.number)
    me = await client.me()
    assert (me.bot.name, me.owner and me.owner.name, me.token.rooms) == ("ops", "Ann", None)
    garden = await chat.workspace.rooms.create(ann, "Garden")
    reader = await programs.another_token(ops.bot, [Scope.READ], [garden.info.id])
    token = (await with_chat(chat, reader, lambda each: each.me())).token
    assert (token.scopes, token.rooms) == (("read",), ("garden",))


async def test_same_key_is_one_message(client: AsyncChat) -> None:
    posts = await asyncio.gather(*(client.post("lobby", "once", key="k") for _ in range(5)))
    assert len({each.number for each in posts}) == 1
    with pytest.raises(ChatError) as error:
        await client.post("lobby", "another", key="k")
    assert error.value.code == "key_reused"


@pytest.mark.parametrize("room", ["#nowhere", "@", "", "#", "a/../b", "…"])
async def test_room_that_does_not_exist_is_named(client: AsyncChat, room: str) -> None:
    with pytest.raises(ChatError) as error:
        await client.post(room, "hello")
    assert error.value.code == "no_such_room"


async def test_wrong_token_and_wrong_address_have_their_codes(chat: ChatServer) -> None:
    async with AsyncChat(chat.url, "fc_wrong") as client:
        with pytest.raises(ChatError) as error:
            await client.me()
        assert error.value.code == "bad_token"
    async with AsyncChat(chat.url + "/elsewhere", "fc_x") as client:
        with pytest.raises(ChatError) as error:
            await client.me()
        assert error.value.code == "bad_answer"


async def test_message_grows_and_is_complete_at_the_end_of_the_block(
    chat: ChatServer, ops: Program, new_user: NewUser
) -> None:
    bob = await new_user("Bob")
    half, rest = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def write(client: Chat) -> str:
        with client.stream("#lobby") as stream:
            print("Building", file=stream, end="")
            loop.call_soon_threadsafe(half.set)
            asyncio.run_coroutine_threadsafe(rest.wait(), loop).result(20)
            stream.write(" the page 😀\ud83d")
        assert stream.message.stream_state is None
        return stream.message.text

    written = asyncio.create_task(with_chat(chat, ops, write))
    await half.wait()
    await bob.until(lambda: bob.sees("Building"))
    rest.set()
    assert await written == "Building the page 😀?"
    await bob.until(lambda: bob.sees("Building the page 😀?"))


async def test_exception_in_the_block_interrupts_the_message(
    chat: ChatServer, ops: Program, client: AsyncChat
) -> None:
    with pytest.raises(ZeroDivisionError):
        async with client.stream("lobby") as stream:
            await stream.write("almost ")
            await stream.write("done")
            raise ZeroDivisionError
    assert (stream.message.text, stream.message.stream_state) == ("almost done", "interrupted")

    def fail(client: Chat) -> None:
        with client.stream("lobby", code=True) as stream:
            stream.write("x")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        # Not in a thread of its own: it would end the loop.
        await asyncio.get_running_loop().run_in_executor(None, _raised, chat, ops, fail)
    newest = await anext(client.messages("lobby"))
    assert (newest.text, newest.stream_state) == ("```\nx\n```", "interrupted")


def _raised(chat: ChatServer, program: Program, use: Callable[[Chat], None]) -> None:
    """Run a program, and return its KeyboardInterrupt as an exception of the executor."""
    with Chat(chat.url, program.secret) as client:
        use(client)


async def test_text_that_is_too_long_ends_the_message_with_what_fits(client: AsyncChat) -> None:
    with pytest.raises(ChatError) as error:
        async with client.stream("lobby") as stream:
            for _ in range(11):
                await stream.write("x" * 100_000)
    assert error.value.code == "stream_full"
    assert stream.message.stream_state is None
    assert 900_000 < stream.message.files[0].size <= LENGTH_LIMIT


async def test_message_that_is_deleted_meanwhile_ends_its_stream(client: AsyncChat) -> None:
    with pytest.raises(ChatError) as error:
        async with client.stream("lobby") as stream:
            await stream.write("x")
            await client.delete(stream.message)
            while True:
                await stream.write("y")
                await asyncio.sleep(0.05)
    assert error.value.code == "stream_ended"
