# SPDX-License-Identifier: MIT
"""From the bytes of a file to a header that is understood and a payload (spec/SMSG.md sections 2, 3 and 7)."""

import base64
import binascii
import hashlib
import html.parser
import json

import strict_json
from errors import Refused

MAX_HEADER, MAX_WRAPPED_KEYS, MAX_CHUNKS = 16 << 20, 4096, 1 << 20
KNOWN = {"version": {"", "1.0"}, "algorithm": {"", "chacha20poly1305"}, "format": {"", "v2", "v3"},
         "compression": {"", "gzip", "zstd"}}


def decode_text(data):
    """Bytes of a file's base64 text."""
    try:
        binary = base64.b64decode(data.replace(b"\r", b"").replace(b"\n", b""), validate=True)
    except binascii.Error as error:
        raise Refused("bad_base64", str(error)) from None
    if base64.b64encode(binary) != data.replace(b"\r", b"").replace(b"\n", b""):
        raise Refused("bad_base64", "unused bits are not zero")
    if binary[:4] == b"U01T":
        raise Refused("double_base64")
    return binary


def to_binary(data):
    """The binary file of either form."""
    beginning = data[:1024].replace(b"\r", b"").replace(b"\n", b"")[:4]
    return decode_text(data) if beginning in (b"U01T", b"VTAx") else data


class Attribute(html.parser.HTMLParser):
    """The first `data-smsg` attribute of a page."""
    found = None

    def handle_starttag(self, tag, attrs):
        self.found = self.found or dict(attrs).get("data-smsg")


def extract(data):
    """The binary file out of a JSON wrapper, out of HTML, or itself."""
    if data.lstrip()[:1] == b"{":
        return decode_text(json.loads(data)["content"].encode())
    if data.lstrip()[:1] == b"<":
        page = Attribute()
        page.feed(data.decode())
        return decode_text((page.found or "").encode())
    return to_binary(data)


def split(data):
    """(header, its bytes, payload) of a binary file; Refused with the class of what is wrong first."""
    if len(data) < 4:
        raise Refused("truncated_container")
    if data[:4] != b"SMSG":
        raise Refused("bad_magic")
    if len(data) < 5:
        raise Refused("truncated_container")
    if data[4] != 2:
        raise Refused("bad_version")
    length = int.from_bytes(data[5:9], "big")
    if len(data) < 9:
        raise Refused("truncated_container")
    if length > MAX_HEADER:
        raise Refused("header_too_large")
    if len(data) < 9 + length:
        raise Refused("truncated_container")
    header_json, payload = data[9:9 + length], data[9 + length:]
    return parse_header(header_json), header_json, payload


def parse_header(header_json):
    try:
        header = strict_json.parse(header_json, strict_json.HEADER)
    except ValueError as error:
        raise Refused("header_not_json", str(error)) from None
    for member, values in KNOWN.items():
        if member in header and header[member] not in values:
            raise Refused(f"unsupported_{member}", repr(header[member]))
    method = header.get("keyMethod", "")
    if method != "lthn-rolling" and (method or header.get("format") == "v3"):
        raise Refused("unsupported_key_method", repr(method))
    chunked = header.get("chunked", {})
    if any(chunked.get(total, 0) < 0 for total in ("chunkSize", "totalChunks", "totalSize")):
        raise Refused("header_not_json", "a negative total")
    if len(header.get("wrappedKeys", ())) > MAX_WRAPPED_KEYS or len(chunked.get("index", ())) > MAX_CHUNKS:
        raise Refused("over_limit")
    if strict_json.too_long(header.get("manifest", {}), ("tracks", "links", "tags", "extra")):
        raise Refused("over_limit")
    return header


def check_sum(header, payload):
    if "checksum" in header:
        algorithm = header.get("checksum_algo")
        if algorithm not in ("sha1", "sha256", "sha512"):
            raise Refused("checksum", f"cannot compute {algorithm!r}")
        if hashlib.new(algorithm, payload).hexdigest() != header["checksum"]:
            raise Refused("checksum")


def join(header_json, payload):
    return b"SMSG\2" + len(header_json).to_bytes(4, "big") + header_json + payload
