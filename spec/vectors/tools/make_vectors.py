"""Writes the vector files of records beside it: `python make_vectors.py` in this folder.

Each case of `bad` has the one class a reader must refuse it with; `record` is the record as JSON, `text` its exact
text where that matters, `base64` its bytes where they are not text.
"""

import base64
import json
import pathlib

from osp_sign import ALICE, BOB, CONTENT, cid_v0, jcs, multikey, prove, raw_cid, resign, sign, track, without

RECORDS = pathlib.Path(__file__).parent.parent / "records"


def write(name, about, good, bad):
    def case(name, value):
        if isinstance(value, bytes):
            try:
                return {"name": name, "text": value.decode()}
            except UnicodeDecodeError:
                return {"name": name, "base64": base64.b64encode(value).decode()}
        return {"name": name, "text" if isinstance(value, str) else "record": value}

    data = {
        "about": about,
        "good": [case(name, value) for name, value in good.items()],
        "bad": [{**case(name, value), "error": error} for name, (error, value) in bad.items()],
    }
    lines = json.dumps(data, indent=1, ensure_ascii=True)
    (RECORDS / name).write_text(lines + "\n")


def text(record):
    return json.dumps(record, ensure_ascii=False)


def signed(**members):
    return sign(ALICE, track(**members))


def flip(signature):
    raw = bytearray(base64.b64decode(signature))
    raw[7] ^= 1
    return base64.b64encode(raw).decode()


def error_order():
    other = signed(title="Another")
    wrong_id = resign(ALICE, {**signed(), "id": other["id"]})
    proved = prove(ALICE, signed())
    bad_proof = {**proved["proof"], "proofValue": prove(ALICE, other)["proof"]["proofValue"]}
    all_wrong = {**wrong_id, "signature": flip(wrong_id["signature"]), "proof": bad_proof}
    bad = {
        "malformed-beats-signature-id-and-proof": ("malformed", {**all_wrong, "duration": "243"}),
        "malformed-optional-member-beats-signature": ("malformed", {**signed(), "genre": "techno"}),
        "unparsable-id-is-malformed-not-id": ("malformed", resign(ALICE, {**signed(), "id": "osp:track:nope"})),
        "proof-of-wrong-type-is-malformed": ("malformed", {**signed(), "proof": "z"}),
        "signature-beats-id-and-proof": ("signature", all_wrong),
        "signature-beats-id": ("signature", {**wrong_id, "signature": flip(wrong_id["signature"])}),
        "signature-beats-proof": ("signature", {**signed(), "signature": flip(signed()["signature"]), "proof": bad_proof}),
        "id-beats-proof": ("id", {**wrong_id, "proof": bad_proof}),
        "id-with-holding-proof": ("id", prove(ALICE, wrong_id)),
        "proof-last": ("proof", {**signed(), "proof": bad_proof}),
        "holding-proof-does-not-replace-the-signature": (
            "signature",
            prove(ALICE, {**signed(), "signature": flip(signed()["signature"])}),
        ),
    }
    write("error-order.json", "Records with several faults: the class of the first check that fails wins.",
          {"nothing-wrong": proved}, bad)


def ids():
    body = jcs(track())
    v1 = raw_cid(body)
    raw = base64.b32decode(v1[1:].upper() + "=" * (-len(v1[1:]) % 8))
    dag_pb = b"\x01\x70\x12\x20" + raw[4:]
    b32 = lambda b: "b" + base64.b32encode(b).decode().lower().rstrip("=")
    with_id = lambda cid: resign(ALICE, {**track(), "id": "osp:track:" + cid})
    long_title = "x" * 60000
    bad = {
        "upper-case-base32": ("id", with_id("B" + v1[1:].upper())),
        "base16": ("id", with_id("f" + raw.hex())),
        "dag-pb-codec-of-the-same-hash": ("id", with_id(b32(dag_pb))),
        "cidv0-hash-of-the-bare-bytes": ("id", with_id(cid_v0(b""))),
        "identity-multihash": ("id", with_id(b32(b"\x01\x55\x00\x04abcd"))),
        "id-over-the-record-with-its-id": ("id", with_id(raw_cid(jcs(signed())))),
        "id-with-a-path": ("malformed", with_id(v1 + "/x")),
        "id-of-a-retraction": ("malformed", resign(ALICE, {**track(), "id": "osp:retraction:" + v1})),
        "id-upper-case-scheme": ("malformed", resign(ALICE, {**track(), "id": "OSP:track:" + v1})),
        "bare-cid": ("malformed", resign(ALICE, {**track(), "id": v1})),
    }
    write("ids.json", "Forms of the id: CIDv1 raw sha2-256 base32, or CIDv0 of the same bytes as a one-block UnixFS file.",
          {"cidv1": signed(), "cidv0": sign(ALICE, track(), make_cid=cid_v0),
           "cidv0-two-byte-lengths": sign(ALICE, track(title="y" * 500), make_cid=cid_v0),
           "cidv0-three-byte-lengths": sign(ALICE, track(title=long_title), make_cid=cid_v0)}, bad)


def numbers():
    def spelled(value, spelling, member="extra"):
        """A record signed with the double `value` and written with `spelling`."""
        marker = 123456.789
        record = signed(**{member: value})
        plain = text({**record, member: marker})
        assert plain.count("123456.789") == 1
        return plain.replace("123456.789", spelling)

    good = {
        "2-to-the-53-plus-1-rounds-to-even": spelled(9007199254740992.0, "9007199254740993"),
        "2-to-the-53-plus-3-rounds-up": spelled(9007199254740996.0, "9007199254740995"),
        "u64-max": spelled(18446744073709551616.0, "18446744073709551615"),
        "beyond-u64": spelled(1e20, "100000000000000000000"),
        "i64-min-minus-1": spelled(-9223372036854775808.0, "-9223372036854775809"),
        "1e21": spelled(1e21, "1e21"),
        "1e21-written-out": spelled(1e21, "1000000000000000000000"),
        "exponent-signs": spelled(100.0, "1.0E+2"),
        "minus-zero": spelled(0.0, "-0"),
        "minus-zero-point-zero": spelled(0.0, "-0.0"),
        "underflow-to-zero": spelled(0.0, "1e-400"),
        "minus-underflow-to-zero": spelled(0.0, "-1e-400"),
        "smallest-denormal": spelled(5e-324, "5e-324"),
        "half-the-smallest-denormal-and-a-bit": spelled(5e-324, "2.4703282292062328e-324"),
        "largest-double": spelled(1.7976931348623157e308, "1.7976931348623157e308"),
        "0.1-with-all-its-digits": spelled(0.1, "0.1000000000000000055511151231257827021181583404541015625"),
        "just-above-a-tie": spelled(1.0000000000000002, "1.00000000000000011102230246251565404236316680908203126"),
        "one-as-1.0": spelled(1.0, "1.0", "trackNumber"),
        "size-as-1e6": spelled(1e6, "1e6", "size"),
        "duration-zero": spelled(0.0, "0", "duration"),
        "duration-minus-zero": spelled(0.0, "-0", "duration"),
        "800-digits": spelled(float("1" * 300), "1" * 300),
    }
    refused = {
        "1e400": "1e400", "minus-1e400": "-1e400", "1e999999999999": "1e999999999999",
        "leading-zero": "01", "plus": "+1", "no-fraction-digits": "1.", "no-whole-digits": ".5",
        "no-exponent-digits": "1e", "nan": "NaN", "infinity": "Infinity", "hexadecimal": "0x10", "two-minuses": "--1",
    }
    bad = {name: ("malformed", spelled(1.0, spelling)) for name, spelling in refused.items()}
    for member, value in [("trackNumber", 1.5), ("discNumber", -1.0), ("size", 0.5), ("size", -1.0), ("duration", -0.001)]:
        bad[f"{member}-{value}"] = ("malformed", signed(**{member: value}))
    write("numbers.json", "Numbers are IEEE doubles, signed as RFC 8785 writes them, however they are spelled.", good, bad)


def members():
    nested = lambda depth: json.loads("[" * depth + "]" * depth)
    minimal = signed()
    fill = lambda size: text(minimal) + " " * (size - len(text(minimal)))
    good = {
        "every-known-member": signed(
            artistName="A", album="B", trackNumber=1, discNumber=2, duration=1.5, size=10, torrent="magnet:?xt=urn:btih:00",
            released="2024-02-29", license="CC0-1.0", genre=["a", "b"], artwork=CONTENT, waveform=CONTENT, lyrics=CONTENT,
            consent={"mirror": "allow", "stream": "deny", "aiTraining": "deny"}, supersedes="osp:track:" + CONTENT,
            sealed={"any": "thing"}, offers=[{"price": 1}]),
        "torrent-is-any-string": signed(torrent="not a magnet"),
        "unknown-consent-word": signed(consent={"remix": {"if": "asked"}, "mirror": "allow"}),
        "empty-consent": signed(consent={}),
        "empty-genre": signed(genre=[]),
        "empty-title": signed(title=""),
        "released-year": signed(released="2026"),
        "released-month": signed(released="2026-12"),
        "unknown-null": signed(unknown=None),
        "context-object": signed(**{"@context": {"x": "y:"}}),
        "content-cidv0": signed(cid="QmVREn33ZJW8qCUkcCkjdAaDtwLT58r2EMEAywMV9RWh33"),
        "content-base58-cidv1": signed(cid="zb2rhYSxw4ZjuzgCnWSt19Q94ERaeFhu9uSqRgjSdx9bsgM6f"),
        "nested-64-deep": signed(extra=nested(63)),
        "exactly-64-KiB": fill(65536),
        "white-space-and-order-do-not-matter": " \r\n\t" + json.dumps(dict(reversed(minimal.items())), indent=3) + "\n",
        "escapes-do-not-matter": text(minimal).replace("Vector", "\\u0056\\u0065ctor").replace("audio/", "audio\\/"),
        "noncharacters-and-nul": signed(title="\0\uffff\U0010ffff\ufeff"),
    }
    bad = {}
    for name in ["title", "artist", "format", "cid", "type", "version"]:
        bad[f"{name}-missing"] = ("malformed", signed(**{name: ...}) if name != "artist" else sign(ALICE, without(track(), "artist")))
        bad[f"{name}-null"] = ("malformed", signed(**{name: None}))
        bad[f"{name}-number"] = ("malformed", signed(**{name: 1}))
    for name in ["id", "signature"]:
        bad[f"{name}-missing"] = ("malformed", without(minimal, name))
        bad[f"{name}-null"] = ("malformed", {**minimal, name: None})
    for name in ["@context", "artistName", "album", "trackNumber", "discNumber", "duration", "size", "torrent", "released",
                 "license", "genre", "artwork", "waveform", "lyrics", "sealed", "offers", "consent", "supersedes", "proof"]:
        bad[f"{name}-null"] = ("malformed", signed(**{name: None}))
    wrong = {
        "@context": [7, True], "artistName": [1], "album": [{}], "trackNumber": ["1", True], "duration": ["PT4M3S"],
        "size": ["10"], "torrent": [{}, []], "license": [["CC0-1.0"]], "genre": ["techno", ["a", 1], [None], {}],
        "artwork": ["nope", "", CONTENT + " ", "/ipfs/" + CONTENT, "ipfs://" + CONTENT, 1], "waveform": ["x"], "lyrics": ["la la la"],
        "released": ["2026-02-29", "2026-13", "2026-00", "26", "2026-1-1", "2026-01-15T00:00:00Z", "yesterday", "", 2026],
        "consent": ["allow", ["mirror"], {"mirror": "maybe"}, {"stream": True}, {"aiTraining": None}],
        "supersedes": [CONTENT, "osp:retraction:" + CONTENT, "osp:track:nope", ["osp:track:" + CONTENT]],
        "proof": [[], "z", 1], "version": ["0.2", "0.1.0", "1"], "type": [["osp:Track"], "Track", "osp:track"],
        "cid": ["", "Qm", CONTENT[:-1], CONTENT.upper()[0] + CONTENT[1:] + "!"],
        "artist": ["", "alice", "did:key:", "did:key:" + ALICE.multikey + "#" + ALICE.multikey, ALICE.did + "/x", ALICE.did + "?x",
                   " " + ALICE.did, "DID:key:" + ALICE.multikey, "did:key:" + ALICE.multikey[1:], "did:web:", "did:web:ex ample",
                   "did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme", "did:Upper:x", "did:x"],
    }
    for name, values in wrong.items():
        for n, value in enumerate(values):
            bad[f"{name}-wrong-{n + 1}"] = ("malformed", signed(**{name: value}))
    signature = minimal["signature"]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    bad |= {f"signature-{name}": ("malformed", {**minimal, "signature": value}) for name, value in {
        "unpadded": signature[:-2], "url-safe": base64.urlsafe_b64encode(b"\xff" * 64).decode(), "with-newline": signature + "\n",
        "stray-bits": signature[:-3] + alphabet[alphabet.index(signature[-3]) + 1] + "==", "65-bytes": base64.b64encode(b"x" * 65).decode(),
        "63-bytes": base64.b64encode(b"x" * 63).decode(), "multibase": "m" + signature, "empty": ""}.items()}
    bad |= {
        "over-64-KiB-of-white-space": ("malformed", fill(65537)),
        "nested-65-deep": ("malformed", signed(extra=nested(64))),
        "nested-65-deep-in-objects": ("malformed", signed(extra=json.loads('{"a":' * 64 + "1" + "}" * 64))),
        "duplicate-by-escape": ("malformed", text(minimal)[:-1] + ', "\\u0074itle": "Vector"}'),
        "duplicate-nested": ("malformed", text(signed(extra={"a": 1}))[:-1].replace('{"a": 1}', '{"a": 1, "a": 1}') + "}"),
        "trailing-comma": ("malformed", text(minimal)[:-1] + ",}"),
        "trailing-value": ("malformed", text(minimal) + "{}"),
        "trailing-nul": ("malformed", text(minimal) + "\0"),
        "byte-order-mark": ("malformed", "\ufeff" + text(minimal)),
        "comment": ("malformed", "/* */" + text(minimal)),
        "single-quotes": ("malformed", text(minimal).replace('"', "'")),
        "raw-newline-in-a-string": ("malformed", text(minimal).replace("Vector", "Vec\ntor")),
        "lone-low-surrogate": ("malformed", text(minimal).replace("Vector", "\\udc00")),
        "swapped-surrogates": ("malformed", text(minimal).replace("Vector", "\\udc00\\ud800")),
        "lone-surrogate-in-an-unknown-name": ("malformed", text(minimal)[:-1] + ', "\\ud800": 1}'),
        "invalid-utf-8": ("malformed", text(minimal).encode().replace(b"Vector", b"Vec\xfftor")),
        "overlong-utf-8": ("malformed", text(minimal).encode().replace(b"Vector", b"\xc0\xaf")),
        "surrogate-in-utf-8": ("malformed", text(minimal).encode().replace(b"Vector", b"\xed\xa0\x80")),
        "utf-16": ("malformed", text(minimal).encode("utf-16")),
        "empty": ("malformed", ""), "null": ("malformed", "null"), "string": ("malformed", '"osp:Track"'), "empty-object": ("malformed", "{}"),
        "did-web-needs-its-document": ("signature", signed(artist="did:web:example.com")),
        "did-of-an-unknown-method": ("signature", signed(artist="did:example:alice")),
        "key-that-is-no-point": ("signature", signed(artist="did:key:" + multikey(b"\x02" + bytes(31)))),
        "key-with-y-of-p-plus-1": ("signature", {**signed(artist="did:key:" + multikey(b"\xee" + b"\xff" * 30 + b"\x7f"))}),
        "signed-by-another": ("signature", sign(BOB, track())),
    }
    write("members.json", "What each member may hold, and JSON that is not strict.", good, bad)


def proofs():
    first, second = "https://example.com/a", "https://example.com/b"
    both = signed(**{"@context": [first, second]})
    inline = signed(**{"@context": [first, {"x": "https://example.com/x"}]})
    plain = signed()
    good = {
        "no-context-anywhere": prove(ALICE, plain),
        "context-equal": prove(ALICE, both, context=[first, second]),
        "context-is-a-prefix": prove(ALICE, both, context=[first]),
        "context-string-is-a-prefix": prove(ALICE, both, context=first),
        "context-list-for-a-string": prove(ALICE, signed(**{"@context": first}), context=[first]),
        "context-in-the-document-only": prove(ALICE, both),
        "context-with-an-object": prove(ALICE, inline, context=inline["@context"]),
        "no-created": prove(ALICE, plain, created=None),
        "created-with-offset-and-fraction": prove(ALICE, plain, created="2026-01-15T12:00:00.25+01:00"),
        "unknown-proof-member-is-signed": prove(ALICE, plain, nonce="n", domain="example.com"),
    }
    proved = prove(ALICE, plain)
    change = lambda **members: {**proved, "proof": {**proved["proof"], **members}}
    value = proved["proof"]["proofValue"]
    bad = {
        "context-not-a-prefix": prove(ALICE, both, context=[second]),
        "context-longer": prove(ALICE, signed(**{"@context": [first]}), context=[first, second]),
        "context-in-the-proof-only": prove(ALICE, plain, context=first),
        "made-by-another-key": prove(ALICE, plain, signer=BOB),
        "method-of-another": prove(BOB, plain),
        "method-names-another-key": prove(ALICE, plain, verificationMethod=f"{ALICE.did}#{BOB.multikey}"),
        "method-without-fragment": prove(ALICE, plain, verificationMethod=ALICE.did),
        "method-relative": prove(ALICE, plain, verificationMethod="#" + ALICE.multikey),
        "no-method": prove(ALICE, plain, verificationMethod=None),
        "purpose-authentication": prove(ALICE, plain, proofPurpose="authentication"),
        "no-purpose": prove(ALICE, plain, proofPurpose=None),
        "no-cryptosuite": prove(ALICE, plain, cryptosuite=None),
        "rdfc-cryptosuite": prove(ALICE, plain, cryptosuite="eddsa-rdfc-2022"),
        "other-type": prove(ALICE, plain, type="Ed25519Signature2020"),
        "created-no-date": prove(ALICE, plain, created="yesterday"),
        "created-number": prove(ALICE, plain, created=1768478400),
        "follows-a-previous-proof": prove(ALICE, plain, previousProof="urn:uuid:1"),
        "created-changed": change(created="2026-01-15T12:00:01Z"),
        "member-added": change(nonce="n"),
        "no-value": {**proved, "proof": without(proved["proof"], "proofValue")},
        "value-without-multibase": change(proofValue=value[1:]),
        "value-short": change(proofValue=value[:-2]),
        "value-other-multibase": change(proofValue="u" + value[1:]),
        "value-not-base58": change(proofValue="z0OIl"),
        "value-number": change(proofValue=1),
        "value-very-long": change(proofValue="z" + "2" * 50000),
        "empty": {**plain, "proof": {}},
    }
    write("proofs.json", "Data Integrity proofs, eddsa-jcs-2022: signature and id hold in every record of this file.",
          good, {name: ("proof", record) for name, record in bad.items()})


def retractions():
    target = signed()["id"]

    def retraction(**members):
        body = {"type": "osp:Retraction", "version": "0.1", "artist": ALICE.did, "track": target, **members}
        return sign(ALICE, {k: v for k, v in body.items() if v is not ...}, kind="retraction")

    minimal = retraction()
    good = {
        "minimal": minimal,
        "with-reason": retraction(reason="wrong master"),
        "unknown-members-are-signed": retraction(**{"x:note": {"a": [1, None]}}),
        "of-an-older-id": retraction(track=sign(ALICE, track(), make_cid=cid_v0)["id"]),
        "with-context-and-proof": prove(ALICE, retraction(**{"@context": "https://example.com/a"}), context="https://example.com/a"),
        "id-as-cidv0": sign(ALICE, without(minimal, "id", "signature"), kind="retraction", make_cid=cid_v0),
        "track-members-mean-nothing-here": retraction(duration="long", genre="none"),
    }
    bad = {
        "no-track": ("malformed", retraction(track=...)),
        "track-is-a-cid": ("malformed", retraction(track=CONTENT)),
        "track-is-a-retraction": ("malformed", retraction(track=minimal["id"])),
        "track-null": ("malformed", retraction(track=None)),
        "reason-number": ("malformed", retraction(reason=1)),
        "reason-null": ("malformed", retraction(reason=None)),
        "no-artist": ("malformed", retraction(artist=...)),
        "unknown-version": ("malformed", retraction(version="0.2")),
        "id-of-a-track": ("malformed", sign(ALICE, without(minimal, "id", "signature"), kind="track")),
        "unsigned": ("malformed", without(minimal, "signature")),
        "reason-changed": ("signature", {**retraction(reason="a"), "reason": "b"}),
        "signed-by-another": ("signature", sign(BOB, without(minimal, "id", "signature"), kind="retraction")),
        "id-of-another-body": ("id", resign(ALICE, {**retraction(reason="a"), "id": minimal["id"]})),
        "proof-wrong": ("proof", prove(ALICE, minimal, signer=BOB)),
    }
    write("retractions.json", "Withdrawals: signed like tracks, with ids of their own kind.", good, bad)


def profiles():
    link = lambda name="Website", url="https://alice.example/": {"name": name, "url": url}

    def profile(**members):
        body = {"type": "osp:Profile", "version": "0.1", "artist": ALICE.did, "name": "Alice",
                "updated": "2026-01-15T12:00:00Z", **members}
        return sign(ALICE, {k: v for k, v in body.items() if v is not ...}, kind="profile")

    minimal, context = profile(), "https://example.com/a"
    url = lambda length: "https://a.example/" + "x" * (length - 18)
    good = {
        "minimal": minimal,
        "every-known-member": profile(
            bio="Makes noise.\n\nSince 2003.", avatar=CONTENT, banner="QmVREn33ZJW8qCUkcCkjdAaDtwLT58r2EMEAywMV9RWh33",
            links=[link(), link("Mail of old", "http://alice.example:8080/a?b=c#d")],
            donations=[link("Once", "https://pay.example/alice"), link("Bitcoin", "bitcoin:bc1qexample?label=Alice"),
                       link("Lightning", "lightning:lno1example"), link("Ether", "ethereum:0x00"), link("Monero", "monero:4example"),
                       link("Bank", "payto://iban/DE00?amount=EUR:5")]),
        "name-100-characters-of-4-bytes": profile(name="\U0001F3A7" * 100),
        "name-with-spaces-inside": profile(name="A  B"),
        "bio-2000-characters": profile(bio="\n" * 2000),
        "bio-empty": profile(bio=""),
        "links-16": profile(links=[link("n" * 64, url(1024))] * 16, donations=[link("n" * 64, url(1024))] * 16),
        "links-empty": profile(links=[], donations=[]),
        "link-with-unknown-members": profile(links=[{**link(), "rel": {"x": None}}]),
        "link-to-an-ipv6-address": profile(links=[link(url="http://[::1]:80")]),
        "link-percent-encoded": profile(links=[link(url="https://xn--mnchen-3ya.example/%C3%BC")]),
        "updated-leap-day": profile(updated="2024-02-29T23:59:59Z"),
        "updated-far-ahead-is-no-matter-of-form": profile(updated="9999-12-31T23:59:59Z"),
        "unknown-members-are-signed": profile(**{"x:note": {"a": [1, None]}}),
        "with-context-and-proof": prove(ALICE, profile(**{"@context": context}), context=context),
        "id-as-cidv0": sign(ALICE, without(minimal, "id", "signature"), kind="profile", make_cid=cid_v0),
        "track-members-mean-nothing-here": profile(duration="long", title=1, track=2),
    }
    malformed = {
        "no-name": profile(name=...), "name-null": profile(name=None), "name-empty": profile(name=""),
        "name-101-characters": profile(name="n" * 101), "name-of-two-lines": profile(name="a\nb"),
        "name-with-escape-character": profile(name="a\x1bb"), "name-with-c1-control": profile(name="a\x85b"),
        "name-with-line-separator": profile(name="a\u2028b"), "name-with-right-to-left-override": profile(name="a\u202eb"),
        "name-with-isolate": profile(name="a\u2066b"), "name-with-space-before": profile(name=" a"),
        "name-with-space-after": profile(name="a "), "name-list": profile(name=["a"]),
        "bio-2001-characters": profile(bio="b" * 2001), "bio-with-tab": profile(bio="a\tb"),
        "bio-with-carriage-return": profile(bio="a\r\nb"), "bio-null": profile(bio=None),
        "avatar-no-cid": profile(avatar="https://alice.example/a.png"), "avatar-null": profile(avatar=None),
        "banner-ipfs-uri": profile(banner="ipfs://" + CONTENT),
        "links-object": profile(links={}), "links-null": profile(links=None), "links-17": profile(links=[link()] * 17),
        "links-of-texts": profile(links=["https://alice.example/"]), "link-without-name": profile(links=[{"url": "https://alice.example/"}]),
        "link-without-url": profile(links=[{"name": "Website"}]), "link-name-empty": profile(links=[link("")]),
        "link-name-65-characters": profile(links=[link("n" * 65)]), "link-name-of-two-lines": profile(links=[link("a\nb")]),
        "link-name-number": profile(links=[link(1)]), "link-url-number": profile(links=[link(url=1)]),
        "donations-17": profile(donations=[link()] * 17), "donations-null": profile(donations=None),
        "no-updated": profile(updated=...), "updated-null": profile(updated=None), "updated-date-alone": profile(updated="2026-01-15"),
        "updated-with-offset": profile(updated="2026-01-15T12:00:00+00:00"), "updated-with-fraction": profile(updated="2026-01-15T12:00:00.0Z"),
        "updated-lower-case": profile(updated="2026-01-15t12:00:00z"), "updated-no-day": profile(updated="2026-02-30T12:00:00Z"),
        "updated-24-hours": profile(updated="2026-01-15T24:00:00Z"), "updated-leap-second": profile(updated="2016-12-31T23:59:60Z"),
        "updated-number": profile(updated=1768478400),
        "no-artist": profile(artist=...), "unknown-version": profile(version="0.2"), "unsigned": without(minimal, "signature"),
        "id-of-a-track": sign(ALICE, without(minimal, "id", "signature"), kind="track"),
        "type-in-lower-case": profile(type="osp:profile"),
    }
    malformed |= {f"link-url-{name}": profile(links=[link(url=bad)]) for name, bad in {
        "empty": "", "javascript": "javascript:alert(1)", "data": "data:text/html,x", "mailto": "mailto:a@b.example",
        "ftp": "ftp://a.example/", "bitcoin": "bitcoin:bc1qexample", "upper-case-scheme": "HTTPS://a.example/",
        "relative": "//a.example/", "without-host": "https:///x", "without-slashes": "https:a.example", "with-user": "https://bank.example@a.example/",
        "with-space": "https://a.example/a b", "with-space-before": " https://a.example/", "with-newline": "https://a.example/\n",
        "with-quote": 'https://a.example/"', "with-angle": "https://a.example/<", "with-backslash": "https://a.example\\b",
        "not-ascii": "https://a.example/\u00fc", "host-not-ascii": "https://\u0430.example/", "host-percent-encoded": "https://a%2eexample/",
        "1025-characters": url(1025)}.items()}
    malformed |= {f"donation-url-{name}": profile(donations=[link(url=bad)]) for name, bad in {
        "javascript": "javascript:alert(1)", "unknown-scheme": "litecoin:l1", "upper-case-scheme": "Bitcoin:bc1q", "scheme-alone": "bitcoin:",
        "with-space": "bitcoin:bc1q x", "with-user": "https://a@b.example/", "1025-characters": "bitcoin:" + "x" * 1017}.items()}
    bad = {name: ("malformed", record) for name, record in malformed.items()} | {
        "name-changed": ("signature", {**minimal, "name": "Bob"}),
        "avatar-added": ("signature", {**minimal, "avatar": CONTENT}),
        "signed-by-another": ("signature", sign(BOB, without(minimal, "id", "signature"), kind="profile")),
        "did-web-needs-its-document": ("signature", profile(artist="did:web:example.com")),
        "id-of-another-body": ("id", resign(ALICE, {**profile(name="B"), "id": minimal["id"]})),
        "proof-wrong": ("proof", prove(ALICE, minimal, signer=BOB)),
    }
    write("profiles.json", "Profiles: what an artist says about themselves, all of it bounded.", good, bad)


def follows():
    def follow(**members):
        body = {"type": "osp:Follow", "version": "0.1", "artist": ALICE.did, "follows": BOB.did, "state": "follow",
                "updated": "2026-01-15T12:00:00Z", **members}
        return sign(ALICE, {k: v for k, v in body.items() if v is not ...}, kind="follow")

    minimal, context = follow(), "https://example.com/a"
    web = lambda length: "did:web:" + "a" * 60 + ".example:" + "x" * (length - 77)
    good = {
        "follow": minimal,
        "unfollow": follow(state="unfollow", updated="2026-01-16T12:00:00Z"),
        "a-did-web": follow(follows="did:web:example.com:artists:bob"),
        "a-did-of-1024-characters": follow(follows=web(1024)),
        "a-did-of-an-unknown-method": follow(follows="did:example:bob"),
        "oneself-says-nothing": follow(follows=ALICE.did),
        "unknown-members-are-signed": follow(**{"x:note": {"a": [1, None]}}),
        "with-context-and-proof": prove(ALICE, follow(**{"@context": context}), context=context),
        "id-as-cidv0": sign(ALICE, without(minimal, "id", "signature"), kind="follow", make_cid=cid_v0),
    }
    malformed = {
        "no-follows": follow(follows=...), "follows-null": follow(follows=None), "follows-no-did": follow(follows="bob"),
        "follows-a-did-url": follow(follows=BOB.did + "#" + BOB.multikey), "follows-a-list": follow(follows=[BOB.did]),
        "follows-a-did-of-1025-characters": follow(follows=web(1025)), "follows-a-did-key-that-is-none": follow(follows="did:key:z6Mk"),
        "no-state": follow(state=...), "state-null": follow(state=None), "state-boolean": follow(state=True),
        "state-unknown": follow(state="block"), "state-upper-case": follow(state="Follow"),
        "no-updated": follow(updated=...), "updated-with-offset": follow(updated="2026-01-15T12:00:00+00:00"),
        "no-artist": follow(artist=...), "artist-no-did": follow(artist="alice"), "unknown-version": follow(version="1.0"),
        "unsigned": without(minimal, "signature"), "id-of-a-profile": sign(ALICE, without(minimal, "id", "signature"), kind="profile"),
    }
    bad = {name: ("malformed", record) for name, record in malformed.items()} | {
        "state-changed": ("signature", {**minimal, "state": "unfollow"}),
        "updated-changed": ("signature", {**minimal, "updated": "2027-01-15T12:00:00Z"}),
        "signed-by-the-followed": ("signature", sign(BOB, without(minimal, "id", "signature"), kind="follow")),
        "id-of-another-body": ("id", resign(ALICE, {**follow(state="unfollow"), "id": minimal["id"]})),
        "proof-wrong": ("proof", prove(ALICE, minimal, signer=BOB)),
    }
    write("follows.json", "Follows: that one artist follows another, or no longer does.", good, bad)


def newest():
    def profile(name, updated, artist=ALICE):
        return sign(artist, {"type": "osp:Profile", "version": "0.1", "artist": artist.did, "name": name, "updated": updated}, kind="profile")

    def follow(state, updated, follows=BOB.did, artist=ALICE):
        return sign(artist, {"type": "osp:Follow", "version": "0.1", "artist": artist.did, "follows": follows, "state": state,
                             "updated": updated}, kind="follow")

    now = "2026-01-15T12:00:00Z"
    old, new = profile("Old", "2026-01-01T00:00:00Z"), profile("New", "2026-01-02T00:00:00Z")
    one, two = sorted([profile("A", now), profile("B", now)], key=lambda record: record["id"])
    at_the_edge, early = profile("Edge", "2026-01-16T12:00:00Z"), profile("Early", "2026-01-16T12:00:01Z")
    started, ended = follow("follow", "2026-01-01T00:00:00Z"), follow("unfollow", "2026-01-02T00:00:00Z")
    bob, elsewhere = profile("Bob", "2025-01-01T00:00:00Z", BOB), follow("follow", "2025-01-01T00:00:00Z", "did:web:example.com")
    back = follow("follow", "2025-01-01T00:00:00Z", ALICE.did, BOB)
    cases = {
        "the-newer": ([new, old], [new]),
        "of-one-second-the-greater-id": ([two, one], [two]),
        "a-day-ahead-is-taken": ([new, at_the_edge], [at_the_edge]),
        "more-than-a-day-ahead-is-not": ([early, new], [new]),
        "none-that-could-be-taken": ([early], []),
        "a-follow-that-ended": ([ended, started], [ended]),
        "each-place-for-itself": ([bob, new, elsewhere, started, back], [bob, new, elsewhere, started, back]),
    }
    data = {
        "about": "Which of several records for one place counts (section 4.11), by a reader's clock that shows `now`: the ids in "
                 "`current`, whatever the order in which `records` arrive. All records verify.",
        "now": now,
        "cases": [{"name": name, "records": records, "current": sorted(record["id"] for record in current)}
                  for name, (records, current) in cases.items()],
    }
    (RECORDS.parent / "newest.json").write_text(json.dumps(data, indent=1, ensure_ascii=True) + "\n")


if __name__ == "__main__":
    newest()
    for make in (error_order, ids, numbers, members, proofs, retractions, profiles, follows):
        make()
