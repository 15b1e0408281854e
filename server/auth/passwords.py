"""Check and hash passwords (AUTH-2)."""

from __future__ import annotations

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST_CHARACTERS = 10
MOST_CHARACTERS = 200
AT_A_TIME = 2
"""Limits concurrent hashing: each hash takes 64 MiB and a core for about 50 ms, and many may sign in at once."""

_COMMON = """
0123456789 01234567890 0987654321 1111111111 1111111111111 123123123123 1234512345 123456123456 1234567890
12345678900 12345678901 123456789012 1234567891 1234567899 123456789a 123456789q 123456qwerty 123qweasdzxc
147258369a 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc 1qazxsw23edc 9876543210 abc123456789 abcd123456 abcdefghij
adminadmin administrator asdasdasdasd asdfasdfasdf asdfghjkl1 asdfghjkl123 baseball123 basketball bismillah1
california chocolate1 computer123 contrasena dragon1234 football123 football1234 forever123 freedom123
helloworld helloworld1 iloveyou123 iloveyou12 iloveyou1234 iloveyouso jennifer123 letmein123 letmein1234
liverpool1 manchester masterpass michelle123 minecraft1 monkey1234 motdepasse mypassword mypassword1 newyork123
p@ssw0rd123 palimpsest palimpsest1 pass123456 passport123 passw0rd12 passw0rd123 password00 password01
password10 password11 password12 password123 password1234 password12345 password123456 password2020 password2021
password2022 password2023 password2024 password2025 password2026 passwordpassword princess123 princess12
q1w2e3r4t5 q1w2e3r4t5y6 qazwsx1234 qazwsxedc123 qazwsxedcrfv qwe123qwe123 qwer123456 qwerasdfzxcv qwerty1234
qwerty12345 qwerty123456 qwerty1234567 qwertyqwerty qwertyuiop qwertyuiop1 qwertyuiop123 qwertzuiop samsung123
secret1234 skywalker1 spiderman1 starwars123 summer2024 summer2025 sunshine123 sunshine12 superman123 superman12
testtest123 trustno1234 unbelievable welcome1234 welcome123 whatever123 zaq12wsxcde3 zxcvbnm123 zxcvbnm1234
changeme123 changemenow correcthorsebatterystaple default123 researcher annotator1 researcher1
"""
COMMON = frozenset(_COMMON.split())
"""The most common passwords of at least ten characters, in lower case."""

_HASHER = PasswordHasher()
"""Argon2id with the parameters of RFC 9106's second choice: 3 passes over 64 MiB."""
_TURNS = threading.BoundedSemaphore(AT_A_TIME)
_NOBODYS = _HASHER.hash("nobody has this password")


def password_fault(password: str, user_name: str) -> str | None:
    """Return why a text cannot be an account's password; None if it can."""
    lower = password.lower()
    if len(password) < LEAST_CHARACTERS:
        return f"has {len(password)} characters; at least {LEAST_CHARACTERS} are needed, such as three words"
    if len(password) > MOST_CHARACTERS:
        return f"has {len(password)} characters; at most {MOST_CHARACTERS} are taken"
    if lower in COMMON or len(set(lower)) <= 2:
        return "is one of those that are tried first; choose another, such as three words"
    if lower in (user_name.lower() * 4)[: len(lower)]:
        return "is the name of the account; choose another, such as three words"
    return None


def hash_password(password: str) -> str:
    """Return the hash to store for a password."""
    with _TURNS:
        return _HASHER.hash(password)


def is_password(stored: str | None, password: str) -> bool:
    """Return whether the password is right; takes the same time without an account or a stored password."""
    with _TURNS:
        try:
            return _HASHER.verify(stored or _NOBODYS, password) and stored is not None
        except (VerificationError, InvalidHashError):
            return False
