"""Programs as members: bots, the tokens of the HTTP API, and incoming webhooks."""
