"""The look of what only pages with segments have."""

# One rule a line, however long.
# ruff: noqa: E501

SEGMENT_STYLE = """\
section:not(.decision) .content > .lead { font-size: 18px; line-height: 1.45; max-width: 38em; }
.extent { display: flex; justify-content: space-between; align-items: center; gap: 12px; }
.extent .size { margin-top: 4px; }
.spark { width: 132px; height: 30px; flex: none; }
.spark polyline { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
article .absent { margin-top: 14px; }
article .caption { margin-top: 4px; }
.verdict { margin-top: 8px; font-size: 13.5px; line-height: 1.45; }
.contrast { margin-top: 14px; font-size: 13.5px; line-height: 1.5; }
.contrast b { font-weight: 650; }
.contrast .swatch, th .swatch, .chip .swatch { width: 10px; height: 10px; margin-right: 6px; flex: none; }
.churn th, .overlap th { width: 40%; }
.bars .range { white-space: normal; }
.flows .same, .overlaps .same { background: repeating-linear-gradient(135deg, var(--rule) 0 1px, transparent 1px 6px); }
.flows tbody th { max-width: 200px; }
.confusion thead span { max-height: 210px; font-size: 12px; line-height: 1.25; }
.overlaps tbody td { min-width: 54px; white-space: nowrap; }
.answers .off .ratio .value { color: var(--bad); font-weight: 650; }
.answers .value { display: block; }
.answers thead .number { white-space: normal; }
.answers .plot { width: 128px; }
.answers td, .guarded td { vertical-align: top; }
.answers .plot .dot { fill: var(--model); }
.answers .plot .whisker { stroke: var(--model); stroke-opacity: .55; }
.answers .off td:last-child .dot { fill: var(--bad); }
.answers .off td:last-child .whisker { stroke: var(--bad); }
.guarded .said { display: block; font-size: 13px; line-height: 1.4; margin-top: 3px; }
.guarded th[scope=row] { min-width: 190px; }
svg .note.middle { text-anchor: middle; }
.deciles .tenth { fill: var(--model); fill-opacity: .55; }
.deciles .whisker { stroke: var(--ink); stroke-opacity: .6; stroke-width: 1.4; }
.deciles .guide { stroke: var(--ink); }
.lookalike + .lookalike { border-top: 1px solid var(--rule); padding-top: 22px; }
.lookalike .pair { margin-top: 14px; }
.lookalike .overlap { margin-top: 20px; }
.request table { margin-top: 8px; }
.requests { display: grid; grid-template-columns: repeat(auto-fill, minmax(330px, 1fr)); gap: 30px 40px; }
.request h3 { margin-bottom: 4px; }
.guarded td:nth-child(2) .value { white-space: nowrap; }
.candidates { max-width: 640px; }
.chips > div { display: grid; grid-template-columns: 80px minmax(0, 1fr); gap: 12px; padding: 8px 0; border-bottom: 1px solid var(--rule); }
.chips dt { color: var(--soft); }
.chips dd { display: flex; flex-wrap: wrap; gap: 6px 18px; }
.faint { opacity: .75; }
@media (max-width: 560px) {
  .requests { grid-template-columns: minmax(0, 1fr); }
  section:not(.decision) .content > .lead { font-size: 17px; }
  .answers .range { white-space: normal; }
  .guarded td .range { white-space: nowrap; }
  .answers .plot, .answers .spare, .guarded .plot, .guarded .spare { display: none; }
  .guarded th[scope=row] { min-width: 0; }
  .candidates, .answers { font-size: 13px; }
  .answers th, .answers td { padding-right: 8px; }
  .candidates thead th { font-size: 12px; }
  .candidates th, .candidates td { padding-right: 8px; }
  .candidates .flag { display: block; margin: 0; }
  .chips > div { grid-template-columns: minmax(0, 1fr); gap: 4px; }
}
"""
