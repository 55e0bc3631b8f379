"""Server side of Basic (RFC 7617) and Digest authentication (RFC 7616 with MD5, as in cameras)."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from urllib.request import parse_http_list, parse_keqv_list

_REALM = "camera"


@dataclass(frozen=True, slots=True)
class AuthRequirement:
    """Required credentials and the challenge for requests without them."""

    scheme: str
    user: str
    password: str
    _nonce: str = field(default_factory=secrets.token_hex)

    @property
    def challenge(self) -> str:
        """Return the value of WWW-Authenticate."""
        if self.scheme == "basic":
            return f'Basic realm="{_REALM}"'
        return f'Digest realm="{_REALM}", nonce="{self._nonce}", qop="auth", algorithm=MD5'

    def accepts(self, method: str, authorization: str) -> bool:
        """Return whether a request with this value of Authorization ("" for none) is accepted."""
        scheme, _, values = authorization.partition(" ")
        if scheme.lower() != self.scheme:
            return False
        if self.scheme == "basic":
            return values == base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        answer = parse_keqv_list(parse_http_list(values))
        return answer.get("username") == self.user and answer.get("response") == self._response(method, answer)

    def _response(self, method: str, answer: dict[str, str]) -> str:
        user_hash = _md5(f"{self.user}:{_REALM}:{self.password}")
        request_hash = _md5(f"{method}:{answer.get('uri')}")
        return _md5(f"{user_hash}:{self._nonce}:{answer.get('nc')}:{answer.get('cnonce')}:auth:{request_hash}")


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
