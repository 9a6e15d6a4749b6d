#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Files of `osp seal` opened by the Python reader, and files of the Python writer by `osp unseal`: real music, every
format. The program is OSP_BIN, else the debug build."""

import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import compression
import container
import licence_key
import smsg
import strict_json
from errors import Refused

ROOT = pathlib.Path(__file__).resolve().parents[2]
OSP = os.environ.get("OSP_BIN", str(ROOT / "target/debug/osp"))
NOW = 1768230245
PASSWORD = (["--key", "correct horse battery staple"], {"password": "correct horse battery staple"})
LICENCE = (["--license-id", "L-2026", "--fingerprint", "F", "--at", "2026-01-12T15:04:05Z"],
           {"licence": ("L-2026", "F"), "at": NOW})
# name: arguments of `osp seal`, how it is opened, arguments of smsg.seal
WAYS = {
    "v1": (["--format", "v1", "--hint", "h"], PASSWORD, {"form": "v1", "hint": "h"}),
    "v2 zstd": (["--format", "v2"], PASSWORD, {"form": "v2", "packing": "zstd"}),
    "v2 gzip": (["--format", "v2", "--compression", "gzip"], PASSWORD, {"form": "v2", "packing": "gzip"}),
    "v2 none": (["--format", "v2", "--compression", "none"], PASSWORD, {"form": "v2"}),
    "v2 base64": (["--format", "v2", "--compression", "none", "--base64"], PASSWORD, {"form": "v2"}),
    "v3": (["--format", "v3", "--cadence", "12h"], LICENCE, {"form": "v3", "cadence": "12h"}),
    "v3 64 KiB": (["--format", "v3", "--cadence", "1h", "--chunk-size", "65536"], LICENCE, {"form": "v3", "cadence": "1h", "chunk": 65536}),
}


def osp(*arguments):
    """What it prints with --json; its error's class if it ends badly."""
    done = subprocess.run([OSP, "--json", *arguments], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        return json.loads(done.stderr.strip().splitlines()[-1])["error"]["class"]
    return json.loads(done.stdout)


def both_ways(folder, files, sealing, opening, writing):
    """[(what, got, expected), ...]"""
    arguments, credential = opening
    hashes = [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]
    path = folder / "sealed.smsg"
    osp("seal", *map(str, files), "--out", str(path), "--force", "--body", "b <&>", "--title", "T", *sealing, *arguments)
    data = container.extract(path.read_bytes())
    header, message, contents = smsg.open_file(data, now=time.time(), **credential)
    found = [("header written again", strict_json.write_header(header), container.split(data)[1]),
             ("message", message["body"], "b <&>"), ("contents", [hashlib.sha256(c).hexdigest() for c in contents], hashes)]

    message = {"body": "\u00e4", "timestamp": 7, "attachments": [{"name": f"{i}.bin", "mime": "x/y"} for i in range(len(files))]}
    how = {"at": NOW, "manifest": {"title": "T"}, **credential, **writing}
    sealed = smsg.seal(message, [file.read_bytes() for file in files], **how)
    path.write_bytes(sealed)
    opened = osp("unseal", str(path), "--out", str(folder), "--force", *arguments)
    found.append(("Python's opened", [a["sha256"] for a in opened["attachments"]], hashes))
    path.write_bytes(sealed[:-1] + bytes([sealed[-1] ^ 1]))
    found.append(("with a bit turned", osp("unseal", str(path), "--out", str(folder), "--force", *arguments), "decryption_failed"))
    path.write_bytes(smsg.seal(message, [b"x"] * len(files), **{**how, "manifest": {"expires_at": 1000}}))
    found.append(("expired", osp("unseal", str(path), "--out", str(folder), "--force", *arguments), "expired"))
    return found


def main():
    music = sorted((ROOT / "demo/music").glob("*.opus"))
    failed = 0
    for name, way in WAYS.items():
        if not compression.ZSTD and name in ("v2 zstd", "v3"):
            print(f"{name} is skipped: there is no libzstd on this machine")
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                found = both_ways(pathlib.Path(folder), music[:1], *way)
            except (Refused, KeyError, TypeError) as error:
                found = [("opened", repr(error), None)]
        for what, got, expected in found:
            if got != expected:
                failed += 1
                print(f"FAILED {name}, {what}: got {got!r}, expected {expected!r}")
    for prefix in ("OSP", "M9", "ALBUM202"):
        key = osp("key", "new", "--prefix", prefix)["key"]
        if not licence_key.is_code(key):
            failed += 1
            print(f"FAILED a key of `osp key new` does not check: {key}")
    print(f"{len(WAYS)} ways, {failed} checks failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
