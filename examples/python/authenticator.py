"""A virtual MFA device: what an authenticator app does with the seed behind the QR code (RFC 6238)."""
import base64
import hashlib
import hmac
import struct
import time

STEP = 30


class Authenticator:
    """Shows six digits that change every thirty seconds."""

    def __init__(self, base32_seed):
        self._key = base64.b32decode(base32_seed)
        self._shown = 0

    def two_consecutive_codes(self):
        """The code before and the current one, as enabling a device asks for."""
        step = int(time.time()) // STEP
        self._shown = step
        return self._code(step - 1), self._code(step)

    def next_code(self):
        """A code that was not shown before; waits up to thirty seconds for it."""
        while int(time.time()) // STEP <= self._shown:
            time.sleep(STEP - time.time() % STEP + 0.1)
        self._shown = int(time.time()) // STEP
        return self._code(self._shown)

    def _code(self, step):
        digest = hmac.new(self._key, struct.pack(">Q", step), hashlib.sha1).digest()
        offset = digest[-1] & 15
        number = struct.unpack(">I", digest[offset:offset + 4])[0] & 0x7FFFFFFF
        return f"{number % 1_000_000:06d}"
