"""Processes, as the system knows them."""

from pathlib import Path


def is_running(process):
    """Whether a process of this number is there and has not ended."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
