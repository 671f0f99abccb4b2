"""Send somebody to a provider, and take them back: once, in the same browser, from the same one.

The chat has no session of somebody who is not signed in. So the browser keeps what belongs to the
request, sealed, and one cookie for each request lets several tabs sign in at the same time.
"""

from __future__ import annotations

import hmac
import logging
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import NamedTuple

from chat import extensions
from chat.controllers.sign_on import sealing, vouched
from chat.controllers.sign_on.vouched import Vouched
from chat.models import used_states
from chat.utils.configuration.providers import Provider
from chat.utils.errors import Forbidden, NotFound, Unauthenticated, Unavailable
from chat.utils.openid import authorization
from chat.utils.openid.authorization import CodeRefused, Secrets
from chat.utils.openid.discovery import metadata_of
from chat.utils.openid.id_tokens import InvalidToken
from chat.utils.outgoing import NoAnswer
from chat.utils.sentences import N_
from chat.utils.translation import _

LASTS = timedelta(minutes=10)
OVER = N_("This sign-in is over, or it began in another browser. Start again.")
LONGEST_NEXT = 500  # characters
_PURPOSE = "flow"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Flow:
    """One request to a provider, as the browser keeps it.

    `next`: the path to go on to. `session_id`: of somebody who connects an account; else empty.
    """

    provider: str
    state: str
    nonce: str
    verifier: str
    redirect_uri: str
    next: str
    session_id: str

    @property
    def secrets(self) -> Secrets:
        return Secrets(self.state, self.nonce, self.verifier)


class Beginning(NamedTuple):
    """Where to send the browser, and what it keeps: `name` distinguishes it from others."""

    address: str
    name: str
    sealed: str


class Answer(NamedTuple):
    """What a provider's redirect says. Texts that are missing are empty."""

    state: str
    code: str
    error: str
    issuer: str


def provider_of(provider_id: str) -> Provider:
    """Return a provider. Raises NotFound."""
    found = extensions.settings().provider(provider_id)
    if found is None:
        raise NotFound(_("There is no such way to sign in here."))
    return found


def provider_of_flow(provider_id: str) -> Provider:
    """Return a provider that people are sent to. Raises NotFound, for the directory, too."""
    provider = provider_of(provider_id)
    if provider not in extensions.settings().providers:
        raise NotFound(_("There is no such way to sign in here."))
    return provider


def begin(
    provider: Provider, redirect_uri: str, *, next: str = "", session_id: str = ""
) -> Beginning:
    """Begin a request to a provider. Raises Unavailable."""
    new = Secrets.new()
    goes_on = next if len(next) <= LONGEST_NEXT else ""
    flow = Flow(provider.id, new.state, new.nonce, new.verifier, redirect_uri, goes_on, session_id)
    try:
        address = authorization.address(provider, new, redirect_uri)
    except NoAnswer as error:
        raise _down(provider, error) from None
    return Beginning(address, name_of(new.state), sealing.seal(_PURPOSE, asdict(flow)))


def name_of(state: str) -> str:
    """Return the name under which a browser keeps the request of a state."""
    return "".join(
        each for each in state[:8] if each.isascii() and (each.isalnum() or each in "-_")
    )


def sign_out_address(provider: Provider, redirect_uri: str) -> str:
    """Return where people sign out of the provider, too; empty without such a page.

    Raises Unavailable.
    """
    try:
        return authorization.sign_out_address(provider, redirect_uri)
    except NoAnswer as error:
        raise _down(provider, error) from None


def finish(provider: Provider, sealed: str, answer: Answer) -> tuple[Flow, Vouched]:
    """Return the request that an answer belongs to, and whom the provider vouches for.

    Raises Unauthenticated, Forbidden, Unavailable.
    """
    flow = _flow_of(provider, sealed, answer)
    if not used_states.use(flow.state):
        raise _refused(provider, "its state came again", OVER)
    if answer.error:
        _raise_error(provider, answer.error)
    try:
        metadata = metadata_of(provider)
        if metadata.names_issuer and not answer.issuer:
            raise InvalidToken("the answer does not name its provider")
        claims = authorization.claims_for(provider, flow.secrets, answer.code, flow.redirect_uri)
    except NoAnswer as error:
        raise _down(provider, error) from None
    except (CodeRefused, InvalidToken) as error:
        sentence = _(
            "{provider} did not confirm who you are. Start again.", provider=provider.label
        )
        raise _refused(provider, str(error), sentence) from None
    return flow, vouched.of_claims(provider, claims)


def _flow_of(provider: Provider, sealed: str, answer: Answer) -> Flow:
    """Return the request of an answer. Raises Unauthenticated unless it was for this provider."""
    content = sealing.unseal(_PURPOSE, sealed, LASTS)
    if content is None:
        raise _refused(provider, "no request of this browser", OVER)
    flow = Flow(**content)
    if flow.provider != provider.id or answer.issuer not in ("", provider.issuer):
        raise _refused(provider, "the request was for another provider", OVER)
    if not hmac.compare_digest(flow.state.encode(), answer.state.encode()):
        raise _refused(provider, "another state", OVER)
    return flow


def _raise_error(provider: Provider, error: str) -> None:
    if error == "access_denied":
        raise Forbidden(_("You did not sign in at {provider}.", provider=provider.label))
    sentence = _("{provider} refused the sign-in. Start again.", provider=provider.label)
    raise _refused(provider, f"error {error[:60]!r}", sentence)


def _refused(provider: Provider, reason: str, sentence: str) -> Unauthenticated:
    logger.warning(
        "a sign-in by a provider was refused", extra={"provider": provider.id, "reason": reason}
    )
    return Unauthenticated(sentence)


def _down(provider: Provider, error: NoAnswer) -> Unavailable:
    reason = f"provider {provider.id}: {error}"
    logger.warning("a provider does not answer", extra={"reason": reason})
    sentence = _(
        "{provider} doesn’t answer just now. Try again in a moment.", provider=provider.label
    )
    return Unavailable(sentence, reason=reason)
