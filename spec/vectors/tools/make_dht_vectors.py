"""Writes dht-keys.json: `python make_dht_vectors.py` in this folder. Nothing but the standard library."""

import base64
import hashlib
import json
import math
import pathlib
import unicodedata

VECTORS = pathlib.Path(__file__).parent.parent
DID = "did:key:z6MkehRgf7yJbgaGfYsdoAsKdBPE3dj2CYhowQdcjqSJgvVd"
CID = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"
OLD_CID = "QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o"
TRACK = "osp:track:bafkreies6ldpvyhuf4eulbrc5hkkd6up7ifbby6e4cznnq4t4gfhrtstcm"
OTHER = "osp:track:bafkreicm63aemklh3n6weljbrqfwrdwu26ck4fmyffshexgam25dry6bau"
WHITE_SPACE = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"


def sha256(data):
    return hashlib.sha256(data).digest()


def normalise(text):
    nfkc = lambda s: unicodedata.normalize("NFKC", s)
    folded = nfkc(nfkc(text).casefold())
    spaced = "".join(" " if c in WHITE_SPACE else c for c in folded)
    return " ".join(word for word in spaced.split(" ") if word)


def key_of(kind, value):
    """The key, or None where there is none: nothing left, or longer than 512 bytes."""
    value = normalise(value) if kind in ("title", "genre") else value
    key = f"osp/0.1/{kind}/{value}"
    return key if value and len(key.encode()) <= 512 else None


def place(key):
    dht = b"\x12\x20" + sha256(key.encode())
    return {"key": key, "dhtKey": dht.hex(), "point": sha256(dht).hex()}


def keys():
    values = [
        ("artist", DID), ("artist", "did:web:example.com"), ("artist", "did:web:example.com%3A8443:a:b"),
        ("title", "Hello, world"), ("title", "  HELLO,\u00a0WORLD\n"), ("title", "Straße"), ("title", "STRASSE"), ("title", "ﬁnal ﬂight"),
        ("title", "Ｎｉｇｈｔ\u3000Ｄｒｉｖｅ"), ("title", "AC/DC"), ("title", "a/b/../c"), ("title", "ガ"), ("title", "ｶﾞ"), ("title", "ΣΊΣΥΦΟΣ"),
        ("title", "Ночь — 夜曲"), ("title", "🎧"), ("title", "osp/0.1/title/x"), ("title", "%20"), ("title", "a\u0000b"), ("title", "A\u030a"), ("title", "\u212b"),
        ("title", "x" * 498), ("title", "Ü" * 249),
        ("genre", "Drone"), ("genre", "dub – été"), ("genre", "Hip  Hop"), ("genre", "R&B"),
        ("track", TRACK), ("track", OTHER), ("track", "osp:track:QmXTNeGVDVoguM7RJXVpro3VNJY4LAK2jVaWcmQj8XLJ8c"),
        ("content", CID), ("content", OLD_CID),
    ]
    return [{"kind": kind, "value": value, **place(key_of(kind, value))} for kind, value in values]


def record(**members):
    base = {
        "type": "osp:Track", "version": "0.1", "id": TRACK, "title": "Hello, world", "artist": DID, "format": "audio/opus", "cid": CID,
        "signature": base64.b64encode(bytes(64)).decode(),
    }
    return {name: value for name, value in {**base, **members}.items() if value is not None}


def keys_of(members, unixfs_v1):
    artist = [("artist", members["artist"])]
    if members["type"] == "osp:Retraction":
        pairs = artist + [("track", members["track"])]
    elif members["type"] != "osp:Track":
        pairs = artist + [("track", members["id"])]
    else:
        pairs = artist + [("title", members["title"])] + [("genre", g) for g in members.get("genre", [])[:16]] + [("track", members["id"])]
        pairs += [("track", members["supersedes"])] if "supersedes" in members else []
        pairs += [("content", members["cid"])] + ([("content", unixfs_v1)] if unixfs_v1 else [])
    found = [key for kind, value in pairs if (key := key_of(kind, value))]
    return list(dict.fromkeys(found))


def records():
    cases = {
        "the least": (record(), None),
        "with genres": (record(genre=["Drone", "dub – été", "DRONE", " drone "]), None),
        "of genres the first sixteen": (record(genre=[f"genre {n}" for n in range(40)]), None),
        "content in the older form, whose other form is known": (record(cid=OLD_CID), CID),
        "content in the older form, whose other form is not known": (record(cid=OLD_CID), None),
        "both forms are one": (record(), CID),
        "a cid is announced as it is written": (record(cid=CID.upper()), CID),
        "a correction is found under the record it takes the place of": (record(supersedes=OTHER), None),
        "a title of which nothing is left": (record(title=" \u3000 ", genre=["", "x"]), None),
        "a title too long for a key": (record(title="y" * 499), None),
        "a withdrawal is found under the record it withdraws": (
            record(type="osp:Retraction", id="osp:retraction:" + OTHER[10:], title=None, format=None, cid=None, track=TRACK), None,
        ),
        "a profile": (
            record(type="osp:Profile", id="osp:profile:" + OTHER[10:], title=None, format=None, cid=None, name="A", updated="2026-01-15T12:00:00Z"), None,
        ),
        "a follow is found under who follows, not under who is followed": (
            record(
                type="osp:Follow", id="osp:follow:" + OTHER[10:], title=None, format=None, cid=None, follows="did:web:example.com", state="follow",
                updated="2026-01-15T12:00:00Z",
            ), None,
        ),
    }
    return [
        {"name": name, "record": members, "unixfsV1": other, "keys": keys_of(members, other)} for name, (members, other) in cases.items()
    ]


def regions():
    """The longest prefix that should hold at least twenty of so many peers, of the first key's point."""
    point = place(f"osp/0.1/artist/{DID}")["point"]
    bits = bin(int(point, 16))[2:].zfill(256)
    sizes = [0, 1, 19, 20, 39, 40, 79, 80, 300, 319, 320, 1000, 10_000, 655_360]
    return {"point": point, "cases": [{"peers": n, "prefix": bits[: max(0, math.floor(math.log2(n / 20))) if n else 0]} for n in sizes]}


def distances():
    points = [place(key)["point"] for key in ("osp/0.1/title/a", "osp/0.1/title/b", "osp/0.1/title/c", "osp/0.1/title/d")]
    out = []
    for a, b in [(0, 0), (0, 1), (0, 2), (0, 3), (1, 2), (2, 3)]:
        distance = int(points[a], 16) ^ int(points[b], 16)
        out.append({"a": points[a], "b": points[b], "distance": f"{distance:064x}", "commonPrefix": 256 - distance.bit_length()})
    return out


if __name__ == "__main__":
    data = {
        "about": "Index keys (13.1): `keys` from kind and value to text, DHT key and point; `records` with all their keys, in order; "
        "`regions` of a point in networks of so many peers; `distances` of points. Signatures in `records` are not looked at.",
        "keys": keys(),
        "records": records(),
        "regions": regions(),
        "distances": distances(),
    }
    (VECTORS / "dht-keys.json").write_text(json.dumps(data, indent=1, ensure_ascii=True) + "\n")
