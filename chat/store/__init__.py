"""The durable data: one contract, and SQLite behind it."""
