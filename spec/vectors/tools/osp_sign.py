"""Signs records as the specification says, sharing no code with the Rust implementation.

Needs `pip install cryptography rfc8785 base58`. Keys are made from fixed words, so that the files come out the same
each time; they protect nothing.
"""

import base64
import hashlib
import json

import base58
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


class Artist:
    def __init__(self, word):
        self.key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(word.encode()).digest())
        self.public = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.multikey = multikey(self.public)
        self.did = "did:key:" + self.multikey


def multikey(public):
    return "z" + base58.b58encode(b"\xed\x01" + public).decode()


def raw_cid(data):
    digest = b"\x01\x55\x12\x20" + hashlib.sha256(data).digest()
    return "b" + base64.b32encode(digest).decode().lower().rstrip("=")


def varint(n):
    out = b""
    while n > 127:
        out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])


def cid_v0(data):
    """CIDv0 of `data` as a UnixFS file of one block."""
    unixfs = b"\x08\x02" + (b"\x12" + varint(len(data)) + data if data else b"") + b"\x18" + varint(len(data))
    block = b"\x0a" + varint(len(unixfs)) + unixfs
    return base58.b58encode(b"\x12\x20" + hashlib.sha256(block).digest()).decode()


def doubles(value):
    """The value as a reader sees it: every number an IEEE double."""
    return json.loads(json.dumps(value), parse_int=float)


def jcs(value):
    return rfc8785.dumps(doubles(value))


def without(record, *names):
    return {k: v for k, v in record.items() if k not in names}


def sign(artist, body, kind="track", make_cid=raw_cid):
    """Adds id and signature."""
    record = dict(body)
    record["id"] = f"osp:{kind}:" + make_cid(jcs(without(body, "id", "signature", "proof")))
    return resign(artist, record)


def resign(artist, record):
    """Signs a record with whatever id it has."""
    signature = artist.key.sign(jcs(without(record, "signature", "proof")))
    return {**record, "signature": base64.b64encode(signature).decode()}


def prove(artist, record, context=None, signer=None, **changes):
    """Adds a proof. `context` is the proof's @context; a member set to None is left out."""
    proof = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "created": "2026-01-15T12:00:00Z",
        "verificationMethod": f"{artist.did}#{artist.multikey}",
        "proofPurpose": "assertionMethod",
        "@context": context,
        **changes,
    }
    proof = {k: v for k, v in proof.items() if v is not None}
    document = without(record, "proof")
    if context is not None:
        document["@context"] = context
    signed = hashlib.sha256(jcs(proof)).digest() + hashlib.sha256(jcs(document)).digest()
    value = (signer or artist).key.sign(signed)
    return {**record, "proof": {**proof, "proofValue": "z" + base58.b58encode(value).decode()}}


ALICE = Artist("osp vector artist 1")
BOB = Artist("osp vector artist 2")
CONTENT = raw_cid(b"osp vector content")


def track(**members):
    body = {
        "type": "osp:Track",
        "version": "0.1",
        "title": "Vector",
        "artist": ALICE.did,
        "format": "audio/opus",
        "cid": CONTENT,
    }
    body.update(members)
    return {k: v for k, v in body.items() if v is not ...}
