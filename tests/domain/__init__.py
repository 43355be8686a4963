"""Tests of the workspace without a server."""
