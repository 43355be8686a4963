"""An agent: the real MCP client, which starts `flet-chat mcp` and speaks with it."""

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from mcp import Client, StdioServerParameters, stdio_client
from mcp_types import TextContent, Tool

from tests.harness.process import ROOT


class Agent:
    """Calls the tools."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def tools(self) -> dict[str, Tool]:
        """The tools by name."""
        return {each.name: each for each in (await self.client.list_tools()).tools}

    async def calls(self, tool: str, **arguments: Any) -> Any:
        """The result of a call that succeeds: the same as text and as values."""
        result = await self.client.call_tool(tool, arguments)
        (content,) = result.content
        assert isinstance(content, TextContent)
        assert not result.is_error, content.text
        assert json.loads(content.text) == result.structured_content, result
        return result.structured_content

    async def is_refused(self, tool: str, **arguments: Any) -> str:
        """The sentence of a call that is refused."""
        result = await self.client.call_tool(tool, arguments)
        (content,) = result.content
        assert isinstance(content, TextContent)
        assert result.is_error, content.text
        return content.text


@asynccontextmanager
async def agent(data: Path, *flags: str) -> AsyncIterator[Agent]:
    """An agent with a command on this data folder; its standard error stays empty."""
    errors = data.parent / "agent.log"
    command = StdioServerParameters(
        command=sys.executable,
        args=["-m", "chat", "mcp", *flags],
        env={"CHAT_DATA": str(data), "PYTHONPATH": str(ROOT), "NO_PROXY": "*"},
        cwd=data.parent,
    )
    with errors.open("w", encoding="utf-8") as log:
        async with Client(stdio_client(command, errlog=log)) as client:
            yield Agent(client)
    assert errors.read_text("utf-8") == ""
