# SPDX-License-Identifier: MIT
"""From a licence to the key that opens (spec/SMSG.md section 5)."""

import base64
import binascii
import hashlib
import re
import time

import cipher
from errors import Refused

SWAP = str.maketrans("o0l1e3a4st7", "0o1l3e4az7t")
SECONDS = {"daily": 86400, "12h": 43200, "6h": 21600, "1h": 3600}


def password_key(password):
    if not password:
        raise Refused("password_required")
    return hashlib.sha256(password.encode()).digest()


def lthn(text):
    return hashlib.sha256((text + text[::-1].translate(SWAP)).encode()).hexdigest()


def stream_key(period, license_id, fingerprint):
    return hashlib.sha256(lthn(f"{period}:{license_id}:{fingerprint}").encode()).digest()


def period_at(cadence, unix):
    """The name of the period that holds this moment; an unknown cadence counts as daily."""
    moment = time.gmtime(unix)  # knows years over 9999, unlike datetime
    date, hour = f"{moment.tm_year:04}-{moment.tm_mon:02}-{moment.tm_mday:02}", moment.tm_hour
    return {"12h": f"{date}-{'AM' if hour < 12 else 'PM'}", "6h": f"{date}-{hour // 6 * 6:02}", "1h": f"{date}-{hour:02}"}.get(cadence, date)


def periods(cadence, unix):
    """The current and the next period."""
    return period_at(cadence, unix), period_at(cadence, unix + SECONDS.get(cadence, 86400))


def start_of(period):
    """A number that puts period names in order, or None if this is no period's name."""
    match = re.fullmatch(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:-(AM|PM|[0-9]{2}))?", period)
    return match and (match[1], {"AM": "00", "PM": "12", None: "00"}.get(match[2], match[2]))


def wrap(stream, cek, nonce):
    return base64.b64encode(cipher.seal(stream, nonce, cek)).decode()


def unwrap(stream, wrapped):
    """The content key, or None."""
    try:
        cek = cipher.open_box(stream, base64.b64decode(wrapped.replace("\r", "").replace("\n", ""), validate=True))
    except (cipher.NotAuthentic, binascii.Error, ValueError):
        return None
    return cek if len(cek) == 32 else None


def content_key(wrapped_keys, license_id, fingerprint, cadence, unix):
    """Tries the keys dated as the current and the next period (section 5.4)."""
    if not license_id:
        raise Refused("license_required")
    dated = False
    for period in periods(cadence, unix):
        for wrapped in (key.get("wrapped", "") for key in reversed(wrapped_keys) if key.get("date") == period):
            dated, cek = True, unwrap(stream_key(period, license_id, fingerprint), wrapped)
            if cek:
                return cek
    if dated:
        raise Refused("no_valid_key")
    starts = [start_of(key.get("date", "")) for key in wrapped_keys]
    latest = max((start for start in starts if start), default=None)
    raise Refused("expired" if latest and latest < start_of(period_at(cadence, unix)) else "not_yet_valid")
