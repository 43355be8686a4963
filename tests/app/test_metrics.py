"""The metrics: who may read them, what they say after people and programs did something."""

import asyncio
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from chat.errors import CannotStart
from chat.server.app import ChatServer
from chat.server.network import network_address
from chat.server.settings import Environment, Settings, metrics_token
from chat.web.monitoring.readings import READING_SECONDS
from tests.conftest import NewUser, running_chat
from tests.harness.domain import create_empty_database, sign_in
from tests.harness.event_client import EventClient, make_bot, make_token
from tests.harness.hostile_clients import non_reading_socket
from tests.harness.http import http_client, request
from tests.harness.reverse_proxy import reverse_proxy
from tests.harness.socketio_page import opened_page
from tests.harness.user import ChatUser

OPERATING = Path(__file__).parents[2] / "docs" / "operating.md"

KINDS = ("browser", "window", "socketio", "light", "program")

TOKEN = "a-token-of-more-than-20-letters"

Samples = Mapping[str, float]


async def samples_of(chat: ChatServer, **headers: str) -> Samples:
    """All samples by name and labels, as `flet_chat_sessions{kind=browser}`."""
    # An earlier reading is given out again for a second.
    await asyncio.sleep(READING_SECONDS)
    answer = await request(chat, "/metrics", **headers)
    assert answer.status_code == 200
    samples = {}
    for family in text_string_to_metric_families(answer.text):
        for name, labels, value, *_ in family.samples:
            text = ",".join(f"{k}={v}" for k, v in labels.items())
            samples[f"{name}{{{text}}}" if text else name] = value
    return samples


async def test_metrics_say_what_people_do_and_name_nobody(
    chat: ChatServer, new_user: NewUser
) -> None:
    ann, bob = await new_user("Annabella"), await new_user("Bob")
    await ann.rooms_dialog.creates_room("Greenhouse")
    before = await samples_of(chat)
    assert before["flet_chat_people_online"] == 2
    assert before["flet_chat_sessions{kind=browser}"] == 2
    assert before["flet_chat_sessions{kind=window}"] == 0
    assert before["flet_chat_ready"] == 1
    await ann.sidebar.opens_room("Lobby")
    for text in ("one", "two", "three"):
        await ann.composer.posts(text)
        await bob.timeline.waits_for_message(text)
    after = await samples_of(chat)

    def increase(name: str) -> float:
        return after[name] - before[name]

    assert increase("flet_chat_posts_total") == 3
    assert increase("flet_chat_post_stored_seconds_count") == 3
    assert increase("flet_chat_post_delivered_seconds_count") == 3
    stored, delivered = (
        increase(f"flet_chat_post_{each}_seconds_sum") for each in ("stored", "delivered")
    )
    assert 0 < stored <= delivered < 60
    assert increase("flet_chat_deliveries_total") >= 6
    assert increase("flet_chat_store_commit_seconds_count") >= 3
    assert after["flet_chat_store_commit_failures_total"] == 0
    assert after["flet_chat_store_waiting_writes"] == 0
    assert after["flet_chat_store_size_bytes"] > 100_000
    assert after["flet_chat_files_size_bytes"] == 0
    assert after["flet_chat_disk_free_bytes"] > 0
    assert after["flet_chat_loop_lag_seconds_count"] > before["flet_chat_loop_lag_seconds_count"]
    assert after["process_resident_memory_bytes"] > 10_000_000
    text = (await request(chat, "/metrics")).text
    for name in ("Annabella", "Bob", "Greenhouse", "greenhouse", "lobby"):
        assert name not in text


async def test_names_and_units_are_those_of_prometheus(chat: ChatServer) -> None:
    answer = await request(chat, "/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    families = list(text_string_to_metric_families(answer.text))
    assert len({each.name for each in families}) == len(families)
    for each in families:
        assert re.fullmatch(r"(flet_chat|process)_[a-z_]+", each.name)
        assert each.documentation.endswith(".")
        if each.type == "counter" and each.name.startswith("flet_chat_"):
            assert {name for name, *_ in each.samples} <= {f"{each.name}_total"}
        if each.type == "histogram":
            assert each.name.endswith("_seconds")


async def test_page_for_operators_has_every_metric_and_no_other(chat: ChatServer) -> None:
    samples = await samples_of(chat)
    page = OPERATING.read_text("utf-8")
    ours = {each for each in samples if each.startswith("flet_chat_")}
    families = {re.sub(r"(_bucket|_count|_sum)?(\{.*)?$", "", each) for each in ours}
    rows = re.findall(r"^\| `(flet_chat_\w+)` \|", page, re.MULTILINE)
    assert sorted(rows) == sorted(families)
    named = set(re.findall(r"(?:flet_chat|process)_\w+", page))
    assert {each.removesuffix("_bucket") for each in named} <= families | samples.keys()
    limits = {each.split("limit=")[1][:-1] for each in ours if "limit=" in each}
    assert all(f"`{each}`" in page for each in limits)


async def test_client_that_does_not_read_has_a_queue(chat: ChatServer, new_user: NewUser) -> None:
    ann = await new_user("Ann")
    port = int(chat.url.rsplit(":", 1)[1])
    with await non_reading_socket(port):
        samples = await samples_of(chat)
        assert samples["flet_chat_sessions{kind=browser}"] == 2
    await ann.composer.posts("still here")


async def test_sessions_are_counted_by_kind(tmp_path: Path) -> None:
    folder = await create_empty_database(tmp_path / "data")
    async with running_chat(folder, socketio=True) as chat:
        workspace = chat.workspace
        (ann,) = await sign_in(workspace, "Ann")
        bot = await make_bot(workspace, ann)
        program = EventClient(chat.url, await make_token(workspace, bot))
        async with opened_page(chat.url), program.stream(), program.stream():
            samples = await samples_of(chat)
        kinds = {kind: samples[f"flet_chat_sessions{{kind={kind}}}"] for kind in KINDS}
        assert kinds == {"browser": 0, "window": 0, "socketio": 1, "light": 0, "program": 1}
        assert samples["flet_chat_event_streams"] == 2


async def test_refusals_are_counted_by_limit(tmp_path: Path) -> None:
    folder = await create_empty_database(tmp_path / "data")
    async with running_chat(folder, posts_at_once=1, posts_a_minute=1) as chat:
        ann = ChatUser(chat.url)
        await ann.opens("/")
        await ann.signs_in("Ann")
        await ann.composer.posts("one")
        await ann.composer.types("two")
        await ann.composer.sends()
        await ann.waits_for_partial_text("You write very fast")
        assert (await samples_of(chat))["flet_chat_refusals_total{limit=person_posts}"] >= 1
        await ann.disconnects()


async def test_only_this_computer_reads_them_without_a_token(tmp_path: Path) -> None:
    folder = await create_empty_database(tmp_path / "data")
    async with running_chat(folder, host="0.0.0.0") as chat, http_client() as http:
        port = int(chat.url.rsplit(":", 1)[1])
        assert (await http.get(f"http://127.0.0.1:{port}/metrics")).status_code == 200
        other = f"http://{network_address()}:{port}/metrics"
        answer = await http.get(other)
        assert answer.status_code == 403
        assert "--metrics-token-file" in answer.text
        # A proxy says for whom it asks.
        for name in ("x-forwarded-for", "x-real-ip", "forwarded", "via"):
            headers = {name: "198.51.100.7"}
            answer = await http.get(f"http://127.0.0.1:{port}/metrics", headers=headers)
            assert answer.status_code == 403


async def test_through_a_proxy_that_says_nothing_a_token_is_needed(tmp_path: Path) -> None:
    folder = await create_empty_database(tmp_path / "data")
    token_file = tmp_path / "token"
    token_file.write_text(f"{TOKEN}\n")
    settings: dict[str, Any] = {"origin": "https://chat.example.org"}
    async with running_chat(folder, **settings) as chat:
        assert (await request(chat, "/metrics")).status_code == 403
    async with (
        running_chat(folder, metrics_token_file=str(token_file), **settings) as chat,
        http_client() as http,
    ):
        with reverse_proxy(int(chat.url.rsplit(":", 1)[1]), "") as proxied:
            for address in (chat.url, proxied):
                for token in ("", "Bearer", f"Bearer {TOKEN}x", TOKEN, f"Basic {TOKEN}"):
                    headers = {"authorization": token} if token else {}
                    answer = await http.get(f"{address}/metrics", headers=headers)
                    assert answer.status_code == 401, token
                    assert answer.headers["www-authenticate"].startswith("Bearer")
                headers = {"authorization": f"Bearer {TOKEN}"}
                assert (await http.get(f"{address}/metrics", headers=headers)).status_code == 200


async def test_many_scrapes_read_the_figures_once(chat: ChatServer) -> None:
    first = await samples_of(chat)
    async with http_client() as http:
        answers = await asyncio.gather(*(http.get(f"{chat.url}/metrics") for _ in range(20)))
    lag = f"flet_chat_loop_lag_seconds_count {first['flet_chat_loop_lag_seconds_count']}"
    assert sum(lag in each.text for each in answers) >= 10


async def test_without_the_extra_a_sentence_says_what_to_install(
    chat: ChatServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    answer = await request(chat, "/metrics")
    assert answer.status_code == 501
    assert ".[metrics]" in answer.text
    token_file = tmp_path / "token"
    token_file.write_text(TOKEN)
    settings = Settings(web=True, port=0, data=tmp_path, metrics_token_file=str(token_file))
    with pytest.raises(CannotStart, match="prometheus-client"):
        await ChatServer(settings, Environment(has_screen=False)).run()


@pytest.mark.parametrize("content", [None, "", "short", "a token with line\nbreaks in the middle"])
def test_token_that_can_be_guessed_or_is_missing_stops_the_start(
    tmp_path: Path, content: str | None
) -> None:
    token_file = tmp_path / "token"
    if content is not None:
        token_file.write_text(content)
    with pytest.raises(CannotStart, match="token"):
        metrics_token(Settings(data=tmp_path, metrics_token_file=str(token_file)))
