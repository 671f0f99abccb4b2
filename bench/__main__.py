"""The benchmarks: `bin/bench NAME` runs one, `bin/bench` runs all."""

from __future__ import annotations

import argparse
import warnings

warnings.filterwarnings("ignore", message="\nEventlet is deprecated")

from bench import (
    append,
    attack,
    backups,
    fan_out,
    faults,
    first_people,
    growth,
    history,
    imports,
    interrupted,
    large,
    live,
    many_rooms,
    quiet,
    render,
    room,
    search,
    streams,
    walk,
    webhooks,
)

BENCHMARKS = {
    "fan-out": fan_out,
    "append": append,
    "search": search,
    "live": live,
    "render": render,
    "room": room,
    "history": history,
    "walk": walk,
    "streams": streams,
    "faults": faults,
    "webhooks": webhooks,
    "quiet": quiet,
    "attack": attack,
    "many-rooms": many_rooms,
    "growth": growth,
    "backups": backups,
    "imports": imports,
    "interrupted": interrupted,
    "large": large,
    "first-people": first_people,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    commands = parser.add_subparsers(dest="benchmark")
    for name, module in BENCHMARKS.items():
        module.describe(commands.add_parser(name, help=(module.__doc__ or "").partition("\n")[0]))
    arguments = parser.parse_args()
    for name in [arguments.benchmark] if arguments.benchmark else BENCHMARKS:
        if arguments.benchmark is None:
            arguments = parser.parse_args([name])
        BENCHMARKS[name].run(arguments)


if __name__ == "__main__":
    main()
