"""The server's side of Basic (RFC 7617) and Digest (RFC 7616 with MD5, as cameras have it)."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from urllib.request import parse_http_list, parse_keqv_list

_REALM = "camera"


@dataclass(frozen=True, slots=True)
class Demand:
    """Who may come in, and what is said to the others."""

    scheme: str
    user: str
    password: str
    _nonce: str = field(default_factory=secrets.token_hex)

    @property
    def challenge(self) -> str:
        """The value of WWW-Authenticate."""
        if self.scheme == "basic":
            return f'Basic realm="{_REALM}"'
        return f'Digest realm="{_REALM}", nonce="{self._nonce}", qop="auth", algorithm=MD5'

    def admits(self, method: str, authorization: str) -> bool:
        """Whether a request with this value of Authorization, "" for none, may come in."""
        scheme, _, words = authorization.partition(" ")
        if scheme.lower() != self.scheme:
            return False
        if self.scheme == "basic":
            return words == base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        said = parse_keqv_list(parse_http_list(words))
        return said.get("username") == self.user and said.get("response") == self._response(method, said)

    def _response(self, method: str, said: dict[str, str]) -> str:
        who = _md5(f"{self.user}:{_REALM}:{self.password}")
        what = _md5(f"{method}:{said.get('uri')}")
        return _md5(f"{who}:{self._nonce}:{said.get('nc')}:{said.get('cnonce')}:auth:{what}")


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
