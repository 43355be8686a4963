"""The socket: connection, page script, outgoing frames."""
