"""Sections of the page as Jinja text: along columns, worth, change, money, audiences."""

# Markup reads better in long lines, prose with typographic quotes and dashes.
# ruff: noqa: E501, RUF001

RESPONSES = """\
{% call section("responses", "When, where and how often", "Dots: what happened, with 95 % intervals. Line: what the model predicted for the same rows.") %}
{% if responses %}
<div class="pair">
{% for curve in responses %}
<figure>
<h3>{{ curve.title }}</h3>
{{ curve.chart|safe }}
<figcaption>{{ curve.caption }}</figcaption>
</figure>
{% endfor %}
</div>
{% else %}{{ absent("No curve was drawn: this family names none, or there were too few test rows.") }}{% endif %}
{% endcall %}
"""

WORTH = """\
<h3>What would be missed</h3>
{% if worth %}
<p>{{ worth.sentence }}</p>
<div class="scroll" role="region" aria-label="What would be missed" tabindex="0">
<table class="worth">
<caption class="unseen">Change of the figures without each group of features, with 95 % intervals</caption>
<thead><tr><th scope="col">Without</th><th scope="col">Normalized entropy</th><th scope="col" class="plot">worse →</th>{% if worth.ranked %}<th scope="col">AUC</th>{% endif %}</tr></thead>
<tbody>{% for row in worth.rows %}
<tr{% if row.sure %} class="sure"{% endif %}><th scope="row">{{ row.name }}<span class="range">{{ row.size }}</span></th>
<td><span class="value">{{ row.change }}</span><span class="range">{{ row.range }}</span></td><td class="plot">{{ row.strip|safe }}</td>
{% if worth.ranked %}<td><span class="value">{{ row.auc }}</span><span class="range">{{ row.auc_range }}</span></td>{% endif %}</tr>
{% endfor %}</tbody></table></div>
<p class="caption">{{ worth.how }}</p>
{% else %}{{ absent(worth_missing) }}{% endif %}
"""

CHANGE = """\
{% call section("change", "What has changed since", "The stability index compares how rows are spread over ten bins, then and now. By convention below 0.1 is stable, above 0.25 (the line) a large shift; one day differs that much from many as a matter of course if training days did.") %}
{% if change %}
<p>{{ change.since }} {{ change.sentence }}</p>
<p>{{ change.calibration }}</p>
<p>{{ change.scores }}</p>
{% if change.rows %}
<div class="scroll" role="region" aria-label="Features that moved most" tabindex="0">
<table class="plain change">
<caption class="unseen">Features by how far they moved, most first</caption>
<thead><tr><th scope="col">Feature</th><th scope="col">Index</th><th scope="col" class="plot">0 to 0.5</th><th scope="col">Usual for a day, up to</th><th scope="col">Missing, then → now</th></tr></thead>
<tbody>{% for row in change.rows %}
<tr class="{{ row.verdict|replace(' ', '-') }}"><th scope="row">{{ row.name }}{% if row.verdict != "stable" %} <span class="flag">{{ row.verdict }}</span>{% endif %}</th><td>{{ row.index }}</td><td class="plot">{{ row.strip|safe }}</td><td>{{ row.usual }}</td><td>{{ row.missing }}</td></tr>
{% endfor %}</tbody></table></div>
{% if change.rest %}<p class="caption">{{ change.rest }}</p>{% endif %}
{% endif %}
{% else %}{{ absent("Nothing can be compared tonight: there is no model, or there were no test rows.") }}{% endif %}
{% endcall %}
"""

MONEY = """\
{% if valued %}
{% call section("money", "What it is worth", "Expected, by the model’s probabilities and the bids; not yet earned.") %}
{% if money %}
{% for sentence in money.sentences %}<p{% if loop.first %} class="lead"{% endif %}>{{ sentence }}</p>
{% endfor %}
{% if money.rows %}
<div class="scroll" role="region" aria-label="Value by audience" tabindex="0">
<table class="plain">
<caption class="unseen">Expected value of each published audience</caption>
<thead><tr><th scope="col">Audience</th><th scope="col" class="number">Listeners</th><th scope="col" class="number">Expected value, {{ money.currency }}</th><th scope="col" class="number">Per thousand impressions</th></tr></thead>
<tbody>{% for row in money.rows %}
<tr><th scope="row">{{ row.name }}</th><td class="number">{{ row.listeners }}</td><td class="number">{{ row.value }}<span class="range">{{ row.range }}</span></td><td class="number">{{ row.per_thousand }}</td></tr>
{% endfor %}</tbody></table></div>
{% endif %}
{% else %}{{ absent("Tonight’s scores carry no value: no audiences were built, nothing is live, or this family does not say what its outcomes are worth.") }}{% endif %}
<h3>What another choice would have earned</h3>
{% if policies %}
{% for sentence in policies.sentences %}<p>{{ sentence }}</p>
{% endfor %}
<div class="scroll" role="region" aria-label="Estimates by policy" tabindex="0">
<table class="plain">
<caption class="unseen">Off-policy estimates with 95 % intervals</caption>
<thead><tr><th scope="col">Who chooses</th><th scope="col">Doubly robust</th><th scope="col">Inverse propensity</th><th scope="col">More than was shown</th></tr></thead>
<tbody>{% for row in policies.rows %}
<tr><th scope="row">{{ row.name }}{% if row.earned %}<span class="range">really earned</span>{% endif %}</th>{% for at in row.cells %}<td>{{ cell(at) }}{{ at.strip|safe }}</td>{% endfor %}</tr>
{% endfor %}</tbody></table></div>
<p class="caption">{{ policies.basis }}</p>
{% if policies.notes %}<ul class="notes">{% for note in policies.notes %}<li>{{ note }}</li>{% endfor %}</ul>{% endif %}
{% else %}{{ absent("No estimate was made: it needs impressions that were chosen partly by chance, with the propensity of each choice logged.") }}{% endif %}
{% endcall %}
{% endif %}
"""

AUDIENCES = """\
{% call section("audiences", "Who it reaches") %}
{% if audiences %}
<p>{{ audiences.sentence }}</p>
{% if audiences.rows %}
<table class="plain">
<caption class="unseen">Audiences, published or why not</caption>
<thead><tr><th scope="col">Audience</th><th scope="col" class="number">Listeners</th><th scope="col">Published</th></tr></thead>
<tbody>{% for row in audiences.rows %}
<tr><th scope="row">{{ row.title }}</th><td class="number">{{ row.listeners }}</td><td><span class="{{ 'yes' if row.published else 'no' }}">{{ 'Published' if row.published else 'Withheld' }}</span>{% if row.reason %} <span class="why">{{ row.reason }}</span>{% endif %}</td></tr>
{% endfor %}</tbody></table>
{% else %}{{ absent("No audience was large enough to draw tonight.") }}{% endif %}
{% else %}{{ absent("No audiences were built tonight: no model is live, or this family does not build them.") }}{% endif %}
{% endcall %}

"""
