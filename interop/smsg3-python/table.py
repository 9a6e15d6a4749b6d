# SPDX-License-Identifier: MIT
"""Tables, grants, passphrases and licences of SMSG 3.0 (spec/SMSG.md 19.7, 19.8, 19.10, 19.11)."""

import hashlib
import unicodedata

import primitives as p
from canonical import LICENCE, TABLE, TERMS, critical, items, member, need, octets, parse, signed, write
from container import Keys, ranges
from errors import Refused


class Secret:
    """A key's or passphrase's id and wraps, for one file."""

    def __init__(self, file, ikm):
        self.prk = p.extract(file, ikm)
        self.id = p.expand(self.prk, b"smsg3 id", 32)

    def wrap(self, salt):
        return p.expand(self.prk, b"smsg3 wrap" + salt, 32)


def ikm(key_text):
    """Of a code: its Bech32m string; of words and UUIDs the text in lower case."""
    lower = key_text.lower()
    groups = lower.split("-")
    return (groups[0] + "1" + "".join(groups[1:]) if len(groups) == 9 else lower).encode()


def terms(value, n):
    critical(value, TERMS)
    need(member(value, "licence"), "licence")
    found = ranges(value, n)
    for name in ("cut", "tier", "buyer", "sale"):
        member(value, name, str, None)
    for name in ("issued", "notBefore", "notAfter", "period"):
        member(value, name, int, None)
    need("notBefore" not in value or "notAfter" not in value or value["notBefore"] <= value["notAfter"], "notAfter")
    return found


def grant_keys(file, gk, value):
    both = p.expand(gk, b"smsg3 grant" + file + p.sha256(write(value)), 64)
    return both[:32], both[32:]


class Table:
    def __init__(self, data, header, seen=0):
        """From the bytes behind its length on; M is already cut off: (head, rest)."""
        head, self.rest = data
        self.header, self.json = header, parse(head)
        critical(self.json, TABLE)
        need(member(self.json, "artist") == header.artist, "artist", "wrong_artist")
        signed(self.json, "smsg:Table", header.key, header.document)
        need(octets(self.json, "file", 32) == header.id, "file", "wrong_file")
        need(member(self.json, "seq", int) >= seen, "seq", "table_rollback")
        self.salt, self.directory = octets(self.json, "salt", 32), octets(self.json, "dir", 32)
        self.grants = items(self.json, "grants", 0, 64)
        for grant in self.grants:
            need(isinstance(grant, dict) and ("box" in grant) != ("nodes" in grant), "box")
            octets(grant, "box" if "box" in grant else "nodes")
            terms(member(grant, "terms", dict), header.n)
        self.slots = items(self.json, "pass", 0, 4, True)
        for slot in self.slots:
            work(slot)
            need(member(slot, "grant", int) < len(self.grants), "grant")
            octets(slot, "salt", 16), octets(slot, "id", 32), octets(slot, "box", 48)
        self.count = member(self.json, "count", int)
        need(self.count <= 1 << 20, "count", "over_limit")
        self.pages = -(-self.count // 128)
        self.length = 64 * self.pages + 88 * self.count

    def look_up(self, secret):
        """(serial, keys, terms)."""
        directory = self.rest[:64 * self.pages]
        need(p.sha256(directory) == self.directory, "directory", "bad_table")
        places = [(directory[at:at + 32], directory[at + 32:at + 64]) for at in range(0, len(directory), 64)]
        firsts = [first for first, _ in places]
        need(all(a < b for a, b in zip(firsts, firsts[1:])), "order", "bad_table")
        number = sum(first <= secret.id for first in firsts) - 1
        if number < 0:
            raise Refused("no_valid_key")
        begin = 64 * self.pages + 88 * 128 * number
        page = self.rest[begin:min(begin + 88 * 128, self.length)]
        need(p.sha256(page) == places[number][1], "page", "bad_table")
        entries = [page[at:at + 88] for at in range(0, len(page), 88)]
        ids = [entry[:32] for entry in entries]
        need(ids[0] == firsts[number] and all(a < b for a, b in zip(ids, ids[1:] + firsts[number + 1:number + 2])), "order", "bad_table")
        if secret.id not in ids:
            raise Refused("no_valid_key")
        entry = p.unseal(secret.wrap(self.salt), p.N0, entries[ids.index(secret.id)][32:])
        need(entry is not None and entry[2:4] == b"\0\0", "entry", "bad_grant")
        return (int.from_bytes(entry[4:8], "big"), *self.grant(int.from_bytes(entry[:2], "big"), entry[8:]))

    def passphrase(self, text):
        for slot in self.slots:
            secret = Secret(self.header.id, stretch(slot, text))
            if secret.id == octets(slot, "id"):
                gk = p.unseal(secret.wrap(self.salt), p.N0, octets(slot, "box"))
                need(gk is not None, "slot", "bad_grant")
                return (None, *self.grant(slot["grant"], gk))
        raise Refused("no_valid_key")

    def grant(self, number, gk):
        need(number < len(self.grants) and "box" in self.grants[number], "grant", "bad_grant")
        grant = self.grants[number]
        box = octets(grant, "box")
        com, key = grant_keys(self.header.id, gk, grant["terms"])
        need(box[:32] == com, "terms", "bad_grant")
        nodes = p.unseal(key, p.N0, box[32:])
        need(nodes is not None, "box", "bad_grant")
        return Keys(self.header, terms(grant["terms"], self.header.n), nodes), grant["terms"]

    def open_to_all(self):
        for grant in self.grants:
            if "nodes" in grant:
                return None, Keys(self.header, terms(grant["terms"], self.header.n), octets(grant, "nodes")), grant["terms"]
        raise Refused("no_valid_key")


def work(slot):
    kdf = member(slot, "kdf")
    if kdf == "argon2id":
        m, t, lanes = (member(slot, name, int) for name in "mtp")
        fine = 1 <= lanes <= 4 and 1 <= t <= 6 and 8 * lanes <= m <= 262144 and m * t <= 1048576
    else:
        need(kdf == "scrypt", "kdf")
        n, r, lanes = (member(slot, name, int) for name in "nrp")
        fine = n in (1 << 15, 1 << 16, 1 << 17) and r == 8 and lanes == 1
    need(fine, "work", "work_factor")


def stretch(slot, text):
    work(slot)
    data, salt = unicodedata.normalize("NFC", text).encode(), octets(slot, "salt", 16)
    if slot["kdf"] == "argon2id":
        return p.argon2id(data, salt, slot["m"], slot["t"], slot["p"])
    return hashlib.scrypt(data, salt=salt, n=slot["n"], r=8, p=1, maxmem=1 << 28, dklen=32)


def licence(data, header, secret):
    """(None, keys, terms)."""
    need(len(data) <= 32768, "licence", "header_too_large")
    value = parse(data)
    critical(value, LICENCE)
    need(member(value, "artist") == header.artist, "artist", "wrong_artist")
    signed(value, "smsg:Licence", header.key, header.document)
    need(octets(value, "file", 32) == header.id, "file", "wrong_file")
    wanted = terms(member(value, "terms", dict), header.n)
    need(octets(value, "id", 32) == secret.id, "id", "no_valid_key")
    bound = {name: inner for name, inner in value.items() if name not in ("box", "signature")}
    nodes = p.unseal(secret.wrap(octets(value, "salt", 32)), p.N0, octets(value, "box"), p.sha256(write(bound)))
    need(nodes is not None, "box", "bad_grant")
    return None, Keys(header, wanted, nodes), value["terms"]
