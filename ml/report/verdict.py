"""The decision in words a product manager understands, and its gates."""

# Typographic quotes, dashes and signs are meant.
# ruff: noqa: RUF001

from ml.report.words import compact, day_in_words, known, plural


def verdict(decision: dict) -> dict | None:
    """Badge, sentence, reasons and gates; None when nothing was decided."""
    if not decision.get("verdict"):
        return None
    gates = [_gate(gate) for gate in decision.get("gates") or []]
    failed = [gate for gate in gates if not gate["passed"]]
    said = {gate["sentence"] for gate in gates}
    reasons = [_plainly(reason) for reason in decision.get("reasons") or []]
    blessed = decision["verdict"] == "blessed"
    return {
        "blessed": blessed,
        "badge": "Blessed" if blessed else "Refused",
        "headline": "Tonight’s model goes live."
        if blessed
        else "Tonight’s model does not go live.",
        "sentence": f"{_gates_in_words(len(gates), len(failed))} {_live_in_words(decision)}",
        "reasons": [reason for reason in reasons if reason not in said],
        "gates": failed + [gate for gate in gates if gate["passed"]],
    }


def _gate(gate: dict) -> dict:
    observed = gate.get("observed")
    return {
        "name": str(gate.get("gate", "")).replace("_", " "),
        "passed": bool(gate.get("passed")),
        "sentence": _plainly(str(gate.get("sentence") or gate.get("gate", ""))),
        "observed": compact(observed) if known(observed) else "not measured",
        "bound": gate.get("bound") or "",
    }


def _plainly(sentence: str) -> str:
    """A gate's sentence with a capital; the cross beside it already says that it refused."""
    said = sentence.removeprefix("refused: ")
    return said[:1].upper() + said[1:]


def _gates_in_words(gates: int, failed: int) -> str:
    if gates == 0:
        return "No gate looked at it."
    if failed == 0:
        return f"It passed {'its only gate' if gates == 1 else f'all {gates} gates'}."
    return f"It failed {failed} of {plural(gates, 'gate')}."


def _live_in_words(decision: dict) -> str:
    champion, live = decision.get("champion_day"), decision.get("live_day")
    if decision["verdict"] == "blessed":
        if champion:
            return f"It replaces the model of {day_in_words(champion)}."
        return "No model was live before it."
    if live:
        return f"The model of {day_in_words(live)} stays in service, so listeners notice nothing."
    return "There is no earlier model to fall back on, so nothing is live tonight."
