# SPDX-License-Identifier: MIT
"""ABR manifests (spec/SMSG.md section 11)."""

import strict_json


def parse(data):
    manifest = strict_json.parse(data, strict_json.ABR)
    if manifest.get("version") != "abr-v1":
        raise ValueError("not abr-v1")
    return manifest


def select(manifest, bandwidth):
    """The last variant that needs at most eight tenths of the bandwidth; 0 when none does."""
    fitting = [i for i, variant in enumerate(manifest["variants"]) if variant.get("bandwidth", 0) <= bandwidth * 0.8]
    return fitting[-1] if fitting else 0


def default(manifest):
    variants = manifest["variants"]
    named = [i for i, v in enumerate(variants) if v.get("name") == "720p" or v.get("height") == 720]
    return named[0] if named else len(variants) // 2


def estimates(max_samples, steps):
    """The estimate after each (bytes, milliseconds)."""
    samples = []
    for size, milliseconds in steps:
        if milliseconds > 0:
            samples = (samples + [size * 8000 // milliseconds])[-(max_samples or 10):]
        recent = samples[-3:]
        yield sum(recent) // len(recent) if recent else 1000000
