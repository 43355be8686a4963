"""Rooms: what can be done in a room, memberships, unread counts, the feed of events."""
