"""TLS of the chat's own: its authority, its certificates, and a port for TLS and plain HTTP."""
