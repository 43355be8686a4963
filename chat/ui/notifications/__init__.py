"""Notifications: those that a session shows, and their settings."""
