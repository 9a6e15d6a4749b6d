# SPDX-License-Identifier: MIT
"""A whole file of SMSG 3.0, written from spec/SMSG.md section 19."""

import primitives as p
from canonical import b64, need, verified, write
from container import OVERHEAD, Header, open_chunk
from errors import Refused
from table import Secret, Table, ikm, licence


def seal_message(header, root):
    return write({"type": "smsg:Seal", "file": b64(header.id), "root": b64(root), "artist": header.artist})


class File:
    def __init__(self, data, seen=0, document=None):
        self.header = Header(data, document)
        at = len(self.header.bytes)
        need(len(data) >= at + 4, "M", "truncated_container")
        length = int.from_bytes(data[at:at + 4], "big")
        need(length <= 65536, "M", "header_too_large")
        at += 4
        self.table = None
        if length:
            need(len(data) >= at + length, "head", "truncated_container")
            self.table = Table((data[at:at + length], data[at + length:]), self.header, seen)
            at += length + self.table.length
        self.data, self.at = data, at

    def grant(self, how):
        """By {"key"}, {"passphrase"}, {"licence", "key"} or {"open": true}: (serial, keys, terms)."""
        secret = Secret(self.header.id, ikm(how["key"])) if "key" in how else None
        if "licence" in how:
            return licence(how["licence"], self.header, secret)
        need(self.table is not None, "table", "no_valid_key")
        if "passphrase" in how:
            return self.table.passphrase(how["passphrase"])
        return self.table.look_up(secret) if secret else self.table.open_to_all()

    def open(self, how):
        """(serial, terms, {chunk: plaintext}); every chunk's digest is checked."""
        serial, keys, terms = self.grant(how)
        n, at, digests = self.header.n, self.at, None
        if self.header.digests:
            groups = -(-n // 256)
            need(len(self.data) >= at + 64 + 32 * groups, "seal", "truncated_container")
            signature, digests = self.data[at:at + 64], self.data[at + 64:at + 64 + 32 * groups]
            signers = [self.header.key] if self.header.key else self.header.document or [self.header.artist]
            message = seal_message(self.header, p.blake3(digests))
            need(any(verified(did, message, signature) for did in signers), "seal", "bad_signature")
            at += 64 + 32 * groups
            need(len(self.data) >= at + 32 * n, "digests", "truncated_container")
            listed = self.data[at:at + 32 * n]
            for group in range(groups):
                own = listed[8192 * group:8192 * group + 8192]
                need(p.blake3(own) == digests[32 * group:32 * group + 32], "group", "bad_digest")
            at += 32 * n
        opened = {}
        for number, (_, begin, end, stored) in enumerate(self.header.chunks):
            chunk = self.data[at + stored:at + stored + end - begin + OVERHEAD]
            need(len(chunk) == end - begin + OVERHEAD, "chunk", "truncated_container")
            if digests is not None:
                need(p.blake3(chunk) == listed[32 * number:32 * number + 32], "chunk", "bad_digest")
            if keys.leaf(number) is not None:
                opened[number] = open_chunk(keys, number, chunk)
        if len(self.data) != at + self.header.stored:
            raise Refused("trailing_bytes")
        return serial, terms, opened
