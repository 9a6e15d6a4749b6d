# SPDX-License-Identifier: MIT
"""Licence keys of the style code (spec/SMSG.md section 15): Bech32m without its separator."""

import re

ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def remainder(symbols):
    """The checksum function of BIP-173."""
    value = 1
    for symbol in symbols:
        top, value = value >> 25, (value & 0x1FFFFFF) << 5 ^ symbol
        for bit, term in enumerate(GENERATOR):
            value ^= term if top >> bit & 1 else 0
    return value


def is_code(text):
    """Whether it is a code as it is written, with a checksum that holds."""
    match = re.fullmatch("([A-Z0-9]{2,8})((?:-[A-Z0-9]{4}){8})", text)
    symbols = match and match[2].replace("-", "").lower()
    if not match or not set(symbols) <= set(ALPHABET):
        return False
    prefix = match[1].lower().encode()
    expanded = [byte >> 5 for byte in prefix] + [0] + [byte & 31 for byte in prefix]
    return remainder(expanded + [ALPHABET.index(symbol) for symbol in symbols]) == 0x2BC830A3
