"""What the page adds to the reports' style: navigation, the calendar, runs, the lineage."""

# One rule a line, however long.
# ruff: noqa: E501

PAGE_STYLE = """
:root { --warn: #8a5a00; --warn-soft: #8a5a0016; --late: #6b4a9e; }
@media (prefers-color-scheme: dark) { :root { --warn: #e0b25a; --warn-soft: #e0b25a1c; --late: #b79be6; } }
h1 { font-size: clamp(30px, 5vw, 46px); margin-top: 26px; }
a { color: var(--model); }
nav { display: flex; flex-wrap: wrap; gap: 4px 22px; border-top: 3px solid var(--ink); padding-top: 9px; font-size: 14px; }
nav b { margin-right: 8px; }
nav a { color: var(--soft); text-decoration: none; }
nav a:hover, nav a[aria-current] { color: var(--ink); text-decoration: underline; text-underline-offset: 4px; }
.lead { font-size: 20px; line-height: 1.42; margin-top: 14px; max-width: 40em; }
.lead.red, .lead.red a { color: var(--bad); } .lead.green { color: var(--good); } .lead.amber { color: var(--warn); }
.answers { margin-top: 26px; }

.troubles { list-style: none; padding: 0; }
.troubles li { border-left: 4px solid var(--warn); background: var(--warn-soft); padding: 10px 16px 12px; }
.troubles li + li { margin-top: 12px; }
.troubles li.red { border-color: var(--bad); background: var(--bad-soft); }
.troubles b { display: block; } .troubles .red b { color: var(--bad); }
.troubles p { margin-top: 4px; max-width: 74ch; white-space: pre-line; overflow-wrap: anywhere; }
.troubles .next { font-size: 13.5px; }
.fine { color: var(--good); font-weight: 650; }

.families { display: grid; grid-template-columns: repeat(auto-fill, minmax(300px, 1fr)); gap: 26px 34px; }
.families article { border-top: 1px solid var(--rule); padding-top: 12px; }
.families h3 { border: 0; padding: 0; }
.families .says { margin-top: 6px; }
.families dl { margin-top: 8px; font-size: 13.5px; }
.families dl div { display: grid; grid-template-columns: 130px minmax(0, 1fr); gap: 10px; padding: 2px 0; }
.families dt { color: var(--soft); }
.families .links { margin-top: 8px; font-size: 14px; }
.word { display: inline-block; padding: 1px 9px 2px; border-radius: 3px; font-size: 13px; font-weight: 650; color: var(--paper); background: var(--soft); white-space: nowrap; }
.word.blessed, .word.built, .word.ok { background: var(--good); }
.word.refused, .word.amber { background: var(--warn); }
.word.failed, .word.red, .word.died { background: var(--bad); }
.word.late, .word.waiting { background: var(--late); }
.word.running, .word.working { background: var(--model); }
.word.current, .word.reused { background: none; color: var(--soft); border: 1px solid var(--rule); }
.word.not-run { background: var(--bad); }

.calendar { width: 100%; table-layout: fixed; }
.calendar th, .calendar td { padding: 5px 3px; text-align: center; vertical-align: middle; }
.calendar tbody th { text-align: left; white-space: nowrap; font-weight: 400; }
.calendar th:first-child { width: 128px; text-align: left; }
.calendar thead th { font-size: 12px; overflow-wrap: anywhere; }
.calendar .ended { width: 120px; text-align: left; font-size: 13px; color: var(--soft); padding-left: 10px; }
.calendar td a, .calendar td > span { display: block; border-radius: 3px; padding: 2px 0; min-height: 26px; text-decoration: none; color: var(--soft); font-size: 15px; line-height: 22px; }
.calendar a.built, .mark.built { color: var(--good); background: color-mix(in srgb, var(--good) 16%, transparent); }
.calendar a.reused, .mark.reused { color: var(--good); }
.calendar a.refused, .mark.refused { color: var(--warn); background: color-mix(in srgb, var(--warn) 20%, transparent); }
.calendar a.failed, .calendar a.not-run, .mark.failed, .mark.not-run { color: var(--paper); background: var(--bad); font-weight: 700; }
.calendar a.late, .mark.late { color: var(--paper); background: var(--late); }
.calendar a.running, .mark.running { color: var(--paper); background: var(--model); }
.calendar .weekday { color: var(--soft); margin-left: 7px; font-size: 13px; }
.calendar .gap td a { display: inline; color: var(--model); text-decoration: underline; font-size: 13px; }
.calendar .gap td > span { display: inline-block; padding: 0; }
.history .reasons { min-width: 280px; }
.calendar .gap th, .calendar .gap td { color: var(--late); font-size: 13px; text-align: left; }
.calendar a.blessed { color: var(--good); background: color-mix(in srgb, var(--good) 16%, transparent); font-size: 13px; }
.verdicts td a { font-size: 13px; }
.legend { display: flex; flex-wrap: wrap; gap: 6px 20px; font-size: 13.5px; color: var(--soft); list-style: none; padding: 0; }
.mark { display: inline-block; width: 24px; text-align: center; border-radius: 3px; margin-right: 6px; }

.stage h3 { margin: 0 0 4px; }
.stage > summary { cursor: pointer; padding: 8px 0; border-bottom: 1px solid var(--rule); display: grid; grid-template-columns: 110px minmax(0, 1fr) auto; gap: 14px; align-items: baseline; }
.stage > summary b { font-weight: 650; }
.stage > summary b::before { content: "▸ "; color: var(--soft); }
.stage[open] > summary b::before { content: "▾ "; }
.stage > summary .meaning { color: var(--soft); font-size: 13.5px; }
.tasks { margin: 6px 0 18px; font-size: 13.5px; }
.tasks td, .tasks th { padding: 6px 12px 6px 0; }
.tasks .what { overflow-wrap: anywhere; min-width: 190px; }
.tasks .said { color: var(--soft); overflow-wrap: anywhere; white-space: pre-line; }
.tasks .why { display: block; font-size: 12.5px; }
.label { overflow-wrap: anywhere; }
td .label, .what .label { text-anchor: start; display: block; color: var(--soft); font-size: 12.5px; }

.lineage { max-width: none; }
.groups > * + * { margin-top: 6px; }
.lineage .edge { fill: none; stroke: var(--soft); stroke-opacity: .45; stroke-width: 1.2; }
.lineage .box { fill: var(--faint); stroke: var(--rule); }
.lineage .box.root { stroke: var(--model); stroke-width: 2; fill: var(--model-soft); }
.lineage .box.source { stroke-dasharray: 3 3; fill: none; stroke: var(--soft); }
.lineage a:hover .box { stroke: var(--model); }
.lineage .name { text-anchor: middle; fill: var(--ink); font-size: 13px; }
.lineage .about { text-anchor: middle; font-size: 11px; }
.members { columns: 2; column-gap: 40px; font-size: 13.5px; padding-left: 18px; }
.members li { break-inside: avoid; overflow-wrap: anywhere; }
details > summary { cursor: pointer; }
.values td, .values th { font-size: 13px; overflow-wrap: anywhere; }
.values th { width: 32%; color: var(--soft); }
.series .dot.refused { fill: var(--paper); stroke: var(--warn); stroke-width: 2; }
.contents { margin-top: 22px; }
.prose { max-width: 78ch; margin-top: 10px; }
.prose > * + * { margin-top: 14px; }
.prose h2 { margin-top: 46px; border-top: 1px solid var(--rule); padding-top: 14px; }
.prose h3 { margin-top: 26px; }
.prose pre { overflow-x: auto; background: var(--faint); padding: 12px 14px; margin-bottom: 0; }
.prose pre code { overflow-wrap: normal; }
.prose ul, .prose ol { padding-left: 20px; } .prose li + li { margin-top: 5px; }
.prose td { overflow-wrap: anywhere; }
:target { scroll-margin-top: 16px; background: var(--model-soft); }
.moved { width: auto; } .moved td, .moved th { white-space: nowrap; padding-top: 4px; padding-bottom: 4px; }
.multiples { display: grid; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: 24px 34px; }
.series { max-width: 800px; } .series text { font-size: 13px; }
tbody th[scope=row] > a { white-space: nowrap; }
.broad { grid-template-columns: minmax(0, 1fr); row-gap: 18px; }
.small { font-size: 13.5px; color: var(--soft); }

@media (max-width: 860px) { .members { columns: 1; } }
@media (max-width: 560px) {
  .calendar th:first-child { width: 76px; font-size: 12.5px; }
  .calendar .weekday, .calendar .ended { display: none; }
  .calendar thead th { font-size: 10px; padding: 4px 1px; writing-mode: vertical-rl; transform: rotate(180deg); text-align: left; height: 66px; width: auto; vertical-align: middle; }
  .calendar thead th:first-child { writing-mode: horizontal-tb; transform: none; vertical-align: bottom; }
  .tasks thead { display: none; }
  .tasks tr { display: block; border-bottom: 1px solid var(--rule); padding: 8px 0; }
  .tasks td { display: block; border: 0; padding: 1px 0; text-align: left; }
  .verdicts thead th { height: 104px; }
  .verdicts td a { font-size: 11px; overflow: hidden; }
  .stage > summary { grid-template-columns: minmax(0, 1fr) auto; }
  .stage > summary .meaning { display: none; }
  .tasks .extra { display: none; }
  .families { grid-template-columns: minmax(0, 1fr); }
}
"""
