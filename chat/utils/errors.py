"""The family of errors.


    ChatError
    ├── BadRequest          400  the request itself is malformed
    ├── Unauthenticated     401  who is asking?
    │   └── SecondFactorRequired   the password is right, and a code is needed, too
    ├── Forbidden           403  known, seen, but not allowed
    │   ├── SecondFactorMissing    an administrator has to turn one on first
    │   └── Banned                 from a room; carries `until`
    ├── NotFound            404  it does not exist, or this person may not see it
    ├── MethodNotAllowed    405
    ├── Conflict            409
    ├── Gone                410  it existed, and is used up or over
    ├── TooLarge            413
    ├── UnsupportedType     415
    ├── Misdirected         421  meant for another host
    ├── ValidationFailed    422  understood, but not acceptable; `fields` says where
    ├── RateLimited         429  carries `retry_after`
    ├── ClientGone          499  the client closed the connection; nobody reads the answer
    ├── InternalError       500  a bug of ours
    └── Unavailable         503  a server we need does not answer; carries `retry_after`

Each error has a code for programs, a status for HTTP and one sentence that a person can act on, in
their language. Where the usual one speaks of a page, programs are told another.

`routes/errors.py` turns errors into pages and JSON, `routes/sockets/event_guard.py` into
acknowledgements.
"""

from __future__ import annotations

from chat.utils.sentences import N_
from chat.utils.translation import _, ngettext, said

MOST_NAMED = 5  # fields, in a sentence


class ChatError(Exception):
    """A request that the chat cannot fulfil. People see its text, so it never contains a secret."""

    code = "internal_error"
    status = 500
    sentence = N_("Something went wrong on our side.")
    for_programs = ""  # what they are told where `sentence` speaks of a page
    names_administrators = False  # whether its page does, to people who are signed in

    def __init__(
        self,
        sentence: str | None = None,
        *,
        fields: dict[str, str] | None = None,
        retry_after: int | None = None,
    ):
        self.message = said(sentence or self.sentence)
        self.is_usual = not sentence
        super().__init__(self.message)
        self.fields = {name: said(text) for name, text in fields.items()} if fields else None
        self.retry_after = retry_after  # seconds

    def as_dict(self) -> dict[str, object]:
        """Return `{code, message, fields?, retry_after?, ban?}`, which programs get.

        `retry_after` is in seconds.
        """
        shown: dict[str, object] = {"code": self.code, "message": self.told()}
        if self.fields:
            shown["fields"] = self.fields
        if self.retry_after:
            shown["retry_after"] = self.retry_after
        return shown

    def told(self) -> str:
        """Return the sentence where there is no page of which `message` could speak."""
        return said(self.for_programs) if self.is_usual and self.for_programs else self.message


class BadRequest(ChatError):
    code = "bad_request"
    status = 400
    sentence = N_("The request could not be read.")


class Unauthenticated(ChatError):
    code = "unauthenticated"
    status = 401
    sentence = N_("Sign in to continue.")


class Forbidden(ChatError):
    code = "forbidden"
    status = 403
    sentence = N_("You are not allowed to do this.")


class AdministratorsOnly(Forbidden):
    names_administrators = True
    sentence = N_("Only an administrator of the chat can do this.")


class SecondFactorRequired(Unauthenticated):
    code = "second_factor_required"
    sentence = N_("Enter the code from your authenticator app as well.")


class SecondFactorMissing(Forbidden):
    code = "second_factor_missing"
    sentence = N_("Turn on two-step sign-in first. This chat requires it of administrators.")


class Banned(Forbidden):
    """`until`: when the ban ends (RFC 3339), or None: when somebody lifts it."""

    def __init__(self, sentence: str, *, until: str | None):
        super().__init__(sentence)
        self.until = until

    def as_dict(self) -> dict[str, object]:
        return super().as_dict() | {"ban": {"until": self.until}}


class NotFound(ChatError):
    code = "not_found"
    status = 404
    sentence = N_("There is nothing here. The link may be old, or you may not have access.")
    for_programs = N_("There is nothing at this address.")


class MethodNotAllowed(ChatError):
    code = "method_not_allowed"
    status = 405
    sentence = N_("This cannot be done here.")


class Conflict(ChatError):
    code = "conflict"
    status = 409
    sentence = N_("This conflicts with what is already there.")


class Gone(ChatError):
    code = "gone"
    status = 410
    sentence = N_("This is over.")


class TooLarge(ChatError):
    code = "too_large"
    status = 413
    sentence = N_("This is too large.")


class UnsupportedType(ChatError):
    code = "unsupported_type"
    status = 415
    sentence = N_("Send this as application/json.")


class Misdirected(ChatError):
    code = "misdirected"
    status = 421
    sentence = N_("This request is meant for another host.")


class ValidationFailed(ChatError):
    code = "validation_failed"
    status = 422
    sentence = N_("Please fix the highlighted fields.")
    for_programs = N_("This was not accepted.")

    def told(self) -> str:
        """Return a sentence that names the fields, unless there is a better one."""
        if not self.is_usual or not self.fields:
            return super().told()
        names = ", ".join(list(self.fields)[:MOST_NAMED])
        rest = len(self.fields) - MOST_NAMED
        if rest > 0:
            return _("Correct these fields: {names} and {count} more.", names=names, count=rest)
        return ngettext(
            "Correct this field: {names}.",
            "Correct these fields: {names}.",
            len(self.fields),
            names=names,
        )


class RateLimited(ChatError):
    code = "rate_limited"
    status = 429
    sentence = N_("Too many attempts. Try again in a moment.")

    def __init__(
        self, sentence: str | None = None, *, retry_after: int | None = None, budget: str = ""
    ):
        super().__init__(sentence, retry_after=retry_after)
        # The exhausted budget; empty if something else is exhausted, such as a queue.
        self.budget = budget


class ClientGone(ChatError):
    code = "client_gone"
    status = 499
    sentence = N_("The request was cancelled.")


class InternalError(ChatError):
    pass


class Unavailable(ChatError):
    code = "unavailable"
    status = 503
    sentence = N_("The chat cannot reach its database just now; try again in a moment.")

    def __init__(self, sentence: str | None = None, *, reason: str, retry_after: int = 2):
        super().__init__(sentence, retry_after=retry_after)
        self.reason = reason  # for the operator's log, never shown


def codes() -> tuple[str, ...]:
    """Return every code that a client may receive, sorted."""
    kinds = [ChatError]
    for kind in kinds:  # the loop also visits the subclasses that it appends
        kinds += kind.__subclasses__()
    return tuple(sorted({kind.code for kind in kinds} - {ClientGone.code}))
