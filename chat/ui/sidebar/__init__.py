"""The sidebar: rooms and people."""
