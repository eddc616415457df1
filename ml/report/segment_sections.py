"""Sections of a family with segments as Jinja text: who, moves, use, lookalikes, reach, guard."""

# Markup reads better in long lines, prose with typographic quotes and dashes.
# ruff: noqa: E501, RUF001

WHO = """\
{% macro swatch(color) %}<span class="swatch" style="background:{{ color }}"></span>{% endmacro %}
{% if segments %}
{% call section("segments", "Who the segments are", "Bars compare with all listeners: to the right more, to the left less.") %}
<p class="lead">{{ segments.sentence }}</p>
<p>{{ segments.dates }}</p>
<div class="whole" aria-hidden="true">{% for card in segments.cards %}<span style="width:{{ card.width }}%;background:{{ card.color }}"></span>{% endfor %}</div>
{% if segments.cards %}
<div class="cards">
{% for card in segments.cards %}
<article>
<h3>{{ swatch(card.color) }}{{ card.name }}</h3>
{% if card.discovered %}<p class="caption">Named by a person; discovered as “{{ card.discovered }}”.</p>{% endif %}
<div class="extent"><p class="size"><b>{{ card.share }}</b> of listeners, {{ card.listeners }}</p>{{ card.spark|safe }}</div>
{% if card.moved or card.trend or card.since %}<p class="caption">{{ card.moved }} {{ card.trend }}{% if card.since %} Known since {{ card.since }}.{% endif %}</p>{% endif %}
{% if card.guard %}<p class="verdict"><span class="{{ 'yes' if card.guard.published else 'no' }}">{{ card.guard.said }}</span>{% if not card.guard.published %} <span class="why">{{ card.guard.why }}</span>{% endif %}</p>{% endif %}
{% if card.lifts %}
<table class="lifts"><caption class="unseen">What distinguishes {{ card.name }}</caption>
<tbody>{% for lift in card.lifts %}<tr><th scope="row">{{ lift.label }}<span class="range">{{ lift.compared }}</span></th><td><span class="swing{{ ' less' if lift.less }}" style="--width:{{ lift.width }}%;--color:{{ card.color }}"></span></td><td class="amount">{{ lift.times }}</td></tr>
{% endfor %}</tbody></table>
{% else %}{{ absent("Nothing sets this segment clearly apart.") }}{% endif %}
{% if card.contrast %}<p class="contrast"><b>Most like {{ swatch(card.contrast.color) }}{{ card.contrast.name }}, but:</b> {{ card.contrast.said }}</p>{% endif %}
{% if card.day %}<div class="day"><p class="caption">A typical day <span>{{ card.peak }}</span></p>{{ card.day|safe }}</div>
{% else %}{{ absent("No typical day is known.") }}{% endif %}
</article>
{% endfor %}
</div>
{% endif %}
{% for note in segments.notes %}<p class="caption">{{ note }}</p>{% endfor %}
{% endcall %}
"""

MOVES = """\
{% call section("moves", "How they moved", "A listener changes segment only when the new one wins by a margin (hysteresis), so that an audience does not flicker.") %}
{% if churn %}
{% for sentence in churn.sentences %}{% if sentence %}<p{% if loop.first %} class="lead"{% endif %}>{{ sentence }}</p>
{% endif %}{% endfor %}
{% if churn.bars %}
<table class="bars churn"><caption class="unseen">Share of listeners who changed segment</caption>
<thead class="unseen"><tr><th scope="col">Assignment</th><th scope="col">Share that changed</th></tr></thead>
<tbody>{% for bar in churn.bars %}<tr><th scope="row">{{ bar.name }}</th><td><span class="bar" style="--part:{{ bar.width }}"></span><span class="amount">{{ bar.share }}</span></td></tr>
{% endfor %}</tbody></table>
{% endif %}
{% if churn.flows %}
<h3>Who went where</h3>
<div class="scroll" role="region" aria-label="Moves between segments" tabindex="0">
<table class="confusion flows">
<caption class="unseen">Rows: where they were. Columns: where they are. Cells: listeners.</caption>
<thead><tr><td></td>{% for column in churn.flows.columns %}<th scope="col"><span>{{ column.name }}</span></th>{% endfor %}</tr></thead>
<tbody>{% for row in churn.flows.rows %}
<tr><th scope="row">{{ swatch(row.color) }}{{ row.name }}<span class="range">{{ row.total }} left it</span></th>{% for at in row.cells %}<td style="--depth:{{ at.depth }}%"{% if at.same %} class="same"{% elif at.depth > 55 %} class="deep"{% endif %}>{{ at.count }}</td>{% endfor %}</tr>
{% endfor %}</tbody></table></div>
<p class="caption">Rows are where they were the night before, columns where they are tonight; who stayed is not counted. {{ churn.flows.sentence }}</p>
{% elif churn.bars %}{{ absent("Nobody moved from one segment to another.") }}{% endif %}
{% else %}{{ absent("Who moved is not known: tonight’s membership was not built.") }}{% endif %}
{% endcall %}
"""

USE = """\
{% call section("use", "What they are good for", "Each listener counts to the segment of the evening before the advert. Intervals are 95 %, by resampling whole listeners.") %}
{% if answers and answers.rows %}
{% for sentence in answers.sentences %}<p{% if loop.first %} class="lead"{% endif %}>{{ sentence }}</p>
{% endfor %}
<div class="scroll" role="region" aria-label="Response by segment" tabindex="0">
<table class="plain change answers">
<caption class="unseen">Response to adverts and calibration of the ad model by segment</caption>
<thead><tr><th scope="col">Segment</th><th scope="col">Answered</th><th scope="col" class="plot">line: everybody</th><th scope="col" class="number">Against everybody</th><th scope="col" class="number spare">Foretold</th><th scope="col">Foretold ÷ seen</th><th scope="col" class="plot">0 to 2</th></tr></thead>
<tbody>{% for row in answers.rows %}
<tr{% if row.off %} class="off"{% endif %}><th scope="row">{{ swatch(row.color) }}{{ row.name }}<span class="range">{{ row.impressions }} impressions</span></th><td><span class="value">{{ row.rate }}</span><span class="range">{{ row.range }}</span></td><td class="plot">{{ row.strip|safe }}</td><td class="number">{{ row.lift }}</td><td class="number spare">{{ row.predicted }}</td><td class="ratio"><span class="value">{{ row.ratio }}</span><span class="range">{{ row.ratio_range }}</span></td><td class="plot">{{ row.ratio_strip|safe }}</td></tr>
{% endfor %}</tbody></table></div>
<p class="caption">Foretold ÷ seen: at 1 the ad model means what it says of this segment; above, it promises too much.</p>
{% elif answers and answers.notes %}{% else %}{{ absent("How segments answer adverts was not measured tonight.") }}{% endif %}
{% if answers %}{% for note in answers.notes %}<p class="caption">{{ note }}</p>{% endfor %}{% endif %}
{% if answers and answers.friends %}<p>{{ answers.friends }}</p>
{% else %}{{ absent("Whether friends share segments is not known: no friendships came with this source.") }}{% endif %}
{% endcall %}
"""

LOOKALIKES = """\
{% call section("lookalikes", "Who is like the seeds", "A model learns who is like a list of seeds; some seeds are held out to see whether it finds them.") %}
{% if lookalikes %}
{% for one in lookalikes %}
<div class="lookalike">
<h3>{{ one.title }}</h3>
<p>{{ one.seeds }}{% if one.audience %} <span class="{{ 'yes' if one.audience.published else 'no' }}">{{ 'Published' if one.audience.published else 'Withheld' }}</span>{% if one.audience.said %}: {{ one.audience.said }}.{% endif %}{% endif %}</p>
<div class="pair">
<figure>{{ one.chart|safe }}<figcaption>{{ one.caption }}</figcaption></figure>
<div class="figure">
{% if one.reasons %}
<table class="plain"><caption>What sets the seeds apart</caption>
<thead><tr><th scope="col">Feature</th><th scope="col" class="number">Seeds</th><th scope="col" class="number">Everybody</th></tr></thead>
<tbody>{% for reason in one.reasons %}<tr><th scope="row">{{ reason.label }}</th><td class="number">{{ reason.seeds }}</td><td class="number">{{ reason.overall }}</td></tr>
{% endfor %}</tbody></table>
{% else %}{{ absent("What sets the seeds apart is not known.") }}{% endif %}
{% if one.overlap %}
<table class="bars overlap"><caption>The audience by segment</caption>
<thead class="unseen"><tr><th scope="col">Segment</th><th scope="col">Share of the audience</th></tr></thead>
<tbody>{% for row in one.overlap %}<tr><th scope="row">{{ swatch(row.color) }}{{ row.name }}</th><td><span class="bar" style="--part:{{ row.width }};background:{{ row.color }}"></span><span class="amount">{{ row.share }}</span></td></tr>
{% endfor %}</tbody></table>
{% endif %}
</div>
</div>
{% for note in one.notes %}<p class="caption">{{ note }}</p>{% endfor %}
</div>
{% endfor %}
{% else %}{{ absent("No list of seeds was given for tonight.") }}{% endif %}
{% endcall %}
"""

REACH = """\
{% call section("reach", "Reach and overlap", "Before an audience is used: how many are left after each step, and whom two audiences share.") %}
{% if reach %}
{% if reach.requests %}
<div class="requests">
{% for one in reach.requests %}
<div class="request">
<h3>{{ one.title }} <span class="flag">{{ one.kind }}</span></h3>
<p><span class="{{ 'yes' if one.published else 'no' }}">{{ 'Published' if one.published else 'Withheld' }}</span>: {{ one.said }}</p>
{% if one.steps %}
<table class="bars funnel"><caption class="unseen">What is left of {{ one.title }} after each step</caption>
<thead class="unseen"><tr><th scope="col">Step</th><th scope="col">Listeners left</th></tr></thead>
<tbody>{% for step in one.steps %}<tr><th scope="row">{{ step.step }}{% if step.reason %}<span class="range">{{ step.reason }}</span>{% endif %}</th><td><span class="bar" style="--part:{{ step.width }}"></span><span class="amount">{{ step.listeners }}</span></td></tr>
{% endfor %}</tbody></table>
{% endif %}
{% for note in one.notes %}<p class="caption">{{ note }}</p>{% endfor %}
</div>
{% endfor %}
</div>
<p class="caption">Not told: {{ reach.fewer }} listeners, or a count from which so few would follow.</p>
{% else %}{{ absent("No audience was asked for.") }}{% endif %}
{% if reach.overlap %}
<h3>Who is in two of them</h3>
<div class="scroll" role="region" aria-label="Overlap of audiences" tabindex="0">
<table class="confusion overlaps">
<caption class="unseen">Share of the row’s listeners who are in the column too</caption>
<thead><tr><td></td>{% for name in reach.overlap.columns %}<th scope="col"><span>{{ name }}</span></th>{% endfor %}</tr></thead>
<tbody>{% for row in reach.overlap.rows %}
<tr><th scope="row">{{ row.name }}</th>{% for at in row.cells %}<td style="--depth:{{ at.depth }}%"{% if at.same %} class="same"{% elif at.depth > 55 %} class="deep"{% endif %}>{{ at.said }}</td>{% endfor %}</tr>
{% endfor %}</tbody></table></div>
<p class="caption">Share of the row’s listeners who are in the column too. Few: not told, for they are {{ reach.fewer }} listeners, or so few would follow from it.</p>
{% endif %}
{% for note in reach.notes %}<p class="caption">{{ note }}</p>{% endfor %}
{% else %}{{ absent("No audience was asked for, so there is no reach to preview.") }}{% endif %}
{% endcall %}
"""

GUARD = """\
{% call section("guard", "What they might give away", "Lift: the share of a value in the segment over its share among everybody. The line is the bound; a segment is withheld when its whole interval lies beyond.") %}
{% if guarded %}
<p>{{ guarded.sentence }}</p>
{% if guarded.rows %}
<div class="scroll" role="region" aria-label="Sensitive lifts by segment" tabindex="0">
<table class="plain change guarded">
<caption class="unseen">The furthest sensitive lift of each segment, and the verdict</caption>
<thead><tr><th scope="col">Segment</th><th scope="col" class="spare">Furthest</th><th scope="col" class="number spare">In it</th><th scope="col" class="number spare">Of everybody</th><th scope="col">Lift</th><th scope="col" class="plot">{{ guarded.scale }}</th></tr></thead>
<tbody>{% for row in guarded.rows %}
<tr{% if not row.published %} class="moved-far"{% endif %}><th scope="row">{{ swatch(row.color) }}{{ row.name }}<span class="said"><span class="{{ 'yes' if row.published else 'no' }}">{{ 'May be published' if row.published else 'Withheld' }}.</span> <span class="why">{{ row.sentence }}.</span></span></th><td class="spare"><span class="value">{{ row.value }}</span><span class="range">{{ row.attribute }}</span></td><td class="number spare">{{ row.share }}</td><td class="number spare">{{ row.overall }}</td><td>{{ row.lift }}<span class="range">{{ row.range }}</span></td><td class="plot">{{ row.strip|safe }}</td></tr>
{% endfor %}</tbody></table></div>
{% endif %}
{% for note in guarded.notes %}<p class="caption">{{ note }}</p>{% endfor %}
{% else %}{{ absent("The guard did not look at tonight’s segments.") }}{% endif %}
{% endcall %}
{% endif %}
"""

NEWCOMERS = """\
{% if segments %}
{% call section("newcomers", "How soon a newcomer is known", "Listeners whose segment is known from 28 days, shown to the model as if they had joined a few sessions ago.") %}
{% if evidence.charts %}
<p class="lead">{{ evidence.sentence }}</p>
<div class="pair">
{% for one in evidence.charts %}
<figure>
<h3>{{ one.title }}</h3>
{{ one.chart|safe }}
<figcaption>{{ one.about }}. Bars: 95 % intervals.</figcaption>
</figure>
{% endfor %}
</div>
{% else %}{{ absent("No curve: too few test rows show a listener with little evidence.") }}{% endif %}
{% for note in evidence.notes %}<p class="caption">{{ note }}</p>{% endfor %}
{% endcall %}

{% call section("discovery", "How they were found", "Definitions are discovered seldom and then frozen. Number and method are chosen by stability under resampling and by usefulness, not by one index.") %}
<p class="lead">{{ discovery.sentence }}</p>
{% if discovery.candidates %}
<div class="scroll" role="region" aria-label="Candidates" tabindex="0">
<table class="plain candidates"><caption class="unseen">Candidates: higher is better; a tiny smallest segment is no use</caption>
<thead><tr><th scope="col">Segments</th>{% if discovery.methods %}<th scope="col">Method</th>{% endif %}{% for title in discovery.columns %}<th scope="col" class="number">{{ title }}</th>{% endfor %}</tr></thead>
<tbody>{% for candidate in discovery.candidates %}<tr{% if candidate.chosen %} class="chosen"{% endif %}><th scope="row">{{ candidate.k }}{% if candidate.chosen %} <span class="flag">chosen</span>{% endif %}</th>{% if discovery.methods %}<td>{{ candidate.method }}</td>{% endif %}{% for at in candidate.cells %}<td class="number">{{ at }}</td>{% endfor %}</tr>
{% endfor %}</tbody></table></div>
{% endif %}
<h3>Beside the definitions before</h3>
<p>{{ discovery.identity.sentence }}</p>
{% if discovery.identity.groups %}
<dl class="chips">{% for group in discovery.identity.groups %}<div><dt>{{ group.title }}</dt><dd>{% for chip in group.chips %}<span class="chip">{{ swatch(chip.color) }}{{ chip.name }}{% if chip.detail %} <span class="why">{{ chip.detail }}</span>{% endif %}</span>{% endfor %}</dd></div>{% endfor %}</dl>
{% endif %}
{% endcall %}
{% endif %}
"""

SEGMENTS = "\n".join([WHO, MOVES, USE, LOOKALIKES, REACH, GUARD])
"""What a marketer asks first, after the decision."""
