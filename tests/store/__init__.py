"""Tests of the store contract."""
