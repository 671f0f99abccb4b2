"""What a process counts and times while it works, for Prometheus: one table of its metrics.

What it reads off itself only when somebody asks is in controllers/measuring.py. Labels have few
values, all of them names in the code: never a room, a person, an address or a path.
"""

from __future__ import annotations

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
)

# Seconds. Each bucket is a series for each route, so there are few.
OF_REQUESTS = (0.005, 0.025, 0.1, 0.5, 2.5, 10.0)
OF_LOOP = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)

# Moments of creation would double the series, and Prometheus needs none of them.
disable_created_metrics()  # type: ignore[no-untyped-call]
registry = CollectorRegistry()

http_requests = Counter(
    "chat_http_requests",
    "HTTP requests that were answered, by the name of their route, method and class of status.",
    ["route", "method", "status"],
    registry=registry,
)
http_seconds = Histogram(
    "chat_http_request_duration_seconds",
    "Time until the head of an answer, by the name of the route.",
    ["route"],
    buckets=OF_REQUESTS,
    registry=registry,
)
socket_events = Counter(
    "chat_socket_events",
    "Socket.IO events that clients sent, by name and outcome (ok, refused).",
    ["event", "outcome"],
    registry=registry,
)
socket_event_seconds = Histogram(
    "chat_socket_event_duration_seconds",
    "Time from the beginning of an event's handler to its acknowledgement.",
    ["event"],
    buckets=OF_REQUESTS,
    registry=registry,
)
messages_posted = Counter(
    "chat_messages_posted", "Messages that were stored, each once.", registry=registry
)
catch_ups = Counter("chat_catch_ups", "Reads of what a client missed in a room.", registry=registry)
job_runs = Counter("chat_job_runs", "Ended runs of a background job.", ["job"], registry=registry)
job_failures = Counter(
    "chat_job_failures", "Runs of a background job that failed.", ["job"], registry=registry
)
job_seconds = Counter(
    "chat_job_duration_seconds", "Time that runs of a job took.", ["job"], registry=registry
)
job_last_success = Gauge(
    "chat_job_last_success_timestamp_seconds",
    "When a run of a job last succeeded.",
    ["job"],
    registry=registry,
)
refusals = Counter(
    "chat_rate_limit_refusals",
    "Requests and events that a rate limit refused, by the limit.",
    ["budget"],
    registry=registry,
)
sign_ins = Counter(
    "chat_sign_ins",
    "Sign-ins, by outcome (ok, failed: a wrong password, code or passkey).",
    ["outcome"],
    registry=registry,
)
mails = Counter(
    "chat_mails", "Tries to send a mail (sent, put_off, given_up).", ["outcome"], registry=registry
)
pushes = Counter(
    "chat_pushes",
    "Tries to send a push message (sent, put_off, given_up).",
    ["outcome"],
    registry=registry,
)
webhook_deliveries = Counter(
    "chat_webhook_deliveries",
    "Tries to deliver to an outgoing webhook (sent, put_off, given_up).",
    ["outcome"],
    registry=registry,
)
database_failures = Counter(
    "chat_database_failures", "Operations of the database that failed.", registry=registry
)
loop_delay = Histogram(
    "chat_event_loop_delay_seconds",
    "Time until work that is ready runs, tried once a second.",
    buckets=OF_LOOP,
    registry=registry,
)

# Known from the start, so that the first failure shows as a rise from zero.
for outcome in ("ok", "failed"):
    sign_ins.labels(outcome)
for outcome in ("sent", "put_off", "given_up"):
    mails.labels(outcome)
    pushes.labels(outcome)
    webhook_deliveries.labels(outcome)


class Job:
    """The series of one background job."""

    def __init__(self, name: str):
        self._runs = job_runs.labels(name)
        self._seconds = job_seconds.labels(name)
        self._failures = job_failures.labels(name)
        self._last_success = job_last_success.labels(name)

    def succeeded(self, seconds: float) -> None:
        self._ended(seconds)
        self._last_success.set_to_current_time()

    def failed(self, seconds: float) -> None:
        self._ended(seconds)
        self._failures.inc()

    def _ended(self, seconds: float) -> None:
        self._runs.inc()
        self._seconds.inc(seconds)


class Event:
    """The series of one Socket.IO event."""

    def __init__(self, name: str):
        self._ok = socket_events.labels(name, "ok")
        self._refused = socket_events.labels(name, "refused")
        self._seconds = socket_event_seconds.labels(name)

    def answered(self, seconds: float, *, is_ok: bool) -> None:
        (self._ok if is_ok else self._refused).inc()
        self._seconds.observe(seconds)
