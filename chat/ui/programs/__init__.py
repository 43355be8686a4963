"""The screen of programs: the webhooks of a room, and one's own bots with their tokens."""
