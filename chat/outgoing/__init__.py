"""Outgoing webhooks: addresses that are told what is posted in a room."""
