"""Days of a room: the day of the topmost visible row, and the calendar that leads to a day."""
