"""Tests of the project itself: layers, lint, types, README, translations."""
