"""The signed-in screen: layout, header, routes, keyboard, menus."""
