"""The workspace: opens the store and the files, owns people and rooms; slash commands."""
