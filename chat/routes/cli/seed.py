"""The command that fills a chat with an invented world."""

from __future__ import annotations

import os

import click

from chat.controllers.imports import running, seeding
from chat.routes.cli.answer import Answer, command
from chat.routes.cli.imports import progress_line
from chat.routes.cli.sealed_files import stoppable
from chat.utils.imports.report import Report


@command("seed")
@click.option("--people", type=click.IntRange(2, 100_000), help="For load: so many people.")
@click.option("--messages", type=click.IntRange(1, 100_000_000), help="… so many messages.")
@click.option("--rooms", type=click.IntRange(1, 100_000), help="… so many rooms; usually 20.")
@click.option("--seed", "number", default=1, show_default=True, help="Makes other details.")
@click.option("--beside", is_flag=True, help="Also if the chat has people already.")
def seed(
    answer: Answer,
    people: int | None,
    messages: int | None,
    rooms: int | None,
    number: int,
    beside: bool,
) -> None:
    """Fill an empty chat with an invented world.

    It has people, rooms, and weeks of messages. The chat's administrator sees it; in a chat without
    people the command makes an account, demo, and prints its password. With --people and --messages
    the world is large, for measurements. Safe to interrupt and to repeat.
    """
    if (people is None) != (messages is None) or (rooms and people is None):
        raise click.UsageError("--people, --messages and --rooms belong together.")
    os.nice(10)  # people who write come first
    world = seeding.world(number, people, rooms, messages)
    mapping = seeding.looking_person(world, beside=beside)
    report = Report()
    with stoppable() as check_stop:
        for done in running.run(world, report, mapping, by_username=False, is_dry=False):
            answer.progress(progress_line(done))
            check_stop()
    lines = report.lines(is_dry=False)
    account = None if mapping else seeding.open_demo_account(world)
    if account:
        lines.append(f"Sign in as {account.username} with the password {account.password}")
    answer.give("\n".join(lines), account=account and account._asdict(), **report.as_dict())
