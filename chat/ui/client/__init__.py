"""The UI's view of a client: its connection, its files, its time zone and language."""
