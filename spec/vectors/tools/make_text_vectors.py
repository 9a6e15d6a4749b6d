"""Writes jcs.json, normalise.json and did-key.json: `python make_text_vectors.py` in this folder."""

import json
import pathlib
import struct
import unicodedata

import base58
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

VECTORS = pathlib.Path(__file__).parent.parent


def write(name, data):
    (VECTORS / name).write_text(json.dumps(data, indent=1, ensure_ascii=True) + "\n")


def jcs():
    # Values of RFC 8785 appendix B; the texts are what that table prints, not what a library here computes.
    numbers = """
        0000000000000000 0                       8000000000000000 0
        0000000000000001 5e-324                  8000000000000001 -5e-324
        7fefffffffffffff 1.7976931348623157e+308 ffefffffffffffff -1.7976931348623157e+308
        4340000000000000 9007199254740992        c340000000000000 -9007199254740992
        4430000000000000 295147905179352830000   44b52d02c7e14af5 9.999999999999997e+22
        44b52d02c7e14af6 1e+23                   44b52d02c7e14af7 1.0000000000000001e+23
        444b1ae4d6e2ef4e 999999999999999700000   444b1ae4d6e2ef4f 999999999999999900000
        444b1ae4d6e2ef50 1e+21                   3eb0c6f7a0b5ed8c 9.999999999999997e-7
        3eb0c6f7a0b5ed8d 0.000001                41b3de4355555553 333333333.3333332
        41b3de4355555554 333333333.33333325      41b3de4355555555 333333333.3333333
        41b3de4355555556 333333333.3333334       41b3de4355555557 333333333.33333343
        becbf647612f3696 -0.0000033333333333333333
        43143ff3c1cb0959 1424953923781206.2
    """.split()
    pairs = list(zip(numbers[::2], numbers[1::2]))
    for bits, text in pairs:
        assert rfc8785.dumps(struct.unpack(">d", bytes.fromhex(bits))[0]).decode() == text, text
    texts = {
        "RFC 8785 section 3.2.2": r"""{
            "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
            "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
            "literals": [null, true, false]
        }""",
        "RFC 8785 section 3.2.3": r"""{
            "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh",
            "1": "One", "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control",
            "\u00f6": "Latin Small Letter O With Diaeresis"
        }""",
        "names sort by UTF-16 code units, not by code points": '{"\\ufffd": 1, "\\ud800\\udc00": 2, "a": 3, "": 4, "aa": 5, "A": 6}',
        "controls": json.dumps({"all": "".join(map(chr, range(0x20))) + "\x7f\x80\u2028\u2029"}),
        "no normalisation": '["\\u00e5", "a\\u030a", "\\u212b"]',
        "nesting and empties": ' { "b" : [ { } , [ ] , "" ] , "a" : { "d" : 1.0 , "c" : 1e0 } } ',
        "integers": "[0, -0, 1, -1, 9007199254740991, -9007199254740991, 1000000000000000000000, 1e20]",
        "scalar": '"x"',
    }
    canonical = [
        {"name": name, "input": text, "canonical": rfc8785.dumps(json.loads(text, parse_int=float)).decode()}
        for name, text in texts.items()
    ]
    assert canonical[0]["canonical"] == (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    write("jcs.json", {
        "about": "RFC 8785: `numbers` are doubles as 16 hex digits and their text (appendix B), `texts` JSON and its canonical form.",
        "numbers": [{"ieee754": bits, "text": text} for bits, text in pairs],
        "texts": canonical,
    })


def normalise_text(text):
    nfkc = lambda s: unicodedata.normalize("NFKC", s)
    folded = nfkc(nfkc(text).casefold())
    white_space = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
    spaced = "".join(" " if c in white_space else c for c in folded)
    return " ".join(word for word in spaced.split(" ") if word)


def normalise():
    inputs = [
        "", " ", "Song Name", "  Song \t\n Name  ", "SONG NAME", "ﬁnal ﬂight", "Ｆｕｌｌ Ｗｉｄｔｈ", "Straße", "STRASSE", "ẞ", "İstanbul", "ISTANBUL",
        "ıstanbul", "ΌΣΟΣ", "ὀδυσσεύς", "ΣΊΣΥΦΟΣ", "ᾼ", "\u0345", "\u03b1\u0345\u0301", "ŉ", "ǰ", "ΐ", "Å", "A\u030a", "Å", "é", "e\u0301",
        "a\u0085b", "a\u1680b", "a\u2028b", "a\u2029\u2028b", "a\u00a0\u202f\u3000b", "a\u200bb", "a\u2060b", "a\ufeffb", "a\u180eb", "①②", "x²", "½",
        "Ⅷ", "ﷺ", "¨", "a ¨", "¯\\_(ツ)_/¯", "가", "\u1100\u1161", "ガ", "ｶﾞ", "Ночь — 夜曲", "ДРОН", "\U00010400\U0001e900", "Ꭰꭰ", "ᲐᲑ",
        "🎧", "👩\u200d🎤", "\u0132", "Ǆ", "ﬃ", "ﬅ", "ſ", "K", "\u1e9b\u0323", "µ", "AC/DC", "P!nk", "sunn O)))", "\u0041\u0328\u0301", "\u212a\u0308", "᾿Α", "\u1fbe",
    ]
    write("normalise.json", {
        "about": "Text as lookups use it: NFKC, full case folding (C+F), NFKC, runs of White_Space to one U+0020, trimmed.",
        "cases": [{"input": text, "normalised": normalise_text(text)} for text in inputs],
    })


def did_key():
    # https://w3c-ccg.github.io/did-key-spec/ test vectors: seeds 0 to 4 and the DIDs published for them.
    published = [
        "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp",
        "did:key:z6MkjchhfUsD6mmvni8mCdXHw216Xrm9bQe2mBH1P5RDjVJG",
        "did:key:z6MknGc3ocHs3zdPiJbnaaqDi58NGb4pk1Sp9WxWufuXSdxf",
        "did:key:z6MkvqoYXQfDDJRv8L4wKzxYeuKyVZBfi9Qo6Ro8MiLH3kDQ",
        "did:key:z6MkwW6aqMnjgrhJXFUko3NnZPGzVpkNzhYK7yEhnsibmLwL",
    ]
    good = []
    for n, did in enumerate(published):
        seed = n.to_bytes(32, "big")
        public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        assert did == "did:key:z" + base58.b58encode(b"\xed\x01" + public).decode()
        good.append({"seed": seed.hex(), "publicKey": public.hex(), "did": did})
    key = bytes.fromhex(good[0]["publicKey"])
    b58 = lambda data: base58.b58encode(data).decode()
    bad = {
        "X25519": "did:key:z6LShs9GGnqk85isEBzzshkuVWrVKsRp24GnDuHk8QWkARMW",
        "secp256k1": "did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme",
        "31 bytes": "did:key:z" + b58(b"\xed\x01" + key[:31]),
        "33 bytes": "did:key:z" + b58(b"\xed\x01" + key + b"\0"),
        "no multicodec": "did:key:z" + b58(key),
        "multicodec as one byte": "did:key:z" + b58(b"\xed" + key),
        "multicodec padded": "did:key:z" + b58(b"\xed\x81\x00" + key),
        "base16 multibase": "did:key:fed01" + key.hex(),
        "no multibase": "did:key:" + b58(b"\xed\x01" + key),
        "leading 1": "did:key:z1" + b58(b"\xed\x01" + key),
        "not base58": published[0][:-1] + "0",
        "cut": published[0][:-1],
        "with version": "did:key:1:" + published[0][8:],
        "with fragment": published[0] + "#" + published[0][8:],
        "with path": published[0] + "/x",
        "with query": published[0] + "?x",
        "upper-case scheme": "DID:key:" + published[0][8:],
        "upper-case method": "did:KEY:" + published[0][8:],
        "space": published[0] + " ",
        "percent-encoded": published[0][:-1] + "%70",
        "empty": "did:key:",
    }
    write("did-key.json", {
        "about": "did:key with Ed25519: `good` are the published vectors of the method's specification, `bad` no such DID.",
        "good": good,
        "bad": [{"name": name, "did": did} for name, did in bad.items()],
    })


if __name__ == "__main__":
    for make in (jcs, normalise, did_key):
        make()
