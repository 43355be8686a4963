"""The pages with which another device comes in as a person, in plain HTML."""
