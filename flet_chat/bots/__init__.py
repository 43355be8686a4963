"""Bots as files: what a file says, and what runs it."""
