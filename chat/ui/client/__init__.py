"""What the UI knows of the client of one session: connection, files, locale."""
