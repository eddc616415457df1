"""Audiences that listen like a list of seeds: how well each tenth holds, drawn and said."""

import itertools
from collections.abc import Sequence

from ml.report.charts import Scale, drawing, line, linear, pixel, ticks
from ml.report.identities import Identity, identity
from ml.report.words import count, feature_in_words, figure, known, measured, plural, share

WIDTH, HEIGHT = 400, 220
LEFT, RIGHT, TOP, BOTTOM = 52, 10, 16, 40
MOST_REASONS = 5
SEEDS = (("listed", "listed"), ("known", "known here"), ("consented", "with consent"),
         ("used", "learnt from"))  # fmt: skip


def lookalikes(found: Sequence[dict], identities: dict[str, Identity]) -> list[dict]:
    """A block per request, in the order given."""
    return [_lookalike(one, identities) for one in found]


def _lookalike(told: dict, identities: dict) -> dict:
    deciles = [one for one in told.get("deciles") or [] if known(one.get("precision"))]
    base = told.get("base_rate")
    says = _falls_in_words(deciles, base)
    return {
        "title": told.get("title") or told.get("request"),
        "seeds": _seeds(told.get("seeds") or {}),
        "chart": decile_bars(deciles, base, says) if deciles else "",
        "caption": says,
        "audience": _audience(told.get("audience") or {}),
        "reasons": [_reason(one) for one in (told.get("reasons") or [])[:MOST_REASONS]],
        "overlap": [_overlap(one, identities) for one in told.get("overlap") or []],
        "notes": told.get("notes") or [],
    }


def _seeds(told: dict) -> str:
    steps = [f"{count(told[key])} {words}" for key, words in SEEDS if known(told.get(key))]
    return f"Seeds: {', '.join(steps)}." if steps else "How many seeds there were is not known."


def _falls_in_words(deciles: list[dict], base: object) -> str:
    if not deciles:
        return "Its quality was not measured."
    values = [one["precision"] for one in deciles]
    falls = all(a >= b for a, b in itertools.pairwise(values))
    first = deciles[0]
    lift = f", {figure(first['lift'], 1)} times the base rate" if known(first.get("lift")) else ""
    of = f" of {share(base)}" if known(base) and lift else ""
    shape = "falls from tenth to tenth" if falls else "does not fall from tenth to tenth throughout"
    return (
        f"Of the tenth that is most alike, {share(values[0])} are held-out seeds{lift}{of} (dashed "
        f"line). Precision {shape}. Bars: 95 % intervals."
    )


def decile_bars(deciles: list[dict], base: object, says: str) -> str:
    """A bar per tenth, the most alike first, with intervals and the line of the base rate."""
    ends = [one["high"] if known(one.get("high")) else one["precision"] for one in deciles]
    high = max([*ends, 1e-9]) * 1.05
    y = linear(0, high, HEIGHT - BOTTOM, TOP)
    step = (WIDTH - LEFT - RIGHT) / len(deciles)
    bars = [_bar(one, LEFT + step * place, step, y) for place, one in enumerate(deciles)]
    at_base = line("guide", LEFT, y(base), WIDTH - RIGHT, y(base)) if known(base) else ""
    middle = (LEFT + WIDTH - RIGHT) / 2
    words = f'<text class="label" x="{pixel(middle)}" y="{HEIGHT - 4}">'
    label = f"{words}Tenths, most alike first</text>"
    ground = line("axis", LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM)
    body = _grid(high, y) + "".join(bars) + at_base + ground + label
    return drawing(body, WIDTH, HEIGHT, says, "chart wide deciles")


def _bar(one: dict, left: float, step: float, y: Scale) -> str:
    top, floor, middle = y(one["precision"]), HEIGHT - BOTTOM, left + step / 2
    number = count(one["decile"])
    whisker = ""
    if known(one.get("low")) and known(one.get("high")):
        whisker = line("whisker", middle, y(one["low"]), middle, y(one["high"]))
    return (
        f'<rect class="tenth" x="{pixel(left + 2)}" y="{pixel(top)}" width="{pixel(step - 4)}" '
        f'height="{pixel(max(floor - top, 0))}"/>{whisker}'
        f'<text class="tick across" x="{pixel(middle)}" y="{floor + 16}">{number}</text>'
    )


def _grid(high: float, y: Scale) -> str:
    return "".join(
        line("grid", LEFT, y(tick), WIDTH - RIGHT, y(tick))
        + f'<text class="tick up" x="{LEFT - 7}" y="{pixel(y(tick) + 4)}">{100 * tick:.3g} %</text>'
        for tick in ticks(high, 4)
    )


def _audience(told: dict) -> dict | None:
    if not told:
        return None
    published = bool(told.get("published"))
    size = f"{plural(told['listeners'], 'listener')}" if known(told.get("listeners")) else ""
    part = f", {share(told['share'])} of all" if size and known(told.get("share")) else ""
    reason = str(told.get("reason") or "").removeprefix("not published: ")
    return {"published": published, "said": f"{size}{part}" if published else reason}


def _reason(one: dict) -> dict:
    return {
        "label": one.get("label") or feature_in_words(str(one.get("feature", ""))),
        "seeds": measured(one.get("feature"), one.get("seeds_value")),
        "overall": measured(one.get("feature"), one.get("overall")),
    }


def _overlap(one: dict, identities: dict) -> dict:
    own, part = identity(identities, one.get("segment"), one), one.get("share")
    return {
        "name": own.name,
        "color": own.color,
        "share": share(part, 0),
        "width": f"{part:.3f}" if known(part) else "0",
    }
