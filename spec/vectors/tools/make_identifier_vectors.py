"""Writes identifiers.json: `python make_identifier_vectors.py` in this folder. Which list a text belongs to is said by
hand, from sections 2 and 3.1 of the specification; nothing here parses."""

import base64
import json
import pathlib

import base58

DIGEST = bytes(range(32))
RAW = b"\x01\x55\x12\x20" + DIGEST
V0 = b"\x12\x20" + DIGEST


def b32(data):
    return "b" + base64.b32encode(data).decode().lower().rstrip("=")


def b36(data):
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 36)
        text = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + text
    return "k" + "0" * (len(data) - len(data.lstrip(b"\0"))) + text


def b58(data):
    return base58.b58encode(data).decode()


good_cids = {
    "base32": b32(RAW), "base32-upper": b32(RAW).upper(), "base58": "z" + b58(RAW), "base16": "f" + RAW.hex(),
    "base16-upper": "F" + RAW.hex().upper(), "base36": b36(RAW),
    "base64url": "u" + base64.urlsafe_b64encode(RAW).decode().rstrip("="),
    "base64": "m" + base64.b64encode(RAW).decode().rstrip("="),
    "cidv0": b58(V0), "dag-pb": b32(b"\x01\x70\x12\x20" + DIGEST), "dag-cbor": b32(b"\x01\x71\x12\x20" + DIGEST),
    "sha2-512": b32(b"\x01\x55\x13\x40" + DIGEST * 2), "identity": b32(b"\x01\x55\x00\x03abc"),
    "base32-mixed-case": b32(RAW)[:9] + b32(RAW)[9:].upper(), "base16-mixed-case": "f" + RAW.hex()[:9] + RAW.hex()[9:].upper(),
    "base36-upper-case-digits": b36(RAW).upper().replace("K", "k", 1),
    "identity-empty": b32(b"\x01\x55\x00\x00"), "two-byte-codec": b32(b"\x01\x81\x02\x12\x20" + DIGEST),
}
bad_cids = {
    "empty": "", "prefix-only": "b", "word": "not-a-cid", "space-before": " " + b32(RAW), "newline-after": b32(RAW) + "\n",
    "path": b32(RAW) + "/x", "ipfs-path": "/ipfs/" + b32(RAW), "ipfs-uri": "ipfs://" + b32(RAW),
    "base32-padded": b32(RAW) + "======", "base32-stray-bits": b32(RAW)[:-1] + chr(ord(b32(RAW)[-1]) + 1),
    "truncated": b32(RAW[:-1]), "byte-after": b32(RAW + b"\0"), "version-2": b32(b"\x02" + RAW[1:]),
    "version-0-in-multibase": "z" + b58(V0), "version-0-in-base32": b32(V0), "length-longer-than-digest": b32(b"\x01\x55\x12\x21" + DIGEST),
    "codec-varint-too-long": b32(b"\x01\xd5\x00\x12\x20" + DIGEST), "digest-over-64-bytes": b32(b"\x01\x55\x00\x41" + b"x" * 65),
    "over-256-characters": b32(b"\x01\x55\x00\xa5\x01" + b"x" * 165), "cidv0-bad-alphabet": b58(V0)[:-1] + "0",
    "cidv0-short": b58(V0)[:-1], "cidv0-long": b58(V0) + "1",
}
good_dids = {
    "web": "did:web:example.com", "web-path": "did:web:example.com:artists:ana", "web-port": "did:web:example.com%3A8443",
    "web-port-lower-case": "did:web:example.com%3a8443:x", "web-one-label": "did:web:localhost", "web-address": "did:web:127.0.0.1",
    "web-upper-case-host": "did:web:Example.COM", "web-escaped-segment": "did:web:example.com:caf%C3%A9",
    "web-underscore": "did:web:a_b.example", "other-method": "did:example:123456789abcdefghi", "other-empty-part": "did:example::a",
    "other-escape": "did:example:a%20b", "other-digits": "did:3:x",
}
bad_dids = {
    "empty": "", "no-method": "did:", "no-id": "did:example:", "ends-in-colon": "did:example:a:", "upper-case-method": "did:Example:a",
    "upper-case-scheme": "DID:example:a", "space": "did:example:a b", "slash": "did:example:a/b", "query": "did:example:a?b",
    "fragment": "did:example:a#b", "broken-escape": "did:example:a%2", "not-hex-escape": "did:example:a%zz", "umlaut": "did:example:\u00e4",
    "newline-after": "did:example:a\n", "web-no-host": "did:web:", "web-empty-host": "did:web::a", "web-empty-segment": "did:web:example.com::a",
    "web-dot-segment": "did:web:example.com:.:a", "web-dot-dot": "did:web:example.com:..", "web-escaped-dot-dot": "did:web:example.com:%2E%2e",
    "web-escaped-slash": "did:web:example.com:a%2Fb", "web-escaped-backslash": "did:web:example.com:a%5cb", "web-nul": "did:web:example.com:a%00",
    "web-escaped-newline": "did:web:example.com:a%0Ab", "web-port-zero": "did:web:example.com%3A0", "web-port-65536": "did:web:example.com%3A65536",
    "web-port-leading-zero": "did:web:example.com%3A080", "web-port-empty": "did:web:example.com%3A", "web-escape-in-host": "did:web:ex%61mple.com",
    "web-final-dot": "did:web:example.com.", "web-two-dots": "did:web:example..com", "web-hyphen-first": "did:web:-a.example",
    "web-hyphen-last": "did:web:a-.example", "web-long-label": "did:web:" + "a" * 64 + ".example", "web-long-host": "did:web:" + "a." * 126 + "ab",
}
good_dates = ["2026", "0000", "0000-02-29", "2000-02-29", "2024-02-29", "2026-12-31", "9999-01-01"]
bad_dates = ["", "26", "2026-", "2026-1", "2026-00", "2026-13", "2026-02-29", "1900-02-29", "2026-04-31", "2026-01-00", "2026-01-15T00:00:00Z",
             "20260115", "2026-01-15 ", "\u0662\u0660\u0662\u0666", "02026"]

named = lambda texts: [{"name": name, "text": text} for name, text in texts.items()]
plain = lambda texts: [{"name": text, "text": text} for text in texts]
data = {
    "about": "CIDs (section 3.1), DIDs other than did:key (section 2; those are in did-key.json) and `released` dates (section 4.2): "
             "`good` are well-formed, `bad` make a record malformed.",
    "cid": {"good": named(good_cids), "bad": named(bad_cids)},
    "did": {"good": named(good_dids), "bad": named(bad_dids)},
    "released": {"good": plain(good_dates), "bad": plain(bad_dates)},
}
(pathlib.Path(__file__).parent.parent / "identifiers.json").write_text(json.dumps(data, indent=1, ensure_ascii=True) + "\n")
