"""Define the field for addresses of other servers, to which the chat sends requests."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from marshmallow import ValidationError

from chat.schemas.text_fields import StrictString
from chat.utils.translation import _

LONGEST_ADDRESS = 1000  # characters
# A host of ASCII, a port, and the rest in one line. ECMA-262, as OpenAPI has it.
REST = r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?:[/?#][!-~]*)?$"
SECURE = "^[hH][tT][tT][pP][sS]://" + REST
WEB = SECURE.replace("[sS]", "[sS]?")
WITH_USERNAME = r"(?i)https?://[^/?#@]*@.*"


class ServerAddress(StrictString):
    """Where a server is: over https, with `plain` over http as well; without a username."""

    def __init__(self, *, plain: bool = False, **options: Any):
        super().__init__(LONGEST_ADDRESS, **options)
        self._pattern = WEB if plain else SECURE

    @property
    def described(self) -> dict[str, Any]:
        return {"maxLength": self.most, "format": "uri", "pattern": self._pattern}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        address = super()._deserialize(value, attr, data, **options)
        if not re.fullmatch(self._pattern, address) or not _has_host_and_port(address):
            raise ValidationError(self._problem_of(address))
        return address

    def _problem_of(self, address: str) -> str:
        if re.fullmatch(WITH_USERNAME, address):
            return _(
                "Leave out the username and the password: anybody who sees the address has them."
            )
        if self._pattern == WEB:
            return _("This must be an address that begins with https:// or http://.")
        return _("This must be an address that begins with https://.")


def _has_host_and_port(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:  # no address of IPv6, or a port beyond 65535
        return False
