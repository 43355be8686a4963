"""The JSON of programs that do not send Slack's: an adapter for each."""
