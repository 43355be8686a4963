"""Views of programs' messages: their drawings as Flet controls, and the values of their fields."""
