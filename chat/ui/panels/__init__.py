"""Contents of the pane beside the room."""
