"""What each segment is called and how it is coloured: a person's names before the discovered ones.

Models and tables know a segment by its id; only people read names.
"""

from dataclasses import dataclass

from ml.report.charts import safe_color

GREY = "#8a8f94"


@dataclass(frozen=True)
class Identity:
    """A segment as a person sees it; ``discovered`` is its former name where somebody chose one.

    A ``retired`` one is of the definitions before; a model that was live then may still say it.
    """

    id: str
    name: str
    color: str
    discovered: str = ""
    retired: bool = False


def identities(definitions: dict | None, names: dict | None) -> dict[str, Identity]:
    """Tonight's segments by id, in the definitions' order, then the retired ones.

    What ``names.json`` calls them takes precedence.
    """
    chosen = {str(one.get("id")): one for one in (names or {}).get("segments") or []}
    found = (definitions or {}).get("segments") or []
    before = ((definitions or {}).get("previous") or {}).get("retired") or []
    current = {str(one.get("id")) for one in found}
    every = {str(one.get("id")): one for one in [*found, *chosen.values(), *before]}
    return {
        segment: _identity(one | chosen.get(segment, {}), segment not in current)
        for segment, one in every.items()
    }


def _identity(one: dict, retired: bool) -> Identity:
    name = str(one.get("name", ""))
    discovered = str(one.get("discovered_name") or name)
    return Identity(
        str(one.get("id")),
        name,
        safe_color(one.get("color")),
        "" if discovered == name else discovered,
        retired,
    )


def identity(known: dict[str, Identity], segment: object, entry: dict | None = None) -> Identity:
    """One segment; one not among tonight's by what ``entry`` says of it, else by its id."""
    named = str(segment)
    if named in known:
        return known[named]
    said = entry or {}
    color = safe_color(said.get("color") or GREY)
    return Identity(named, str(said.get("name") or named), color)


def with_names(evaluation: dict, known: dict[str, Identity]) -> dict:
    """The evaluation with its classes called by their names."""
    classes = evaluation.get("classes")
    if not classes or not known:
        return evaluation
    return evaluation | {"classes": [identity(known, one).name for one in classes]}
