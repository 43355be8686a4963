"""The web socket of a session: its connection, page script and outgoing frames."""
