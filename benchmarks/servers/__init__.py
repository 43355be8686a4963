"""The servers that the chat is compared with, each a few lines, each its own process."""
