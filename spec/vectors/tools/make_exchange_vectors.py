"""Writes records-exchange.json: `python make_exchange_vectors.py` in this folder. Nothing but the standard library."""

import json
import pathlib

VECTORS = pathlib.Path(__file__).parent.parent
TRACK = "osp:track:bafkreies6ldpvyhuf4eulbrc5hkkd6up7ifbby6e4cznnq4t4gfhrtstcm"
KEY = "osp/0.1/genre/drone"


def varint(n):
    out = bytearray()
    while True:
        n, low = n >> 7, n & 0x7F
        out.append(low | (0x80 if n else 0))
        if not n:
            return bytes(out)


def text(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def frames():
    bodies = [b"", b"{}", b"x" * 127, b"x" * 128, b"x" * 4096, b"x" * 16384]
    good = [{"length": len(b), "prefix": varint(len(b)).hex()} for b in bodies]
    bad = {
        "one more than allowed": varint(4097),
        "four gigabytes": varint(2**32 - 1),
        "a length not in its shortest form": b"\x81\x00",
        "zero not in its shortest form": b"\x80\x00",
        "more than 64 bits": b"\xff" * 10 + b"\x01",
        "without end": b"\x80" * 32,
    }
    return {"limit": 4096, "good": [g for g in good if g["length"] <= 4096], "bad": [{"name": n, "hex": b.hex()} for n, b in bad.items()]}


def requests():
    whole = {"limit": 100, "after": None, "idsOnly": False}
    good = {
        "under a key": (text({"key": KEY}), {**whole, "key": KEY}),
        "a page": (text({"key": KEY, "limit": 20, "after": "c42"}), {**whole, "key": KEY, "limit": 20, "after": "c42"}),
        "ids of a key": (text({"key": KEY, "only": "ids"}), {**whole, "key": KEY, "idsOnly": True}),
        "by id": (text({"ids": [TRACK]}), {**whole, "ids": [TRACK]}),
        "forty ids": (text({"ids": [TRACK] * 40}), {**whole, "ids": [TRACK] * 40}),
        "the feed": (text({"feed": True, "after": "1731"}), {**whole, "feed": True, "after": "1731"}),
        "an unknown wish": (text({"key": KEY, "only": "digests"}), {**whole, "key": KEY}),
        "unknown members": (text({"key": KEY, "x": [{}, None]}), {**whole, "key": KEY}),
        "a limit too high": (text({"key": KEY, "limit": 1000000}), {**whole, "key": KEY}),
        "a limit too low": (text({"key": KEY, "limit": 0}), {**whole, "key": KEY, "limit": 1}),
        "spelt otherwise": (' { "key" : "osp\\/0.1\\/genre\\/dr\\u006fne" } ', {**whole, "key": KEY}),
        "feed false is none": (text({"key": KEY, "feed": False}), {**whole, "key": KEY}),
    }
    bad = {
        "nothing asked for": "{}",
        "two things asked for": text({"key": KEY, "ids": [TRACK]}),
        "a member twice": '{"key":"%s","key":"%s"}' % (KEY, KEY),
        "no ids": text({"ids": []}),
        "forty-one ids": text({"ids": ["x"] * 41}),
        "an id of 97 bytes": text({"ids": ["x" * 97]}),
        "a cursor of 129 bytes": text({"feed": True, "after": "x" * 129}),
        "a key of 513 bytes": text({"key": "osp/0.1/title/" + "x" * 499}),
        "a key of another kind": text({"key": "osp/0.1/album/x"}),
        "a key without value": text({"key": "osp/0.1/title/"}),
        "a negative limit": text({"key": KEY, "limit": -1}),
        "a list": "[]",
        "cut": '{"feed":true',
        "bytes behind it": '{"feed":true}{}',
        "longer than a request": '{"feed":true' + " " * 4096 + "}",
    }
    return {
        "good": [{"name": n, "text": t, "request": r} for n, (t, r) in good.items()],
        "bad": [{"name": n, "text": t} for n, t in bad.items()],
    }


def answers():
    record = '{"b": 1.0, "a":"\\u0041"}'
    empty = {"records": [], "ids": [], "next": None, "refused": None}
    good = {
        "nothing": ("{}", empty),
        "a page": ('{"records":[%s , {}],"next":"c1"}' % record, {**empty, "records": [record, "{}"], "next": "c1"}),
        "the last page": (text({"records": [], "next": None}), empty),
        "ids": (text({"ids": [TRACK]}), {**empty, "ids": [TRACK]}),
        "busy": (text({"records": [], "refused": "busy"}), {**empty, "refused": "busy"}),
        "another word": (text({"refused": "tired"}), {**empty, "refused": "other"}),
        "a hundred records": ('{"records":[' + ",".join(["{}"] * 100) + "]}", {**empty, "records": ["{}"] * 100}),
        "records are not looked at": ('{"records":[1,"x",null]}', {**empty, "records": ["1", '"x"', "null"]}),
    }
    bad = {
        "a hundred and one records": '{"records":[' + ",".join(["{}"] * 101) + "]}",
        "a hundred and one ids": text({"ids": ["x"] * 101}),
        "a record of 65,537 bytes": '{"records":["' + "x" * 65535 + '"]}',
        "records twice": '{"records":[],"records":[]}',
        "a cursor of 129 bytes": text({"next": "x" * 129}),
        "no object": "null",
        "not JSON": '{"records":[tru]}',
    }
    return {
        "good": [{"name": n, "text": t, "answer": a} for n, (t, a) in good.items()],
        "bad": [{"name": n, "text": t} for n, t in bad.items()],
    }


if __name__ == "__main__":
    data = {
        "about": "Messages of /osp/records/0.1.0 (13.5): `frames` are lengths as varints; `requests` and `answers` are texts and what they mean. "
        "A record in an answer is given as the text it has there.",
        "frames": frames(),
        "requests": requests(),
        "answers": answers(),
    }
    (VECTORS / "records-exchange.json").write_text(json.dumps(data, indent=1, ensure_ascii=True) + "\n")
