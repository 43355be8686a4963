"""The list of messages: window, scrolling, renderers."""
