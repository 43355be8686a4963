"""The fingerprint of a certificate as six words, which two people compare on two screens.

The words are of the large list of the Electronic Frontier Foundation (`words.txt`, CC BY 3.0 US;
Joseph Bonneau, 2016): 7,776 short words that are known to most, are hard to confuse, and offend
nobody. Six of them are 77 bits: another certificate with the same words cannot be found by trying.
"""

import hashlib
from pathlib import Path

WORD_COUNT = 6


def certificate_words(der: bytes) -> str:
    """The six words of a certificate, with spaces between them: digits of its SHA-256."""
    words = (Path(__file__).parent / "words.txt").read_text("ascii").split()
    number = int.from_bytes(hashlib.sha256(der).digest(), "big")
    chosen = []
    for _ in range(WORD_COUNT):
        number, index = divmod(number, len(words))
        chosen.append(words[index])
    return " ".join(chosen)


def certificate_hash(der: bytes) -> str:
    """The SHA-256 as devices show it: `AB:CD:…`, 32 bytes."""
    return hashlib.sha256(der).digest().hex(":").upper()
