"""`python -m jackfield.engines.simulator`: the network as a server of its own."""

from __future__ import annotations

import argparse

from .server import run


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="jackfield simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=4004)
    parser.add_argument("--seed", type=int, default=0, help="people behave the same under the same seed")
    parser.add_argument("--people", choices=["plain", "lively"], default="plain")
    parser.add_argument("--latency", type=float, default=None, metavar="MS", help="how long an answer to a send takes")
    parser.add_argument("--delay-scale", type=float, default=1.0, help="multiplies people's delays; 0 is at once")
    args = parser.parse_args()
    run(
        args.host,
        args.port,
        seed=args.seed,
        people=args.people,
        latency_ms=args.latency,
        delay_scale=args.delay_scale,
    )


if __name__ == "__main__":
    main()
