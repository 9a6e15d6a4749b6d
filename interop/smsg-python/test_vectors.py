#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs spec/vectors/smsg and the worked example of spec/SMSG.md against the Python reader; exit code 1 if one fails."""

import hashlib
import json
import pathlib
import re
import sys

import abr
import cipher
import compression
import container
import keys
import licence_key
import smsg
import strict_json
from errors import Refused

SPEC = pathlib.Path(__file__).resolve().parents[2] / "spec"
VECTORS = SPEC / "vectors" / "smsg"
INDEX = json.loads((VECTORS / "index.json").read_text("utf-8"))
# Where the specification departs from what the original did (SMSG.md, appendix B), by case.
DIFFERENT = {
    "b64-of-b64": "double_base64", "b64-text-as-binary": "opens",
    "x-algorithm-ignored": "unsupported_version", "x-format-unknown": "unsupported_format",
    "x-compression-unknown": "unsupported_compression", "v3-with-password-api": "license_required",
    "q-v3c-whitespace-attachment": "opens", "n-header-null": "header_not_json",
    "n3-no-wrapped": "not_yet_valid", "x-v2-size-negative": "invalid_payload", "x-v2-size-maxint": "attachment_truncated",
    "x-v1-json-null": "invalid_payload", "x-v1-content-not-base64": "invalid_payload",
    "x-v1-duplicate-keys": "invalid_payload", "x-v1-case-insensitive-keys": "invalid_payload",
    "x-v1-invalid-utf8": "invalid_payload", "x-v1-lone-surrogate": "invalid_payload",
    "n3-chunk-neg-offset": "chunk_out_of_bounds", "n3-chunk-neg-size": "chunk_out_of_bounds",
    "n3-chunk-overflow": "chunk_out_of_bounds", "bomb-2g-stream": "invalid_payload",
}
# Clocks at which every wrapped key is dated before, or after, the reader's periods; the original has one error for all.
OUTSIDE = {
    "v3-daily@20260110T235959": "not_yet_valid", "v3-daily@20260114T000000": "expired",
    "v3-12h@20260111T235959": "not_yet_valid", "v3-12h@20260113T120000": "expired",
    "v3-1h@20260112T130405": "not_yet_valid", "v3-1h@20260112T170405": "expired", "v3c-6h-16k@20260113T000405": "expired",
}
passed, failed, skipped = 0, [], []


def check(name, got, expected):
    global passed
    if got == expected:
        passed += 1
    else:
        failed.append(name)
        print(f"FAILED {name}: got {got!r}, expected {expected!r}")


def outcome(work):
    """What `work` returns, or the class of its refusal."""
    try:
        return work()
    except Refused as refusal:
        return refusal.kind


def opened(case):
    """(header, message, contents) of a case, or a class."""
    data = (VECTORS / case["file"]).read_bytes()
    if case["kind"] == "decrypt_password_base64":
        data = container.decode_text(data)
    licence = (case["license"], case["fingerprint"]) if case["kind"] == "decrypt_v3" else None
    return smsg.open_file(container.to_binary(data), case.get("password"), licence, case.get("now_unix"),
                          case.get("params_cadence"))


def cases():
    for case in INDEX["cases"]:
        name, expect = case["id"], case["expect"]
        expected = DIFFERENT.get(name) or OUTSIDE.get(name) or ("opens" if expect["ok"] else expect["error_class"])
        if not compression.ZSTD and '"zstd"' in case.get("header_json", '"zstd"'):
            skipped.append(name)
            continue
        result = outcome(lambda: opened(case))
        check(name, result if isinstance(result, str) else "opens", expected)
        if isinstance(result, str) or not expect["ok"] or name in DIFFERENT:
            continue
        header, message, contents = result
        rest = {member: value for member, value in message.items() if member != "attachments"}
        check(f"{name}: message", {"body": "", **rest}, expect["message"])
        check(f"{name}: attachments", [
            (a["name"], a.get("mime", ""), a.get("size", 0), len(content), hashlib.sha256(content).hexdigest())
            for a, content in zip(message.get("attachments", []), contents)
        ], [(a["name"], a["mime"], a["json_size"], a["len"], a["sha256"]) for a in expect.get("attachments", [])])
        if re.match("v[123]c?-", name):
            check(f"{name}: header written again", strict_json.write_header(header).decode(), case["header_json"])


def whitespace():
    """Attachments of white space only, which the original loses."""
    case = next(case for case in INDEX["cases"] if case["id"] == "q-v3c-whitespace-attachment")
    contents = opened(case)[2]
    check("white space attachment", [(len(c), c.strip()) for c in contents], [(case["expect"]["attachments"][0]["json_size"], b"")])


def plaintexts():
    """The message's JSON, written again, is what the original sealed."""
    for case in INDEX["cases"]:
        if not (re.match("v[123]c?-", case["id"]) and case["expect"]["ok"]):
            continue
        header, _, payload = container.split((VECTORS / case["file"]).read_bytes())
        form, packing = header.get("format"), header.get("compression", "")
        if packing == "zstd" and not compression.ZSTD:
            skipped.append(f"{case['id']}: JSON")
            continue
        if form == "v3":
            cek = bytes.fromhex(case["cek_hex"])
            unwrapped = keys.content_key(header["wrappedKeys"], case["license"], case["fingerprint"], header["cadence"], case["now_unix"])
            check(f"{case['id']}: content key", unwrapped, cek)
            if "chunked" in header:
                chunks = [smsg.open_chunk(header, cek, payload, i) for i in range(header["chunked"]["totalChunks"])]
                for expected in case.get("chunks", []):
                    chunk = chunks[expected["i"]]
                    got = {"i": expected["i"], "len": len(chunk), "sha256": hashlib.sha256(chunk).hexdigest()}
                    check(f"{case['id']}: chunk {expected['i']}", got, expected)
                whole = b"".join(chunks)
                length = json.JSONDecoder().raw_decode(whole.decode("latin-1"))[1]
                data = whole[:length]
            else:
                inner = int.from_bytes(payload[:4], "big")
                check(f"{case['id']}: header inside", payload[4:4 + inner].decode(), case["header_json"])
                box = payload[8 + inner:][:int.from_bytes(payload[4 + inner:8 + inner], "big")]
                data = compression.Plaintext(packing, cipher.open_box(cek, box), 1 << 24).read(1 << 24)
        else:
            opened_box = cipher.open_box(keys.password_key(case["password"]), payload)
            plaintext = compression.Plaintext(packing, opened_box, 1 << 24).read(1 << 24)
            data = plaintext[4:][:int.from_bytes(plaintext[:4], "big")] if form == "v2" else plaintext
        check(f"{case['id']}: JSON written again", strict_json.write(strict_json.parse(data, strict_json.MESSAGE), strict_json.MESSAGE).encode(), data)


def lists():
    hexed = bytes.fromhex
    check("HChaCha20, draft-irtf-cfrg-xchacha 2.2.1",
          cipher.hchacha20(bytes(range(32)), hexed("000000090000004a0000000031415927")).hex(),
          "82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc")
    for number, case in enumerate(INDEX["sigil"]):
        key, nonce, plaintext = (hexed(case[f"{part}_hex"]) for part in ("key", "nonce", "plaintext"))
        check(f"sigil {number}", cipher.seal(key, nonce, plaintext).hex(), case["sealed_hex"])
        check(f"sigil {number} opened", cipher.open_box(key, hexed(case["sealed_hex"])), plaintext)
    for case in INDEX["password_keys"]:
        check(f"password {case['password']}", keys.password_key(case["password"]).hex(), case["key_hex"])
    for case in INDEX["lthn"]:
        check(f"lthn {case['input']}", keys.lthn(case["input"]), case["hash"])
    for case in INDEX["stream_keys"]:
        derived = keys.stream_key(case["period"], case["license"], case["fingerprint"])
        check(f"stream key {case}", derived.hex(), case["key_hex"])
    for case in INDEX["periods"]:
        check(f"periods {case['cadence']} {case['time']}", keys.periods(case["cadence"], case["unix"]), (case["current"], case["next"]))
    for case in INDEX["wrap_cek"]:
        cek = keys.unwrap(hexed(case["stream_key_hex"]), case["wrapped"])
        check(f"wrapped {case['wrapped']}", cek and cek.hex(), case["cek_hex"] if case["ok"] else None)
    for case in INDEX["abr"]:
        data = (VECTORS / case["file"]).read_bytes()
        manifest = abr.parse(data)
        check(f"abr {case['id']}", (manifest, abr.default(manifest)), (case["parsed"], case["default_idx"]))
        check(f"abr {case['id']} select", [abr.select(manifest, s["bandwidth"]) for s in case["select"]], [s["selected"] for s in case["select"]])
        again = json.dumps(json.loads(strict_json.write(manifest, strict_json.ABR)), indent=2, ensure_ascii=False)
        check(f"abr {case['id']} written", again, data.decode().replace("\\u003c", "<").replace("\\u003e", ">").replace("\\u0026", "&"))
    for case in INDEX["abr_negative"]:
        try:
            abr.parse(case["json"].encode())
            check(f"abr {case['json']}", "a manifest", "none")
        except ValueError:
            check(f"abr {case['json']}", "none", "none")
    for case in INDEX["bandwidth_estimator"]:
        steps = [(step.get("bytes", 0), step.get("duration_ms", 0)) for step in case["steps"]]
        check("bandwidth", list(abr.estimates(case["max_samples"], steps)), [step["estimate"] for step in case["steps"]])


def licence_keys():
    """The code of section 15 holds; with any one character changed it does not."""
    code = re.search("`(MGH-[A-Z0-9-]{39})`", (SPEC / "SMSG.md").read_text("utf-8"))[1]
    check("code", licence_key.is_code(code), True)
    for at in range(4, len(code)):
        typed = code[:at] + ("Q" if code[at] != "Q" else "P") + code[at + 1:]
        check(f"code with a slip at {at}", licence_key.is_code(typed), False)


def our_own():
    """What is sealed here opens here, however it is cut and packed; and no bit of it may turn."""
    message = {"body": "n\u00e4ive <&> \u2028", "subject": "s", "timestamp": 7, "meta": {"b": "2", "a": "1"},
               "attachments": [{"name": "a", "mime": "x/y"}, {"name": "", "mime": ""}, {"name": "\u65e5"}]}
    contents = [bytes(range(256)) * 5, b"", b"  }\n"]
    ways = [("v1", {}), ("v2", {}), ("v2", {"packing": "gzip"}), ("v3", {"chunk": 1}), ("v3", {"chunk": 100}), ("v3", {"chunk": 1 << 20})]
    for form, how in ways + ([("v2", {"packing": "zstd"}), ("v3", {})] if compression.ZSTD else []):
        by = {"licence": ("L", "F")} if form == "v3" else {"password": "p"}
        data = smsg.seal(message, contents, form, at=1768230245, cadence="6h", manifest={"title": "T"}, **by, **how)
        _, got, given = smsg.open_file(data, at=1768230245, **by)
        check(f"own {form} {how}", (got["meta"], got["body"], given), (message["meta"], message["body"], contents))
        turned = data[:-1] + bytes([data[-1] ^ 1])
        check(f"own {form} {how} turned", outcome(lambda: smsg.open_file(turned, at=1768230245, **by)), "decryption_failed")
    expired = smsg.seal(message, contents, "v2", "p", manifest={"expires_at": 1000})
    check("own expired", outcome(lambda: smsg.open_file(expired, "p", now=1001)), "expired")
    check("own not expired yet", outcome(lambda: smsg.open_file(expired, "p", now=1000))[2], contents)
    plain = smsg.seal(message, contents, "v1", "p")
    text = container.base64.b64encode(plain).decode()
    for carried in (f'<p>x</p><div data-smsg="{text}"></div>', json.dumps({"type": "smsg", "content": text}), text + "\r\n"):
        check(f"carried in {carried[:20]}", container.extract(carried.encode()), plain)


def worked_example():
    """Appendix C of SMSG.md: its own words and its own bytes."""
    appendix = (SPEC / "SMSG.md").read_text("utf-8").partition("\n## Appendix C")[2]
    said = dict(re.findall(r"^    ([a-z]+) {2,}(\S.*)$", appendix, re.M))
    file = bytes.fromhex("".join(re.findall(r"^    [0-9a-f]{4}  ((?:[0-9a-f]{2} )+)", appendix, re.M)))
    key, nonce, plaintext = keys.password_key(said["password"]), bytes.fromhex(said["nonce"]), said["json"].encode()
    stream = cipher.key_stream(nonce, len(plaintext))
    box = cipher.seal(key, nonce, plaintext)
    computed = {"password": said["password"], "key": key.hex(), "json": said["json"], "nonce": nonce.hex(),
                "keystream": stream.hex(), "xored": cipher.xor(plaintext, stream).hex(),
                "subkey": cipher.hchacha20(key, nonce[:16]).hex(), "ciphertext": box[24:-16].hex(), "tag": box[-16:].hex()}
    check("example", computed, said)
    message = strict_json.parse(plaintext, strict_json.MESSAGE)
    check("example sealed", smsg.seal(message, [], "v1", said["password"], random=lambda n: nonce).hex(" "), file.hex(" "))
    check("example opened", smsg.open_file(file, said["password"])[1], message)


if __name__ == "__main__":
    for part in (lists, cases, whitespace, plaintexts, licence_keys, our_own, worked_example):
        part()
    if skipped:
        print(f"{len(skipped)} skipped: there is no libzstd on this machine")
    print(f"{passed} checks passed, {len(failed)} failed")
    sys.exit(1 if failed else 0)
