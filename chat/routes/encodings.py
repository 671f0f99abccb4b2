"""Answer with compressed content, in an encoding that the client accepts."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import brotli
from flask import Response, request

from chat import extensions

LEAST_BYTES = 1_400  # a smaller response fits one network packet without compression

# Content that everybody receives is compressed once, in a thread. The first is the best. For the
# script of the pages quality 9 takes 30 ms, 10 takes 150 and saves a sixteenth, 11 takes 370 and
# saves a further fiftieth: only the first visitor after a start waits for it.
COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda content: brotli.compress(content, quality=11),
    "gzip": lambda content: gzip.compress(content, 9, mtime=0),
}
COMPRESSED_TYPES = ("text/", "application/json", "application/manifest+json", "image/svg+xml")


def chosen(offered: Sequence[str]) -> str:
    """Return the encoding that this request's client likes best; empty for none of `offered`.

    Among equals the first one is chosen.
    """
    if "HTTP_ACCEPT_ENCODING" not in request.environ:
        return ""
    quality = request.accept_encodings.quality
    best = max(offered, key=quality)
    return best if 0 < quality(best) >= quality("identity") else ""


@dataclass
class PublicContent:
    """Content that is the same for everybody, with no secret in it, compressed at most once."""

    body: bytes
    mimetype: str
    _compressed: dict[str, bytes] = field(default_factory=dict)

    @cached_property
    def tag(self) -> str:
        return hashlib.sha256(self.body).hexdigest()[:32]

    def answer(self) -> Response:
        """Return a response to this request: 200, 304, or 206 with a part of the whole content."""
        encoding = ""
        if self._is_compressible and "HTTP_RANGE" not in request.environ:
            encoding = chosen(tuple(COMPRESSIONS))
        body = self._body_in(encoding)
        response = Response(body, mimetype=self.mimetype)
        response.set_etag(f"{self.tag}-{encoding}" if encoding else self.tag)
        if encoding:
            response.headers["Content-Encoding"] = encoding
        if self._is_compressible:
            response.headers["Vary"] = "Accept-Encoding"
        response.make_conditional(request, accept_ranges=True, complete_length=len(body))
        return response

    @property
    def _is_compressible(self) -> bool:
        return len(self.body) >= LEAST_BYTES and self.mimetype.startswith(COMPRESSED_TYPES)

    def _body_in(self, encoding: str) -> bytes:
        if not encoding:
            return self.body
        if encoding not in self._compressed:
            compressed = extensions.off_the_loop(COMPRESSIONS[encoding], self.body)
            self._compressed[encoding] = compressed
        return self._compressed[encoding]
