"""Start-up: command line, settings, wiring, network, window."""
