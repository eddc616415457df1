"""The layout of the monitoring page as Jinja text."""

# Markup reads better in long lines, prose with typographic quotes and dashes.
# ruff: noqa: E501

from ml.report.head import HEAD

MONITORING = HEAD + """\
<title>Monitoring of {{ night }}: {{ headline|lower }}</title>
<style>
{{ style|safe }}</style>
</head>
<body>
{% macro absent(sentence) %}<p class="absent">{{ sentence }}</p>{% endmacro %}
<header>
<p class="kicker"><b>Setlist</b> Monitoring</p>
<h1>What is live</h1>
<p class="question">Is it still what it was when it went live, and did the data come as usual?</p>
<p class="dateline">{{ night_long }}</p>
</header>
<main>
<section id="alarms" class="decision {{ 'refused' if alarms else 'blessed' }}" aria-labelledby="alarms-heading">
<div class="margin"><p class="badge">{{ 'Look' if alarms else 'Quiet' }}</p></div>
<div class="content">
<h2 id="alarms-heading">{{ headline }}</h2>
{% if alarms %}
<ul class="gates" aria-label="Alarms">
{% for alarm in alarms %}
<li class="failed"><span class="mark" role="img" aria-label="alarm">✕</span>
<span class="said">{{ alarm.sentence }}</span><span class="bound">{{ alarm.kind }}: {{ alarm.subject }}</span></li>
{% endfor %}
</ul>
{% else %}<p class="lead">No feature, score, figure, table or model is further from its past than days usually are from each other.</p>{% endif %}
</div>
</section>
{% for family in families %}
<section id="{{ family.name }}" aria-labelledby="{{ family.name }}-heading">
<div class="margin"><h2 id="{{ family.name }}-heading">{{ family.title }}</h2>{% if family.live and family.alarms %}<p><span class="no">{{ family.alarms }}</span></p>{% endif %}</div>
<div class="content">
{% if not family.live %}{{ absent("No model of this family was live on this day, so there is nothing to watch.") }}
{% else %}
<p{% if family.is_stale %} class="no"{% endif %}>{{ family.live }}</p>
<h3>What has moved</h3>
{% if family.drift.sentence %}<p>{{ family.drift.sentence }}</p>{% endif %}
{% for note in family.drift.notes %}{{ absent(note) }}{% endfor %}
{% if family.drift.rows %}
<div class="scroll" role="region" aria-label="What has moved, {{ family.title }}" tabindex="0">
<table class="plain change">
<caption class="unseen">Scores, and the features that moved most</caption>
<thead><tr><th scope="col">Scores and features</th><th scope="col">Index</th><th scope="col" class="plot">Of the limit</th><th scope="col">Limit, learnt</th><th scope="col">Since</th><th scope="col">Missing, usually → now</th></tr></thead>
<tbody>{% for row in family.drift.rows %}
<tr class="{{ row.verdict|replace(' ', '-') }}"><th scope="row">{{ row.name }}{% if row.verdict != "stable" %} <span class="flag">{{ row.verdict }}</span>{% endif %}<span class="range">{{ row.code }}</span></th><td>{{ row.index }}</td><td class="plot">{{ row.strip|safe }}</td><td>{{ row.limit }}</td><td>{{ row.since }}</td><td>{{ row.missing }}</td></tr>
{% endfor %}</tbody></table></div>
{% if family.drift.rest %}<p class="caption">{{ family.drift.rest }}</p>{% endif %}
{% endif %}
<h3>Does it still mean what it says?</h3>
{% for note in family.calibration.notes %}{{ absent(note) }}{% endfor %}
{% if family.calibration.rows %}
{% if family.calibration.week %}<p>{{ family.calibration.week }}</p>{% endif %}
<figure>{{ family.calibration.chart|safe }}<figcaption>{{ family.calibration.what }}. {{ family.calibration.caption }}</figcaption></figure>
<div class="scroll" role="region" aria-label="Calibration by day, {{ family.title }}" tabindex="0">
<table class="plain">
<caption class="unseen">Calibration of what was live, by day</caption>
<thead><tr><th scope="col">Day</th><th scope="col">Live since</th><th scope="col" class="number">Rows</th><th scope="col" class="number">Answers</th><th scope="col">{{ family.calibration.what }} (95 %)</th></tr></thead>
<tbody>{% for row in family.calibration.rows %}
<tr><th scope="row">{{ row.day }}</th><td>{{ row.live }}</td><td class="number">{{ row.rows }}</td><td class="number">{{ row.positives }}</td><td>{{ row.figure }}</td></tr>
{% endfor %}</tbody></table></div>
{% endif %}
<h3>How good is it likely to be?</h3>
{% for note in family.performance.notes %}{{ absent(note) }}{% endfor %}
{% if family.performance.rows %}
{% if family.performance.covered %}<p>{{ family.performance.covered }}</p>{% endif %}
<figure>{{ family.performance.chart|safe }}<figcaption>Normalized entropy as the probabilities themselves foretell it (dots, with 95 % intervals), and as it turned out (bars). Lower is better.</figcaption></figure>
<div class="scroll" role="region" aria-label="Estimated and realised, {{ family.title }}" tabindex="0">
<table class="plain">
<caption class="unseen">Estimated performance by day, and what came</caption>
<thead><tr><th scope="col">Day</th><th scope="col">Normalized entropy</th><th scope="col">AUC</th><th scope="col">Rate of answers</th></tr></thead>
<tbody>{% for row in family.performance.rows %}
<tr><th scope="row">{{ row.day }}</th>{% for at in row.cells %}<td>{{ at.estimated }}<span class="range">came: {{ at.realised }}</span></td>{% endfor %}</tr>
{% endfor %}</tbody></table></div>
{% endif %}
{% endif %}
</div>
</section>
{% endfor %}
<section id="data" aria-labelledby="data-heading">
<div class="margin"><h2 id="data-heading">The data</h2><p>Rows of the day beside those of its own past days, by weekday.</p></div>
<div class="content">
{% for note in table_notes %}<p class="no">{{ note }}</p>{% endfor %}
{% if tables %}
<div class="scroll" role="region" aria-label="Tables" tabindex="0">
<table class="plain">
<caption class="unseen">Freshness and volume by table</caption>
<thead><tr><th scope="col">Table</th><th scope="col" class="number">Rows</th><th scope="col">Usual</th><th scope="col" class="number">Quarantined</th><th scope="col">Newest day</th></tr></thead>
<tbody>{% for table in tables %}
<tr><th scope="row"{% if table.is_wrong %} class="no"{% endif %}>{{ table.name }}</th><td class="number">{{ table.rows }}</td><td>{{ table.usual }}</td><td class="number">{{ table.quarantined }}</td><td>{{ table.newest }}</td></tr>
{% endfor %}</tbody></table></div>
{% for table in tables %}{% if table.chart %}<figure><h3>{{ table.name }}</h3>{{ table.chart|safe }}</figure>{% endif %}{% endfor %}
{% else %}{{ absent("The source has no daily table that a family reads.") }}{% endif %}
</div>
</section>
</main>
</body>
</html>
"""
