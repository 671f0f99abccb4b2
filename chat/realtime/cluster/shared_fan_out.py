"""Fan-out over several processes: to local sockets directly, to others through the queue.

A packet is encoded once, and the queue carries it encoded.
"""

from __future__ import annotations

import itertools
import logging
import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

import orjson

from chat.realtime.cluster.notices import Notices
from chat.realtime.cluster.redis_queue import RedisQueue
from chat.realtime.counters import Counters
from chat.realtime.protocols import packets
from chat.realtime.protocols.engine_packets import Encoded
from chat.realtime.socketio.client import Callback, Room
from chat.realtime.socketio.fan_out import FanOut, arguments

# Acknowledgements that other processes still owe us; above this number the oldest are dropped.
MOST_ASKED = 10_000

Header = dict[str, Any]

logger = logging.getLogger(__name__)


class Seal(Protocol):
    """Seals the messages of the queue: readers learn nothing, and we reject forged messages."""

    def seal(self, plain: bytes, place: str) -> bytes: ...

    def open(self, sealed: bytes, place: str) -> bytes: ...


class SharedFanOut(FanOut):
    """The fan-out of one process among several.

    A message of the queue is a JSON header, a line feed and a body; it contains no executable data.
    """

    def __init__(
        self, url: str, channel: str, *, seal: Seal | None = None, write_only: bool = False
    ):
        super().__init__()
        self._seal = seal
        self._host = secrets.token_hex(8)
        self._url = url
        self._channel = channel
        self.write_only = write_only  # this process emits and has no sockets
        self._asked: OrderedDict[int, Callback] = OrderedDict()
        self._numbers = itertools.count(1)
        self.notices = Notices()
        self.return_handlers: list[Callable[[], object]] = []
        self.queue = RedisQueue(url, channel, self._receive, self._come_back, Counters())

    def start(self, counters: Counters) -> None:
        """Create the queue, and subscribe to it as soon as the loop runs."""
        self.queue = RedisQueue(self._url, self._channel, self._receive, self._come_back, counters)
        if not self.write_only:
            self.queue.start()

    # messages to other processes

    def emit(
        self,
        event: str,
        data: Any,
        namespace: str | None = None,
        room: Room | None = None,
        skip_sid: str | Iterable[str] | None = None,
        callback: Callback | None = None,
        to: Room | None = None,
        *,
        ignore_queue: bool = False,
    ) -> None:
        namespace = namespace or "/"
        room = to or room
        if ignore_queue or (isinstance(room, str) and self.client(room, namespace)):
            super().emit(event, data, namespace, room, skip_sid, callback)
            return
        if isinstance(skip_sid, str):
            skip_sid = [skip_sid]
        skip = list(skip_sid or ())
        header: Header = {"namespace": namespace, "room": _plain(room), "skip": skip}
        content = [event, *arguments(data)]
        if callback is None:
            packet = self.encode(packets.EVENT, namespace, content)
            self.deliver(namespace, room, packet, skip)
            self._publish("packet", header | _listed(packet.attachments), packet.text)
            return
        if room is None:
            raise ValueError("a callback needs somebody who is asked")
        self.ask(namespace, room, content, skip, lambda _: callback)
        number = next(self._numbers)
        self._asked[number] = callback
        if len(self._asked) > MOST_ASKED:
            self._asked.popitem(last=False)
        body, attachments = self.server.json.dumps(content)
        self._publish("ask", header | {"number": number} | _listed(attachments), body)

    def enter_room(self, sid: str, namespace: str, room: Room) -> None:
        if self.client(sid, namespace):
            super().enter_room(sid, namespace, room)
        else:
            self._publish("enter_room", {"sid": sid, "namespace": namespace, "room": room})

    def leave_room(self, sid: str, namespace: str, room: Room) -> None:
        if self.client(sid, namespace):
            super().leave_room(sid, namespace, room)
        else:
            self._publish("leave_room", {"sid": sid, "namespace": namespace, "room": room})

    def close_room(self, room: Room, namespace: str) -> None:
        super().close_room(room, namespace)
        self._publish("close_room", {"namespace": namespace, "room": room})

    def disconnect(self, sid: str, namespace: str) -> None:
        if self.client(sid, namespace):
            super().disconnect(sid, namespace)
        else:
            self._publish("disconnect", {"sid": sid, "namespace": namespace})

    def notify(self, topic: str, data: Any) -> None:
        """Send a notice to every other process; the queue drops it while Redis is away."""
        self._publish("notice", {"topic": topic}, orjson.dumps(data))

    def _publish(self, method: str, header: Header, body: bytes = b"") -> None:
        message = orjson.dumps({"method": method, "from": self._host} | header) + b"\n" + body
        if self._seal:
            message = self._seal.seal(message, self._channel)
        if self.write_only:
            self.queue.publish_now(message)
        else:
            self.queue.publish(message)

    # messages from other processes

    def _receive(self, message: bytes) -> None:
        """Handle a message of the queue. Never yields, so each process's messages stay in order."""
        if self._seal:
            try:
                message = self._seal.open(message, self._channel)
            except Exception as error:  # noqa: BLE001  a seal may raise anything
                logger.warning("a message of the queue was refused", extra={"reason": str(error)})
                return
        header_end = message.index(b"\n")
        header = orjson.loads(message[:header_end])
        if header["from"] != self._host:
            self._obey(header, message[header_end + 1 :])

    def _obey(self, header: Header, body: bytes) -> None:
        namespace = header.get("namespace", "/")
        room = header.get("room")
        match header["method"]:
            case "packet":
                packet = Encoded(body, packets.unlist(header.get("attachments")))
                self.deliver(namespace, room, packet, header["skip"])
            case "notice":
                self.notices.put(header["topic"], orjson.loads(body), self.server.eio.workers)
            case "ask":
                content = self._content(header, body)
                answer = self._answerer(header["from"], header["number"])
                self.ask(namespace, room, content, header["skip"], lambda _: answer)
            case "answer":
                self._take_answer(header, body)
            case "disconnect":
                super().disconnect(header["sid"], namespace)
            case "close_room":
                super().close_room(room, namespace)
            case "enter_room":
                if self.client(header["sid"], namespace):
                    super().enter_room(header["sid"], namespace, room)
            case "leave_room":
                if self.client(header["sid"], namespace):
                    super().leave_room(header["sid"], namespace, room)
            case unknown:
                raise ValueError(f"the queue has no method {unknown}")

    def _take_answer(self, header: Header, body: bytes) -> None:
        if header["to"] != self._host:
            return
        callback = self._asked.pop(header["number"], None)
        if callback is not None:
            self.server.eio.workers.run(callback, *self._content(header, body))

    def _content(self, header: Header, body: bytes) -> Any:
        return packets.put_together(self.server.json, body, header.get("attachments"))

    def _answerer(self, host: str, number: int) -> Callback:
        def answer(*args: Any) -> None:
            body, attachments = self.server.json.dumps(list(args))
            self._publish("answer", {"to": host, "number": number} | _listed(attachments), body)

        return answer

    def _come_back(self) -> None:
        for handler in self.return_handlers:
            self.server.eio.workers.run(handler)


def _plain(room: Room | None) -> Any:
    if isinstance(room, tuple | set | frozenset):
        return list(room)
    return room


def _listed(attachments: Sequence[bytes]) -> Header:
    if not attachments:
        return {}
    return {"attachments": packets.list_of(attachments)}
