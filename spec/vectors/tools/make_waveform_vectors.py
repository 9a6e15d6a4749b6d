"""Writes waveform.json: `python make_waveform_vectors.py` in this folder. Nothing but the standard library.

The peaks are computed as section 4.14 says them, from WAV files that `wave` reads: no other decoder is asked.
"""

import base64
import io
import json
import pathlib
import wave

VECTORS = pathlib.Path(__file__).parent.parent
MOST = 2048


def wav(channels, width, rate, samples):
    """A WAV file of samples as whole numbers, those of a frame side by side; bytes of 8 bits are without sign."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(width)
        out.setframerate(rate)
        out.writeframes(b"".join(
            (sample + 128).to_bytes(1, "little") if width == 1 else sample.to_bytes(width, "little", signed=True) for sample in samples))
    return file.getvalue()


def peaks(file, count):
    """The greatest absolute sample of any channel in each of `count` equal parts, 255 for full scale."""
    with wave.open(io.BytesIO(file)) as read:
        channels, width, frames = read.getnchannels(), read.getsampwidth(), read.getnframes()
        data = read.readframes(frames)
    full = 1 << (8 * width - 1)
    assert frames % count == 0, "a peak of these vectors covers whole frames"

    def level(at):
        raw = data[at * width:(at + 1) * width]
        return abs(raw[0] - 128) if width == 1 else abs(int.from_bytes(raw, "little", signed=True))

    each = frames // count * channels
    loudest = [max(level(at) for at in range(n * each, (n + 1) * each)) for n in range(count)]
    # Rounded to the nearest, halves up.
    return [min(255, (510 * value + full) // (2 * full)) for value in loudest]


def file_of(found):
    return b"OSPW\x01\x00" + len(found).to_bytes(2, "big") + bytes(found)


def stairs(frame):
    """The samples of the long case: 97 steps of 320 frames each from silence up to full scale, over and over, the sign changing."""
    return (-1 if frame % 2 else 1) * (32767 * (frame // 320 % 97) // 96)


def measured():
    def case(name, channels, width, rate, samples, count):
        file = wav(channels, width, rate, samples)
        return {"name": name, "wav": base64.b64encode(file).decode(), "peaks": peaks(file, count)}

    level = lambda values, frames: [value for value in values for _ in range(frames)]
    # One loud sample, first or last of its part: where the edges are.
    clicks = [0] * 512
    for at, value in ((0, 4096), (127, -8192), (128, 16384), (191, -1), (320, 32767), (511, -32768)):
        clicks[at] = value
    # Left is silent where right is loud, and the other way round.
    sides = [sample for frame in range(256) for sample in ((0, -20000) if frame < 128 else (300, 0))]
    cases = [
        case("levels, 16 bits", 1, 2, 8000, level([0, 1, -64, 65, -16384, 16383, 32767, -32768], 64), 8),
        case("edges", 1, 2, 44100, clicks, 8),
        case("any channel", 2, 2, 48000, sides, 4),
        case("8 bits", 1, 1, 8000, level([0, 1, -1, 64, 127, -128], 64), 6),
        case("24 bits", 1, 3, 96000, level([0, 16448, 16449, -4194304, 8388607, -8388608], 64), 6),
        case("one peak", 1, 2, 8000, [-12345] * 64, 1),
    ]
    frames = 153_600
    file = wav(1, 2, 8000, [stairs(frame) for frame in range(frames)])
    long = {
        "name": "long",
        "made": {"channels": 1, "bits": 16, "rate": 8000, "frames": frames,
                 "sample": "frame n: floor(32767 * (floor(n / 320) mod 97) / 96), with a minus where n is odd"},
        "peaks": peaks(file, 1200),
    }
    return [*cases, long]


def files():
    hex_of = lambda found: file_of(found).hex()
    good = [
        {"name": "one peak", "hex": hex_of([7]), "peaks": [7]},
        {"name": "any value", "hex": hex_of([0, 255, 128]), "peaks": [0, 255, 128]},
        {"name": "another reserved byte", "hex": "4f535057" + "01ff" + "0002" + "0102", "peaks": [1, 2]},
        {"name": "as long as can be", "hex": hex_of([9] * MOST), "peaks": [9] * MOST},
    ]
    bad = {
        "nothing": b"", "its beginning alone": b"OSPW\x01\x00\x00\x01", "no peaks": file_of([]), "another version": b"OSPW\x02\x00\x00\x01\x07",
        "another beginning": b"OSPV\x01\x00\x00\x01\x07", "one byte too few": file_of([1, 2, 3])[:-1], "one byte too many": file_of([1, 2, 3]) + b"\x00",
        "a peak too many": file_of([0] * (MOST + 1)), "the number in the other order": b"OSPW\x01\x00\x01\x00\x07",
    }
    return good, [{"name": name, "hex": data.hex()} for name, data in bad.items()]


def main():
    good, bad = files()
    about = ("Waveforms, section 4.14. `files`: what is read out of a file, and files that are passed over. `measured`: sound and its "
             "peaks, for as many peaks as are given; a decoder may be off by 1. Sound is a WAV file in base64, or `made` by a rule.")
    vectors = {"about": about, "files": {"good": good, "bad": bad}, "measured": measured()}
    text = json.dumps(vectors, indent=1)
    # Numbers of a list on one line: a thousand lines of them say no more.
    lines, numbers = [], []
    for line in text.split("\n"):
        bare = line.strip().rstrip(",")
        if bare.isdigit():
            numbers.append(bare)
            continue
        if numbers:
            lines[-1] += ", ".join(numbers) + line.strip()
            numbers = []
        else:
            lines.append(line)
    (VECTORS / "waveform.json").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
