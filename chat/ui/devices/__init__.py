"""The dialogs about the devices of a person."""
