"""Where an artifact comes from: its inputs and theirs, down to the sources, from manifests."""

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field

import networkx

from ml.families import FAMILIES
from tasks.engine.errors import CorruptPayload
from tasks.engine.journal import Address
from tasks.engine.manifest import Input
from workflows.page.shelf import Look

_MOST_ARTIFACTS = 3000

#: A node: a task, and the family it is about, if it is about one.
Group = tuple[str, str]


@dataclass
class Member:
    """One artifact, or one source, that is part of a group."""

    name: str
    address: Address | None
    """None for a source, and for an artifact that is not in the store any more."""


@dataclass
class Lineage:
    """The graph of an artifact; edges lead from what needs to what is needed."""

    root: Group
    graph: networkx.DiGraph
    members: dict[Group, list[Member]] = field(default_factory=dict)
    is_cut: bool = False

    def layers(self) -> list[list[Group]]:
        """Groups by their longest way from the artifact, each layer ordered to cross few edges."""
        return _uncrossed(self.graph, _layers(self.graph, self.root))


def lineage(look: Look, address: Address) -> Lineage:
    """Everything an artifact is made from, artifacts of one task and family together."""
    root = _group(address[0], address[1])
    members: dict[Group, dict[str, Member]] = defaultdict(dict)
    members[root][address[2]] = Member(address[1], address)
    graph = networkx.DiGraph()
    graph.add_node(root)
    waiting, seen = deque([address]), {address}
    while waiting and len(seen) < _MOST_ARTIFACTS:
        one = waiting.popleft()
        here = _group(one[0], one[1])
        for given, below in _inputs(look, one):
            there = _group(given.task, below[1] if below else "")
            name = below[1] if below else given.digest[:12]
            members[there].setdefault(given.key, Member(name, below))
            if there != here:
                graph.add_edge(here, there)
            if below and below not in seen:
                seen.add(below)
                waiting.append(below)
    if networkx.is_directed_acyclic_graph(graph):
        graph = networkx.transitive_reduction(graph)
    listed = {group: sorted(some.values(), key=lambda one: one.name)
              for group, some in members.items()}
    return Lineage(root, graph, listed, bool(waiting))


def _inputs(look: Look, address: Address) -> Iterator[tuple[Input, Address | None]]:
    try:
        given = look.shelf.manifest(address).inputs.values()
    except CorruptPayload:
        return
    for one in given:
        yield one, look.address(one.task, one.key)


def _group(task: str, label: str) -> Group:
    family = label.partition(".")[0]
    return task, family if family in FAMILIES else ""


def _layers(graph: networkx.DiGraph, root: Group) -> list[list[Group]]:
    if networkx.is_directed_acyclic_graph(graph):
        return [sorted(layer) for layer in networkx.topological_generations(graph)]
    away = networkx.single_source_shortest_path_length(graph, root)
    return [sorted(one for one in away if away[one] == step)
            for step in range(max(away.values()) + 1)]


def _uncrossed(graph: networkx.DiGraph, layers: list[list[Group]]) -> list[list[Group]]:
    """Each layer by the mean place of what needs its groups (the barycentre heuristic)."""
    at: dict[Group, float] = {}
    ordered = []
    for layer in layers:
        means = {one: _mean([at[two] for two in graph.predecessors(one) if two in at])
                 for one in layer}
        layer = sorted(layer, key=means.__getitem__)
        at |= {one: (place + 0.5) / len(layer) for place, one in enumerate(layer)}
        ordered.append(layer)
    return ordered


def _mean(places: list[float]) -> float:
    return sum(places) / len(places) if places else 0.5
