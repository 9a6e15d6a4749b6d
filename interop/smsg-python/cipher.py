# SPDX-License-Identifier: MIT
"""The sealed box (spec/SMSG.md section 4): a key stream of SHA-256 under XChaCha20-Poly1305, in plain Python.

ChaCha20 runs many blocks at once: word i of all blocks is one big integer with a lane of 64 bits for each block, so
that a sum's carry stays in its lane. That makes about 10 MB/s. Nothing here runs in constant time.
"""

import hashlib
import hmac
from array import array

OVERHEAD = 40  # nonce 24, tag 16
LANES = 1024
CONSTANTS = [int.from_bytes(b"expand 32-byte k"[i:i + 4], "little") for i in (0, 4, 8, 12)]


class NotAuthentic(Exception):
    """The tag is not that of these bytes under this key."""


def words(data):
    return [int.from_bytes(data[i:i + 4], "little") for i in range(0, len(data), 4)]


def rounds(s, mask):
    """The twenty rounds of ChaCha (RFC 8439 section 2.3) over 16 words, each in as many lanes as `mask` has."""
    columns = [(0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15)]
    diagonals = [(0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)]
    for a, b, c, d in (columns + diagonals) * 10:
        for to, by, turned, left in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            s[to] = (s[to] + s[by]) & mask
            x = s[turned] ^ s[to]
            s[turned] = (x << left | x >> (32 - left)) & mask
    return s


def hchacha20(key, nonce16):
    """The subkey of draft-irtf-cfrg-xchacha section 2.2."""
    s = rounds(CONSTANTS + words(key) + words(nonce16), 0xFFFFFFFF)
    return b"".join(word.to_bytes(4, "little") for word in s[:4] + s[12:])


def chacha20(key, nonce12, counter, length):
    """`length` bytes of the stream from block `counter` on."""
    out, blocks = bytearray(), (length + 63) // 64
    while blocks > 0:
        lanes = min(blocks, LANES)
        ones = int.from_bytes(b"\1\0\0\0\0\0\0\0" * lanes, "little")
        count = sum((counter + lane) << 64 * lane for lane in range(lanes))
        start = [w * ones for w in CONSTANTS + words(key)] + [count] + [w * ones for w in words(nonce12)]
        mask = 0xFFFFFFFF * ones
        end = [(a + b) & mask for a, b in zip(rounds(list(start), mask), start)]
        batch = array("Q", bytes(64 * lanes))
        for pair in range(8):
            both = end[2 * pair] | end[2 * pair + 1] << 32
            batch[pair::8] = array("Q", both.to_bytes(8 * lanes, "little"))
        out += batch.tobytes()
        counter, blocks = counter + lanes, blocks - lanes
    return bytes(out[:length])


def poly1305(key, message):
    """RFC 8439 section 2.5."""
    r, s = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF, int.from_bytes(key[16:], "little")
    accumulator, p = 0, (1 << 130) - 5
    for at in range(0, len(message), 16):
        block = message[at:at + 16]
        accumulator = (accumulator + int.from_bytes(block, "little") + (1 << 8 * len(block))) * r % p
    return ((accumulator + s) & (1 << 128) - 1).to_bytes(16, "little")


def xor(a, b):
    return (int.from_bytes(a, "little") ^ int.from_bytes(b, "little")).to_bytes(len(a), "little")


def key_stream(nonce, length):
    """SHA-256(nonce || u64BE(0)) || SHA-256(nonce || u64BE(1)) || ..."""
    blocks = (hashlib.sha256(nonce + i.to_bytes(8, "big")).digest() for i in range((length + 31) // 32))
    return b"".join(blocks)[:length]


def xchacha20_poly1305(key, nonce, ciphertext):
    """Subkey, ChaCha20 nonce, and the tag of a ciphertext without associated data."""
    subkey, nonce12 = hchacha20(key, nonce[:16]), b"\0\0\0\0" + nonce[16:]
    padded = ciphertext + bytes(-len(ciphertext) % 16) + bytes(8) + len(ciphertext).to_bytes(8, "little")
    return subkey, nonce12, poly1305(chacha20(subkey, nonce12, 0, 32), padded)


def seal(key, nonce, plaintext):
    """sealed(key, plaintext) with this nonce."""
    masked = xor(plaintext, key_stream(nonce, len(plaintext)))
    ciphertext = xor(masked, chacha20(hchacha20(key, nonce[:16]), b"\0\0\0\0" + nonce[16:], 1, len(masked)))
    return nonce + ciphertext + xchacha20_poly1305(key, nonce, ciphertext)[2]


def open_box(key, box):
    """The plaintext; NotAuthentic if the box is shorter than 40 bytes or its tag is another."""
    if len(box) < OVERHEAD:
        raise NotAuthentic
    nonce, ciphertext, tag = box[:24], box[24:-16], box[-16:]
    subkey, nonce12, expected = xchacha20_poly1305(key, nonce, ciphertext)
    if not hmac.compare_digest(tag, expected):
        raise NotAuthentic
    masked = xor(ciphertext, chacha20(subkey, nonce12, 1, len(ciphertext)))
    return xor(masked, key_stream(nonce, len(masked)))
