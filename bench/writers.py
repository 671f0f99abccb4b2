"""People who write to one room, each its next message when the last is acknowledged.

`python -m bench.writers ROOM EACH BATCH WRITER…`, on the database of MONGO_URI. It says "ready",
waits for a line, and says "done". BATCH: entries in one insert.
"""

# ruff: noqa: E402  nothing may be imported before the standard library is made cooperative
import warnings

warnings.filterwarnings("ignore", message="\nEventlet is deprecated")
import eventlet
from bson import ObjectId

eventlet.monkey_patch()

import os
import sys

from chat import create_app
from chat.models.document import Id
from chat.models.log import appending
from chat.models.message import Message
from chat.models.user import User
from chat.utils.errors import Unavailable
from config import load_settings

TEXT = "what somebody says in a sentence of some length " * 4
AGAIN_SECONDS = 0.1  # until a refused message is sent again


def main() -> None:
    room_id, each, batch, *writer_ids = sys.argv[1:]
    appending.BATCH = int(batch)
    with create_app(
        load_settings(dotenv=None), os.environ["MONGO_URI"], embedded=True
    ).app_context():
        writers = list(User.find_many(map(ObjectId, writer_ids)).values())
        print("ready", flush=True)
        sys.stdin.readline()
        pool = eventlet.GreenPool(len(writers))
        for writer in writers:
            pool.spawn(_write, ObjectId(room_id), writer, int(each))
        pool.waitall()
        print("done", flush=True)


def _write(room_id: Id, writer: User, count: int) -> None:
    for _ in range(count):
        client_id = os.urandom(8).hex()
        while not _kept(room_id, writer, client_id):
            eventlet.sleep(AGAIN_SECONDS)


def _kept(room_id: Id, writer: User, client_id: str) -> bool:
    """Return whether the message is stored.

    Without group commit, a worker that loses every race against another one refuses the message.
    """
    try:
        Message.post(room_id, writer, client_id, TEXT)
    except Unavailable:
        return False
    return True


if __name__ == "__main__":
    main()
