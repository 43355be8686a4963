"""Frozen values without I/O: messages, people, rooms, attachments, events, addresses."""
