"""Secrets that are shown once: script tokens, browser cookies, one-time links."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import string
import zlib

TOKEN_PREFIX = "plm_"
SECRET_BYTES = 32

_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_SECRET_DIGITS = 43
"""Number of base-62 digits for 32 bytes."""
_CHECK_DIGITS = 6


def new_token() -> str:
    """Return a token: `plm_`, 32 random bytes in base 62, and a checksum that detects typing errors."""
    body = _base62(int.from_bytes(secrets.token_bytes(SECRET_BYTES), "big"), _SECRET_DIGITS)
    return f"{TOKEN_PREFIX}{body}{_checksum(body)}"


def is_token(text: str) -> bool:
    """Return whether a text has the form and the checksum of a token."""
    body, check = text[len(TOKEN_PREFIX) : -_CHECK_DIGITS], text[-_CHECK_DIGITS:]
    has_form = text.startswith(TOKEN_PREFIX) and len(body) == _SECRET_DIGITS and body.isascii() and body.isalnum()
    return has_form and hmac.compare_digest(check.encode(), _checksum(body).encode())


def new_secret() -> str:
    """Return a secret for a cookie or a link: 32 random bytes in URL-safe characters."""
    return secrets.token_urlsafe(SECRET_BYTES)


def digest(secret: str) -> str:
    """Return the stored form of a secret: its SHA-256 in hex; 256 random bits need no slower function."""
    return hashlib.sha256(secret.encode()).hexdigest()


def csrf_token(session_secret: str) -> str:
    """Return the token that a page sends besides its cookie; other sites cannot read or guess it (SEC-1)."""
    return digest(f"csrf:{session_secret}")[:43]


def _checksum(body: str) -> str:
    return _base62(zlib.crc32(body.encode()), _CHECK_DIGITS)


def _base62(number: int, digits: int) -> str:
    text = ""
    for _ in range(digits):
        number, digit = divmod(number, 62)
        text = _DIGITS[digit] + text
    return text
