"""A lineage as inline SVG: the artifact on top, its sources at the bottom, every box a link."""

from html import escape

from ml.report.charts import drawing, pixel
from workflows.page.lineage import Group, Lineage

_WIDE, _HIGH, _GAP, _STEP = 156, 40, 14, 74


def draw(found: Lineage) -> str:
    """The graph as SVG, from the left, where a phone looks first.

    A box leads to its artifact, or to the list of them below the drawing.
    """
    layers = found.layers()
    widest = max(map(len, layers))
    width = widest * (_WIDE + _GAP) + _GAP
    places = {
        group: (_GAP + _WIDE / 2 + at * (_WIDE + _GAP), 8 + depth * _STEP)
        for depth, layer in enumerate(layers) for at, group in enumerate(layer)
    }
    edges = "".join(_edge(places[one], places[two]) for one, two in found.graph.edges)
    boxes = "".join(_box(found, group, *place) for group, place in places.items())
    height = (len(layers) - 1) * _STEP + _HIGH + 16
    says = f"{len(places)} kinds of artifacts that {found.root[0]} is made from"
    return drawing(edges + boxes, width, height, says, "lineage").replace(
        "<svg ", f'<svg width="{pixel(width)}" height="{pixel(height)}" ', 1)


def anchor_of(group: Group) -> str:
    """The anchor of the list of a group's members."""
    return "-".join(filter(None, group))


def _edge(above: tuple[float, float], below: tuple[float, float]) -> str:
    (x1, top), (x2, y2) = above, below
    y1 = top + _HIGH
    middle = (y1 + y2) / 2
    points = " ".join(map(pixel, (x1, y1)))
    return (f'<path class="edge" d="M{points} C{pixel(x1)} {pixel(middle)} {pixel(x2)} '
            f'{pixel(middle)} {pixel(x2)} {pixel(y2)}"/>')


def _box(found: Lineage, group: Group, x: float, y: float) -> str:
    members = found.members[group]
    is_source = all(one.address is None for one in members)
    kind = "box root" if group == found.root else "box source" if is_source else "box"
    count = f"{len(members):,} × " if len(members) > 1 else ""  # noqa: RUF001
    about = group[1] or ("source" if is_source else members[0].name if not count else "")
    under = f"{count}{about}".removesuffix(" × ").strip()  # noqa: RUF001
    if count and not about:
        under = f"{len(members):,} of them"
    alone = members[0].address if len(members) == 1 else None
    place = f"/artifact/{'/'.join(alone)}" if alone else f"#{anchor_of(group)}"
    return (
        f'<a href="{escape(place)}"><rect class="{kind}" x="{pixel(x - _WIDE / 2)}" '
        f'y="{pixel(y)}" width="{_WIDE}" height="{_HIGH}" rx="4"/>'
        f'<text class="name" x="{pixel(x)}" y="{pixel(y + 17)}">{escape(group[0])}</text>'
        f'<text class="about" x="{pixel(x)}" y="{pixel(y + 32)}">{escape(under[:24])}</text></a>'
    )
