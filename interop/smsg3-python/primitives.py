# SPDX-License-Identifier: MIT
"""HKDF, HMAC, ChaCha20-Poly1305, BLAKE3 and Argon2id in plain Python, as SMSG 3.0 uses them. Nothing runs in constant time."""

import hashlib
import hmac as python_hmac
import pathlib
import struct
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path += [str(HERE.parent / "smsg-python"), str(HERE.parent / "python")]

import cipher  # noqa: E402

N0 = bytes(12)


def sha256(data):
    return hashlib.sha256(data).digest()


def hmac(key, message):
    return python_hmac.new(key, message, hashlib.sha256).digest()


def extract(salt, ikm):
    """HKDF-Extract (RFC 5869)."""
    return hmac(salt, ikm)


def expand(prk, info, length):
    """HKDF-Expand (RFC 5869)."""
    out, block, number = b"", b"", 1
    while len(out) < length:
        block = hmac(prk, block + info + bytes([number]))
        out, number = out + block, number + 1
    return out[:length]


def tag(key, nonce, ciphertext, aad):
    padded = aad + bytes(-len(aad) % 16) + ciphertext + bytes(-len(ciphertext) % 16)
    lengths = struct.pack("<QQ", len(aad), len(ciphertext))
    return cipher.poly1305(cipher.chacha20(key, nonce, 0, 32), padded + lengths)


def seal(key, nonce, plaintext, aad=b""):
    """ChaCha20-Poly1305 (RFC 8439): ciphertext and tag."""
    ciphertext = cipher.xor(plaintext, cipher.chacha20(key, nonce, 1, len(plaintext)))
    return ciphertext + tag(key, nonce, ciphertext, aad)


def unseal(key, nonce, box, aad=b""):
    """The plaintext, or None."""
    if len(box) < 16 or not python_hmac.compare_digest(tag(key, nonce, box[:-16], aad), box[-16:]):
        return None
    return cipher.xor(box[:-16], cipher.chacha20(key, nonce, 1, len(box) - 16))


# BLAKE3: https://github.com/BLAKE3-team/BLAKE3-specs, section 2; unkeyed hash of 32 bytes.

IV = (0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19)
PERMUTATION = (2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8)
START, END, PARENT, ROOT = 1, 2, 4, 8
WAYS = ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15), (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14))


def compress(chaining, words, counter, length, flags):
    s = list(chaining) + list(IV[:4]) + [counter & 0xFFFFFFFF, counter >> 32, length, flags]
    m = list(words)
    for _ in range(7):
        for number, (a, b, c, d) in enumerate(WAYS):
            s[a] = s[a] + s[b] + m[2 * number] & 0xFFFFFFFF
            x = s[d] ^ s[a]
            s[d] = (x >> 16 | x << 16) & 0xFFFFFFFF
            s[c] = s[c] + s[d] & 0xFFFFFFFF
            x = s[b] ^ s[c]
            s[b] = (x >> 12 | x << 20) & 0xFFFFFFFF
            s[a] = s[a] + s[b] + m[2 * number + 1] & 0xFFFFFFFF
            x = s[d] ^ s[a]
            s[d] = (x >> 8 | x << 24) & 0xFFFFFFFF
            s[c] = s[c] + s[d] & 0xFFFFFFFF
            x = s[b] ^ s[c]
            s[b] = (x >> 7 | x << 25) & 0xFFFFFFFF
        m = [m[i] for i in PERMUTATION]
    return [s[i] ^ s[i + 8] for i in range(8)]


def subtree(data, counter, root):
    """The chaining value of some bytes whose first chunk of 1,024 has this number."""
    if len(data) <= 1024:
        value, blocks = IV, max(1, (len(data) + 63) // 64)
        for number in range(blocks):
            block = data[64 * number:64 * number + 64]
            flags = (START if number == 0 else 0) | (END | root if number == blocks - 1 else 0)
            value = compress(value, struct.unpack("<16I", block + bytes(64 - len(block))), counter, len(block), flags)
        return value
    left = 1024
    while 2 * left < len(data):
        left *= 2
    both = subtree(data[:left], counter, 0) + subtree(data[left:], counter + left // 1024, 0)
    return compress(IV, both, 0, 64, PARENT | root)


def blake3(data):
    return struct.pack("<8I", *subtree(data, 0, ROOT))


# Argon2id: RFC 9106, version 0x13.

ONES = 0xFFFFFFFFFFFFFFFF


def long_hash(length, data):
    """H' of section 3.3."""
    data = struct.pack("<I", length) + data
    if length <= 64:
        return hashlib.blake2b(data, digest_size=length).digest()
    out, value = b"", hashlib.blake2b(data).digest()
    while length - len(out) > 64:
        out += value[:32]
        rest = length - len(out)
        value = hashlib.blake2b(value, digest_size=min(64, rest)).digest()
    return out + value


def permute(v, at):
    def mix(a, b, c, d):
        for to, by, turned, right in ((a, b, d, 32), (c, d, b, 24), (a, b, d, 16), (c, d, b, 63)):
            v[to] = v[to] + v[by] + 2 * (v[to] & 0xFFFFFFFF) * (v[by] & 0xFFFFFFFF) & ONES
            x = v[turned] ^ v[to]
            v[turned] = (x >> right | x << 64 - right) & ONES
    for a, b, c, d in WAYS:
        mix(at[a], at[b], at[c], at[d])


def fill(x, y):
    """G of section 3.5."""
    r = [a ^ b for a, b in zip(x, y)]
    q = list(r)
    for row in range(8):
        permute(q, range(16 * row, 16 * row + 16))
    for column in range(8):
        permute(q, [16 * row + 2 * column + half for row in range(8) for half in (0, 1)])
    return [a ^ b for a, b in zip(q, r)]


def argon2id(password, salt, m, t, p, length=32, secret=b"", data=b""):
    sized = b"".join(struct.pack("<I", len(part)) + part for part in (password, salt, secret, data))
    h0 = hashlib.blake2b(struct.pack("<6I", p, length, m, t, 0x13, 2) + sized).digest()
    columns = 4 * p * (m // (4 * p)) // p
    quarter = columns // 4
    block = lambda raw: list(struct.unpack("<128Q", raw))  # noqa: E731
    lanes = [[None] * columns for _ in range(p)]
    for lane in range(p):
        for first in (0, 1):
            lanes[lane][first] = block(long_hash(1024, h0 + struct.pack("<II", first, lane)))
    for turn in range(t):
        for part in range(4):
            for lane in range(p):
                independent, addresses = turn == 0 and part < 2, []
                for index in range(quarter):
                    column = part * quarter + index
                    if turn == 0 and column < 2:
                        continue
                    previous = lanes[lane][column - 1]
                    if independent:
                        if index % 128 == 0 or not addresses:
                            head = [turn, lane, part, 4 * p * (m // (4 * p)), t, 2, index // 128 + 1] + [0] * 121
                            addresses = fill([0] * 128, fill([0] * 128, head))
                        j = addresses[index % 128]
                    else:
                        j = previous[0]
                    j1, j2 = j & 0xFFFFFFFF, j >> 32
                    other = lane if turn == 0 and part == 0 else j2 % p
                    if turn == 0:
                        area = part * quarter + (index - 1 if other == lane else -1 if index == 0 else 0)
                    else:
                        area = columns - quarter + (index - 1 if other == lane else -1 if index == 0 else 0)
                    relative = area - 1 - (area * (j1 * j1 >> 32) >> 32)
                    start = 0 if turn == 0 or part == 3 else (part + 1) * quarter
                    new = fill(previous, lanes[other][(start + relative) % columns])
                    old = lanes[lane][column]
                    lanes[lane][column] = [a ^ b for a, b in zip(new, old)] if turn else new
    last = [0] * 128
    for lane in lanes:
        last = [a ^ b for a, b in zip(last, lane[-1])]
    return long_hash(length, struct.pack("<128Q", *last))
