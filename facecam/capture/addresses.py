"""Addresses of network cameras, and how they are shown: without anything that may be a password."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from facecam.errors import CameraError

_PORTS = {"http": 80, "https": 443, "rtsp": 554, "rtsps": 322, "rtmp": 1935, "udp": 0}

_HIDDEN = "***"
_ADDRESS = re.compile(rf"\s*(?:([a-z][a-z0-9+.-]+):[\\/]{{2}}|({'|'.join(_PORTS)}):)(.*)", re.IGNORECASE | re.DOTALL)
_LOGIN = re.compile(r"[^\s:@\\/]{2,}:[^\\]*@([\w.-]*)", re.DOTALL)
_HOST = re.compile(r"(\[[0-9a-f:.]+(%\w+)?\]|[\w.~-]*)(:\d{0,5})?", re.IGNORECASE)

_PLAIN = re.compile(r"[\w.~+ -]*")
_SECRET_SEGMENT = re.compile(
    r"user(name)?|usr|login|pass(word|wd)?|pwd|pw|pin|token|key|auth|secret|s(ession_?)?id", re.IGNORECASE
)
"""A segment after which a password stands in a segment of its own."""

_SHOWN_KEY = re.compile(
    r"(ch(n|annel)?|cam(era)?|(sub)?(stream|type)|size|res(olution)?|width|height|(framerate|fps)|quality|profile|compression"
    r"|(video)?codec|format|mode|proto|unicast|rotation|track)(_?(id|no|num|type))?",
    re.IGNORECASE,
)
"""Parameters that tell the streams of a camera apart, whose values are shown if they look like that."""

_SHOWN_VALUE = re.compile(r"\d{1,4}|\d{2,5}x\d{2,5}|main|sub|mjpe?g|jpe?g|h\.?26[45]|tcp|udp|on|off|true|false", re.IGNORECASE)

_WORD, _LETTERS = re.compile(r"[^\W_]+"), re.compile(r"[a-z]+|[A-Z]+|[0-9]+")
_TOKEN_LENGTH, _TOKEN_RUNS = 10, 5
"""A word of this length in which small letters, capitals and digits change this often is taken for a token."""


@dataclass(frozen=True, slots=True)
class Address:
    """A parsed address. `url` has no user and password; `redacted` may be shown and logged."""

    scheme: str
    host: str
    port: int
    url: str = field(repr=False)
    redacted: str
    user: str | None = field(default=None, repr=False)
    password: str = field(default="", repr=False)


def parse_address(address: str) -> Address:
    """Return the parts of an address. CameraError when it has no host or a wrong port."""
    redacted = redact_url(address)
    try:
        parts = urlsplit(address.strip())
        scheme, host, port = parts.scheme.lower(), parts.hostname, parts.port
    except ValueError:
        scheme, host, port = address.partition(":")[0].strip().lower(), None, None
    # An @ in the path means that the password contains / or another character that ends the host.
    if not host or "@" in parts.path + parts.fragment:
        raise CameraError(
            "{address} is not a valid address; write it as {scheme}://host:port/path. In a user or password, write "
            "%40 for @, %3A for :, %2F for /, %3F for ? and %23 for #",
            address=redacted,
            scheme=scheme,
        )
    url = f"{scheme}://{parts.netloc.rpartition('@')[2]}{parts.path or '/'}" + (f"?{parts.query}" if parts.query else "")
    user = None if parts.username is None else unquote(parts.username)
    return Address(scheme, host, port or _PORTS[scheme], url, redacted, user, unquote(parts.password or ""))


def redact_url(text: str) -> str:
    """Return an address as it may be shown: host, port, plain path segments, and the values of a few harmless parameters.

    Passwords stand in many places of camera addresses, so what is not known to be harmless is replaced by ***. Text that is not
    an address is returned as it is.
    """
    if (found := _ADDRESS.fullmatch(text)) is None:
        if "://" in text:
            return f"{_HIDDEN}://{_HIDDEN}"
        login = _LOGIN.match(text)
        return text if login is None else f"{_HIDDEN}@{login[1]}"
    scheme, rest = (found[1] or found[2]).lower(), found[3].strip().lstrip("\\/").replace("\\", "/")
    authority, remainder = re.fullmatch(r"([^/?#]*)(.*)", rest, re.DOTALL).groups()  # type: ignore[union-attr] # matches any text
    host = authority.rpartition("@")[2]
    # With an @ further on, the part before it may be a password that contains / or ?.
    if "@" in remainder or not host or not _HOST.fullmatch(host):
        return f"{scheme}://{_HIDDEN}"
    path, _, query = remainder.partition("#")[0].partition("?")
    shown = [_redact_pair(pair) for pair in re.split(r"[&;]", query)] if query else []
    return f"{scheme}://{host}{_redact_path(path)}" + (f"?{'&'.join(shown)}" if shown else "")


def _redact_path(path: str) -> str:
    shown, follows_key = [], False
    for segment in path.split("/"):
        text = unquote(segment)
        if "=" in text:
            shown.append(_redact_pair(segment))
        else:
            is_plain = _PLAIN.fullmatch(text) and not _looks_random(text) and not follows_key
            shown.append(segment if is_plain else _HIDDEN)
        follows_key = _SECRET_SEGMENT.fullmatch(text) is not None
    return "/".join(shown)


def _looks_random(text: str) -> bool:
    """Return whether a word looks like a token: long, with small and capital letters and digits in turns."""
    return any(len(word) >= _TOKEN_LENGTH and len(_LETTERS.findall(word)) >= _TOKEN_RUNS for word in _WORD.findall(text))


def _redact_pair(pair: str) -> str:
    """Return a parameter, with its value only if both are known to be harmless."""
    key, _, value = pair.partition("=")
    if not value or not _PLAIN.fullmatch(key):
        return _HIDDEN
    return pair if _SHOWN_KEY.fullmatch(key) and _SHOWN_VALUE.fullmatch(value) else f"{key}={_HIDDEN}"


def is_same_host(address: Address, url: str) -> bool:
    """Return whether `url` has the host of the address that the user gave, and its scheme, with or without TLS."""
    try:
        parts = urlsplit(url)
        is_same_scheme = parts.scheme.lower().removesuffix("s") == address.scheme.removesuffix("s")
        return is_same_scheme and (parts.hostname or "").lower() == address.host.lower()
    except ValueError:
        return False
