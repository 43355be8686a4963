"""The limits of a view: its drawing, its state, and the values of its fields."""

# Controls of a drawing; the points and bars of a chart and the cells of a table are controls, too.
MAX_CONTROLS = 200

# Levels of controls within each other.
MAX_DEPTH = 12

# Bytes of a drawing and of a state, as JSON in UTF-8, and levels of a state.
MAX_DRAWING_BYTES = 64 * 1024
MAX_STATE_BYTES = 16 * 1024
MAX_STATE_DEPTH = 16

# About how high a drawing may be, in pixels on a wide screen.
MAX_HEIGHT = 2000

# Characters of a text, of a label, of the name of a field or an action, and of an address.
TEXT_LIMIT, LABEL_LIMIT, NAME_LIMIT, URL_LIMIT = 4000, 200, 64, 2000

# Characters that a person may type into a field, and bytes of what a control carries for its action
# (`data`), as JSON.
FIELD_TEXT_LIMIT = 2000
MAX_DATA_BYTES = 1024

# Bytes of all values that one action submits, as JSON.
MAX_VALUES_BYTES = 32 * 1024
