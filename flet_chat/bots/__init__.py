"""Bots as files: what a file says."""
