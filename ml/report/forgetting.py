"""The page that proves a forgetting: what was built again, what was swept, what was searched."""

# Markup reads better in long lines.
# ruff: noqa: E501

from typing import Any

from ml.report.head import HEAD
from ml.report.style import STYLE

_PAGE = HEAD + """\
<title>Forgetting, {{ at[:10] }}</title>
<style>
{{ style|safe }}</style>
</head>
<body>
<header>
<p class="kicker"><b>Setlist</b> Forgetting</p>
<h1>{{ "Forgotten" if complete else "Not forgotten yet" }}</h1>
<p class="question">{{ sentence }}</p>
<p class="dateline">{{ at[:16]|replace("T", " ") }} UTC</p>
</header>
{% macro section(id, heading, about) %}
<section id="{{ id }}" aria-labelledby="{{ id }}-heading">
<div class="margin"><h2 id="{{ id }}-heading">{{ heading }}</h2><p>{{ about }}</p></div>
<div class="content">
{{ caller() }}
</div>
</section>
{% endmacro %}
{% macro rows(header, lines, otherwise) %}
{% if lines %}<div class="scroll"><table><thead><tr>{% for one in header %}<th scope="col">{{ one }}</th>{% endfor %}</tr></thead>
<tbody>{% for line in lines %}<tr>{% for one in line %}<td>{{ one }}</td>{% endfor %}</tr>{% endfor %}</tbody></table></div>
{% else %}<p class="absent">{{ otherwise }}</p>{% endif %}
{% endmacro %}
{% call section("search", "The search afterwards", "Every byte of the store, of what was set aside, of the copies on this machine and of the registry; tables were decoded.") %}
<p>{{ "{:,}".format(searched.files) }} files and {{ "{:,}".format(searched.bytes) }} bytes were searched for {{ "{:,}".format(listeners.listed) }} ids and their pseudonyms. {{ "None was found." if not remaining else "Some were found:" }}</p>
{{ rows(["What", "Where"], remaining, "") if remaining }}
{% for one in searched.unsearched %}<p>Not searched: {{ one }}</p>{% endfor %}
{% endcall %}
{% call section("models", "The models", "What changed when they learnt without the forgotten. A model of a night that is not kept stays as it is: its text names nobody.") %}
{{ rows(["Family", "Night", "Figure", "Before", "After"], models, "No kept night has a model.") }}
{% endcall %}
{% call section("rebuilt", "Built again", "Only what depended on them. What came out as it was is used as before, and nothing above it ran.") %}
{{ rows(["Task", "Built", "Came out as before"], rebuilt, "Nothing depended on them.") }}
{% for one in failed %}<p>Failed: {{ one }}</p>{% endfor %}
{% if left %}<p>{{ left }} tasks whose code has changed since are left to the next run.</p>{% endif %}
{% endcall %}
{% call section("swept", "Swept", "What named them and was replaced, or is of no kept night.") %}
{{ rows(["What", "Things", "Bytes"], swept, "Nothing named them any more.") }}
{% if shortened %}<p>{{ shortened }} memberships of older nights lost their rows.</p>{% endif %}
{% endcall %}
</body>
</html>
"""


def sentence(told: dict[str, Any]) -> str:
    """What was done, in one sentence without anybody's name."""
    about = told["listeners"]
    things = sum(count for count, _ in told["swept"].values())
    done = "nothing names them any more" if told["complete"] else "not everything could be done"
    return (f"{about['asked']:,} listeners asked to be forgotten, {about['nowhere']:,} of whom "
            f"occurred nowhere; {sum(one['built'] for one in told['rebuilt'].values()):,} artifacts "
            f"were built again, {things:,} things were swept; {done}.")


def render(told: dict[str, Any]) -> str:
    """One self-contained page of a report on a forgetting; the same bytes every time."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    return environment.from_string(_PAGE).render(
        style=STYLE, at=told["at"], complete=told["complete"], sentence=sentence(told),
        listeners=told["listeners"], searched=told["searched"], remaining=told["remaining"],
        models=[line for one in told["models"] for line in _lines(one)],
        rebuilt=[(task, f"{one['built']:,}", f"{one['came out as before']:,}")
                 for task, one in told["rebuilt"].items()],
        failed=told["failed"], left=len(told["left"]), shortened=len(told["shortened"]),
        swept=[(kind, f"{count:,}", f"{size:,}") for kind, (count, size) in told["swept"].items()],
    )


def _lines(model: dict[str, Any]) -> list[tuple[str, ...]]:
    before, after = model["before"], model["after"]
    if before is None or after is None or before["digest"] == after["digest"]:
        same = "as it was" if before else "new"
        return [(model["family"], model["night"], "model", same, "as it was" if after else "none")]
    names = ("family", "night")
    lines = [(*(model[one] for one in names), "verdict", before["verdict"], after["verdict"]),
             (*(model[one] for one in names), "rows", f"{before['rows']:,}", f"{after['rows']:,}")]
    return lines + [
        (model["family"], model["night"], name.replace("_", " "), _number(before["metrics"], name),
         _number(after["metrics"], name)) for name in after["metrics"]
    ]


def _number(metrics: dict[str, Any], name: str) -> str:
    value = metrics.get(name)
    return "-" if value is None else f"{value:.4f}"
