#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Opens and seals SMSG files. Written from spec/SMSG.md; needs Python 3.9, and libzstd for files that use it.

    smsg.py open FILE FOLDER (--key K | --license-id L [--fingerprint F] [--at UNIX])
    smsg.py seal OUT FILE... --as v1|v2|v3 [--compression zstd|gzip|none] [--cadence C] [--chunk-size N]
                 [--message JSON] [--manifest JSON] (--key K | --license-id L ...)

`open` writes attachments as FOLDER/0, FOLDER/1, ... and prints header, message and hashes as JSON.
"""

import argparse
import base64
import binascii
import hashlib
import json
import os
import pathlib
import secrets
import time

import cipher
import compression
import container
import keys
import strict_json
from errors import Refused

MAX_JSON, MAX_DECOMPRESSED, MAX_DECOMPRESSED_V1, MAX_TRAILING = 16 << 20, 1 << 30, 32 << 20, 1 << 20
MAX_ATTACHMENTS, MAX_CHUNK = 65536, 256 << 20


def open_part(key, box):
    try:
        return cipher.open_box(key, box)
    except cipher.NotAuthentic:
        raise Refused("decryption_failed") from None


def parse_message(data):
    try:
        message = strict_json.parse(data, strict_json.MESSAGE)
    except ValueError as error:
        raise Refused("invalid_payload", str(error)) from None
    attachments = message.get("attachments", [])
    if len(attachments) > MAX_ATTACHMENTS or strict_json.too_long(message, ("meta",)):
        raise Refused("over_limit")
    if any(attachment.get("size", 0) < 0 for attachment in attachments):
        raise Refused("invalid_payload", "a negative size")
    return message


def take_attachments(message, plaintext):
    """Each attachment's bytes, then a bounded rest that means nothing."""
    sizes = [attachment.get("size", 0) for attachment in message.get("attachments", [])]
    if plaintext.compressed and sum(sizes) > MAX_DECOMPRESSED:
        raise Refused("decompression_limit")
    contents = []
    for size in sizes:
        content = plaintext.read(size)
        if len(content) < size:
            raise Refused("attachment_truncated")
        contents.append(content)
    if len(plaintext.read(MAX_TRAILING + 1)) > MAX_TRAILING:
        raise Refused("over_limit")
    return contents


def open_v1(header, key, payload):
    plaintext = compression.Plaintext(header.get("compression", ""), open_part(key, payload), MAX_DECOMPRESSED_V1)
    message = parse_message(plaintext.read(len(payload) if not plaintext.compressed else MAX_DECOMPRESSED_V1 + 1))
    try:
        contents = [base64.b64decode(a.get("content", "").replace("\r", "").replace("\n", ""), validate=True)
                    for a in message.get("attachments", [])]
    except (binascii.Error, ValueError):
        raise Refused("invalid_payload", "content is not base64") from None
    return message, contents


def open_v2(header, key, payload):
    plaintext = compression.Plaintext(header.get("compression", ""), open_part(key, payload), MAX_DECOMPRESSED)
    prefix = plaintext.read(4)
    length = int.from_bytes(prefix, "big")
    if len(prefix) < 4 or length > MAX_JSON:
        raise Refused("invalid_payload", "no length of the JSON" if len(prefix) < 4 else "a JSON too long")
    data = plaintext.read(length)
    if len(data) < length:
        raise Refused("invalid_payload", "shorter than its JSON")
    message = parse_message(data)
    return message, take_attachments(message, plaintext)


def open_v3(header, cek, payload):
    inner = 4 + int.from_bytes(payload[:4], "big")
    start = inner + 4
    end = start + int.from_bytes(payload[inner:start], "big")
    if len(payload) < 8 or len(payload) < start or len(payload) < end:
        raise Refused("invalid_payload", "the parts do not fit")
    plaintext = compression.Plaintext(header.get("compression", ""), open_part(cek, payload[start:end]), MAX_JSON)
    message = parse_message(plaintext.read(MAX_JSON + 1))
    attachments = open_part(cek, payload[end:]) if payload[end:] else b""
    return message, take_attachments(message, compression.Plaintext("", attachments, 0))


def open_chunk(header, cek, payload, number):
    """The plaintext of one chunk."""
    offset, size = (header["chunked"]["index"][number].get(name, 0) for name in ("offset", "size"))
    if offset < 0 or size < 0 or offset + size > len(payload):
        raise Refused("chunk_out_of_bounds", str(number))
    if size > MAX_CHUNK + cipher.OVERHEAD:
        raise Refused("over_limit")
    return open_part(cek, payload[offset:offset + size])


def open_chunked(header, cek, payload):
    chunks = len(header["chunked"].get("index", []))
    whole = b"".join(open_chunk(header, cek, payload, number) for number in range(chunks))
    # As Latin-1 every byte is a character, so that the object's end is found whatever comes behind it.
    characters = whole[:MAX_JSON].decode("latin-1")
    begin = len(characters) - len(characters.lstrip(" \t\r\n"))
    try:
        end = json.JSONDecoder().raw_decode(characters, begin)[1]
    except (ValueError, RecursionError):
        raise Refused("invalid_payload", "no message at the beginning") from None
    message = parse_message(whole[:end])
    return message, take_attachments(message, compression.Plaintext("", whole[end:], 0))


def open_file(data, password=None, licence=None, at=None, cadence=None, now=None):
    """(header, message, contents) of a binary file. `licence`: (id, fingerprint), for the moment `at`. `now`: when given,
    a manifest that has expired is refused."""
    header, _, payload = container.split(data)
    v3 = header.get("format") == "v3"
    expires = header.get("manifest", {}).get("expires_at", 0)
    if now is not None and expires and now > expires:
        raise Refused("expired")
    if v3 != (licence is not None):
        raise Refused("license_required" if v3 else "not_v3")
    if not v3:
        key, way = keys.password_key(password), open_v2 if header.get("format") == "v2" else open_v1
    else:
        key = keys.content_key(header.get("wrappedKeys", []), *licence, header.get("cadence") or cadence or "daily", at)
        way = open_chunked if "chunked" in header else open_v3
    container.check_sum(header, payload)
    return header, *way(header, key, payload)


def plaintext_json(message, contents, inside):
    """The message's JSON; v1 has the attachments inside, as base64."""
    attachments = []
    for attachment, content in zip(message.get("attachments", []), contents):
        encoded = {"content": base64.b64encode(content).decode()} if inside else {"content": ""}
        attachments.append({**attachment, **encoded, "size": len(content)})
    return strict_json.write({**message, "attachments": attachments}, strict_json.MESSAGE).encode()


def seal(message, contents, form, password=None, licence=None, at=0, cadence="daily", chunk=0, packing="", manifest=None,
         hint=None, random=secrets.token_bytes):
    """A file of `form` v1, v2 or v3."""
    header = {"version": "1.0", "algorithm": "chacha20poly1305"}
    header.update({"hint": hint} if hint else {}, **({"manifest": manifest} if manifest is not None else {}))
    data, attachments = plaintext_json(message, contents, form == "v1"), b"".join(contents)
    if form == "v1":
        return container.join(strict_json.write_header(header), cipher.seal(keys.password_key(password), random(24), data))
    header["format"] = form
    if form == "v2":
        header.update({"compression": packing} if packing else {})
        plaintext = compression.compress(packing, len(data).to_bytes(4, "big") + data + attachments)
        return container.join(strict_json.write_header(header), cipher.seal(keys.password_key(password), random(24), plaintext))
    cek = random(32)
    if manifest is not None and not manifest.get("issued_at"):
        header["manifest"] = {**manifest, "issued_at": at}
    header.update(keyMethod="lthn-rolling", cadence=cadence, compression="" if chunk else "zstd", wrappedKeys=[
        {"date": period, "wrapped": keys.wrap(keys.stream_key(period, *licence), cek, random(24))}
        for period in keys.periods(cadence, at)])
    if chunk:
        whole = data + attachments
        boxes = [cipher.seal(cek, random(24), whole[at:at + chunk]) for at in range(0, len(whole), chunk)]
        offsets = [sum(map(len, boxes[:number])) for number in range(len(boxes))]
        header["chunked"] = {"chunkSize": chunk, "totalChunks": len(boxes), "totalSize": len(whole),
                             "index": [{"offset": at, "size": len(box)} for at, box in zip(offsets, boxes)]}
        return container.join(strict_json.write_header(header), b"".join(boxes))
    header_json = strict_json.write_header(header)
    box = cipher.seal(cek, random(24), compression.compress("zstd", data))
    rest = cipher.seal(cek, random(24), attachments) if attachments else b""
    parts = len(header_json).to_bytes(4, "big") + header_json + len(box).to_bytes(4, "big") + box + rest
    return container.join(header_json, parts)


def main():
    arguments = argparse.ArgumentParser(description="Opens and seals SMSG files.")
    verbs = arguments.add_subparsers(dest="verb", required=True)
    opening, sealing = verbs.add_parser("open"), verbs.add_parser("seal")
    for verb in (opening, sealing):
        for name in ("--key", "--license-id", "--cadence"):
            verb.add_argument(name)
        verb.add_argument("--fingerprint", default="")
        verb.add_argument("--at", type=int, default=int(time.time()))
    opening.add_argument("file", type=pathlib.Path)
    opening.add_argument("folder", type=pathlib.Path)
    sealing.add_argument("out", type=pathlib.Path)
    sealing.add_argument("files", type=pathlib.Path, nargs="*")
    sealing.add_argument("--as", dest="form", choices=["v1", "v2", "v3"], default="v2")
    sealing.add_argument("--compression", choices=["zstd", "gzip", "none"], default="zstd")
    sealing.add_argument("--chunk-size", type=int, default=0)
    sealing.add_argument("--message", type=json.loads, default={})
    sealing.add_argument("--manifest", type=json.loads)
    sealing.add_argument("--hint")
    given = arguments.parse_args()
    licence = (given.license_id, given.fingerprint) if given.license_id else None
    if given.verb == "open":
        header, message, contents = open_file(container.extract(given.file.read_bytes()), given.key, licence, given.at,
                                              given.cadence)
        os.makedirs(given.folder, exist_ok=True)
        for number, content in enumerate(contents):
            (given.folder / str(number)).write_bytes(content)
        hashes = [hashlib.sha256(content).hexdigest() for content in contents]
        print(json.dumps({"header": header, "message": message, "sha256": hashes}))
    else:
        message = {"body": "", "attachments": [{"name": file.name} for file in given.files], **given.message}
        packing = "" if given.compression == "none" else given.compression
        given.out.write_bytes(seal(message, [file.read_bytes() for file in given.files], given.form, given.key, licence,
                                   given.at, given.cadence or "daily", given.chunk_size, packing, given.manifest, given.hint))


if __name__ == "__main__":
    try:
        main()
    except Refused as refusal:
        raise SystemExit(f"refused, {refusal}")
