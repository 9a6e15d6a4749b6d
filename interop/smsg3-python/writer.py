# SPDX-License-Identifier: MIT
"""Makes SMSG 3.0: enough of a writer for test vectors. All that should be random comes from labels, so that the same is made again."""

import copy
import hashlib

import primitives as p
import ed25519
import identifiers
import licence_key
from canonical import b64, write
from container import Header, chunk_keys, cover, depth, descend, root
from reader import seal_message
from table import Secret, grant_keys, ikm, stretch


def drawn(label, length=32):
    """What a real writer draws at random."""
    return hashlib.shake_256(b"smsg3 vector: " + label.encode()).digest(length)


class Artist:
    """Ed25519 signatures (RFC 8032)."""

    def __init__(self, label):
        digest = hashlib.sha512(drawn(label)).digest()
        self.scalar = int.from_bytes(digest[:32], "little") & (1 << 254) - 8 | 1 << 254
        self.prefix, self.public = digest[32:], encode(ed25519.multiply(self.scalar, ed25519.BASE))
        self.did = "did:key:z" + identifiers.base58(b"\xed\x01" + self.public)
        self.key = None

    def as_web(self, did, names_key=True):
        """The same key, signing for a did:web."""
        other = copy.copy(self)
        other.did, other.key = did, self.did if names_key else None
        return other

    def identified(self, value):
        return {**value, "artist": self.did, **({"key": self.key} if self.key else {})}

    def sign(self, message):
        number = lambda data: int.from_bytes(hashlib.sha512(data).digest(), "little") % ed25519.L  # noqa: E731
        r = number(self.prefix + message)
        point = encode(ed25519.multiply(r, ed25519.BASE))
        s = (r + number(point + self.public + message) * self.scalar) % ed25519.L
        return point + s.to_bytes(32, "little")

    def signed(self, value):
        value = self.identified(value)
        value.pop("signature", None)
        return {**value, "signature": b64(self.sign(write(value)))}


def encode(point):
    x, y, z, _ = point
    inverse = pow(z, ed25519.P - 2, ed25519.P)
    x, y = x * inverse % ed25519.P, y * inverse % ed25519.P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def code(label, prefix="MGH"):
    """A licence key as it is shown."""
    symbols = [byte & 31 for byte in drawn(label, 26)]
    low = prefix.lower().encode()
    expanded = [byte >> 5 for byte in low] + [0] + [byte & 31 for byte in low]
    check = licence_key.remainder(expanded + symbols + [0] * 6) ^ 0x2BC830A3
    symbols += [check >> 5 * (5 - at) & 31 for at in range(6)]
    text = "".join(licence_key.ALPHABET[symbol] for symbol in symbols).upper()
    return "-".join([prefix] + [text[at:at + 4] for at in range(0, 32, 4)])


def header_bytes(artist, value):
    body = write(artist.signed({"type": "smsg:Header", "version": "3.0", "created": 1768230000, **value}))
    return b"SMSG\x03" + len(body).to_bytes(4, "big") + body


def nodes(header, top, wanted):
    return b"".join(descend(top, level, index) for level, index in cover(header.n, wanted))


def grant(header, top, gk, terms):
    """A grant; open to all without GK."""
    inside = nodes(header, top, terms["ranges"])
    if gk is None:
        return {"terms": terms, "nodes": b64(inside)}
    com, key = grant_keys(header.id, gk, terms)
    return {"terms": terms, "box": b64(com + p.seal(key, p.N0, inside))}


def entry(secret, salt, number, serial, gk):
    plain = number.to_bytes(2, "big") + b"\0\0" + serial.to_bytes(4, "big") + gk
    return secret.id + p.seal(secret.wrap(salt), p.N0, plain)


def table(artist, header, top, label, grants, keys, passphrases=(), seq=0, change=lambda head: head):
    """From M on. grants: (terms, open to all); keys: (text, grant, serial); passphrases: (text, slot, grant)."""
    salt = drawn(label + " salt")
    gks = [None if everybody else drawn(f"{label} grant {at}") for at, (_, everybody) in enumerate(grants)]
    entries = sorted(entry(Secret(header.id, ikm(text)), salt, at, serial, gks[at]) for text, at, serial in keys)
    pages = [entries[at:at + 128] for at in range(0, len(entries), 128)]
    directory = b"".join(page[0][:32] + p.sha256(b"".join(page)) for page in pages)
    slots = []
    for text, slot, at in passphrases:
        slot = {**slot, "salt": b64(drawn(f"{label} {text}", 16)), "grant": at}
        secret = Secret(header.id, stretch(slot, text))
        slots.append({**slot, "id": b64(secret.id), "box": b64(p.seal(secret.wrap(salt), p.N0, gks[at]))})
    head = {"type": "smsg:Table", "file": b64(header.id), "seq": seq, "salt": b64(salt), "count": len(entries),
            "dir": b64(p.sha256(directory)), "grants": [grant(header, top, gk, terms) for gk, (terms, _) in zip(gks, grants)]}
    if slots:
        head["pass"] = slots
    body = write(artist.signed(change(head)))
    return len(body).to_bytes(4, "big") + body + directory + b"".join(entries)


def licence(artist, header, top, label, key, terms):
    salt, secret = drawn(label + " salt"), Secret(header.id, ikm(key))
    value = {"type": "smsg:Licence", "file": b64(header.id), "id": b64(secret.id), "salt": b64(salt), "terms": terms}
    value = artist.identified(value)
    box = p.seal(secret.wrap(salt), p.N0, nodes(header, top, terms["ranges"]), p.sha256(write(value)))
    return write(artist.signed({**value, "box": b64(box)}))


def chunks(header, top, plain):
    """All chunks; `plain` is the parts' plaintext."""
    out = []
    for number, (part, begin, end, _) in enumerate(header.chunks):
        nonce, com, key = chunk_keys(header.id, header.n, number, descend(top, depth(header.n), number))
        out.append(com + p.seal(key, nonce, plain[part][begin:end]))
    return out


def sealed(artist, header, stored):
    """Signature and digests."""
    digests = [p.blake3(chunk) for chunk in stored]
    groups = b"".join(p.blake3(b"".join(digests[at:at + 256])) for at in range(0, len(digests), 256))
    return artist.sign(seal_message(header, p.blake3(groups))) + groups + b"".join(digests)


def whole(artist, header, top, plain, keys=b"\0\0\0\0"):
    stored = chunks(header, top, plain)
    return header.bytes + keys + (sealed(artist, header, stored) if header.digests else b"") + b"".join(stored)


def make(artist, label, value, plain, keys=None):
    """Header, root and file; `keys(header, root)` makes the table."""
    header = Header(header_bytes(artist, {"salt": b64(drawn(label + " header salt")), **value}))
    top = root(header.id, drawn(label + " FRK"))
    return header, top, whole(artist, header, top, plain, keys(header, top) if keys else b"\0\0\0\0")
