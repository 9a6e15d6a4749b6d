# SPDX-License-Identifier: MIT
"""JSON as SMSG has it (spec/SMSG.md section 6): read strictly, written as the original writes it.

A shape names an object's members in the order they are written; a name that ends in `!` is written even when it is
empty or zero. `{...: str}` is a map of texts, written sorted.
"""

import json

MAX_ENTRIES = 65536

SHAPES = {
    "track": {"title!": str, "start!": float, "end": float, "type": str, "track_num": int},
    "attachment": {"name!": str, "content": str, "mime": str, "size": int},
    "reply_key": {"public_key!": str, "key_id": str, "algorithm": str, "fingerprint": str},
    "chunked": {"chunkSize!": int, "totalChunks!": int, "totalSize!": int, "index!": [{"offset!": int, "size!": int}]},
    "variant": {"name!": str, "bandwidth!": int, "width!": int, "height!": int, "codecs!": str, "url!": str,
                "chunkCount!": int, "fileSize!": int},
}
MANIFEST = {"title": str, "artist": str, "album": str, "genre": str, "year": int, "release_type": str, "duration": int,
            "format": str, "expires_at": int, "issued_at": int, "license_type": str, "tracks": [SHAPES["track"]],
            "links": {...: str}, "tags": [str], "extra": {...: str}}
MESSAGE = {"subject": str, "body!": str, "attachments": [SHAPES["attachment"]], "reply_key": SHAPES["reply_key"],
           "from": str, "timestamp": int, "meta": {...: str}}
HEADER = {"algorithm": str, "cadence": str, "checksum": str, "checksum_algo": str, "chunked": SHAPES["chunked"],
          "compression": str, "format": str, "hint": str, "keyMethod": str, "manifest": MANIFEST, "version": str,
          "wrappedKeys": [{"date!": str, "wrapped!": str}]}
ABR = {"version!": str, "title!": str, "duration!": int, "variants!": [SHAPES["variant"]], "defaultIdx!": int}


def unique(pairs):
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is there twice")
    return members


def too_long(value, names):
    """Whether one of these arrays or maps has more entries than any may have (13.2)."""
    return any(len(value.get(name, ())) > MAX_ENTRIES for name in names)


def refuse_constant(name):
    raise ValueError(f"{name} is not JSON")


def parse(data, shape):
    """The object, its known members only; ValueError for anything that is not strict JSON of this shape."""
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=unique, parse_constant=refuse_constant)
        json.dumps(value, ensure_ascii=False).encode()  # a lone surrogate does not encode
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return fit(value, shape)


def folded(name):
    """As Unicode folds it, as far as names in ASCII can be hit; `lower` knows the sign of the kelvin, not the long s."""
    return name.lower().replace("\u017f", "s")


def fit(value, shape):
    if isinstance(shape, list):
        if not isinstance(value, list):
            raise ValueError("not an array")
        return [fit(item, shape[0]) for item in value]
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            raise ValueError("not an object")
        if ... in shape:
            return {name: fit(item, shape[...]) for name, item in value.items()}
        kinds = {name.rstrip("!"): kind for name, kind in shape.items()}
        known = {folded(name) for name in kinds}
        for name in value:
            if name not in kinds and folded(name) in known:
                raise ValueError(f"{name!r} differs from a known member by case only")
        return {name: fit(value[name], kind) for name, kind in kinds.items() if value.get(name) is not None}
    if isinstance(value, bool) or not isinstance(value, (int, float) if shape is float else shape):
        raise ValueError(f"not a {shape.__name__}")
    if shape is int and not -(1 << 63) <= value < 1 << 63:
        raise ValueError("not an integer of 64 bits")
    return value


def number(value):
    """Integers as they are; others in their shortest form, fixed from 1e-6 up to 1e21."""
    if isinstance(value, int):
        return str(value)
    digits, _, exponent = f"{value!r}e".partition("e")
    if 1e-6 <= abs(value) < 1e21 or value == 0:
        if exponent.rstrip("e"):
            places = max(0, len(digits.partition(".")[2].rstrip("0")) - int(exponent.rstrip("e")))
            return f"{value:.{places}f}"
        return digits[:-2] if digits.endswith(".0") else digits
    sign, power = ("-", exponent[1:-1]) if exponent[0] == "-" else ("+", exponent[1:-1])
    return f"{digits[:-2] if digits.endswith('.0') else digits}e{sign}{power.lstrip('0')}"


def text(value):
    """Quoted; `<`, `>`, `&`, U+2028 and U+2029 as escapes."""
    quoted = json.dumps(value, ensure_ascii=False)
    for character in "<>&\u2028\u2029":
        quoted = quoted.replace(character, f"\\u{ord(character):04x}")
    return quoted


def write(value, shape):
    """The text of a value of this shape."""
    if isinstance(shape, list):
        return "[" + ",".join(write(item, shape[0]) for item in value) + "]"
    if not isinstance(shape, dict):
        return text(value) if shape is str else number(value)
    if ... in shape:
        members = [(name, value[name], shape[...]) for name in sorted(value)]
    else:
        members = [(name.rstrip("!"), value.get(name.rstrip("!"), kind() if isinstance(kind, type) else []), kind)
                   for name, kind in shape.items() if name.endswith("!") or value.get(name)]
    return "{" + ",".join(f"{text(name)}:{write(item, kind)}" for name, item, kind in members) + "}"


def write_header(header):
    """Top-level members that are there, sorted, empty or not."""
    return ("{" + ",".join(f"{text(name)}:{write(header[name], HEADER[name])}" for name in sorted(header)) + "}").encode()
