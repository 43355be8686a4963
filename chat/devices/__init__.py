"""Devices of people: where they are signed in, and how another device comes to it."""
