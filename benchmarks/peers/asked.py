"""What every peer is asked: how many tasks, and the twist of the one that is changed."""

import argparse


def asked() -> tuple[int, int]:
    """The number of tasks and the twist, from the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("tasks", type=int)
    parser.add_argument("--twist", type=int, default=0)
    given = parser.parse_args()
    return given.tasks, given.twist
