"""The clients and servers that the tests use."""
