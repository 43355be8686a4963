"""The chat for agents: an MCP server over standard input and output, on top of the Python client.

It needs the extra `mcp`. The rights are those of the API; here an agent gets fewer.
"""
