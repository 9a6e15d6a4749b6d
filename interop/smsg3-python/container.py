# SPDX-License-Identifier: MIT
"""Header, places and keys of SMSG 3.0 (spec/SMSG.md 19.1, 19.3, 19.4, 19.5, 19.9)."""

import primitives as p
from canonical import HEADER, critical, items, member, need, octets, parse, signed
from errors import Refused

CHUNK, OVERHEAD = 65536, 48


class Header:
    def __init__(self, data, document=None):
        """From all bytes up to the end of the header; `document`: the did:keys that the artist's DID document names, if it was fetched."""
        if data[:4] != b"SMSG"[:len(data[:4])]:
            raise Refused("bad_magic")
        if len(data) > 4 and data[4] != 3:
            raise Refused("bad_version")
        need(len(data) >= 9, "prefix", "truncated_container")
        length = int.from_bytes(data[5:9], "big")
        need(length <= 65536, "N", "header_too_large")
        need(len(data) >= 9 + length, "header", "truncated_container")
        self.bytes = data[:9 + length]
        self.id = p.sha256(self.bytes)
        self.json = value = parse(data[9:9 + length])
        if member(value, "version") != "3.0":
            raise Refused("unsupported_version")
        critical(value, HEADER)
        self.document = document
        self.artist, self.key, self.checked = signed(value, "smsg:Header", keys=document)
        octets(value, "salt", 32)
        self.chunks = []  # (part, begin in the part, end, begin behind chunk 0)
        self.parts(items(value, "parts", 1, 64))
        for cut in items(value, "cuts", 0, 64, True):
            need(member(cut, "name"), "name")
            member(cut, "title", str, None)
            ranges(cut, self.n)
        for track in items(value, "tracks", 0, 512, True):
            member(track, "title")
            need(member(track, "start", int) < member(track, "end", int), "end")
            if "ranges" in track:
                ranges(track, self.n)
            for name in ("artist", "mix"):
                member(track, name, str, None)
            if "loop" in track:
                loop = items(track, "loop", 2, 2)
                need(all(type(at) is int for at in loop) and loop[0] < loop[1], "loop")
        self.digests = member(value, "digest", str, None)
        need(self.digests in (None, "blake3"), "digest")
        links = member(value, "links", dict, {})
        need(len(links) <= 64, "links", "over_limit")
        need(all(isinstance(link, str) for link in links.values()), "links")
        prefix = member(value, "keyPrefix", str, "XX")
        need(2 <= len(prefix) <= 8 and prefix.isascii() and prefix.isalnum() and prefix.upper() == prefix, "keyPrefix")
        member(value, "title")
        member(value, "created", int)
        for name, found in (("parts", value["parts"]), ("cuts", value.get("cuts", []))):
            need(len({one["name"] for one in found}) == len(found), name)

    @property
    def n(self):
        return len(self.chunks)

    @property
    def stored(self):
        """Bytes of all chunks."""
        return sum(end - begin + OVERHEAD for _, begin, end, _ in self.chunks)

    def parts(self, parts):
        segments, stored = 0, 0
        for number, part in enumerate(parts):
            lengths = items(part, "segments", 1, 1024)
            segments += len(lengths)
            need(segments <= 1024, "segments", "over_limit")
            at = 0
            for length in lengths:
                need(type(length) is int and length > 0, "segments")
                need(len(self.chunks) + -(-length // CHUNK) <= 1 << 18, "chunks", "over_limit")
                for begin in range(at, at + length, CHUNK):
                    end = min(begin + CHUNK, at + length)
                    self.chunks.append((number, begin, end, stored))
                    stored += end - begin + OVERHEAD
                at += length
            need(member(part, "name"), "name")
            member(part, "mime")
            member(part, "tier", str, None)
            member(part, "duration", int, None)
            need("init" not in part or octets(part, "init", most=8192), "init")
            need(member(part, "scale", int, 1) > 0 and member(part, "indexStep", int, 1) > 0, "scale")
            if "index" in part:
                need("scale" in part, "scale")
                index(octets(part, "index", most=32768), [c for c in self.chunks if c[0] == number], at, part.get("indexStep", 1))


def index(data, chunks, length, step):
    """[(ticks, byte)] of a part."""
    marks, at, ticks = [], 0, 0
    while at < len(data):
        need(len(marks) * step < len(chunks), "index")
        pair = []
        for _ in range(2):
            value = shift = 0
            while True:
                need(at < len(data) and shift < 56, "index")
                byte, at = data[at], at + 1
                value |= (byte & 127) << shift
                shift += 7
                if byte < 128:
                    need(byte or shift == 7, "index")
                    break
            pair.append(value)
        ticks += pair[0]
        place = chunks[len(marks) * step][1] + pair[1]
        need(ticks < 1 << 53 and place < length and (not marks or place >= marks[-1][1]), "index")
        marks.append((ticks, place))
    return marks


def ranges(value, n):
    found = []
    need(isinstance(value.get("ranges"), list), "ranges")
    for pair in items(value, "ranges", 1, 64):
        need(isinstance(pair, list) and len(pair) == 2 and all(type(at) is int for at in pair), "ranges")
        need(pair[0] < pair[1] <= n and (not found or found[-1][1] < pair[0]), "ranges")
        found.append(tuple(pair))
    need(found, "ranges")
    return found


# Keys

def depth(n):
    return (n - 1).bit_length()


def cover(n, wanted):
    """[(level, index)] of the largest nodes with no leaf outside."""
    places, full = [], 1 << depth(n)
    for begin, end in wanted:
        end = full if end == n else end
        while begin < end:
            size = begin & -begin or full
            while begin + size > end:
                size //= 2
            places.append((depth(n) - size.bit_length() + 1, begin // size))
            begin += size
    return places


def root(file, frk):
    return p.expand(p.extract(file, frk), b"smsg3 root", 32)


def descend(node, levels, index):
    for bit in reversed(range(levels)):
        node = p.hmac(node, b"smsg3 node" + bytes([index >> bit & 1]))
    return node


class Keys:
    """Nodes at hand."""

    def __init__(self, header, wanted, nodes):
        self.file, self.n = header.id, header.n
        places = cover(self.n, wanted)
        need(len(nodes) == 32 * len(places), "nodes", "bad_grant")
        self.nodes = [(place, nodes[32 * at:32 * at + 32]) for at, place in enumerate(places)]

    def leaf(self, number):
        for (level, index), node in self.nodes:
            below = depth(self.n) - level
            if number >> below == index:
                return descend(node, below, number)
        return None

    def chunk(self, number):
        """Nonce, com and ek; None outside of what was granted."""
        leaf = self.leaf(number)
        return leaf and chunk_keys(self.file, self.n, number, leaf)


def chunk_keys(file, n, number, leaf):
    last = bytes([number == n - 1])
    both = p.expand(leaf, b"smsg3 chunk" + file + number.to_bytes(8, "big") + last + b"\0", 64)
    return number.to_bytes(11, "big") + last, both[:32], both[32:]


def open_chunk(keys, number, chunk):
    found = keys.chunk(number)
    if found is None:
        raise Refused("not_licensed")
    nonce, com, key = found
    if chunk[:32] != com:
        raise Refused("commitment")
    plaintext = p.unseal(key, nonce, chunk[32:])
    need(plaintext is not None, "chunk", "decryption_failed")
    return plaintext
