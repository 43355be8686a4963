"""The OpenAPI document of the API is true: its codes, its bounds, and each of its calls."""

import asyncio
import os
import shutil
import sys
from pathlib import Path

import httpx
import pytest

from chat import errors
from chat.errors import ChatError
from chat.server.app import ChatServer
from chat.web.api.errors import CODES, STATUS, ErrorCode
from chat.workspace.timings import Timings
from tests.harness.http import request
from tests.harness.process import ROOT
from tests.harness.programs import Program, ann, ops, programs, workspace

__all__ = ["ann", "ops", "programs", "workspace"]

# What a program is refused with never comes from the start of the chat, or from another door.
NOT_OF_PROGRAMS = (
    errors.CannotStart,
    errors.BadName,
    errors.NameTaken,
    errors.TooManyArrivals,
    errors.TooManyDevices,
    errors.LastDevice,
    errors.DeviceKeyLost,
    errors.BadDeviceName,
    errors.TooManyLinks,
    errors.PairingRefused,
    errors.WrongNumber,
    errors.BadPassword,
    errors.WrongPassword,
    errors.TooManyTries,
    errors.PasswordLinkSpent,
    errors.BadLink,
    errors.MissingExtra,
    errors.PasskeyRefused,
    errors.TooManyPasskeys,
    errors.ProviderRefused,
    errors.InvitationRefused,
    errors.TooManyCodes,
    errors.TooManyInvitations,
    errors.MadeTooManyInvitations,
    errors.NoSuchInvitation,
    errors.BadInvitation,
    errors.InvitationRequired,
    errors.ApprovalRequired,
    errors.KnockWaiting,
    errors.KnockRefused,
    errors.KnockEnded,
    errors.TooManyKnocks,
    errors.NoSuchKnock,
    errors.OwnerLinkSpent,
    errors.OwnerMustHandOver,
    errors.OwnerRequired,
    errors.BadRole,
    errors.BadSanction,
    errors.BadBlock,
    errors.BadStatus,
    errors.TooLateToUndo,
    errors.BadCommand,
    errors.TooManySaved,
    errors.TooManyScheduled,
    errors.TooManyReminders,
    errors.TooManyPrograms,
    errors.NoSuchProgram,
    errors.BadProgram,
    errors.HookRefused,
    errors.BadTime,
    errors.TooLateToChange,
    errors.BadPreference,
    errors.BadKeyword,
    errors.BadFieldValue,
    errors.ValuesTooLarge,
    errors.BotNotRunning,
    errors.BotSilent,
    errors.ActingTooFast,
    errors.SessionFailed,
)


def test_each_error_of_the_chat_has_a_code() -> None:
    kinds = [
        each
        for each in vars(errors).values()
        if isinstance(each, type) and issubclass(each, ChatError) and each is not ChatError
    ]
    without = [
        each.__name__
        for each in kinds
        if not issubclass(each, NOT_OF_PROGRAMS) and not set(each.__mro__) & CODES.keys()
    ]
    assert without == []


def test_codes_are_a_contract() -> None:
    """A program compares them: they may become more, and none is renamed or removed."""
    assert {code.value: status for code, status in STATUS.items()} == {
        "bad_request": 400,
        "bad_token": 401,
        "missing_scope": 403,
        "token_bound_to_rooms": 403,
        "moderator_required": 403,
        "muted": 403,
        "banned": 403,
        "no_such_call": 404,
        "no_such_room": 404,
        "no_such_message": 404,
        "no_such_file": 404,
        "no_such_action": 404,
        "wrong_method": 405,
        "room_archived": 409,
        "title_taken": 409,
        "many_people_called": 409,
        "not_editable": 409,
        "already_reported": 409,
        "no_owner": 409,
        "stream_gap": 409,
        "stream_ended": 409,
        "too_many_streams": 409,
        "resync": 410,
        "length_required": 411,
        "body_too_large": 413,
        "file_too_large": 413,
        "stream_full": 413,
        "bad_field": 422,
        "bad_text": 422,
        "bad_reaction": 422,
        "bad_report": 422,
        "bad_view": 422,
        "bad_room": 422,
        "bad_query": 422,
        "bad_cursor": 422,
        "bad_key": 422,
        "key_reused": 422,
        "no_such_person": 422,
        "ambiguous_name": 422,
        "no_such_upload": 422,
        "bad_upload": 422,
        "too_many_files": 422,
        "slow_down": 429,
        "too_many_readers": 429,
        "internal_error": 500,
        "not_stored": 503,
        "not_read": 503,
        "storage_full": 507,
    }
    assert STATUS.keys() == set(ErrorCode)


async def test_document_describes_the_token_and_the_errors(chat: ChatServer) -> None:
    response: httpx.Response = await request(chat, "/api/openapi.json")
    document = response.json()
    assert document["servers"] == [{"url": "/api"}]
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    codes = document["components"]["schemas"]["ErrorCode"]["enum"]
    assert codes == [each.value for each in ErrorCode]
    for path, calls in document["paths"].items():
        for method, call in calls.items():
            where = f"{method} {path}"
            assert call["security"] == [{"token": []}], where
            assert call["description"], where
            assert "Retry-After" in call["responses"]["429"]["headers"], where
            for status, answer in call["responses"].items():
                if int(status) >= 400 and status != "416":
                    examples = answer["content"]["application/json"]["examples"]
                    assert {str(STATUS[ErrorCode(each)]) for each in examples} == {status}, where


@pytest.mark.parametrize("timings", [Timings(program_burst=10_000, room_burst=10_000)])
async def test_schemathesis_finds_no_call_that_differs_from_the_document(
    chat: ChatServer, ops: Program, tmp_path: Path
) -> None:
    # The examples of the document name the message 42 of the lobby.
    for n in range(45):
        await ops.posts(f"message {n}")
    command = shutil.which("schemathesis", path=Path(sys.executable).parent)
    assert command is not None
    arguments = [
        "run",
        f"{str(ops.http.base_url).rstrip('/')}/openapi.json",
        f"--header=Authorization: Bearer {ops.secret}",
        "--max-examples=10",
        "--seed=1",
        "--exclude-checks=positive_data_acceptance",
        "--no-color",
    ]
    environment = os.environ | {
        "SCHEMATHESIS_HOOKS": "tests.harness.schemathesis_checks",
        "PYTHONPATH": str(ROOT),
    }
    running = await asyncio.create_subprocess_exec(
        command,
        *arguments,
        cwd=tmp_path,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output = (await running.communicate())[0].decode()
    assert running.returncode == 0, output
    document = (await request(chat, "/api/openapi.json")).json()
    count = sum(len(calls) for calls in document["paths"].values())
    assert f"{count} selected / {count} total" in output
