"""Serve the addresses of single sign-on: to a provider, back, and out of it."""

from __future__ import annotations

from flask import Blueprint, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat import extensions
from chat.controllers import sessions
from chat.controllers.sign_on import arrivals, flows, vouched
from chat.controllers.sign_on.flows import Answer, Flow
from chat.controllers.sign_on.vouched import Vouched
from chat.models.session import LIFETIME
from chat.routes import authentication, cookies, cpu_time
from chat.routes.pages.consenting import ask_for_consent, keep
from chat.routes.pages.entering import enter, enter_or_ask
from chat.routes.pages.forms import own_path, read_form, refuse
from chat.routes.pages.sign_in_page import sign_in_page
from chat.routes.visitors import visitor
from chat.schemas.sign_on import ConsentForm
from chat.utils.configuration.providers import Provider
from chat.utils.errors import ChatError, Unauthenticated

PATH = "/auth"  # of the cookies of flows
MOST_FLOWS = (
    4  # tabs of a browser that sign in at the same time: each has a cookie of some 500 bytes
)

single_sign_on = Blueprint("single_sign_on", __name__)


@single_sign_on.before_request
def _count() -> None:
    """Count each request like one to sign in: it may cost the provider and us more than others."""
    cpu_time.charge_visitor("log in from")


@single_sign_on.get("/auth/<provider_id>")
def begin(provider_id: str) -> AnyResponse:
    """Send the browser to a provider. With `connect`, to connect it with who is signed in."""
    provider = flows.provider_of_flow(provider_id)
    session_id = ""
    if "connect" in request.args:
        if not authentication.is_signed_in():
            settings = url_for("pages.connections.show")
            return redirect(url_for("sign_in.log_in", next=settings), 303)
        session_id = str(g.session.id)
    try:
        begun = flows.begin(
            provider,
            _own_address(url_for("single_sign_on.come_back", provider_id=provider.id)),
            next=own_path(request.args.get("next"), ""),
            session_id=session_id,
        )
    except ChatError as mistake:
        return _refusal(mistake)
    response = redirect(begun.address, 303)
    cookies.remove_beginning(response, cookies.FLOW, PATH, MOST_FLOWS - 1)
    seconds = int(flows.LASTS.total_seconds())
    cookies.store(response, cookies.FLOW + begun.name, begun.sealed, seconds, PATH)
    return response


@single_sign_on.get("/auth/<provider_id>/callback")
def come_back(provider_id: str) -> AnyResponse:
    """Take the browser back: sign in, ask for consent, or say why not."""
    provider = flows.provider_of_flow(provider_id)
    answer = Answer(*(request.args.get(name, "") for name in ("state", "code", "error", "iss")))
    cookie = cookies.FLOW + flows.name_of(answer.state)
    try:
        flow, person = flows.finish(provider, cookies.value_of(cookie), answer)
        response = _connect(flow, person) if flow.session_id else _arrive(provider, flow, person)
    except ChatError as mistake:
        response = _refusal(mistake)
    cookies.remove(response, cookie, PATH)
    return response


@single_sign_on.get("/login/connect")
def ask() -> AnyResponse | str:
    """Ask the person whose verified address it is for consent."""
    return _question() or _begin_again()


@single_sign_on.post("/login/connect")
def consent() -> AnyResponse:
    """Connect the person who consents by their password, or create another account."""
    person = vouched.unseal(cookies.value_of(cookies.IDENTITY))
    if person is None:
        return _begin_again()
    try:
        body, sender = read_form(ConsentForm), visitor()
        if body["create"]:
            user = arrivals.create_instead(person, sender)
        else:
            user = arrivals.consent(person, body["password"], body["otp"], sender)
        response = enter(sessions.enter(user, sender))
    except ChatError as mistake:
        page = _question(mistake)
        return refuse(page, mistake) if page else _begin_again()
    cookies.remove(response, cookies.IDENTITY)
    return _remember(response, flows.provider_of(person.provider))


@single_sign_on.get("/auth/<provider_id>/sign-out")
def sign_out(provider_id: str) -> AnyResponse:
    """Send somebody who signed out of the chat to where they sign out of the provider, too."""
    provider = flows.provider_of_flow(provider_id)
    here = url_for("sign_in.log_in")
    try:
        return redirect(flows.sign_out_address(provider, _own_address(here)) or here, 303)
    except ChatError as mistake:
        return _refusal(mistake)


def _arrive(provider: Provider, flow: Flow, person: Vouched) -> AnyResponse:
    sender = visitor()
    arrival = arrivals.arrive(provider, person, sender)
    if arrival.needs_consent:
        return ask_for_consent(person, flow.next)
    if person.has_two_factors:
        response = enter(sessions.enter(arrival.user, sender), next=flow.next)
    else:
        response = enter_or_ask(arrival.user, sender, flow.next)
    return _remember(response, provider)


def _connect(flow: Flow, person: Vouched) -> AnyResponse:
    """Let whoever began to connect a provider look at whom it vouches for, before they do."""
    if not authentication.is_signed_in() or str(g.session.id) != flow.session_id:
        raise Unauthenticated(flows.OVER)
    response = redirect(url_for("pages.connections.ask"), 303)
    return keep(response, vouched.seal(person, flow.session_id))


def _question(mistake: ChatError | None = None) -> str | None:
    """Return the page that asks for consent; None if it is too late for that."""
    person = vouched.unseal(cookies.value_of(cookies.IDENTITY))
    owner = arrivals.owner_of_address(person) if person else None
    if person is None or owner is None:
        return None
    return sign_in_page(
        "sign_in/consent.html",
        mistake,
        person=person,
        owner=owner,
        provider=flows.provider_of(person.provider),
    )


def _begin_again() -> AnyResponse:
    response = redirect(url_for("sign_in.log_in", next=request.args.get("next"), late=1), 303)
    cookies.remove(response, cookies.IDENTITY)
    return response


def _refusal(mistake: ChatError) -> AnyResponse:
    return refuse(sign_in_page("sign_in/login.html", mistake), mistake)


def _remember(response: AnyResponse, provider: Provider) -> AnyResponse:
    """Remember by which provider somebody signed in, to offer its sign-out, too."""
    seconds = int(LIFETIME.total_seconds())
    cookies.store(response, cookies.PROVIDER, provider.id, seconds)
    return response


def _own_address(path: str) -> str:
    """Return the whole address of a path, on the one of our hosts that the browser came to."""
    scheme = extensions.settings().public_url.partition("://")[0]
    return f"{scheme}://{request.host}{path}"
