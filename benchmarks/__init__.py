"""What the chat costs, measured: one file a question, each run as `python -m benchmarks.…`."""
