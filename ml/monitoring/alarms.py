"""An alarm: what is wrong, how much, since when and what to do now, in a sentence."""

DRIFT, CALIBRATION, PERFORMANCE = "drift", "calibration", "performance"
VOLUME, FRESHNESS, STALE = "volume", "freshness", "stale champion"


def alarm(kind: str, subject: str, sentence: str) -> dict:
    """One alarm; ``runbook`` is the heading of the runbook's page about its kind.

    >>> alarm("stale champion", "ad_targeting", "Old.")["runbook"]
    'stale-champion'
    """
    return {"kind": kind, "subject": subject, "sentence": sentence,
            "runbook": kind.replace(" ", "-")}  # fmt: skip


def not_monitored(family_name: str, reason: str) -> dict:
    """What is said of a family that has nothing to be watched: no alarm, and a note."""
    return {"family": family_name, "note": reason, "alarms": []}
