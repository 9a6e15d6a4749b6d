# SPDX-License-Identifier: MIT
"""Files as UnixFS DAGs (OSP-v0.1 sections 3.2 and 3.3), the torrent rule (5) and text for lookups (6)."""

import hashlib
import re
import unicodedata

from identifiers import base32, base58, varint

# profile: (bytes in a chunk, links in a node, CID version, whether leaves are raw)
PROFILES = {"unixfs-v1-2025": (1048576, 1024, 1, True), "unixfs-v0-2015": (262144, 174, 0, False),
            "unixfs-v1-legacy": (262144, 174, 1, True)}


def field(tag, data):
    return bytes([tag]) + varint(len(data)) + data


def unixfs_file(data, size, block_sizes=()):
    """The UnixFS message of a File."""
    blocks = b"".join(b"\x20" + varint(n) for n in block_sizes)
    return b"\x08\x02" + (field(0x12, data) if data else b"") + b"\x18" + varint(size) + blocks


def import_file(content, profile):
    """The CID text of a file."""
    chunk, width, version, raw = PROFILES[profile]

    def element(block, codec, tree_size, size):
        digest = b"\x12\x20" + hashlib.sha256(block).digest()
        return (digest if version == 0 else bytes([1, codec]) + digest, tree_size + len(block), size)

    level = []
    for at in range(0, len(content) or 1, chunk):
        data = content[at:at + chunk]
        block = data if raw else field(0x0A, unixfs_file(data, len(data)))
        level.append(element(block, 0x55 if raw else 0x70, 0, len(data)))
    while len(level) > 1:
        groups = [level[at:at + width] for at in range(0, len(level), width)]
        level = []
        for group in groups:
            links = b"".join(field(0x12, field(0x0A, cid) + b"\x12\x00\x18" + varint(tree)) for cid, tree, _ in group)
            sizes = [size for _, _, size in group]
            block = links + field(0x0A, unixfs_file(b"", sum(sizes), sizes))
            level.append(element(block, 0x70, sum(tree for _, tree, _ in group), sum(sizes)))
    cid = level[0][0]
    return base58(cid) if version == 0 else "b" + base32(cid)


def piece_length(size):
    for limit, length in ((8 << 20, 1 << 16), (64 << 20, 1 << 18), (512 << 20, 1 << 20)):
        if size <= limit:
            return length
    return 1 << 22


def info_dictionary(content):
    """The bencoded info dictionary of a file."""
    name, length = import_file(content, "unixfs-v1-2025").encode(), piece_length(len(content))
    pieces = b"".join(hashlib.sha1(content[at:at + length]).digest() for at in range(0, len(content), length))
    return b"d6:lengthi%de4:name%d:%s12:piece lengthi%de6:pieces%d:%se" % (
        len(content), len(name), name, length, len(pieces), pieces)


WHITE_SPACE = "\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"


def normalise(text):
    """Python's casefold is full case folding; its str.split knows a few more characters than White_Space."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return re.sub(f"[{WHITE_SPACE}]+", " ", folded).strip(" ")
