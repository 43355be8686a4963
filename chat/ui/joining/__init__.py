"""Who comes in, on the screen: the invitation, the list of links, and who asks."""
