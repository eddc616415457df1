"""From the beds to the stall; the last two layers share this file."""

import garden


def gather(growth, watered, family):
    """What a family's harvest is worth, bed by bed."""
    return {name: family.worth(growth[name] + watered[name]) for name in growth}


def lay_out(harvests):
    """The stall's takings by family."""
    return {name: sum(harvest.values()) + garden.BUNCH for name, harvest in harvests.items()}
