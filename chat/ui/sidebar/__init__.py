"""The left column: rooms and people."""
