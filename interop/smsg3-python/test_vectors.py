#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs spec/vectors/smsg3 against the Python reader of SMSG 3.0; exit code 1 if one fails."""

import hashlib
import json
import pathlib
import sys

import primitives as p
from canonical import write
from container import Header, chunk_keys, cover, depth, descend, index, open_chunk, root
from errors import Refused
from reader import File
from table import Secret, Table, grant_keys, ikm, stretch

VECTORS = pathlib.Path(__file__).resolve().parents[2] / "spec" / "vectors" / "smsg3"
passed, failed = 0, 0


def check(name, got, expected):
    global passed, failed
    if got == expected:
        passed += 1
    else:
        failed += 1
        print(f"FAILED {name}: got {got!r}, expected {expected!r}")


def load(name):
    return (VECTORS / name).read_bytes()


def changed(case):
    """The bytes of a case."""
    data = bytearray(load(case["file"]) if "file" in case else bytes.fromhex(case["hex"]))
    if "flip" in case:
        data[case["flip"]] ^= 1 if case["flip"] != 5 else 128
    return bytes(data[:case.get("cut", len(data))]) + bytes.fromhex(case.get("append", ""))


def opened(case):
    how, data = dict(case["open"]), changed(case)
    if "licence" in how:
        how["licence"] = load(how["licence"])
    file = File(data, document=case.get("document"))
    if "table" in how:
        beside = load(how["table"])
        assert beside[:5] == b"SMSK\x03"
        length = int.from_bytes(beside[5:9], "big")
        file.table = Table((beside[9:9 + length], beside[9 + length:]), file.header)
        check(f"{case['name']}: length of the table", len(beside), 9 + length + file.table.length)
    serial, terms, chunks = file.open(how)
    return file.header, serial, terms, chunks


def files():
    for case in json.loads(load("files.json"))["cases"]:
        name = case["name"]
        try:
            header, serial, terms, chunks = opened(case)
        except Refused as refusal:
            check(name, refusal.kind, case.get("class", "opens"))
            continue
        check(name, "opens", case.get("class", "opens"))
        check(f"{name}: the artist was checked", header.checked, not case.get("unchecked", False))
        check(f"{name}: id", header.id.hex(), case.get("id"))
        wanted = [number for a, b in case.get("ranges", []) for number in range(a, b)]
        check(f"{name}: chunks", list(chunks), wanted)
        check(f"{name}: plaintext", hashlib.sha256(b"".join(chunks.values())).hexdigest(), case.get("sha256"))
        if "serial" in case:
            check(f"{name}: serial", serial, case["serial"])
        if "terms" in case:
            check(f"{name}: terms", terms, case["terms"])


def steps():
    steps, raw = json.loads(load("steps.json")), bytes.fromhex
    file, top = raw(steps["file"]), raw(steps["root"])
    header = Header(load(steps["header"]["file"]))
    check("H", (header.id.hex(), header.artist, len(header.bytes)), (steps["header"]["id"], steps["header"]["artist"], steps["header"]["length"]))
    check("root", root(file, raw(steps["frk"])), top)
    for chunk in steps["chunks"]:
        leaf = descend(top, depth(chunk["n"]), chunk["number"])
        nonce, com, ek = chunk_keys(file, chunk["n"], chunk["number"], leaf)
        got = [part.hex() for part in (leaf, com, ek, nonce, com + p.seal(ek, nonce, raw(chunk["plaintext"])))]
        check(f"chunk {chunk['number']} of {chunk['n']}", got, [chunk[name] for name in ("leaf", "com", "ek", "nonce", "chunk")])
    for case in steps["covers"]:
        check(f"cover {case}", [list(place) for place in cover(case["n"], case["ranges"])], case["places"])
    for key in steps["keys"]:
        secret = Secret(file, ikm(key["shown"]))
        got = (ikm(key["shown"]).decode(), secret.prk.hex(), secret.id.hex(), secret.wrap(raw(key["salt"])).hex())
        check(f"key {key['shown']}", got, (key["ikm"], key["prk"], key["id"], key["wrap"]))
    grant = steps["grant"]
    com, key = grant_keys(file, raw(grant["gk"]), grant["terms"])
    check("grant", (p.sha256(write(grant["terms"])).hex(), com.hex(), key.hex()), (grant["hash"], grant["gcom"], grant["gek"]))
    entry = steps["entry"]
    secret = Secret(file, ikm(entry["key"]))
    inside = p.unseal(secret.wrap(raw(entry["salt"])), p.N0, raw(entry["entry"])[32:])
    check("entry", (secret.id.hex(), inside.hex()), (entry["entry"][:64], f"{entry['grant']:04x}0000{entry['serial']:08x}" + entry["gk"]))
    for case in steps["stretch"]:
        check(f"stretch {case}", stretch(case, case["passphrase"]).hex(), case["out"])
    for case in steps["blake3"]:
        check(f"BLAKE3 of {case['bytes']}", p.blake3(bytes(at % 251 for at in range(case["bytes"]))).hex(), case["digest"])
    for case in steps["places"]:
        check("places", [list(chunk) for chunk in header.chunks], case["chunks"])
        marks = index(raw(steps["index"]["bytes"]), [c for c in header.chunks if c[0] == 0], sum(case["segments"][0]), 1)
        check("index", [list(mark) for mark in marks], steps["index"]["marks"])


def two_keys():
    """The cipher takes the chunk under both keys; as a chunk it has one."""
    vector = json.loads(load("two-keys.json"))
    for box in vector["boxes"]:
        for key in (box["one"], box["two"]):
            opens = p.unseal(bytes.fromhex(key), p.N0, bytes.fromhex(box["box"]), bytes.fromhex(box["aad"]))
            check(f"the cipher alone, {box['name']}", opens is not None, True)
    file, one, two, ek_one, ek_two, nonce, chunk = (bytes.fromhex(vector[name]) for name in (
        "file", "root_one", "root_two", "ek_one", "ek_two", "nonce", "chunk"))
    for key in (ek_one, ek_two):
        check("the cipher alone", p.unseal(key, nonce, chunk[32:]) is not None, True)

    class Leaf:
        def __init__(self, top):
            self.top = top

        def chunk(self, number):
            return chunk_keys(file, 1, number, self.top)

    check("first key", len(open_chunk(Leaf(one), 0, chunk)), 32)
    try:
        open_chunk(Leaf(two), 0, chunk)
        check("second key", "opens", "commitment")
    except Refused as refusal:
        check("second key", refusal.kind, "commitment")


def known():
    """What the standards print themselves."""
    tag = p.argon2id(b"\1" * 32, b"\2" * 16, 32, 3, 4, 32, b"\3" * 8, b"\4" * 12)
    check("RFC 9106, 5.3", tag.hex(), "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659")
    check("BLAKE3 of nothing", p.blake3(b"").hex(), "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262")
    okm = p.expand(p.extract(bytes(range(13)), b"\x0b" * 22), bytes(range(0xF0, 0xFA)), 42)
    check("RFC 5869, A.1", okm.hex()[:32], "3cb25f25faacd57a90434f64d0362f2a")


if __name__ == "__main__":
    for part in (known, steps, files, two_keys):
        part()
    print(f"{passed} checks passed, {failed} failed")
    sys.exit(1 if failed else 0)
