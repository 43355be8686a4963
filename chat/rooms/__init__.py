"""Rooms: operations in a room, memberships, unread counts, the feed of events."""
