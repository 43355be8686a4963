"""UTF-16: places in the texts of a client are counted in its code units."""


def utf16_prefix(text: str, length: int) -> str:
    """The beginning of a text, up to an index of the client."""
    return text.encode("utf-16-le", "surrogatepass")[: 2 * length].decode("utf-16-le", "ignore")


def utf16_length(text: str) -> int:
    """The length of a text for the client."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
