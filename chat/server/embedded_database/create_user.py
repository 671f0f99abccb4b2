"""Create the user of an embedded database that is not running.

`python create_user.py STORE NAME < password`.

It is a program of its own because it loads SecantusDB, which the chat itself never does
(docs/decisions/0002). The daemon could create the first user only while it listens without a
password, and then anybody else on the machine could create one, too.
"""

from __future__ import annotations

import sys


def main(store: str, name: str) -> None:
    from secantus.auth import SCRAM_SHA_256, derive_credentials
    from secantus.storage import Storage

    credentials = derive_credentials(
        sys.stdin.read(), mechanism=SCRAM_SHA_256, username=name
    ).to_doc()
    record = {
        "_id": f"admin.{name}",
        "user": name,
        "db": "admin",
        "credentials": credentials,
        "roles": [{"role": "root", "db": "admin"}],
        "mechanisms": [SCRAM_SHA_256],
    }
    storage = Storage(store, enable_oplog=False)
    try:
        storage.add_user("admin", name, record, replace=True)
    finally:
        storage.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
