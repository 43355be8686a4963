"""Tests of a running chat with headless clients."""
