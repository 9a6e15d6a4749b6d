#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes spec/vectors/smsg3. Deterministic: run again, it writes the same."""

import json
import pathlib

import primitives as p
import writer as w
from canonical import b64, write
from container import Header, chunk_keys, cover, depth, descend, index, root
from table import Secret, grant_keys, ikm, stretch

OUT = pathlib.Path(__file__).resolve().parents[2] / "spec" / "vectors" / "smsg3"
ARTIST, THIEF = w.Artist("artist"), w.Artist("thief")
ALL = {"licence": "perpetual"}
ARGON = {"kdf": "argon2id", "m": 64, "t": 2, "p": 2}
SCRYPT = {"kdf": "scrypt", "n": 32768, "r": 8, "p": 1}


def save(name, data):
    (OUT / name).write_bytes(data)


def save_json(name, value):
    (OUT / name).write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", "utf-8")


def part(name, segments, **more):
    return {"name": name, "mime": "audio/mpeg", "segments": segments, **more}


def sound(label, length):
    return w.drawn(label, length)


cases = []


def case(name, how, header, plain, wanted, file=None, data=None, **more):
    """A file that opens."""
    opened = {number: plain[part][begin:end] for number, (part, begin, end, _) in enumerate(header.chunks)
              if any(a <= number < b for a, b in wanted)}
    chunks = {str(number): p.sha256(data).hex() for number, data in opened.items()} if len(opened) < 9 else None
    joined = p.sha256(b"".join(opened.values())).hex()
    source = {"file": file} if file else {"hex": data.hex()}
    cases.append({"name": name, **source, "open": how, "id": header.id.hex(), "ranges": wanted, "sha256": joined,
                  **({"chunks": chunks} if chunks else {}), **more})


def refused(name, how, kind, base=None, data=None, **change):
    cases.append({"name": name, **({"file": base} if base else {"hex": data.hex()}), **change, "open": how, "class": kind})


def release():
    """Two parts, tracks, cuts, a preview for all, 3 keys, two passphrases, digests."""
    plain = [sound("release mp3", 65536 + 100 + 500), sound("release flac", 40)]
    value = {"title": "Vectors, \u00e9dition \u20ac", "digest": "blake3", "keyPrefix": "MGH",
             "parts": [part("a.mp3", [65636, 500], tier="standard", scale=44100, duration=88200, init=b64(b"init"),
                            index=b64(bytes([0, 0, 0x80, 0x10, 7, 3, 9]))),
                       part("a.flac", [40], tier="premium")],
             "tracks": [{"title": "One", "start": 0, "end": 1500, "mix": "club", "loop": [100, 900], "ranges": [[0, 2], [3, 4]]},
                        {"title": "Two", "start": 1500, "end": 2000}],
             "cuts": [{"name": "taste", "ranges": [[2, 3]]}], "links": {"shop": "https://example.org/"}}
    standard = {**ALL, "tier": "standard", "ranges": [[0, 3]]}
    premium = {**ALL, "ranges": [[0, 4]], "issued": 1768230000}
    preview = {"licence": "preview", "cut": "taste", "ranges": [[2, 3]]}
    keys = [(w.code("release key 0"), 0, 1), (w.code("release key 1"), 1, 2), (w.code("owner"), 1, 0)]
    words = [("caf\u00e9", ARGON, 1), ("se\u00f1or", SCRYPT, 0)]
    grants = [(standard, False), (premium, False), (preview, True)]
    build = lambda header, top: w.table(ARTIST, header, top, "release table", grants, keys, words)  # noqa: E731
    header, top, data = w.make(ARTIST, "release", value, plain, build)
    save("release.smsg", data)
    case("standard key", {"key": keys[0][0]}, header, plain, [[0, 3]], "release.smsg", serial=1, terms=standard)
    case("premium key", {"key": keys[1][0]}, header, plain, [[0, 4]], "release.smsg", serial=2, terms=premium)
    case("key in small letters", {"key": keys[1][0].lower()}, header, plain, [[0, 4]], "release.smsg", serial=2)
    case("open preview", {"open": True}, header, plain, [[2, 3]], "release.smsg", terms=preview)
    case("passphrase, Argon2id", {"passphrase": "cafe\u0301"}, header, plain, [[0, 4]], "release.smsg", terms=premium)
    case("passphrase, scrypt", {"passphrase": "se\u00f1or"}, header, plain, [[0, 3]], "release.smsg", terms=standard)
    refused("another key", {"key": w.code("nobody's")}, "no_valid_key", "release.smsg")
    refused("another passphrase", {"passphrase": "cafe"}, "no_valid_key", "release.smsg")
    for name, terms in (("whole", premium), ("part", {**ALL, "ranges": [[1, 2], [3, 4]], "buyer": "J. Doe", "sale": "17", "future": [1]})):
        key = w.code(f"licence {name}")
        licence = w.licence(ARTIST, header, top, f"licence {name}", key, terms)
        save(f"{name}.smsgl", licence)
        how = {"key": key, "licence": f"{name}.smsgl"}
        case(f"licence, {name}", how, header, plain, terms["ranges"], "release.smsg", terms=terms)
        refused(f"licence, {name}, with another's key", {**how, "key": keys[0][0]}, "no_valid_key", "release.smsg")
    damage(header, top, data, keys[1][0])
    return header, top, data, plain, keys


def damage(header, top, data, key):
    how, base = {"key": key}, "release.smsg"
    at = len(header.bytes)
    head = at + 4 + int.from_bytes(data[at:at + 4], "big")
    seal = head + 64 + 3 * 88
    chunks = seal + 64 + 32 + 32 * 4
    first = chunks + 65536 + 48
    for name, place, kind in [
            ("magic", 0, "bad_magic"), ("version", 4, "bad_version"), ("header's length", 5, "header_too_large"),
            ("header", 9, "not_canonical"), ("table's length", at, "header_too_large"), ("table head", at + 4, "not_canonical"),
            ("directory", head + 40, "bad_table"), ("page", head + 64 + 87, "bad_table"), ("seal", seal, "bad_signature"),
            ("group digest", seal + 64, "bad_signature"), ("chunk digest", seal + 96, "bad_digest"),
            ("commitment", chunks, "bad_digest"), ("ciphertext", chunks + 40, "bad_digest"), ("tag", first - 1, "bad_digest")]:
        refused(f"one bit: {name}", how, kind, base, flip=place)
    refused("cut inside the last chunk", how, "truncated_container", base, cut=len(data) - 1)
    refused("cut inside the header", how, "truncated_container", base, cut=at - 1)
    refused("cut inside the digests", how, "truncated_container", base, cut=chunks - 1)
    refused("one byte more", how, "trailing_bytes", base, append="00")


def tables():
    """n = 1, no digests, no table; tables beside it, of 0, 1, 128 and 129 keys."""
    plain = [sound("bare", 65536)]
    header, top, data = w.make(ARTIST, "bare", {"title": "Bare", "parts": [part("a", [65536])]}, plain)
    save("bare.smsg", data)
    refused("no table", {"key": w.code("x")}, "no_valid_key", "bare.smsg")
    terms = {**ALL, "ranges": [[0, 1]]}
    for count in (0, 1, 128, 129):
        keys = [(w.code(f"bare {at}"), 0, at) for at in range(count)]
        table = w.table(ARTIST, header, top, f"bare table {count}", [(terms, False)], keys, seq=count)
        save(f"keys-{count}.smsgk", b"SMSK\x03" + table)
        data = header.bytes + table + data[-65584:]
        how = lambda at: {"key": w.code(f"bare {at}"), "table": f"keys-{count}.smsgk"}  # noqa: E731
        for at in sorted({0, count // 2, count - 1} if count else ()):
            case(f"key {at} of {count}", how(at), header, plain, [[0, 1]], "bare.smsg", serial=at)
        refused(f"key not among {count}", how(count), "no_valid_key", "bare.smsg")
    for offset, kind in ((20, "commitment"), (40, "decryption_failed")):
        refused(f"without digests: {kind}", {"key": w.code("bare 0"), "table": "keys-1.smsgk"}, kind, "bare.smsg",
                flip=len(header.bytes) + 4 + offset)


def groups():
    """256 and 257 chunks: one and two groups of digests."""
    for n in (256, 257):
        plain = [sound(f"many {n}", n)]
        build = lambda header, top: w.table(ARTIST, header, top, f"many {n}", [({**ALL, "ranges": [[0, n]]}, True)], [])  # noqa: E731
        header, _, data = w.make(ARTIST, f"many {n}", {"title": "Many", "digest": "blake3", "parts": [part("a", [1] * n)]}, plain, build)
        save(f"many-{n}.smsg", data)
        case(f"{n} chunks", {"open": True}, header, plain, [[0, n]], f"many-{n}.smsg")


def small(label, artist=ARTIST, table=None, swap=None, **members):
    """A small file with one thing changed, signed all the same."""
    plain = [sound(label, 40)]
    value = {"title": "Small", "parts": [part("a", [20, 20])], **members}
    body = {"salt": b64(w.drawn(label + " header salt")), "type": "smsg:Header", "version": "3.0", "created": 1, **value}
    body = write(artist.signed({name: member for name, member in body.items() if member is not ...}))
    data = b"SMSG\x03" + len(body).to_bytes(4, "big") + body
    if table is None:
        return data + bytes(4)
    header = Header(data)
    top = root(header.id, w.drawn(label + " FRK"))
    stored = w.chunks(header, top, plain)
    if swap:
        stored = [stored[at] for at in swap]
    return header.bytes + table(header, top) + b"".join(stored)


def crafted():
    """Files that only the artist could make, and should not have."""
    for name, members, kind in [
            ("version 3.1", {"version": "3.1"}, "unsupported_version"), ("another type", {"type": "smsg:Table"}, "bad_member"),
            ("no salt", {"salt": ...}, "bad_member"), ("short salt", {"salt": "AAAA"}, "bad_member"),
            ("critical", {"crit": ["variants"]}, "unknown_critical"), ("no names in crit", {"crit": []}, "bad_member"),
            ("another digest", {"digest": "sha256"}, "bad_member"), ("no parts", {"parts": []}, "bad_member"),
            ("65 parts", {"parts": [part(str(at), [1]) for at in range(65)]}, "over_limit"),
            ("an empty segment", {"parts": [part("a", [1, 0])]}, "bad_member"),
            ("2^18 + 1 chunks", {"parts": [part("a", [(1 << 34) + 1])]}, "over_limit"),
            ("two parts of one name", {"parts": [part("a", [1]), part("a", [1])]}, "bad_member"),
            ("a cut behind the end", {"cuts": [{"name": "a", "ranges": [[1, 3]]}]}, "bad_member"),
            ("ranges that touch", {"cuts": [{"name": "a", "ranges": [[0, 1], [1, 2]]}]}, "bad_member"),
            ("an index without scale", {"parts": [part("a", [20], index=b64(b"\0\0"))]}, "bad_member"),
            ("an index behind the part", {"parts": [part("a", [20], scale=1, index=b64(b"\0\x14"))]}, "bad_member"),
            ("a varint with needless bytes", {"parts": [part("a", [20], scale=1, index=b64(b"\0\x80\0"))]}, "bad_member"),
            ("a fraction", {"future": 1.5}, "not_canonical"), ("a negative number", {"future": -1}, "not_canonical"),
            ("2^53", {"future": 1 << 53}, "not_canonical"),
            ("nested 9 deep", {"future": [[[[[[[[]]]]]]]]}, "over_limit")]:
        refused(f"header: {name}", {"open": True}, kind, data=small(f"header {name}", **members))
    key, terms = w.code("small"), {**ALL, "ranges": [[0, 2]]}

    def with_table(name, kind, how=None, grants=((terms, False),), artist=ARTIST, change=lambda head: head, tail=lambda t: t, **more):
        build = lambda header, top: tail(w.table(artist, header, top, name, grants, [(key, 0, 5)], change=change))  # noqa: E731
        refused(f"table: {name}", how or {"key": key}, kind, data=small(f"table {name}", table=build, **more))

    with_table("chunks that changed places", "commitment", swap=[1, 0])
    with_table("a chunk twice", "commitment", swap=[0, 0])
    with_table("by another artist", "wrong_artist", artist=THIEF)
    with_table("of another file", "wrong_file", change=lambda head: {**head, "file": b64(bytes(32))})
    with_table("unknown critical member", "unknown_critical", change=lambda head: {**head, "crit": ["later"]})
    with_table("unknown critical term", "unknown_critical",
               grants=(({**terms, "crit": ["later"]}, False),))
    with_table("too many entries", "over_limit", change=lambda head: {**head, "count": (1 << 20) + 1})
    with_table("another directory", "bad_table", change=lambda head: {**head, "dir": b64(bytes(32))})
    with_table("other terms than its box is bound to", "bad_grant",
               change=lambda head: {**head, "grants": [{**head["grants"][0], "terms": {**terms, "buyer": "somebody"}}]})
    with_table("fewer nodes than the terms say", "bad_grant", {"open": True},
               change=lambda head: {**head, "grants": [{"terms": terms, "nodes": ""}]})
    with_table("no such grant", "bad_grant", change=lambda head: {**head, "grants": []})
    with_table("a key that leads to an open grant", "bad_grant",
               change=lambda head: {**head, "grants": [{"terms": terms, "nodes": b64(bytes(32))}]})
    slot = {"salt": b64(bytes(16)), "grant": 0, "id": b64(bytes(32)), "box": b64(bytes(48))}
    for name, factors in [("no memory", {**ARGON, "m": 0}), ("a terabyte", {**ARGON, "m": 1 << 30}), ("no passes", {**ARGON, "t": 0}),
                          ("seven passes", {**ARGON, "t": 7}), ("too much in all", {"kdf": "argon2id", "m": 262144, "t": 5, "p": 4}),
                          ("2^53 - 1 of all", {"kdf": "argon2id", "m": (1 << 53) - 1, "t": (1 << 53) - 1, "p": (1 << 53) - 1}),
                          ("scrypt with N 2^18", {**SCRYPT, "n": 1 << 18}), ("scrypt with N 0", {**SCRYPT, "n": 0}), ("scrypt with r 9", {**SCRYPT, "r": 9})]:
        with_table(f"work, {name}", "work_factor", {"passphrase": "x"}, change=lambda head: {**head, "pass": [{**slot, **factors}]})
    with_table("five slots", "over_limit", {"passphrase": "x"}, change=lambda head: {**head, "pass": [{**slot, **ARGON}] * 5})


def steps(header, top, data, plain, keys):
    """Every step with its values."""
    table_salt, gk, nonce_free = w.drawn("step salt"), w.drawn("step GK"), p.N0
    frk, file = w.drawn("step FRK"), w.drawn("step file")
    leaves = []
    for n in (1, 3, 458):
        r = root(file, frk)
        for number in sorted({0, n // 2, n - 1}):
            leaf = descend(r, depth(n), number)
            nonce, com, ek = chunk_keys(file, n, number, leaf)
            text = w.drawn("step text", 20)
            leaves.append({"n": n, "number": number, "leaf": leaf.hex(), "com": com.hex(), "ek": ek.hex(), "nonce": nonce.hex(),
                           "plaintext": text.hex(), "chunk": (com + p.seal(ek, nonce, text)).hex()})
    covers = []
    for n in (1, 2, 3, 5, 458, 1 << 18):
        for wanted in ([[0, n]], [[0, 1]], [[n - 1, n]], [[n // 3, n // 2 + 1]], [[1, n - 1]], [[0, 1], [n - 1, n]]):
            if all(a < b for a, b in wanted) and (len(wanted) == 1 or n > 2):
                covers.append({"n": n, "ranges": wanted, "places": cover(n, wanted)})
    texts = []
    for shown in (keys[0][0], "legal-winner-thank-year-wave-sausage-worth-useful-legal-winner-thank-yellow", "f81d4fae-7dec-41d0-a765-00a0c91e6bf6"):
        secret = Secret(file, ikm(shown))
        texts.append({"shown": shown, "ikm": ikm(shown).decode(), "prk": secret.prk.hex(), "id": secret.id.hex(), "salt": table_salt.hex(),
                      "wrap": secret.wrap(table_salt).hex()})
    terms = {**ALL, "ranges": [[0, 3]], "buyer": "\u00fc"}
    com, key = grant_keys(file, gk, terms)
    stretched = [{"passphrase": text, **kdf, "salt": b64(bytes(range(16))), "out": stretch({**kdf, "salt": b64(bytes(range(16)))}, text).hex()}
                 for text, kdf in (("caf\u00e9", ARGON), ("cafe\u0301", {"kdf": "argon2id", "m": 32, "t": 1, "p": 4}), ("pass", SCRYPT))]
    digests = [{"bytes": length, "digest": p.blake3(bytes(at % 251 for at in range(length))).hex()} for length in (0, 1, 1024, 1025, 65584)]
    places = [{"segments": [part["segments"] for part in header.json["parts"]],
               "chunks": [list(chunk) for chunk in header.chunks]}]
    marks = index(b"\0\0\x80\x10\7\3\x09", [c for c in header.chunks if c[0] == 0], 66136, 1)
    save_json("steps.json", {
        "about": "HKDF and HMAC with SHA-256; `file` is H; binary is hexadecimal; root is that of file and frk",
        "header": {"file": "release.smsg", "length": len(header.bytes), "id": header.id.hex(), "artist": header.artist},
        "file": file.hex(), "frk": frk.hex(), "root": root(file, frk).hex(), "chunks": leaves, "covers": covers, "keys": texts,
        "grant": {"gk": gk.hex(), "terms": terms, "hash": p.sha256(write(terms)).hex(), "gcom": com.hex(), "gek": key.hex()},
        "entry": {"key": keys[0][0], "salt": table_salt.hex(), "grant": 258, "serial": 0x01020304, "gk": gk.hex(),
                  "entry": w.entry(Secret(file, ikm(keys[0][0])), table_salt, 258, 0x01020304, gk).hex()},
        "stretch": stretched, "blake3": digests, "places": places,
        "index": {"bytes": "0000801007" + "0309", "marks": marks}})


def collision(label, keys, length, aad=b"", free=0, first=None, nonce=p.N0):
    """Ciphertext and tag that the cipher takes under both keys. Block `free` is solved for; the first one may be given; the rest is drawn."""
    prime, macs = (1 << 130) - 5, []
    for key in keys:
        one_time = p.cipher.chacha20(key, nonce, 0, 32)
        macs.append((int.from_bytes(one_time[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF, int.from_bytes(one_time[16:], "little")))
    (r, s), (t, u) = macs
    block = lambda data: int.from_bytes(data.ljust(16, b"\0"), "little") + (1 << 128)  # noqa: E731
    pieces = lambda data: [data[at:at + 16] for at in range(0, len(data), 16)]  # noqa: E731
    for attempt in range(10000):
        ciphertext = pieces(w.drawn(f"{label} {attempt}", length))
        if first:
            ciphertext[0] = first
        ciphertext[free] = bytes(16)
        blocks = [block(data) for data in pieces(aad) + ciphertext + [len(aad).to_bytes(8, "little") + length.to_bytes(8, "little")]]
        unknown = len(pieces(aad)) + free
        powers = lambda point: [pow(point, len(blocks) - at, prime) for at in range(len(blocks))]  # noqa: E731
        differences = [a - b for a, b in zip(powers(r), powers(t))]
        known = sum(data * factor for at, (data, factor) in enumerate(zip(blocks, differences)) if at != unknown)
        for carry in range(-4, 5):
            # Both polynomials, each with its key's second half added, are to be equal: linear in the block that is free.
            x = (u - s + (carry << 128) - known) * pow(differences[unknown], -1, prime) % prime
            if not 1 << 128 <= x < 1 << 129:
                continue
            ciphertext[free] = (x - (1 << 128)).to_bytes(16, "little")
            tags = [p.tag(key, nonce, b"".join(ciphertext), aad) for key in keys]
            if tags[0] == tags[1]:
                return b"".join(ciphertext) + tags[0]
    raise SystemExit("no ciphertext found")


two_faced = []


def faced(name, keys, box, aad=b""):
    two_faced.append({"name": name, "one": keys[0].hex(), "two": keys[1].hex(), "aad": aad.hex(), "box": box.hex()})


def two_keys():
    """One ciphertext of two blocks that Poly1305 takes under the keys of two chunks; and the same of every other box."""
    file, roots = w.drawn("two keys file"), [w.drawn("two keys one"), w.drawn("two keys two")]
    found = [chunk_keys(file, 1, 0, top) for top in roots]
    nonce = found[0][0]
    box = collision("two keys", [ek for _, _, ek in found], 32, nonce=nonce)
    save_json("two-keys.json", {
        "about": "a file of one chunk; the cipher takes the chunk under the leaves of both roots, its com is that of the first; "
                 "`boxes` are those of the files called \"two keys\" in files.json: nonce 0, each taken under both keys",
        "file": file.hex(), "root_one": roots[0].hex(), "root_two": roots[1].hex(), "ek_one": found[0][2].hex(),
        "ek_two": found[1][2].hex(), "nonce": nonce.hex(), "chunk": (found[0][1] + box).hex(), "boxes": two_faced})


def two_faced_files():
    """Boxes that the cipher takes under two keys, each where a file or licence has it. The second key must not open any."""
    terms = {**ALL, "ranges": [[0, 2]]}
    one, two = w.code("two keys, first"), w.code("two keys, second")

    def secrets(header):
        return [Secret(header.id, ikm(text)) for text in (one, two)]

    def head_of(header, label, grants, entries=(), slots=()):
        """A table of these grants, entries and slots as they are."""
        entries = sorted(entries)
        directory = entries[0][:32] + p.sha256(b"".join(entries)) if entries else b""
        head = {"type": "smsg:Table", "file": b64(header.id), "seq": 0, "salt": b64(w.drawn(label + " salt")), "count": len(entries),
                "dir": b64(p.sha256(directory)), "grants": grants, **({"pass": slots} if slots else {})}
        body = write(ARTIST.signed(head))
        return len(body).to_bytes(4, "big") + body + directory + b"".join(entries)

    def entry(header, top):
        """The second key has no entry of its own; the first one's opens under it too."""
        label = "two keys entry"
        wraps = [secret.wrap(w.drawn(label + " salt")) for secret in secrets(header)]
        begins = bytes(4) + (5).to_bytes(4, "big") + w.drawn(label, 8)
        box = collision(label, wraps, 40, free=1, first=p.seal(wraps[0], p.N0, begins)[:16])
        faced("entry", wraps, box)
        gk = p.unseal(wraps[0], p.N0, box)[8:]
        return head_of(header, label, [w.grant(header, top, gk, terms)], [secrets(header)[0].id + box])

    def grant(header, top):
        """Each key has an entry, and in it another GK for the one grant."""
        label = "two keys grant"
        salt, gks = w.drawn(label + " salt"), [w.drawn(label + " one"), w.drawn(label + " two")]
        found = [grant_keys(header.id, gk, terms) for gk in gks]
        box = collision(label, [key for _, key in found], 32)
        faced("grant", [key for _, key in found], box)
        entries = [w.entry(secret, salt, 0, at, gk) for at, (secret, gk) in enumerate(zip(secrets(header), gks))]
        return head_of(header, label, [{"terms": terms, "box": b64(found[0][0] + box)}], entries)

    def slot(header, top):
        """A slot that opens under two passphrases."""
        label, how = "two keys slot", {**ARGON, "salt": b64(w.drawn("two keys slot", 16)), "grant": 0}
        found = [Secret(header.id, stretch(how, text)) for text in ("first", "second")]
        wraps = [secret.wrap(w.drawn(label + " salt")) for secret in found]
        box = collision(label, wraps, 32)
        faced("slot", wraps, box)
        gk = p.unseal(wraps[0], p.N0, box)
        return head_of(header, label, [w.grant(header, top, gk, terms)], slots=[{**how, "id": b64(found[0].id), "box": b64(box)}])

    def opens(name, how, data, **more):
        header = Header(data[:9 + int.from_bytes(data[5:9], "big")])
        case(name, how, header, [sound(label_of[name], 40)], [[0, 2]], data=data, **more)

    label_of = {"two keys: entry, first": "two keys entry file", "two keys: slot, first": "two keys slot file"}
    data = small("two keys entry file", table=entry)
    opens("two keys: entry, first", {"key": one}, data, serial=5)
    refused("two keys: entry, second", {"key": two}, "no_valid_key", data=data)
    data = small("two keys grant file", table=grant)
    # Its nodes are what they are: no such keys.
    refused("two keys: grant, first", {"key": one}, "commitment", data=data)
    refused("two keys: grant, second", {"key": two}, "bad_grant", data=data)
    data = small("two keys slot file", table=slot)
    opens("two keys: slot, first", {"passphrase": "first"}, data)
    refused("two keys: slot, second", {"passphrase": "second"}, "no_valid_key", data=data)

    data = small("two keys licence file", table=lambda header, top: bytes(4))
    header, salt = Header(data[:9 + int.from_bytes(data[5:9], "big")]), w.drawn("two keys licence salt")
    value = {"type": "smsg:Licence", "artist": ARTIST.did, "file": b64(header.id), "id": b64(secrets(header)[0].id), "salt": b64(salt),
             "terms": terms}
    aad, wraps = p.sha256(write(value)), [secret.wrap(salt) for secret in secrets(header)]
    box = collision("two keys licence", wraps, 32, aad)
    faced("licence", wraps, box, aad)
    save("two-keys.smsgl", write(ARTIST.signed({**value, "box": b64(box)})))
    refused("two keys: licence, first", {"key": one, "licence": "two-keys.smsgl"}, "commitment", data=data)
    refused("two keys: licence, second", {"key": two, "licence": "two-keys.smsgl"}, "no_valid_key", data=data)


def domains():
    """Files of an artist whose DID is no key: `document` has the keys that it names; without, it could not be fetched."""
    did, plain, key, terms = "did:web:music.example", [sound("domain", 40)], w.code("domain"), {**ALL, "ranges": [[0, 2]]}
    new = w.Artist("new key")
    web, silent, later = ARTIST.as_web(did), ARTIST.as_web(did, names_key=False), new.as_web(did)
    own, both, other = [ARTIST.did], [THIEF.did, ARTIST.did, new.did], [THIEF.did]

    def sealed(artist, tables=None):
        value = {"title": "Domain", "digest": "blake3", "parts": [part("a", [20, 20])], "salt": b64(w.drawn("domain salt"))}
        header = Header(w.header_bytes(artist, value), own)
        top = root(header.id, w.drawn("domain FRK"))
        keys = w.table(tables or artist, header, top, "domain", [(terms, False)], [(key, 0, 9)])
        return header, top, w.whole(artist, header, top, plain, keys)

    header, top, data = sealed(web)
    how = {"key": key}
    case("did:web: its document names the key", how, header, plain, [[0, 2]], data=data, document=both)
    case("did:web: no document", how, header, plain, [[0, 2]], data=data, unchecked=True)
    refused("did:web: its document names another key", how, "bad_signature", data=data, document=other)
    save("domain.smsgl", w.licence(web, header, top, "domain licence", w.code("domain bought"), terms))
    bought = {"key": w.code("domain bought"), "licence": "domain.smsgl"}
    case("did:web: licence, no document", bought, header, plain, [[0, 2]], data=data, unchecked=True)
    header, _, data = sealed(web, later)
    case("did:web: table by another key that the document names", how, header, plain, [[0, 2]], data=data, document=both)
    refused("did:web: table by another key, no document", how, "bad_signature", data=data)
    header, _, data = sealed(silent)
    case("did:web: the file names no key", how, header, plain, [[0, 2]], data=data, document=own)
    refused("did:web: the file names no key, no document", how, "bad_signature", data=data)
    small_key = {"key": ARTIST.did}
    refused("did:key: a key besides", {"open": True}, "bad_member", data=small("did:key: a key besides", **small_key))
    refused("did:web: a key that is none", {"open": True}, "bad_member",
            data=small("did:web: a key that is none", artist=silent, key="did:web:other.example"))


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    made = release()
    tables()
    groups()
    crafted()
    steps(*made)
    two_faced_files()
    two_keys()
    domains()
    save_json("files.json", {"about": "files that open, with what they give, and files that are refused, with the class; see README.md",
                             "cases": cases})
    print(f"{len(cases)} cases")
