"""What a backfill says: its plan, each night, and the whole for machines."""

import datetime as dt
from collections import Counter
from typing import Any

from workflows.backfill.nights import Backfill, Night
from workflows.backfill.running import Ran
from workflows.printing import seconds

MOST = 12
MOST_UNKNOWN = 0.5
"""The share of tasks without any record of their kind above which nothing is estimated."""


def plan_lines(planned: Backfill, later: list[dt.date]) -> list[str]:
    """What is there, what would be built by stage, about how long it takes, and how that is known.

    ``later`` are nights after the range that the store has.
    """
    nights, due = planned.nights, planned.due
    first, last = nights[0].day, nights[-1].day
    lines = [f"backfill of {len(nights)} night{'s' * (len(nights) > 1)}, {first} to {last}"]
    there = len(nights) - len(due)
    if not due:
        return [*lines, "nothing to do: every night is there"]
    if there:
        lines.append(f"resuming: {there} of {len(nights)} nights are there")
    lines += [f"  {_night(one)}" for one in due[:MOST]]
    if len(due) > MOST:
        lines.append(f"  and {len(due) - MOST} more nights")
    lines += ["by stage:", *_stages(due), *_estimate(planned)]
    lines += [f"source missing: {text}" for night in due for text in night.missing[:1]]
    if later:
        lines.append(
            f"nights after the range are in the store ({later[0]} to {later[-1]}): they competed "
            "with another champion, and are due again afterwards")
    return lines


def _night(night: Night) -> str:
    return f"{night.day}  {len(night.due):>4} to build  about {seconds(night.wall)}"


def _stages(due: list[Night]) -> list[str]:
    counts: Counter[str] = Counter()
    took: Counter[str] = Counter()
    for night in due:
        for step, cost in zip(night.due, night.costs, strict=True):
            counts[step.task] += 1
            took[step.task] += cost.seconds  # type: ignore[assignment]
    most = sorted(counts, key=lambda task: (-took[task], task))
    lines = [f"  {task:<22} {counts[task]:>6}  {seconds(took[task])}" for task in most[:MOST]]
    rest = most[MOST:]
    if rest:
        total, work = sum(counts[one] for one in rest), sum(took[one] for one in rest)
        lines.append(f"  {f'{len(rest)} other stages':<22} {total:>6}  {seconds(work)}")
    return lines


def _estimate(planned: Backfill) -> list[str]:
    if planned.sources["unknown"] > MOST_UNKNOWN * sum(planned.sources.values()):
        return ["how long it takes is not known: most of it was never built here. Run one night "
                "first for an estimate"]  # fmt: skip
    told = f"about {seconds(planned.wall)} with {planned.workers} worker" \
           f"{'s' * (planned.workers > 1)} ({seconds(planned.seconds)} of work)"  # fmt: skip
    return [told, f"  estimated: {how(planned)}"]


def how(planned: Backfill) -> str:
    """How the estimate was made."""
    from_, pace = planned.sources, planned.pace
    parts = [f"{from_['itself']:,} tasks from what they took before"] if from_["itself"] else []
    if from_["its kind"]:
        parts.append(f"{from_['its kind']:,} from the same task on the nearest days")
    if from_["unknown"]:
        parts.append(f"{from_['unknown']:,} of kinds never built here, which count as nothing: "
                     "run one night first for a better estimate")
    of = f"as in run {pace.run}" if pace.run else "assumed, as no run is on record"
    return f"{', '.join(parts)}; {pace.around:.2f} s around each task, {of}"


def night_line(ran: Ran, number: int, nights: int, left: float) -> str:
    """How one night ended, and what is left."""
    summary = ran.summary
    built = 0 if summary is None else len(summary.built)
    word = "done" if summary is None or summary.succeeded else "NOT DONE"
    pauses = f", stopped {ran.paused} times for a nightly run" if ran.paused else ""
    rest = f"; about {seconds(left)} left" if number < nights and word == "done" else ""
    return (f"{ran.day}  {word}: {built} built in {seconds(ran.seconds)}{pauses}; "
            f"{number} of {nights}{rest}")  # fmt: skip


def failure(ran: Ran) -> str:
    """Why a night could not be completed, and that the backfill ends there."""
    summary = ran.summary
    lines = [f"failed  {one.task}/{one.label}\n    " + one.message.replace("\n", "\n    ")
             for one in (summary.failed if summary else [])]  # fmt: skip
    lines += [f"source missing  {step.reasons[0].subject}"
              for step in ran.planned.having("source missing")]  # fmt: skip
    return "\n".join([
        *lines,
        f"The backfill ends at {ran.day}: the nights after it would continue from it. Mend the "
        "cause and give the same command again; what was built is kept."])  # fmt: skip


def as_json(planned: Backfill, ran: list[Ran]) -> dict[str, Any]:
    """The plan, the estimate and what became of each night, for machines."""
    ended = {one.day: one for one in ran}
    return {
        "nights": [_night_as_json(one, ended.get(one.day)) for one in planned.nights],
        "there": len(planned.nights) - len(planned.due),
        "estimate": {"seconds": round(planned.seconds, 3), "wall_seconds": round(planned.wall, 3),
                     "workers": planned.workers, "how": how(planned)},
        "took_seconds": round(sum(one.seconds for one in ran), 3),
    }


def _night_as_json(night: Night, ran: Ran | None) -> dict[str, Any]:
    summary = ran.summary if ran else None
    return {
        "day": night.day.isoformat(), "there": night.is_there, "due": len(night.due),
        "estimate_seconds": round(night.wall, 3), "source_missing": night.missing,
        "took_seconds": round(ran.seconds, 3) if ran else None,
        "built": len(summary.built) if summary else 0,
        "failed": [vars(one) for one in summary.failed] if summary else [],
        "complete": (summary is None or summary.succeeded) if ran else night.is_there,
        "paused": ran.paused if ran else 0, "run": summary.run if summary else None,
    }
