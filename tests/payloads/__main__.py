"""Writes the messages of all requests anew."""

from tests.payloads import EXPECTED, expected_path, requests, shown


def main() -> None:
    """The command."""
    EXPECTED.mkdir(exist_ok=True)
    for old in EXPECTED.iterdir():
        old.unlink()
    count = 0
    for request in requests():
        expected_path(request).write_text(shown(request), "utf-8")
        count += 1
    print(f"{count} messages are stored.")


if __name__ == "__main__":
    main()
