"""Which families can run on a source and a day, and why the others cannot."""

import datetime as dt

from ml.families import FAMILIES
from ml.family import Family
from tasks.deployment import Deployment, deployment
from tasks.engine.configured import Misconfigured


def reason_against(spec: Family, day: dt.date) -> str:
    """Why a family cannot have a night on ``day`` here; "" when it can."""
    here = deployment()
    if lacking := lacks(spec, here):
        return f"source {here.source.name} has no {' and no '.join(lacking)}"
    if day < (first := first_night(spec, here)):
        return f"its first night is {first}, when its labels are mature"
    return ""


def families_possible(day: dt.date) -> list[str]:
    """The families that can have a night on ``day``."""
    return [name for name, spec in FAMILIES.items() if not reason_against(spec, day)]


def families_left_out(day: dt.date) -> dict[str, str]:
    """The families that cannot have a night on ``day``, and why."""
    reasons = {name: reason_against(spec, day) for name, spec in FAMILIES.items()}
    return {name: reason for name, reason in reasons.items() if reason}


def require_tables(spec: Family, here: Deployment) -> None:
    """Raise `Misconfigured` when the source lacks what the family cannot do without."""
    if lacking := lacks(spec, here):
        raise Misconfigured(
            f"{spec.name} needs {', '.join(lacking)}, which source {here.source.name} does not "
            f"have (it has {', '.join(here.source.tables)})."
        )


def lacks(spec: Family, here: Deployment) -> list[str]:
    """Tables, and kinds of outcomes, that the family requires and the source does not have."""
    tables = [name for name in spec.required_tables if not here.has(name)]
    if spec.one_of and not any(here.has(name) for name in spec.one_of):
        tables.append(" or ".join(spec.one_of))
    if tables:
        return tables
    return [
        f"outcomes of kind {kind}"
        for kind in spec.required_outcomes
        if kind not in here.source.kinds
    ]


def first_night(spec: Family, here: Deployment) -> dt.date:
    """The first night with a day to learn from, a day to stop on and a day to judge."""
    if spec.split == "listener":
        return here.first_day
    windows = spec.windows
    maturity = min(windows.maturity, here.source.maturity_days)
    return here.first_day + dt.timedelta(maturity + windows.test + windows.stop)
