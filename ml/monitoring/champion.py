"""How old the live model is, and whether that is older than its family's shelf life."""

import datetime as dt

from ml.monitoring.alarms import STALE, alarm


def check_champion(live: dict, *, family_name: str, night: dt.date, shelf_life: int) -> dict:
    """``live_day``, ``age_days`` and, beyond ``shelf_life`` days, an alarm.

    ``live`` is the bundle that was live before the night (``gates.read_live``).
    """
    live_day = live["live.json"]["live_day"]
    age = (night - dt.date.fromisoformat(live_day)).days
    alarms = []
    if age > shelf_life:
        alarms.append(alarm(
            STALE, family_name,
            f"The live model of {family_name} is {age} days old (of {live_day}), and its shelf "
            f"life is {shelf_life} days: every model since was refused, or none was trained. Read "
            "why in the last nights' decisions: setlist show DecideModel --family "
            f"{family_name} --day {night}."))  # fmt: skip
    return {"family": family_name, "day": night.isoformat(), "live_day": live_day,
            "age_days": age, "shelf_life_days": shelf_life, "alarms": alarms}  # fmt: skip
