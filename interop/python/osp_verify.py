#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Verifies an OSP 0.1 record. Written from spec/OSP-v0.1.md alone; needs nothing but Python 3.9.

    python3 osp_verify.py record.json      exit code 0 if it holds, 3 if it is refused
"""

import base64
import datetime
import hashlib
import re
import sys

import ed25519
from identifiers import BASE58, base32, base58, from_base_n, parse_cid, parse_did, varint
from strict_json import canonical, parse


class Refused(Exception):
    """A record that is refused; `kind` is malformed, signature, id or proof (section 4.8)."""

    def __init__(self, kind, why):
        super().__init__(why)
        self.kind = kind


def need(condition, kind, why):
    if not condition:
        raise Refused(kind, why)


def is_id(kind):
    return lambda v: isinstance(v, str) and v.startswith(kind) and is_cid(v[len(kind):])


def is_cid(v):
    return isinstance(v, str) and bool(parse_cid(v))


def is_signature(v):
    raw = base64.b64decode(v, validate=True) if isinstance(v, str) else b""
    return len(raw) == 64 and base64.b64encode(raw).decode() == v


def is_date(v):
    if not isinstance(v, str) or not re.fullmatch("[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?", v):
        return False
    year, month, day = map(int, (v + "-01-01")[:10].split("-"))
    return bool(datetime.date(year or 2000, month, day))  # Python has no year 0, which is a leap year as 2000 is


def is_date_time(v):
    if not isinstance(v, str):
        return False
    match = re.fullmatch(r"(.{10})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]+)?(Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))?", v)
    return match is not None and is_date(match[1]) and match[2] < "24" and match[3] < "60" and match[4] < "60"


def is_whole(v):
    return isinstance(v, float) and v >= 0 and v == int(v)


def is_consent(v):
    return isinstance(v, dict) and all(v[k] in ("allow", "deny") for k in ("mirror", "stream", "aiTraining") if k in v)


# Section 4.11: what profiles may show to people.
UNPRINTABLE = "[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]"
IN_URLS = r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]"
WEB = r"https?://[A-Za-z0-9\[][A-Za-z0-9._:\[\]-]*([/?#]" + IN_URLS + "*)?"
PAYMENT = "(bitcoin|ethereum|lightning|monero|payto):" + IN_URLS + "+"


def is_line(most):
    return lambda v: isinstance(v, str) and 1 <= len(v) <= most and v == v.strip(" ") and not re.search(UNPRINTABLE, v)


def is_prose(v):
    return isinstance(v, str) and len(v) <= 2000 and not re.search(UNPRINTABLE, v.replace("\n", ""))


def is_links(url):
    def is_link(v):
        return isinstance(v, dict) and is_line(64)(v.get("name")) and isinstance(v.get("url"), str) \
            and len(v["url"]) <= 1024 and re.fullmatch(url, v["url"]) is not None
    return lambda v: isinstance(v, list) and len(v) <= 16 and all(map(is_link, v))


def is_instant(v):
    return isinstance(v, str) and len(v) == 20 and v.endswith("Z") and is_date_time(v)


def exactly(text):
    return lambda v: v == text


def a(*types):
    return lambda v: isinstance(v, types) and v is not None


# Section 4.2. Every check gets the value and may also raise ValueError.
COMMON = {"version": exactly("0.1"), "artist": lambda v: isinstance(v, str) and parse_did(v) is not False,
          "signature": is_signature, "@context": a(str, list, dict), "proof": a(dict)}
TRACK = {**COMMON, "id": is_id("osp:track:"), "title": a(str), "format": a(str), "cid": is_cid,
         "artistName": a(str), "album": a(str), "trackNumber": is_whole, "discNumber": is_whole,
         "duration": lambda v: isinstance(v, float) and v >= 0, "size": is_whole, "torrent": a(str),
         "released": is_date, "license": a(str),
         "genre": lambda v: isinstance(v, list) and all(isinstance(g, str) for g in v),
         "artwork": is_cid, "waveform": is_cid, "lyrics": is_cid, "sealed": a(object), "offers": a(object),
         "consent": is_consent, "supersedes": is_id("osp:track:")}
RETRACTION = {**COMMON, "id": is_id("osp:retraction:"), "track": is_id("osp:track:"), "reason": a(str)}
PROFILE = {**COMMON, "id": is_id("osp:profile:"), "name": is_line(100), "bio": is_prose, "avatar": is_cid, "banner": is_cid,
           "links": is_links(WEB), "donations": is_links(WEB + "|" + PAYMENT), "updated": is_instant}
FOLLOW = {**COMMON, "id": is_id("osp:follow:"), "follows": lambda v: isinstance(v, str) and len(v) <= 1024 and parse_did(v) is not False,
          "state": lambda v: v in ("follow", "unfollow"), "updated": is_instant}
MEMBERS = {"osp:Track": TRACK, "osp:Retraction": RETRACTION, "osp:Profile": PROFILE, "osp:Follow": FOLLOW}
PREFIX = {"osp:Track": "osp:track:", "osp:Retraction": "osp:retraction:", "osp:Profile": "osp:profile:", "osp:Follow": "osp:follow:"}
REQUIRED = {"osp:Track": ("version", "id", "title", "artist", "format", "cid", "signature"),
            "osp:Retraction": ("version", "id", "artist", "track", "signature"),
            "osp:Profile": ("version", "id", "artist", "name", "updated", "signature"),
            "osp:Follow": ("version", "id", "artist", "follows", "state", "updated", "signature")}


def without(record, *names):
    return {name: value for name, value in record.items() if name not in names}


def ids(prefix, body):
    """The two ids that a body's canonical bytes may have (section 4.4)."""
    unixfs = b"\x08\x02\x12" + varint(len(body)) + body + b"\x18" + varint(len(body))
    block = b"\x0a" + varint(len(unixfs)) + unixfs
    yield prefix + "b" + base32(b"\x01\x55\x12\x20" + hashlib.sha256(body).digest())
    yield prefix + base58(b"\x12\x20" + hashlib.sha256(block).digest())


def check_proof(record, proof, key):
    """Section 4.6."""
    artist, value = record["artist"], proof.get("proofValue")
    need([proof.get(n) for n in ("type", "cryptosuite", "proofPurpose")] == ["DataIntegrityProof", "eddsa-jcs-2022", "assertionMethod"],
         "proof", "not an eddsa-jcs-2022 proof for assertionMethod")
    need(proof.get("verificationMethod") == artist + "#" + artist[len("did:key:"):], "proof", "not the artist's key")
    need(isinstance(value, str) and re.fullmatch(f"z[{BASE58}]{{64,88}}", value), "proof", "proofValue is not base58")
    need("created" not in proof or is_date_time(proof["created"]), "proof", "created is not a date and time")
    need("previousProof" not in proof, "proof", "a record has one proof")
    options, document = without(proof, "proofValue"), without(record, "proof")
    if "@context" in options:
        need("@context" in document, "proof", "the proof has a @context and the record has none")
        p, d = (c if isinstance(c, list) else [c] for c in (options["@context"], document["@context"]))
        need(canonical(d[:len(p)]) == canonical(p), "proof", "the record's @context does not begin with the proof's")
        document["@context"] = options["@context"]
    digest = hashlib.sha256(canonical(options)).digest() + hashlib.sha256(canonical(document)).digest()
    need(ed25519.verify(key, digest, from_base_n(value[1:], BASE58)), "proof", "the proof does not hold")


def verify(data):
    """The record in these bytes, verified; raises Refused."""
    try:
        record = parse(data)
        kind = record["type"] if isinstance(record, dict) and isinstance(record.get("type"), str) else None
        need(kind in REQUIRED, "malformed", "not an OSP record")
        for name in REQUIRED[kind]:
            need(name in record, "malformed", name + " is missing")
        for name, check in MEMBERS[kind].items():
            need(name not in record or check(record[name]), "malformed", name + " is not as the specification says")
        key = parse_did(record["artist"])
    except (ValueError, RecursionError) as error:
        raise Refused("malformed", str(error)) from None
    signed, body = without(record, "signature", "proof"), without(record, "id", "signature", "proof")
    need(key is not None, "signature", "this program finds keys in did:key only")
    need(ed25519.verify(key, canonical(signed), base64.b64decode(record["signature"])), "signature", "not the artist's signature")
    need(record["id"] in ids(PREFIX[kind], canonical(body)), "id", "id is not that of the body")
    if "proof" in record:
        check_proof(record, record["proof"], key)
    return record


def current(records, now):
    """Which of these verified profiles and follows count (section 4.11), by a clock that shows `now`."""
    latest = datetime.datetime.strptime(now, "%Y-%m-%dT%H:%M:%SZ") + datetime.timedelta(days=1)
    holders = {}
    for record in records:
        place = (record["type"], record["artist"], record.get("follows") if record["type"] == "osp:Follow" else None)
        rank = (record["updated"], record["id"])
        if record["updated"] <= latest.strftime("%Y-%m-%dT%H:%M:%SZ") and rank > holders.get(place, ("", "")):
            holders[place] = rank
    return sorted(id for _, id in holders.values())


if __name__ == "__main__":
    try:
        with open(sys.argv[1], "rb") as file:
            print("valid", verify(file.read(65537))["id"])
    except Refused as refusal:
        print(refusal.kind + ":", refusal)
        sys.exit(3)
