"""What a person says of themselves, sealed under their own key: keywords, status, title."""

from __future__ import annotations

import json
import logging
from typing import Any

from chat.models.document import Id
from chat.models.key_ring import key_ring
from chat.utils.encryption import CannotOpen, padded

logger = logging.getLogger(__name__)


def seal(user_id: Id, field: str, value: object, step: int) -> bytes:
    """Seal a JSON value of a field of `users`, padded to a multiple of `step` bytes."""
    plain = json.dumps(value, ensure_ascii=False).encode()
    return key_ring.made(user_id).data.seal(padded(plain, step, b" "), _place(user_id, field))


def unseal(user_id: Id, field: str, sealed: bytes | None) -> Any:
    """Return the value; None if there is none, or if it cannot be opened."""
    if sealed is None:
        return None
    try:
        return json.loads(key_ring.of(user_id).open(sealed, _place(user_id, field)))
    except CannotOpen as error:  # a damaged record must not take the rest of the person
        logger.warning("a person's text cannot be opened", extra={"reason": str(error)})
        return None


def _place(user_id: Id, field: str) -> str:
    return f"{user_id}/{field}"
