"""Benchmarks of the chat and of comparable servers; each runs as `python -m benchmarks.<name>`."""
