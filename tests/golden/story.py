"""A story in which the page's script and the chat say to each other all that they can say."""


async def told() -> str:
    """The frames, as text."""
    return ""
