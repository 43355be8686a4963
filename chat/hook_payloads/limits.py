"""The limits of a payload. What is beyond them is in the message as JSON, and is not lost."""

# Nesting of the JSON. A deeper body is shown as the text that it is.
MAX_DEPTH = 60

# Fields of a form, and parts of a multipart body. A body with more is shown as the text that it is.
MAX_FORM_FIELDS = 100

# Attachments of a payload; blocks of a payload or of an attachment; fields, buttons or elements of
# one block; alerts of a group; commits of a push.
MAX_ATTACHMENTS = 50
MAX_BLOCKS = 100
MAX_ELEMENTS = 100
MAX_ALERTS = 10
MAX_COMMITS = 20

# What a client says of the sender, in characters. Longer values are cut.
USERNAME_LIMIT = 80
CHANNEL_LIMIT = 100
TIMESTAMP_LIMIT = 40
SUMMARY_LIMIT = 500

# The longest line of a field that is a cell of a table, in characters.
CELL_LIMIT = 80

# A text of more controls is drawn without markup (`ui/markup/blocks.py`). Mentions need some, too.
MAX_CONTROLS = 115
