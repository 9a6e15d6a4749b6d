# SPDX-License-Identifier: MIT
"""Strict JSON (OSP-v0.1 section 4.1) and its RFC 8785 canonical bytes (section 4.3)."""

import json
import math
import re
from decimal import Decimal

MAX_BYTES, MAX_DEPTH = 65536, 64


def _number(text):
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("a number is too large for a double")
    return value


def _object(pairs):
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is there twice")
    return members


def _constant(text):
    raise ValueError(text + " is not JSON")


def parse(data):
    """The value of strict JSON bytes; ValueError if they are not. Numbers are floats."""
    if len(data) > MAX_BYTES:
        raise ValueError("larger than 65536 bytes")
    text = data.decode("utf-8")
    depth = 0
    for token in re.findall(r'"(?:[^"\\]|\\.)*"?|[][{}]', text, re.S):  # strings whole, ended or not
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token, 0)
        if depth > MAX_DEPTH:
            raise ValueError("nested deeper than 64")
    value = json.loads(text, parse_int=_number, parse_float=_number, parse_constant=_constant, object_pairs_hook=_object)
    canonical(value)  # a lone surrogate has no UTF-8 and raises UnicodeEncodeError, which is a ValueError
    return value


def canonical(value):
    """RFC 8785 bytes."""
    return _text(value).encode("utf-8")


def _text(value):
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, (int, float)):
        return number(float(value))
    if isinstance(value, str):
        return '"' + re.sub(r'["\\\x00-\x1f]', lambda m: ESCAPES.get(m[0]) or "\\u%04x" % ord(m[0]), value) + '"'
    if isinstance(value, list):
        return "[" + ",".join(map(_text, value)) + "]"
    names = sorted(value, key=lambda name: name.encode("utf-16-be"))
    return "{" + ",".join(_text(name) + ":" + _text(value[name]) for name in names) + "}"


ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


def number(value):
    """A double as ECMAScript writes it. Python's repr finds the same shortest digits; only the layout differs."""
    if value == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    d = "".join(map(str, digits)).lstrip("0")
    n = len(d) + exponent  # value = 0.d * 10^n
    d = d.rstrip("0")
    k = len(d)
    if k <= n <= 21:
        text = d + "0" * (n - k)
    elif 0 < n <= 21:
        text = d[:n] + "." + d[n:]
    elif -6 < n <= 0:
        text = "0." + "0" * -n + d
    else:
        text = d[0] + ("." + d[1:] if k > 1 else "") + "e%+d" % (n - 1)
    return ("-" if sign else "") + text
