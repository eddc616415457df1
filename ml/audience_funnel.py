"""From everybody to the listeners a request may reach, one condition after the other."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from ml.audience import consented, rested
from ml.audience_facts import Facts, ids_of
from ml.audience_request import AudienceRequest
from ml.features.membership import among
from ml.features.windows import midnight
from ml.small_counts import told_steps


@dataclass(frozen=True)
class Step:
    """A condition in words, how many listeners were left after it, and what it is about."""

    step: str
    reason: str
    listeners: int


@dataclass(frozen=True)
class Reached:
    """The steps, and the rows of the membership that passed them all; or why nobody may."""

    steps: list[Step]
    rows: pd.DataFrame
    refusal: str
    notes: list[str]


def reach(request: AudienceRequest, excluded: pd.DataFrame, facts: Facts) -> Reached:
    """Follow a request that has no problems. ``excluded`` are listeners named one by one."""
    rows, steps = facts.membership, []
    refusal = _refusal(request, facts)
    for asked, (step, reason, keep) in _conditions(request, excluded, facts):
        if asked:
            rows = rows[keep(rows)]
            steps.append(Step(step, reason, len(rows)))
    rows = rows[:0] if refusal else rows
    return Reached(steps, rows.reset_index(drop=True), refusal, _notes(request, facts))


def steps_told(steps: list[Step], k: int) -> list[dict]:
    """The steps for people: counts that could single somebody out are None."""
    counts = told_steps([one.listeners for one in steps], k)
    return [
        {"step": one.step, "listeners": count, "reason": one.reason}
        for one, count in zip(steps, counts, strict=True)
    ]


Condition = tuple[str, str, Callable[[pd.DataFrame], pd.Series]]


def _conditions(
    request: AudienceRequest, excluded: pd.DataFrame, facts: Facts
) -> list[tuple[bool, Condition]]:
    """Every condition there is, and whether this request makes it."""
    include, exclude = ids_of(request.include, facts), ids_of(request.exclude, facts)
    withheld = [one for one in include if one in facts.withheld]
    named = ", ".join(facts.segments[one] for one in include) or "everybody"
    filters = request.filters()
    return [
        (True, ("in the segments", named, lambda rows: _in(rows, include or facts.segments))),
        (bool(withheld), (
            "in segments that may be used", " ".join(facts.withheld[one] for one in withheld),
            lambda rows: ~_in(rows, withheld))),
        (bool(filters), (
            "with the account asked for",
            "; ".join(f"{column}: {', '.join(values)}" for column, values in filters.items()),
            lambda rows: _with_account(rows, filters, facts))),
        (bool(exclude), (
            "not in excluded segments", ", ".join(facts.segments[one] for one in exclude),
            lambda rows: ~_in(rows, exclude))),
        (bool(request.exclude_listeners), (
            "not on the list of exclusions", request.exclude_listeners,
            lambda rows: ~among(rows["listener"], excluded["listener"]))),
        (True, (
            "consented", _consent_in_words(facts),
            lambda rows: consented(rows["listener"], facts.consent, facts.consent_required))),
        (request.at_most is not None, (
            "rested", _cap_in_words(request), lambda rows: _rested(rows, request, facts))),
    ]  # fmt: skip


def _refusal(request: AudienceRequest, facts: Facts) -> str:
    """Why the request may not be followed at all; "" when it may.

    Without its exclusion an audience would reach people it was meant to spare, so a withheld
    segment among those excluded stops it; among those included it is left out.
    """
    excluded = [one for one in ids_of(request.exclude, facts) if one in facts.withheld]
    included = ids_of(request.include, facts)
    stopped = excluded or (included if set(included) <= facts.withheld.keys() else [])
    if not stopped:
        return ""
    said = " ".join(facts.withheld[one] for one in stopped)
    names = ", ".join(facts.segments[one] for one in stopped)
    return f"not published: the guard withholds {names}. {said}"


def _in(rows: pd.DataFrame, segments) -> pd.Series:
    return rows["segment"].isin(list(segments))


def _with_account(rows: pd.DataFrame, filters: dict, facts: Facts) -> pd.Series:
    if facts.listeners is None:
        raise ValueError("a filter needs the table of listeners: check the request first")
    accounts = facts.listeners
    for column, values in filters.items():
        accounts = accounts[accounts[column].isin(values)]
    return among(rows["listener"], accounts["listener"])


def _rested(rows: pd.DataFrame, request: AudienceRequest, facts: Facts) -> pd.Series:
    met = _met(request, facts).reindex(rows["listener"]).fillna(0).to_numpy()
    most = 0 if request.at_most is None else request.at_most.exposures
    kept = rested(rows.assign(exposures=met), ("exposures", most))
    return pd.Series(rows.index.isin(kept.index), index=rows.index)


def _met(request: AudienceRequest, facts: Facts) -> pd.Series:
    """How often each listener met the campaign of the cap in its days, up to the night's."""
    if request.at_most is None or facts.exposures is None:
        return pd.Series(dtype="int64")
    first = midnight(facts.night) - pd.Timedelta(days=request.at_most.days - 1)
    shown = facts.exposures
    recent = (shown["day"] >= first) & (shown["day"] <= midnight(facts.night))
    mine = shown[recent & (shown["campaign"] == request.at_most.campaign)]
    return mine.groupby("listener")["impressions"].sum()


def _consent_in_words(facts: Facts) -> str:
    absent = facts.consent is None
    return "this source has no table of consent" if absent else "agreed to personalised ads"


def _cap_in_words(request: AudienceRequest) -> str:
    if request.at_most is None:
        return ""
    cap = request.at_most
    times = "not met" if cap.exposures == 0 else f"met at most {cap.exposures} times"
    return f"{cap.campaign} {times} in {cap.days} {'day' if cap.days == 1 else 'days'}"


def _notes(request: AudienceRequest, facts: Facts) -> list[str]:
    """What is right as it stands, and may still be a slip of the pen."""
    notes = []
    if request.at_most is not None and _met(request, facts).empty:
        cap = request.at_most
        notes.append(f"Nobody met campaign {cap.campaign} in the last {cap.days} days.")
    for column, values in request.filters().items():
        there = set() if facts.listeners is None else set(facts.listeners[column])
        if absent := sorted(set(values) - there):
            notes.append(f"No listener's {column} is {' or '.join(absent)}.")
    return notes
