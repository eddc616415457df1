"""The audience of a lookalike request: scored, chosen, judged by decile, and told in words."""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd

from ml.audience import consented
from ml.audience_facts import Facts, gather
from ml.audience_funnel import Reached, Step
from ml.audience_request import AudienceRequest
from ml.encoding import fit_encoding
from ml.family import ModelRecipe
from ml.features.membership import among
from ml.lookalike import recipe_of, scores
from ml.lookalike_quality import quality, reasons
from ml.lookalike_size import others_needed, places, seeds_needed
from ml.metrics import number
from ml.requested_audience import follow, published, ranked
from ml.small_counts import told_parts, told_steps


def build(
    *,
    request: dict,
    candidates: list[pd.DataFrame],
    names: dict,
    guard: dict,
    membership: list[pd.DataFrame],
    listeners: list[pd.DataFrame] | None = None,
    consent: list[pd.DataFrame] | None = None,
    exposures: list[Path] | None = None,
    recipe: ModelRecipe,
    family_name: str,
    night: dt.date,
    minimum: int,
    consent_required: bool,
) -> dict:
    """``members.parquet``, ``audience.json`` and ``lookalike.json`` of a request with seeds.

    Learnt from are consenting ``candidates`` with enough evidence, told apart by the features of
    the family's ``recipe``; a member is one of them, is no seed, and passes the conditions of the
    request. Raises RequestUnusable with every mistake in the request. With too few seeds, others
    or members nothing is published, and the reason says so.
    """
    facts = gather(
        [request], night=night, minimum=minimum, names=names, guard=guard, membership=membership,
        listeners=listeners, consent=consent, consent_required=consent_required,
        exposures=exposures,
    )  # fmt: skip
    asked, reached = follow(request, facts)
    eligible = _eligible(candidates, facts)
    is_seed = among(eligible["listener"], request["seeds.parquet"]["listener"]).to_numpy()
    seeds, others = int(is_seed.sum()), int((~is_seed).sum())
    refusal = (
        reached.refusal or seeds_needed(seeds, minimum) or others_needed(others, minimum)
    )
    scored = np.zeros(len(eligible)) if refusal else scores(eligible, is_seed, recipe_of(recipe))
    judged = {} if refusal else _judged(eligible, is_seed, scored, recipe)
    if judged and not judged["better_than_chance"]:
        refusal = "not published: the seeds are no more alike than listeners drawn by lot"
    rows = eligible[["listener"]].assign(score=scored)[~is_seed]
    pool = ranked(rows[among(rows["listener"], reached.rows["listener"])])
    members = pool.head(places(asked.reach or 0, len(eligible)))
    made = published(
        asked, _with_last_steps(reached, len(pool), len(members)), members, facts,
        family_name, refusal,
    )  # fmt: skip
    told = made["audience.json"]
    return {
        **made,
        "lookalike.json": {
            "request": asked.name,
            "title": asked.title,
            "seeds": _seeds(request, eligible, facts),
            **judged,
            "audience": {
                **{name: told[name] for name in ("listeners", "published", "reason")},
                "share": _share(told["listeners"], len(eligible)),
            },
            "overlap": _overlap(made["members.parquet"], facts),
            "notes": [*told["notes"], *_notes(judged, asked, len(pool), len(eligible))],
        },
    }


def _eligible(candidates: list[pd.DataFrame], facts: Facts) -> pd.DataFrame:
    """Consenting candidates with enough evidence to be scored, by listener."""
    rows = pd.concat(candidates, ignore_index=True)
    kept = consented(rows["listener"], facts.consent, facts.consent_required)
    kept &= rows["enough_evidence"].astype(bool)
    return rows[kept].sort_values("listener", kind="stable", ignore_index=True)


def _judged(
    eligible: pd.DataFrame, is_seed: np.ndarray, scored: np.ndarray, recipe: ModelRecipe
) -> dict:
    encoding = fit_encoding([eligible.assign(label=0)], np.arange(len(eligible)), recipe)
    numeric = [name for name in encoding["features"] if name not in encoding["categorical"]]
    return {
        **quality(eligible["listener"], is_seed, scored),
        "reasons": reasons(eligible, is_seed, numeric),
    }


def _seeds(request: dict, eligible: pd.DataFrame, facts: Facts) -> dict:
    """How many seeds were listed, are listeners, consented, and could be learnt from."""
    mine = request["seeds.parquet"]["listener"]
    known = mine[among(mine, facts.known)]
    agreed = known[consented(known, facts.consent, facts.consent_required)]
    used = among(agreed, eligible["listener"]).sum()
    counts = [request["request.json"]["listed"]["seeds"], len(known), len(agreed), int(used)]
    names = ("listed", "known", "consented", "used")
    return dict(zip(names, told_steps(counts, facts.minimum), strict=True))


def _with_last_steps(reached: Reached, pool: int, members: int) -> Reached:
    last = [
        Step("with enough plays, and no seed", "scores need listening", pool),
        Step("best scored", "the reach asked for", members),
    ]
    return Reached([*reached.steps, *last], reached.rows, reached.refusal, reached.notes)


def _overlap(members: pd.DataFrame, facts: Facts) -> list[dict]:
    mine = facts.membership[among(facts.membership["listener"], members["listener"])]
    parts = [int((mine["segment"] == one).sum()) for one in facts.segments]
    return [
        {"segment": one, "name": facts.segments[one], "listeners": count,
         "share": _share(count, len(members))}
        for one, count in zip(facts.segments, told_parts(parts, facts.minimum), strict=True)
    ]  # fmt: skip


def _share(part: int | None, whole: int) -> float | None:
    return None if part is None or not whole else number(part / whole)


def _notes(judged: dict, asked: AudienceRequest, pool: int, eligible: int) -> list[str]:
    if not judged:
        return []
    notes = [
        "Listeners who are alike but not on the list count as misses: the true precision is "
        "higher than the deciles say."
    ]
    if judged["rises"]:
        notes.append("A lower decile surely holds more seeds than a higher one: do not trust it.")
    if pool < places(asked.reach or 0, eligible):
        notes.append("Fewer listeners meet the conditions than the reach asks for.")
    return notes
