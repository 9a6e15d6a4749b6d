# SPDX-License-Identifier: MIT
"""CIDs and DIDs (OSP-v0.1 sections 2.1, 2.2, 2.4 and 3.1): no more than a record verifier needs."""

import base64
import re

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"


def from_base_n(text, alphabet):
    """Bytes of base58 or base36; ValueError for a character that is not in the alphabet."""
    number = 0
    for character in text:
        number = number * len(alphabet) + alphabet.index(character)
    zeros = len(text) - len(text.lstrip(alphabet[0]))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def base58(data):
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = BASE58[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def base32(data):
    return base64.b32encode(data).decode().lower().rstrip("=")


def varint(number):
    """Unsigned LEB128."""
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes(out) + bytes([number])


def read_varint(data, at):
    number, shift = 0, 0
    while True:
        if at >= len(data) or shift > 56:
            raise ValueError("a varint does not end")
        byte, at = data[at], at + 1
        number, shift = number | (byte & 127) << shift, shift + 7
        if byte < 128:
            if byte == 0 and shift > 7:
                raise ValueError("a varint is longer than needed")
            return number, at


def multibase(text):
    """Bytes of a multibase text."""
    if not text:
        raise ValueError("empty")
    prefix, rest = text[0], text[1:]
    if prefix in "bBfFkK":
        rest = rest.lower()
    if prefix in ("b", "B"):
        if not re.fullmatch("[a-z2-7]*", rest):
            raise ValueError("not base32")
        data = base64.b32decode(rest.upper() + "=" * (-len(rest) % 8))
        if base32(data) != rest:
            raise ValueError("unused bits are not zero")
        return data
    if prefix == "z":
        return from_base_n(rest, BASE58)
    if prefix in ("k", "K"):
        return from_base_n(rest, BASE36)
    if prefix in ("f", "F"):
        if not re.fullmatch("([0-9a-f]{2})*", rest):
            raise ValueError("not hexadecimal")
        return bytes.fromhex(rest)
    if prefix in ("u", "m"):
        if not re.fullmatch("[A-Za-z0-9_-]*" if prefix == "u" else "[A-Za-z0-9+/]*", rest):
            raise ValueError("not base64")
        return base64.b64decode(rest + "=" * (-len(rest) % 4), altchars=b"-_" if prefix == "u" else None)
    raise ValueError("unknown multibase")


def parse_cid(text):
    """(version, codec, hash code, digest) of a CID; ValueError if it is none."""
    if len(text) > 256:
        raise ValueError("longer than 256 characters")
    if len(text) == 46 and text.startswith("Qm"):
        data = from_base_n(text, BASE58)
        if len(data) != 34 or data[:2] != b"\x12\x20":
            raise ValueError("not a CIDv0")
        return 0, 0x70, 0x12, data[2:]
    data = multibase(text)
    version, at = read_varint(data, 0)
    codec, at = read_varint(data, at)
    code, at = read_varint(data, at)
    length, at = read_varint(data, at)
    if version != 1 or len(data) - at != length or length > 64:
        raise ValueError("not a CIDv1")
    return version, codec, code, data[at:]


def parse_did(text):
    """The Ed25519 key of a did:key, None for other DIDs; ValueError if the text is no DID."""
    idchar = r"(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})"
    if not re.fullmatch(rf"did:[a-z0-9]+:(?:{idchar}*:)*{idchar}+", text):
        raise ValueError("not a DID")
    if text.startswith("did:key:"):
        multikey = text[len("did:key:"):]
        data = from_base_n(multikey[1:], BASE58) if multikey[0] == "z" else b""
        if len(data) != 34 or data[:2] != b"\xed\x01":
            raise ValueError("not the did:key of an Ed25519 key")
        return data[2:]
    if text.startswith("did:web:"):
        authority, *path = text[len("did:web:"):].lower().split(":")
        host, _, port = authority.partition("%3a")
        label = "(?!-)[a-z0-9_-]{1,63}(?<!-)"
        if len(host) > 253 or not re.fullmatch(rf"{label}(\.{label})*", host):
            raise ValueError("not the host of a did:web")
        if authority != host and not (re.fullmatch("[1-9][0-9]{0,4}", port) and int(port) < 65536):
            raise ValueError("not the port of a did:web")
        for segment in path:
            if segment.replace("%2e", ".") in ("", ".", "..") or re.search("%(2f|5c|00|0a|0d)", segment):
                raise ValueError("not the path of a did:web")
    return None
