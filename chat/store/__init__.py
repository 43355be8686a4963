"""The durable data: one contract, and SQLite or PostgreSQL behind it."""
