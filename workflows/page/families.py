"""What a night decided about each family's model, and how good it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ml.families import FAMILIES
from tasks.engine.journal import Address
from workflows.page.shelf import Look


@dataclass(frozen=True)
class Figure:
    """A measured value and its 95 % interval."""

    value: float
    low: float | None
    high: float | None

    def __str__(self) -> str:
        if self.low is None or self.high is None:
            return f"{self.value:.3f}"
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


@dataclass(frozen=True)
class FamilyNight:
    """One family on one night."""

    family: str
    title: str
    day: str
    verdict: str
    reasons: list[str]
    live_day: str
    champion_day: str
    figures: dict[str, Figure]
    change: Figure | None
    """Normalized entropy minus the champion's, on the same rows: below zero is better."""
    rows: int
    version: str
    registry: str
    report: Address | None
    decision: Address

    @property
    def sentence(self) -> str:
        """Is tonight's model good, and what is live?"""
        if self.verdict == "blessed":
            return "Tonight’s model passed every gate and is live."  # noqa: RUF001
        live = f"The model of {self.live_day} stays live." if self.live_day else "No model is live."
        return f"Tonight’s model was refused. {live}"  # noqa: RUF001

    @property
    def compared(self) -> str:
        """Its change against the champion, in words."""
        if self.change is None:
            return "no champion to compare with"
        word = "better" if self.change.value < 0 else "worse"
        change = self.change
        sure = change.low is not None and change.high is not None and change.low * change.high > 0
        doubt = "" if sure else ", which may be chance"
        return f"{abs(change.value):.3f} {word} than the champion of {self.champion_day}{doubt}"


@dataclass(frozen=True)
class Decided:
    """A night's verdict on one family, without its figures."""

    verdict: str
    reasons: list[str]
    decision: Address


def verdicts(look: Look, days: Iterable[str]) -> dict[str, dict[str, Decided]]:
    """By day and family, what was decided; families without a decision are left out."""
    return {day: {family: one for family in FAMILIES
                  if (one := _decided(look, f"{family}.{day}")) is not None} for day in days}


def _decided(look: Look, label: str) -> Decided | None:
    entry = look.newest("DecideModel", label)
    found = look.value("DecideModel", label, "decision.json") if entry else None
    if entry is None or found is None:
        return None
    reasons = found["reasons"] if found["verdict"] == "refused" else []
    return Decided(found["verdict"], reasons, entry.address)


def of_night(look: Look, day: str) -> list[FamilyNight]:
    """Every family that was decided on a night, in the order families are listed."""
    found = [family_night(look, family, day) for family in FAMILIES]
    return [one for one in found if one is not None]


def family_night(look: Look, family: str, day: str) -> FamilyNight | None:
    """One family on one night; None when nothing was decided."""
    label = f"{family}.{day}"
    entry = look.newest("DecideModel", label)
    decision = look.value("DecideModel", label, "decision.json") if entry else None
    if entry is None or decision is None:
        return None
    judged = look.value("EvaluateModel", label, "evaluation.json") or {}
    receipt = look.value("PublishModel", label) or {}
    report = look.newest("WriteReport", label)
    return FamilyNight(
        family=family, title=FAMILIES[family].title, day=day, verdict=decision["verdict"],
        reasons=decision["reasons"] if decision["verdict"] == "refused" else [],
        live_day=decision["live_day"] or "", champion_day=decision["champion_day"] or "",
        figures=_figures(judged), change=_change(judged), rows=judged.get("rows", 0),
        version=str(receipt.get("version", "")) if receipt.get("published") else "",
        registry=_registry(look, label), report=report.address if report else None,
        decision=entry.address,
    )


def nights_of(look: Look, family: str, most: int) -> list[FamilyNight]:
    """The newest nights on which a family was decided, newest first."""
    labels = [one for one in look.store.labels("DecideModel") if one.startswith(f"{family}.")]
    days = sorted((one.removeprefix(f"{family}.") for one in labels), reverse=True)[:most]
    found = [family_night(look, family, day) for day in days]
    return [one for one in found if one is not None]


def _registry(look: Look, label: str) -> str:
    entry = look.newest("PublishModel", label)
    notes = look.shelf.manifest(entry.address).notes if entry else {}
    address = str(notes.get("registry", ""))
    return address if address.startswith(("http://", "https://")) else ""


def _figures(judged: dict[str, Any]) -> dict[str, Figure]:
    model = judged.get("metrics", {}).get("model", {})
    found = {name: _figure(one) for name, one in model.items()}
    return {name: one for name, one in found.items() if one is not None}


def _change(judged: dict[str, Any]) -> Figure | None:
    return _figure((judged.get("comparison") or {}).get("difference"))


def _figure(told: dict[str, Any] | None) -> Figure | None:
    if told is None or told.get("value") is None:
        return None
    return Figure(told["value"], told.get("low"), told.get("high"))
