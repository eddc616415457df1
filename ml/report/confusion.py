"""Which class is taken for which."""

from ml.report.words import count, plural, share


def confusion(evaluation: dict) -> dict | None:
    """Counts of truth (rows) against prediction (columns), shaded by the share of each row."""
    table, classes = evaluation.get("confusion"), evaluation.get("classes")
    if not table or not classes:
        return None
    rows = []
    for name, counts in zip(classes, table, strict=False):
        whole = sum(counts) or 1
        rows.append(
            {
                "name": name,
                "rows": count(sum(counts)),
                "cells": [
                    {
                        "count": count(cell),
                        "share": share(cell / whole, 0),
                        "depth": round(100 * cell / whole),
                    }
                    for cell in counts
                ],
            }
        )
    return {"classes": classes, "rows": rows}


def most_confused(evaluation: dict) -> str:
    """The commonest mistake, in words."""
    table, classes = evaluation.get("confusion") or [], evaluation.get("classes") or []
    mistakes = [
        (cell, truth, said)
        for truth, row in zip(classes, table, strict=False)
        for said, cell in zip(classes, row, strict=False)
        if truth != said and cell
    ]
    if not mistakes:
        return "No row was put in a wrong class."
    cell, truth, said = max(mistakes, key=lambda mistake: mistake[0])
    return f"The commonest mistake: {plural(cell, 'row')} of “{truth}” called “{said}”."
