"""The panes of the screen: the room, a thread beside it, and the actions on their messages."""
