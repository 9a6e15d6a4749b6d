# SPDX-License-Identifier: MIT
"""JSON of SMSG 3.0 (spec/SMSG.md 19.2) and what is signed."""

import base64
import json
import re

import primitives  # noqa: F401  (finds the modules beside)
import ed25519
import identifiers
from errors import Refused

HEADER = {"artist", "created", "crit", "cuts", "digest", "key", "keyPrefix", "links", "parts", "salt", "signature", "title", "tracks",
          "type", "version"}
TABLE = {"artist", "count", "crit", "dir", "file", "grants", "key", "pass", "salt", "seq", "signature", "type"}
LICENCE = {"artist", "box", "crit", "file", "id", "key", "salt", "signature", "terms", "type"}
TERMS = {"buyer", "crit", "cut", "issued", "licence", "notAfter", "notBefore", "period", "ranges", "sale", "tier"}


def text(value):
    """The canonical form (RFC 8785) of texts, integers, arrays and objects."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(f"{text(name)}:{text(value[name])}" for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(text, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def write(value):
    return text(value).encode()


def depth(value):
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inside is None else 1 + max(map(depth, inside), default=0)


def no_number(spelling):
    raise ValueError(f"{spelling} is not an integer from 0")


def integer(digits):
    if not 0 <= int(digits) < 1 << 53:
        no_number(digits)
    return int(digits)


def parse(data):
    try:
        value = json.loads(data.decode(), parse_float=no_number, parse_constant=no_number, parse_int=integer)
        again = write(value)
    except (ValueError, RecursionError):
        raise Refused("not_canonical") from None
    if depth(value) > 8:
        raise Refused("over_limit", "nesting")
    if not isinstance(value, dict) or again != data:
        raise Refused("not_canonical")
    return value


def b64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def need(condition, why, kind="bad_member"):
    if not condition:
        raise Refused(kind, why)


def member(value, name, kind=str, default=...):
    need(isinstance(value, dict), name)
    if name not in value and default is not ...:
        return default
    need(name in value and isinstance(value[name], kind) and not isinstance(value[name], bool), name)
    return value[name]


def octets(value, name, exactly=None, most=1 << 30):
    encoded = member(value, name)
    need(re.fullmatch("[A-Za-z0-9_-]*", encoded) and len(encoded) % 4 != 1, name)
    data = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    need(b64(data) == encoded and exactly in (None, len(data)), name)
    need(len(data) <= most, name, "over_limit")
    return data


def items(value, name, least, most, optional=False):
    found = member(value, name, list, [] if optional else ...)
    need(len(found) <= most, name, "over_limit")
    need(len(found) >= least or name not in value, name)
    return found


def critical(value, known):
    for name in items(value, "crit", 1, 16, optional=True):
        need(isinstance(name, str), "crit")
        need(name in known, name, "unknown_critical")


def verified(did, message, signature):
    try:
        key = identifiers.parse_did(did)
    except ValueError:
        return False
    return key is not None and ed25519.verify(key, message, signature)


def signed(value, kind, begun=None, keys=None):
    """Checks type and signature; returns the artist, the key that signed for them, and whether it was checked that it is theirs.

    `begun` is the key of the header that this belongs to; `keys` are the did:keys that the artist's document names, None if it
    could not be fetched."""
    need(member(value, "type") == kind, "type")
    artist, key = member(value, "artist"), None
    need(artist, "artist")
    if "key" in value:
        key = member(value, "key")
        need(key.startswith("did:key:") and not artist.startswith("did:key:"), "key")
    signature = octets(value, "signature", 64)
    rest = {name: inner for name, inner in value.items() if name != "signature"}
    if key is None and not artist.startswith("did:key:"):
        need(any(verified(each, write(rest), signature) for each in keys or ()), kind, "bad_signature")
        return artist, None, True
    need(verified(key or artist, write(rest), signature), kind, "bad_signature")
    if key is not None:
        need(key in keys if keys is not None else begun in (None, key), kind, "bad_signature")
    return artist, key, key is None or keys is not None
