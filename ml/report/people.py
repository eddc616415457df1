"""The audiences: published or why not, and whom they were drawn from."""

from ml.report.identities import Identity
from ml.report.words import count, known, plural


def audiences(published: dict | None, identities: dict[str, Identity]) -> dict | None:
    """Each audience, published or why not, and how many listeners it was drawn from."""
    if not published:
        return None
    rows = [_audience(entry, identities) for entry in published.get("audiences") or []]
    return {"rows": rows, "sentence": _drawn_from(published)}


def _audience(entry: dict, identities: dict[str, Identity]) -> dict:
    """A line of the table; how many listeners a withheld audience has is withheld as well."""
    segment = identities.get(str(entry.get("audience")))
    shown, reason = bool(entry.get("published")), str(entry.get("reason") or "")
    return {
        "title": segment.name if segment else entry.get("title") or entry.get("audience"),
        "listeners": count(entry.get("listeners") if shown else None),
        "published": shown,
        "reason": "" if shown else reason.removeprefix("not published: "),
    }


def _drawn_from(published: dict) -> str:
    counts = published.get("counts") or {}
    parts = []
    if known(counts.get("scored")):
        parts.append(f"{plural(counts['scored'], 'listener')} scored.")
    if known(counts.get("without_consent")):
        parts.append(
            f"{plural(counts['without_consent'], 'listener')} left out for want of consent."
        )
    if known(counts.get("eligible")):
        parts.append(f"{plural(counts['eligible'], 'listener')} eligible.")
    if known(published.get("k")):
        parts.append(f"An audience of fewer than {count(published['k'])} is never published.")
    said = [part[:1].upper() + part[1:] for part in parts]
    return " ".join([*said, *(published.get("notes") or [])])
