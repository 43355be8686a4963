"""How often a program may ask: the sizes of the token buckets of tokens, webhooks and rooms."""

# Requests at once, and how many a second are added.
BURST, REQUESTS_PER_SECOND = 20, 2.0

# Pieces of messages that a token writes piece by piece: five messages, five times a second.
PIECE_BURST, PIECES_PER_SECOND = 50, 25.0

# The messages of all programs of one room.
ROOM_BURST, ROOM_MESSAGES_PER_SECOND = 40, 20.0
