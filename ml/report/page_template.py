"""The page's layout as Jinja text: in code, so that a change here is one the rebuild notices."""

# Markup reads better in long lines, prose with typographic quotes and dashes.
# ruff: noqa: E501, RUF001

from ml.report.head import HEAD
from ml.report.sections import AUDIENCES, CHANGE, MONEY, RESPONSES, WORTH
from ml.report.segment_sections import NEWCOMERS, SEGMENTS

_HEAD = HEAD + """\
<title>{{ title }}, night of {{ night }}{% if verdict %}: {{ verdict.badge|lower }}{% endif %}</title>
<style>
{{ style|safe }}</style>
</head>
<body>
{% macro section(id, heading, about="") %}
<section id="{{ id }}" aria-labelledby="{{ id }}-heading">
<div class="margin"><h2 id="{{ id }}-heading">{{ heading }}</h2>{% if about %}<p>{{ about }}</p>{% endif %}</div>
<div class="content">
{{ caller() }}
</div>
</section>
{% endmacro %}
{% macro absent(sentence) %}<p class="absent">{{ sentence }}</p>{% endmacro %}
{% macro cell(at) %}
<span class="value">{{ at.value }}</span>{% if at.range %}<span class="range">{{ at.range }}</span>{% endif %}
{% endmacro %}

<header>
<p class="kicker"><b>Setlist</b> Nightly model report</p>
<h1>{{ title }}</h1>
{% if question %}<p class="question">{{ question }}</p>{% endif %}
<p class="dateline">Night of {{ night_long }}</p>
</header>

<main>
<section id="decision" class="decision {{ 'blessed' if verdict and verdict.blessed else 'refused' if verdict else '' }}" aria-labelledby="decision-heading">
{% if verdict %}
<div class="margin"><p class="badge">{{ verdict.badge }}</p></div>
<div class="content">
<h2 id="decision-heading">{{ verdict.headline }}</h2>
<p class="lead">{{ verdict.sentence }}</p>
{% for reason in verdict.reasons %}<p class="reason">{{ reason }}</p>
{% endfor %}
{% if verdict.gates %}
<ul class="gates" aria-label="Gates">
{% for gate in verdict.gates %}
<li class="{{ 'passed' if gate.passed else 'failed' }}">
<span class="mark" role="img" aria-label="{{ 'passed' if gate.passed else 'failed' }}">{{ '✓' if gate.passed else '✕' }}</span>
<span class="said">{{ gate.sentence }}</span>
<span class="bound">{{ gate.name }}: {{ gate.observed }}{% if gate.bound %}, required {{ gate.bound }}{% endif %}</span>
</li>
{% endfor %}
</ul>
{% else %}{{ absent("This family states no gates.") }}{% endif %}
</div>
{% else %}
<div class="margin"><p class="badge">Undecided</p></div>
<div class="content"><h2 id="decision-heading">Nothing was decided tonight.</h2>
{{ absent("There is no decision for this night; what is live stays live.") }}</div>
{% endif %}
</section>

"""

_FIGURES = """\
{% call section("figures", "How good it is", "Intervals are 95 %, from resampling whole listeners. Every model judged on the same rows.") %}
{% if examined %}
<dl class="facts">{% for fact in examined %}<div><dt>{{ fact.name }}</dt><dd>{{ fact.value }}</dd></div>{% endfor %}</dl>
{% endif %}
{% if headline %}
<p>{{ headline.comparison }}</p>
<div class="scroll" role="region" aria-label="Headline figures" tabindex="0">
<table class="headline">
<caption class="unseen">Headline figures with 95 % intervals, beside the champion and the baselines</caption>
<thead><tr><td></td>{% for column in headline.columns %}<th scope="col">{{ column.title }}&nbsp;<span class="arrow" role="img" aria-label="{{ column.better }} is better">{{ column.arrow }}</span></th>{% endfor %}</tr></thead>
<tbody>{% for row in headline.rows %}
<tr class="{{ row.kind }}"><th scope="row">{{ row.name.title }}{% if row.name.detail %}<span class="range">{{ row.name.detail }}</span>{% endif %}</th>
{% for at in row.cells %}<td>{{ cell(at) }}{{ at.strip|safe }}</td>{% endfor %}</tr>
{% endfor %}</tbody></table></div>
<dl class="meanings">
{% for column in headline.columns %}<div><dt>{{ column.title }} <span aria-hidden="true">{{ column.arrow }}</span></dt><dd>{{ column.meaning }}. {{ column.better|capitalize }} is better.</dd></div>
{% endfor %}
</dl>
{% else %}{{ absent("Nothing was measured tonight: there were no test rows to judge a model on.") }}{% endif %}
{% endcall %}

{% call section("curves", "What the curves say") %}
<div class="pair">
<figure>
<h3>Does it mean what it says?</h3>
{% if calibration %}{{ calibration.chart|safe }}
<figcaption>{{ calibration.caption }}</figcaption>
{% else %}{{ absent("No calibration curve: there were no test rows to draw it from.") }}{% endif %}
</figure>
{% if multiclass %}
<div class="figure">
<h3>What is taken for what?</h3>
{% if confusion %}
<div class="scroll" role="region" aria-label="Confusion matrix" tabindex="0">
<table class="confusion">
<caption class="unseen">Rows: the truth. Columns: what the model said. Cells: share of the truth’s rows.</caption>
<thead><tr><td></td>{% for name in confusion.classes %}<th scope="col"><span>{{ name }}</span></th>{% endfor %}</tr></thead>
<tbody>{% for row in confusion.rows %}
<tr><th scope="row">{{ row.name }}<span class="range">{{ row.rows }}</span></th>{% for at in row.cells %}<td style="--depth:{{ at.depth }}%" title="{{ at.count }} rows"{% if at.depth > 55 %} class="deep"{% endif %}>{{ at.share }}</td>{% endfor %}</tr>
{% endfor %}</tbody></table></div>
<p class="caption">Rows are the truth, columns what the model said, in percent of each row. {{ most_confused }}</p>
{% else %}{{ absent("No confusion matrix: there were no test rows to count.") }}{% endif %}
</div>
{% else %}
<figure>
<h3>Does it find them first?</h3>
{% if gain %}{{ gain.chart|safe }}
<figcaption>{{ gain.caption }}</figcaption>
{% if gain.lifts %}
<table class="plain lift">
<caption class="unseen">Lift of the best-scored rows</caption>
<thead><tr><th scope="col">Best-scored</th><th scope="col" class="number">Positives found</th><th scope="col" class="number">Lift over chance</th></tr></thead>
<tbody>{% for row in gain.lifts %}<tr><th scope="row">{{ row.top }}</th><td class="number">{{ row.found }}</td><td class="number">{{ row.lift }}</td></tr>
{% endfor %}</tbody></table>
{% endif %}
{% else %}{{ absent("No gain curve: without positives there is nothing to find.") }}{% endif %}
</figure>
{% endif %}
</div>
{% endcall %}

"""

_MODEL = """\
{% call section("slices", "Where it holds", "A model right on average can be wrong for some. Each dot is a calibration ratio; the line through the middle is 1, a promise kept.") %}
{% if slices %}
<p>{{ slices.worst }}</p>
<div class="scroll" role="region" aria-label="Slices" tabindex="0">
<table class="slices">
<caption class="unseen">Calibration and quality by slice, with 95 % intervals</caption>
<thead><tr><th scope="col">Slice</th><th scope="col">Rows</th>{% if slices.binary %}<th scope="col">Positive</th>{% endif %}
<th scope="col">Calibration ratio</th><th scope="col" class="plot"><span class="scale"><span>{{ slices.scale[0] }}</span><span>{{ slices.scale[1] }}</span><span>{{ slices.scale[2] }}</span></span></th>
{% for other in slices.others %}<th scope="col">{{ other.title }} <span aria-hidden="true">{{ other.arrow }}</span></th>{% endfor %}
{% if slices.compared %}<th scope="col">Against champion</th>{% endif %}</tr></thead>
{% for group in slices.groups %}
<tbody>
<tr class="group"><th scope="rowgroup" colspan="9">{{ group.name }}</th></tr>
{% for row in group.rows %}
<tr{% if row.worst %} class="worst{{ ' sure' if slices.sure }}"{% endif %}><th scope="row">{{ row.value }}{% if row.worst %} <span class="flag">furthest</span>{% endif %}</th><td>{{ row.rows }}</td>{% if slices.binary %}<td>{{ row.rate }}</td>{% endif %}
<td class="ratio">{{ cell(row.ratio) }}</td><td class="plot">{{ row.ratio.strip|safe }}</td>
{% for other in row.others %}<td>{{ cell(other) }}</td>{% endfor %}
{% if slices.compared %}<td><span class="value">{{ row.against }}</span>{% if row.against_range %}<span class="range">{{ row.against_range }}</span>{% endif %}</td>{% endif %}</tr>
{% endfor %}
{% if group.rest %}<tr class="rest"><td colspan="9">{{ group.rest }}</td></tr>{% endif %}
</tbody>
{% endfor %}
</table>
</div>
{% if slices.compared %}<p class="caption">Against champion: difference in normalized entropy on the same rows; below zero is better.</p>{% endif %}
{% else %}{{ absent("No slices were measured tonight.") }}{% endif %}
{% if addressed %}
<h3>Who would be addressed</h3>
<p>The tenth of listeners with the best scores, beside everybody. At 1 a group is addressed as often as its size says.</p>
<div class="scroll" role="region" aria-label="Who would be addressed" tabindex="0">
<table class="plain change">
<caption class="unseen">Each group’s share of the best scores beside its share of everybody</caption>
<thead><tr><th scope="col">Group</th><th scope="col" class="number">Listeners</th><th scope="col" class="number">Of everybody</th><th scope="col" class="number">Of the best</th><th scope="col">Ratio</th><th scope="col" class="plot">0 to 3</th></tr></thead>
<tbody>{% for row in addressed %}
<tr><th scope="row">{% if row.slice %}{{ row.slice }}: {% endif %}{{ row.value }}</th><td class="number">{{ row.rows }}</td><td class="number">{{ row.everybody }}</td><td class="number">{{ row.best }}</td><td>{{ row.ratio }}<span class="range">{{ row.range }}</span></td><td class="plot">{{ row.strip|safe }}</td></tr>
{% endfor %}</tbody></table></div>
{% endif %}
{% endcall %}

{% call section("features", "What it looks at", "Share of the model’s total gain in accuracy that each feature brought. It tells what is used, not what causes.") %}
{% if features %}
<table class="bars">
<caption class="unseen">Most important features</caption>
<thead class="unseen"><tr><th scope="col">Feature</th><th scope="col">Share of gain</th><th scope="col">Name in the data</th></tr></thead>
<tbody>{% for feature in features %}
<tr><th scope="row">{{ feature.label }}</th><td><span class="bar" style="--part:{{ feature.width }}"></span><span class="amount">{{ feature.share }}</span></td><td class="name"><code>{{ feature.name }}</code></td></tr>
{% endfor %}</tbody></table>
{% if features_rest %}<p class="caption">{{ features_rest }}</p>{% endif %}
{% else %}{{ absent("The model used no features, or none are known for it.") }}{% endif %}
"""

_ORIGIN = """\
{% call section("data", "What went in", "Rows in are rows kept, quarantined or exact duplicates; nothing is dropped in silence.") %}
{% if tables %}
<div class="scroll" role="region" aria-label="Rows by table" tabindex="0">
<table class="plain">
<caption class="unseen">Rows per table over all days read</caption>
<thead><tr><th scope="col">Table</th><th scope="col" class="number">Rows in</th><th scope="col" class="number">Kept</th><th scope="col" class="number">Quarantined</th><th scope="col" class="number">Duplicates</th><th scope="col">Worst day</th></tr></thead>
<tbody>{% for table in tables %}
<tr><th scope="row">{{ table.name }}<span class="range">{{ table.days }}</span></th><td class="number">{{ table.rows_in }}</td><td class="number">{{ table.rows_kept }}</td><td class="number">{{ table.rows_quarantined }}{% if table.share %}<span class="range">{{ table.share }}</span>{% endif %}</td><td class="number">{{ table.exact_duplicates }}</td><td>{{ table.worst or "–" }}{% if not table.balanced %} <span class="no">rows do not add up</span>{% endif %}</td></tr>
{% endfor %}</tbody></table></div>
{% else %}{{ absent("No ingest reports came with this night.") }}{% endif %}
<h3>Rows set aside</h3>
{% if rules %}
<div class="scroll" role="region" aria-label="Quarantine rules" tabindex="0">
<table class="plain">
<caption class="unseen">Rules that rows broke, with an example</caption>
<thead><tr><th scope="col">Rule</th><th scope="col">Where</th><th scope="col" class="number">Rows</th><th scope="col">For example</th></tr></thead>
<tbody>{% for rule in rules %}
<tr><th scope="row">{{ rule.rule }}</th><td>{{ rule.table }}{% if rule.column %} <code>{{ rule.column }}</code>{% endif %}</td><td class="number">{{ rule.rows }}</td><td><code>{{ rule.example }}</code></td></tr>
{% endfor %}</tbody></table></div>
{% else %}{{ absent("No row broke a rule." if tables else "Without reports, nothing is known of rows set aside.") }}{% endif %}
<h3>Worth knowing</h3>
{% if notes %}<ul class="notes">{% for note in notes %}<li>{{ note }}</li>{% endfor %}</ul>
{% else %}{{ absent("Nothing was missing and nothing was degraded." if informed else "Nothing was said about this night’s data.") }}{% endif %}
{% endcall %}

{% call section("provenance", "How it was made", "Each name is a fingerprint of the code and data behind it. The same name is the same thing.") %}
{% if provenance %}
<dl class="provenance">{% for line in provenance %}<div><dt>{{ line.name }}</dt><dd>{% if line.is_key %}<code>{{ line.value }}</code>{% else %}{{ line.value }}{% endif %}</dd></div>{% endfor %}</dl>
{% else %}{{ absent("No keys or receipts were given for this page.") }}{% endif %}
{% endcall %}
</main>
</body>
</html>
"""

PAGE = "\n".join(
    [
        _HEAD, SEGMENTS, "{% if segments %}", AUDIENCES, "{% endif %}", _FIGURES, RESPONSES, _MODEL,
        WORTH, "{% endcall %}", NEWCOMERS, CHANGE, MONEY, "{% if not segments %}", AUDIENCES,
        "{% endif %}", _ORIGIN,
    ]
)  # fmt: skip
"""Every section in the order of the page; a family with segments begins with them."""
