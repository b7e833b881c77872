"""Time-based one-time passwords (RFC 6238: HMAC-SHA-1, six digits, thirty seconds), as an authenticator app makes them."""
import base64
import hashlib
import hmac
import struct

STEP = 30


def code(seed, unix_time):
    """The six digits for a base32 seed (text or bytes) at this time."""
    if isinstance(seed, bytes):
        seed = seed.decode()
    key = base64.b32decode(seed.upper() + "=" * (-len(seed) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(unix_time) // STEP), hashlib.sha1).digest()
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset:offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


class Device:
    """A person's authenticator that never shows the same code twice: it moves the server's clock on instead of waiting."""

    def __init__(self, seed, clock):
        self._seed = seed
        self._clock = clock
        self._last_step = 0

    def enrolment_codes(self):
        """Two consecutive codes, the older first."""
        now = self._clock.now()
        self._last_step = int(now) // STEP
        return code(self._seed, now - STEP), code(self._seed, now)

    def next_code(self):
        """A code that was not shown before."""
        now = self._clock.now()
        if int(now) // STEP <= self._last_step:
            self._clock.shift((self._last_step + 1) * STEP - int(now))
            now = self._clock.now()
        self._last_step = int(now) // STEP
        return code(self._seed, now)

    def wrong_code(self):
        """Six digits that are not valid within ten minutes of now."""
        now = int(self._clock.now())
        valid = {code(self._seed, now + 30 * step) for step in range(-20, 21)}
        return next(f"{number:06d}" for number in range(1_000_000) if f"{number:06d}" not in valid)
