"""Moderation on the screen: the menu of a person, the audit log."""
