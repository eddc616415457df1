"""The page's look: calm and typographic, light and dark, phone and desk, and on paper."""

# One rule a line, however long.
# ruff: noqa: E501

STYLE = """\
:root {
  --paper: #fcfcfa; --ink: #17191c; --soft: #5c6167; --rule: #dcddd8; --faint: #f1f2ee;
  --model: #1b5e83; --model-soft: #1b5e8322; --good: #1f6f43; --bad: #a83226; --bad-soft: #a8322612;
  --serif: Charter, "Bitstream Charter", "Iowan Old Style", "Source Serif 4", Georgia, "DejaVu Serif", serif;
  --sans: system-ui, -apple-system, "Segoe UI", "Helvetica Neue", Arial, "Liberation Sans", sans-serif;
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #131518; --ink: #e8e7e2; --soft: #a0a4a8; --rule: #33373b; --faint: #1c1f23;
    --model: #7ab8dd; --model-soft: #7ab8dd26; --good: #76c496; --bad: #f08f80; --bad-soft: #f08f801c;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; max-width: 1120px; padding: 28px 32px 96px; background: var(--paper); color: var(--ink);
  font: 15px/1.5 var(--sans); font-variant-numeric: tabular-nums lining-nums; }
h1, h2, h3, p, dl, dd, figure, ul { margin: 0; }
h1, h2, .question, .lead { font-family: var(--serif); font-weight: 400; text-wrap: balance; }
h1 { font-size: clamp(38px, 6vw, 60px); line-height: 1.04; letter-spacing: -.018em; margin-top: 44px; }
h2 { font-size: 23px; line-height: 1.2; }
h3 { font-size: 15px; font-weight: 650; margin: 0 0 10px; }
code { font: .86em var(--mono); overflow-wrap: anywhere; }
.kicker { border-top: 3px solid var(--ink); padding-top: 9px; font-size: 14px; color: var(--soft); }
.kicker b { color: var(--ink); font-weight: 650; margin-right: 10px; }
.question { font-size: 22px; line-height: 1.35; margin-top: 12px; color: var(--soft); max-width: 36em; }
.dateline { margin-top: 18px; font-size: 14px; color: var(--soft); }

section { display: grid; grid-template-columns: 220px minmax(0, 1fr); column-gap: 40px;
  border-top: 1px solid var(--rule); margin-top: 56px; padding-top: 20px; }
.margin p:not(.badge) { color: var(--soft); font-size: 13.5px; line-height: 1.45; margin-top: 8px; }
.content > p { max-width: 66ch; }
.content > * + * { margin-top: 22px; }
.content > h3 { margin: 34px 0 -10px; }
.content > .caption, .caption, figcaption { font-size: 13.5px; line-height: 1.45; color: var(--soft); }
.scroll + .caption { margin-top: 10px; }
.absent { color: var(--soft); font-family: var(--serif); font-style: italic; }

.decision { --verdict: var(--soft); border-top: 1px solid var(--ink); margin-top: 36px; padding-top: 24px; }
.decision.blessed { --verdict: var(--good); }
.decision.refused { --verdict: var(--bad); }
.badge { display: inline-block; padding: 5px 15px 6px; border-radius: 3px; background: var(--verdict);
  color: var(--paper); font-weight: 650; font-size: 17px; margin-top: 5px; }
.decision h2 { font-size: clamp(28px, 4vw, 38px); letter-spacing: -.012em; }
.decision .lead { font-size: 20px; line-height: 1.42; margin-top: 8px; max-width: 34em; }
.decision .reason { margin-top: 12px; }
.gates { list-style: none; padding: 0; border-top: 1px solid var(--rule); }
.gates li { display: grid; grid-template-columns: 28px 1fr; padding: 9px 0; border-bottom: 1px solid var(--rule); }
.gates .mark { font-weight: 700; grid-row: span 2; }
.gates .passed .mark { color: var(--good); }
.gates .failed .mark { color: var(--bad); }
.gates .failed .said { font-weight: 650; }
.gates .bound { font-size: 13px; color: var(--soft); grid-column: 2; }

.facts { display: flex; flex-wrap: wrap; gap: 10px 36px; }
.facts dt { font-size: 13px; color: var(--soft); }
.facts dd { font-size: 17px; }
.scroll { overflow-x: auto; background:
  linear-gradient(to right, var(--paper) 30%, transparent) left / 40px 100% no-repeat local,
  linear-gradient(to left, var(--paper) 30%, transparent) right / 40px 100% no-repeat local,
  linear-gradient(to right, var(--rule), transparent) left / 12px 100% no-repeat scroll,
  linear-gradient(to left, var(--rule), transparent) right / 12px 100% no-repeat scroll; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
caption { text-align: left; color: var(--soft); font-size: 13.5px; padding-bottom: 8px; }
th, td { text-align: left; padding: 8px 14px 8px 0; vertical-align: top; border-bottom: 1px solid var(--rule); font-weight: 400; }
th:last-child, td:last-child { padding-right: 0; }
thead th, thead td { font-size: 13px; color: var(--soft); line-height: 1.3; vertical-align: bottom; border-bottom-color: var(--ink); }
.range { display: block; font-size: 12px; line-height: 1.4; color: var(--soft); white-space: nowrap; }
.number { text-align: right; white-space: nowrap; }
.narrow { max-width: 360px; }
.chosen th, .chosen td { font-weight: 650; }
.headline .value { font-size: 17px; }
.headline .model th, .headline .model .value { font-weight: 650; }
.headline .model .value { font-size: 21px; }
.headline .model .dot { fill: var(--model); }
.headline .model .whisker { stroke: var(--model); }
.headline .value { display: block; line-height: 1.3; }
.meanings { display: grid; grid-template-columns: 1fr 1fr; gap: 12px 32px; font-size: 13.5px; line-height: 1.45; }
.meanings dt { font-weight: 650; }
.meanings dd { color: var(--soft); }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 40px; }
.pair > * { min-width: 0; }

svg { display: block; }
.chart { width: 100%; max-width: 420px; height: auto; margin-bottom: 10px; }
svg text { font: 12px var(--sans); fill: var(--soft); }
.tick.up { text-anchor: end; }
.tick.across, .label { text-anchor: middle; }
svg .note { fill: var(--ink); font-size: 12.5px; font-weight: 650; }
.grid { stroke: var(--rule); }
.axis { stroke: var(--soft); }
.guide { stroke: var(--soft); stroke-dasharray: 3 3; }
.drop { stroke: var(--model); stroke-dasharray: 2 3; }
.chart .dot { fill: var(--model); }
.chart .whisker { stroke: var(--model); stroke-opacity: .4; stroke-width: 2; }
.wide { max-width: none; }
.promise { fill: none; stroke: var(--soft); stroke-width: 1.8; stroke-linejoin: round; }
.wide .dot { stroke: var(--paper); stroke-width: 1; }
.worth .value { display: block; }
.worth .plot, .change .plot { width: 164px; }
.worth .sure .dot { fill: var(--model); }
.worth .sure .whisker { stroke: var(--model); }
.change .moved-far .flag, .change .moved-far td:nth-child(2) { color: var(--bad); font-weight: 650; }
.change .moved-far .dot { fill: var(--bad); }
.change .moved-far .whisker { stroke: var(--bad); }
.change .flag { white-space: nowrap; }
.lift { margin-top: 12px; max-width: 420px; }
.lift th, .lift td { padding-top: 4px; padding-bottom: 4px; }
#responses .pair { row-gap: 34px; }
#money .lead { font-size: 18px; line-height: 1.45; max-width: 38em; }
.curve { fill: none; stroke: var(--model); stroke-width: 2.2; stroke-linejoin: round; }
.area { fill: var(--model-soft); }
.strip { margin-top: 3px; }
.strip .track { stroke: var(--rule); }
.strip .guide { stroke-dasharray: none; stroke-opacity: .6; }
.strip .dot { fill: var(--soft); }
.strip .whisker { stroke: var(--soft); stroke-width: 2; }

.slices .value { display: block; }
.slices td, .slices tbody th { padding-top: 6px; padding-bottom: 6px; }
.slices .group th { font-weight: 650; padding-top: 20px; }
.slices .plot { width: 164px; }
.slices .plot .dot { fill: var(--model); }
.slices .plot .whisker { stroke: var(--model); stroke-opacity: .55; }
.slices .sure .dot { fill: var(--bad); }
.slices .sure .whisker { stroke: var(--bad); }
.slices .worst th, .slices .worst td { background: var(--faint); }
.slices .worst.sure th, .slices .worst.sure td { background: var(--bad-soft); }
.slices .worst th { padding-left: 9px; }
.slices .sure .ratio .value { color: var(--bad); font-weight: 650; }
.slices .rest td { color: var(--soft); font-size: 13px; }
.scale { display: flex; justify-content: space-between; width: 150px; font-size: 12px; }
.flag { font-size: 12px; color: var(--soft); margin-left: 4px; }
.sure .flag { color: var(--bad); }

.confusion { width: auto; }
.confusion td, .confusion th { border: 0; padding: 0; font-size: 13px; }
.confusion tbody th { padding: 4px 12px 4px 0; max-width: 150px; vertical-align: middle; line-height: 1.25; }
.confusion thead th { height: 1px; padding-bottom: 6px; text-align: center; }
.confusion thead span { writing-mode: vertical-rl; transform: rotate(180deg); display: inline-block; max-height: 150px; text-align: left; }
.confusion tbody td { width: 46px; min-width: 46px; height: 42px; text-align: center; vertical-align: middle; border: 2px solid var(--paper);
  background: color-mix(in srgb, var(--model) var(--depth), var(--faint)); }
.confusion .deep { color: var(--paper); font-weight: 650; }

.bars th, .bars td { border: 0; padding-top: 4px; padding-bottom: 4px; vertical-align: middle; }
.bars th { width: 37%; padding-right: 20px; line-height: 1.35; }
.bars td { white-space: nowrap; }
.bars .name { width: 25%; color: var(--soft); font-size: 13px; white-space: normal; }
.bar { display: inline-block; vertical-align: middle; height: 14px; min-width: 1px; background: var(--model);
  width: calc((100% - 66px) * var(--part)); border-radius: 0 2px 2px 0; }
.bars .amount { margin-left: 9px; }

.whole { display: flex; gap: 2px; height: 12px; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(330px, 1fr)); gap: 40px 40px; }
article { display: flex; flex-direction: column; }
article h3 { font: 400 20px/1.25 var(--serif); margin: 0; border-top: 1px solid var(--rule); padding-top: 14px; }
.swatch { display: inline-block; width: 13px; height: 13px; border-radius: 50%; margin-right: 9px; }
.size { color: var(--soft); margin-top: 4px; }
.size b { color: var(--ink); }
.lifts { margin-top: 8px; font-size: 13.5px; line-height: 1.35; }
.lifts th, .lifts td { border: 0; padding: 5px 10px 5px 0; vertical-align: middle; }
.lifts td:nth-child(2) { width: 110px; }
.lifts .amount { width: 40px; text-align: right; padding-right: 0; }
.lifts .range { white-space: normal; }
.swing { display: block; height: 12px; position: relative; background: linear-gradient(var(--soft), var(--soft)) 50% 0 / 1px 100% no-repeat, var(--faint); }
.swing::after { content: ""; position: absolute; inset: 0 auto 0 50%; width: var(--width); background: var(--color); }
.swing.less::after { inset: 0 50% 0 auto; }
.day { margin-top: auto; padding-top: 14px; }
.day .caption { display: flex; justify-content: space-between; margin-bottom: 6px; }
.hours { width: 100%; height: auto; }

.yes { color: var(--good); font-weight: 650; }
.no { color: var(--bad); font-weight: 650; }
.why { color: var(--soft); }
.notes { padding-left: 18px; max-width: 66ch; }
.notes li + li { margin-top: 6px; }
.provenance div { display: grid; grid-template-columns: 200px minmax(0, 1fr); gap: 16px; padding: 7px 0; border-bottom: 1px solid var(--rule); }
.provenance dt { color: var(--soft); }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
thead.unseen { display: block; }
:focus-visible { outline: 2px solid var(--model); outline-offset: 3px; }

@media (max-width: 860px) {
  section { grid-template-columns: minmax(0, 1fr); row-gap: 18px; }
  .margin p:not(.badge) { max-width: 60ch; }
}
@media (max-width: 560px) {
  body { padding: 16px 16px 64px; }
  section { margin-top: 44px; }
  h1 { margin-top: 30px; }
  .question { font-size: 19px; }
  .decision .lead { font-size: 18px; }
  .pair, .meanings { grid-template-columns: minmax(0, 1fr); }
  .cards { grid-template-columns: minmax(0, 1fr); }
  .headline .strip { display: none; }
  .headline { font-size: 13px; }
  .headline .value { font-size: 15px; }
  .headline .model .value { font-size: 16px; }
  .headline .range { font-size: 11px; white-space: normal; }
  .headline th, .headline td { padding-right: 7px; }
  .headline thead th { font-size: 12px; hyphens: auto; }
  .slices .strip, .scale { width: 96px; height: auto; }
  .slices .plot { width: 104px; }
  .slices .strip .dot { r: 5px; }
  .worth .strip, .change .strip { width: 72px; height: auto; }
  .worth .plot, .change .plot { width: 76px; }
  .worth .strip .dot, .change .strip .dot { r: 5px; }
  .worth .range { white-space: normal; }
  .plain .range { white-space: normal; }
  th, td { padding-right: 10px; }
  .bars th { width: 52%; }
  .bars .name { display: none; }
  .provenance div { grid-template-columns: minmax(0, 1fr); gap: 0; }
}
@media print {
  body { max-width: none; padding: 0; font-size: 11px; }
  section { break-inside: avoid-page; }
}
"""
