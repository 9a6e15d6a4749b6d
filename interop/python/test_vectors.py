#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the vectors of spec/vectors/ against the Python implementation; exit code 1 if one fails.

Contents above 10 MiB are left out: making and hashing them takes plain Python minutes.
"""

import base64
import json
import pathlib
import struct
import sys

import content
import ed25519
import osp_verify
import strict_json
from identifiers import base58, from_base_n, BASE58, parse_did

VECTORS = pathlib.Path(__file__).resolve().parents[2] / "spec" / "vectors"
LARGEST = 10485760
passed, failed = 0, []


def load(path):
    return json.loads((VECTORS / path).read_text("utf-8"))


def check(name, got, expected):
    global passed
    if got == expected:
        passed += 1
    else:
        failed.append(name)
        print(f"FAILED {name}: got {got!r}, expected {expected!r}")


def verdict(data):
    try:
        osp_verify.verify(data)
        return "valid"
    except osp_verify.Refused as refusal:
        return refusal.kind


def records(path):
    """`good` must verify, `bad` be refused with the class in `error`."""
    file = load(path)
    for case in file["good"] + file["bad"]:
        if "base64" in case:
            data = base64.b64decode(case["base64"])
        else:
            data = (case["text"] if "text" in case else json.dumps(case["record"])).encode("utf-8", "surrogatepass")
        check(f"{path} {case['name']}", verdict(data), case.get("error", "valid"))


def newest():
    file = load("newest.json")
    for case in file["cases"]:
        records = [osp_verify.verify(json.dumps(record).encode()) for record in case["records"]]
        for order in (records, records[::-1]):
            check("newest.json " + case["name"], osp_verify.current(order, file["now"]), case["current"])


def jcs():
    file = load("jcs.json")
    for case in file["numbers"]:
        (value,) = struct.unpack(">d", bytes.fromhex(case["ieee754"]))
        check("jcs.json " + case["ieee754"], strict_json.number(value), case["text"])
    for case in file["texts"]:
        check("jcs.json " + case["name"], strict_json.canonical(strict_json.parse(case["input"].encode())).decode(), case["canonical"])


def did_key():
    file = load("did-key.json")
    for case in file["good"]:
        check("did-key.json " + case["did"], parse_did(case["did"]).hex(), case["publicKey"])
    for case in file["bad"]:
        try:
            parse_did(case["did"])
            check("did-key.json " + case["name"], "a DID", "no DID")
        except ValueError:
            check("did-key.json " + case["name"], "no DID", "no DID")


def identifiers():
    file = load("identifiers.json")
    for kind, well_formed in (("cid", osp_verify.is_cid), ("did", lambda text: parse_did(text) is None), ("released", osp_verify.is_date)):
        for expected in ("good", "bad"):
            for case in file[kind][expected]:
                try:
                    got = "good" if well_formed(case["text"]) else "bad"
                except ValueError:
                    got = "bad"
                check(f"identifiers.json {kind} {case['name']}", got, expected)


def normalise():
    for case in load("normalise.json")["cases"]:
        check("normalise.json " + ascii(case["input"]), content.normalise(case["input"]), case["normalised"])


def proof():
    """The W3C's own example of the cryptosuite: the document is no record, so it meets the hashing alone."""
    file = load("proof/w3c-eddsa-jcs-2022.json")
    document = dict(file["signedDocument"])
    options = dict(document.pop("proof"))
    value = from_base_n(options.pop("proofValue")[1:], BASE58)
    digest = b"".join(osp_verify.hashlib.sha256(strict_json.canonical(part)).digest() for part in (options, document))
    check("proof/w3c-eddsa-jcs-2022.json hash", digest.hex(), file["combinedHash"])
    key = parse_did("did:key:" + file["publicKeyMultibase"])
    check("proof/w3c-eddsa-jcs-2022.json signature", ed25519.verify(key, digest, value), True)


def wycheproof():
    """Google's Ed25519 cases, as the Rust tests carry them."""
    path = VECTORS.parents[1] / "crates" / "osp-core" / "tests" / "data" / "wycheproof-ed25519.json"
    for group in json.loads(path.read_text("utf-8"))["testGroups"]:
        key = bytes.fromhex(group["publicKey"]["pk"])
        for case in group["tests"]:
            got = ed25519.verify(key, bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"]))
            check(f"wycheproof {case['tcId']}", got, case["result"] == "valid")


def worked_example():
    file = load("worked-example.json")
    record = file["record"]
    body = strict_json.canonical(osp_verify.without(record, "id", "signature", "proof"))
    signed = strict_json.canonical(osp_verify.without(record, "signature", "proof"))
    hello = file["content"].encode()
    check("worked-example.json body", body.decode(), file["bodyJcs"])
    check("worked-example.json signed", signed.decode(), file["signedJcs"])
    check("worked-example.json ids", list(osp_verify.ids("osp:track:", body)), [record["id"], file["idV0"]])
    check("worked-example.json content", content.import_file(hello, "unixfs-v1-2025"), record["cid"])
    check("worked-example.json content, v0", content.import_file(hello, "unixfs-v0-2015"), file["contentCidV0"])
    check("worked-example.json record", verdict(json.dumps(record).encode()), "valid")


def xorshift(size):
    """The bytes that cid/ and infohash.json are about."""
    x, words = 0x9E3779B9, []
    for _ in range((size + 3) // 4):
        x ^= x << 13 & 0xFFFFFFFF
        x ^= x >> 17
        x ^= x << 5 & 0xFFFFFFFF
        words.append(x)
    return struct.pack(f"<{len(words)}I", *words)[:size]


def contents():
    data = xorshift(LARGEST)
    for case in load("infohash.json")["vectors"]:
        if case["size"] <= LARGEST:
            info = content.info_dictionary(data[:case["size"]])
            infohash = content.hashlib.sha1(info).hexdigest()
            check(f"infohash.json {case['size']}", (len(info), infohash), (case["infoBytes"], case["infohash"]))
    file = load("cid/cid-vectors.json")
    for case in file["own_vectors"]["vectors"]:
        for profile, cid in case["cids"].items():
            if case["size"] <= LARGEST:
                check(f"cid/cid-vectors.json {case['size']} {profile}", content.import_file(data[:case["size"]], profile), cid)
    for case in file["official_vectors"]["vectors"]:
        if "literal" in case:
            check("cid/cid-vectors.json literal", content.import_file(case["literal"].encode(), case["profile"]), case["cid"])


def main():
    paths = sorted(path.relative_to(VECTORS).as_posix() for path in (VECTORS / "records").glob("*.json"))
    if not paths:
        sys.exit(f"there are no records in {VECTORS}")
    for path in paths:
        records(path)
    for group in (newest, jcs, did_key, identifiers, normalise, proof, wycheproof, worked_example, contents):
        group()
    check("base58 of zeros", base58(b"\0\0\1"), "112")
    print(f"{passed} passed, {len(failed)} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
