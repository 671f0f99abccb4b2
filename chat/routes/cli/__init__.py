"""Define the commands of `bin/chat`, for operators, who have a shell on the machine.

Each command reports progress on standard error and its result on standard output. It exits with 0,
or with 1 if it failed or found a fault. It may be interrupted and repeated.

answer.py     how every command opens the chat, answers and fails
accounts.py   create-admin
users.py      users list, create, rename, reset-link, deactivate, activate, make-admin …
rooms.py      shred-room
upkeep.py     sweep, verify, reindex, rotate-keys
retention.py  retention
doctor.py     doctor
mail.py       mail test
backup.py     backup; sealed_files.py: its options
restore.py    restore
export.py     export, and make-exports, which the chat runs
imports.py    import
seed.py       seed
doors.py      what a command may open
which_chat.py the line that names the chat, before every answer
"""

from __future__ import annotations

from pathlib import Path

import click

from chat import VERSION
from chat.routes.cli.accounts import create_admin
from chat.routes.cli.backup import backup
from chat.routes.cli.doctor import doctor
from chat.routes.cli.export import export, make_exports
from chat.routes.cli.imports import import_past
from chat.routes.cli.mail import mail
from chat.routes.cli.restore import restore
from chat.routes.cli.retention import retention
from chat.routes.cli.rooms import shred_room
from chat.routes.cli.seed import seed
from chat.routes.cli.upkeep import reindex, rotate_keys, sweep, verify
from chat.routes.cli.users import users

COMMANDS = (
    create_admin,
    users,
    backup,
    restore,
    export,
    make_exports,
    import_past,
    seed,
    shred_room,
    retention,
    sweep,
    verify,
    reindex,
    rotate_keys,
    mail,
    doctor,
)


@click.group(
    "chat", context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.option(
    "--env-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False, readable=False),
    metavar="FILE",
    help="Where the chat's configuration is.",
)
@click.option(
    "--traceback",
    "shows_traceback",
    is_flag=True,
    help="Print the traceback of an unexpected error.",
)
@click.version_option(VERSION, prog_name="real-time-chat")
@click.pass_context
def chat(context: click.Context, env_file: Path | None, shows_traceback: bool) -> None:
    """Maintain the chat, while it runs or while it is stopped.

    The configuration comes from the environment, then from FILE. Without FILE it comes from what
    the service reads: the systemd unit that runs the project, if there is one, and .env. Each
    command prints first which chat it found.
    """
    context.meta["env_file"] = env_file
    context.meta["shows_traceback"] = shows_traceback


for each in COMMANDS:
    chat.add_command(each)
