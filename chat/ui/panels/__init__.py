"""Panels: lists that are shown beside the room, or in a dialog where there is no space for that."""
