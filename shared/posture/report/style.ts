/** The look of a report: light and dark as the reader's system asks, and black on white on paper. */
export const reportStyle = `
:root { color-scheme: light dark; --text: #1b1f24; --soft: #5b6670; --page: #fff; --panel: #eef1f4; --rule: #d9dee3;
  --traditional: #b3261e; --initial: #b06000; --advanced: #2f6fb3; --optimal: #2e7d4f; --proven: #8a4fb3; }
@media (prefers-color-scheme: dark) { :root { --text: #e8eaed; --soft: #a0aab4; --page: #14171a; --panel: #22282d;
  --rule: #353c43; --traditional: #f08a80; --initial: #e0a34a; --advanced: #7db4ee; --optimal: #6fc795; --proven: #c79aec; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1080px; padding: 24px 20px 60px; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 26px; line-height: 1.25; margin: 0; overflow-wrap: anywhere; } h2 { font-size: 19px; margin: 36px 0 10px; }
p { margin: 6px 0; } .soft, figcaption { color: var(--soft); }
.total { display: flex; flex-wrap: wrap; gap: 4px 28px; align-items: baseline; background: var(--panel);
  border-radius: 8px; padding: 14px 20px; margin: 18px 0; }
.total strong { font-size: 44px; line-height: 1; }
.traditional { color: var(--traditional); } .initial { color: var(--initial); }
.advanced, .encrypted { color: var(--advanced); } .optimal { color: var(--optimal); } .proven { color: var(--proven); }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); gap: 0 48px; }
.key { display: flex; flex-wrap: wrap; gap: 2px 18px; font-size: 13.5px; } .key i { font-style: normal; }
figure { margin: 10px 0; min-width: 0; } svg { width: 100%; height: auto; font: 12.5px system-ui, sans-serif; fill: var(--text); }
.bars { list-style: none; margin: 8px 0; padding: 0; }
.bars li { display: grid; grid-template-columns: 1fr 104px; gap: 0 14px; align-items: center; margin: 0 0 10px; }
.bars .name { grid-column: 1 / -1; font-size: 14px; } .bars .name::first-letter { text-transform: capitalize; }
.track { position: relative; height: 12px; border-radius: 3px; background: var(--panel); }
.bar { position: absolute; inset: 0 auto 0 0; border-radius: 3px; background: currentColor; }
.tick { position: absolute; top: -3px; bottom: -3px; width: 2px; margin-left: -1px; background: var(--text); }
.bars .value { font-size: 14px; line-height: 1; white-space: nowrap; font-variant-numeric: tabular-nums; }
svg .label { text-anchor: end; } svg .soft { fill: var(--soft); } svg .cell { fill: var(--advanced); }
svg .denied { fill: none; stroke: var(--traditional); stroke-width: 2.5; } svg .grid { stroke: var(--rule); }
svg .line { fill: none; stroke: currentColor; stroke-width: 2; } svg .line.proven { stroke-dasharray: 7 4; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 6px 14px 6px 0; border-bottom: 1px solid var(--rule); }
th { color: var(--soft); font-weight: 600; }
th.number, td.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
ol { padding-left: 24px; } ol li { margin: 8px 0; } code { overflow-wrap: anywhere; font-size: 0.92em; }
@media screen and (max-width: 640px) {
  thead { display: none; } tr { display: flex; flex-wrap: wrap; gap: 0 16px; padding: 8px 0; border-bottom: 1px solid var(--rule); }
  td { border: 0; padding: 0; } td:first-child, td:nth-child(4) { flex-basis: 100%; } td:empty { display: none; }
  td:nth-child(4) { order: 1; color: var(--soft); } td[data-name]::before { content: attr(data-name) ' '; color: var(--soft); }
  svg { font-size: 17px; }
}
@media print { :root { color-scheme: light; --text: #000; --soft: #444; --page: #fff; --panel: #ececec; --rule: #bbb;
  --traditional: #b3261e; --initial: #b06000; --advanced: #2f6fb3; --optimal: #2e7d4f; --proven: #8a4fb3; }
  body { max-width: none; padding: 0; font-size: 9.5pt; } h1 { font-size: 17pt; } h2 { font-size: 12.5pt; margin: 20px 0 6px; }
  figure, tr, li, section { break-inside: avoid; } h2, h2 + .key { break-after: avoid; }
  .pair { grid-template-columns: 1fr 1fr; gap: 0 28px; } .total { padding: 8px 14px; margin: 12px 0; } .total strong { font-size: 24pt; }
  .key, .bars .name, .bars .value { font-size: 9pt; } .bars li { margin-bottom: 6px; } ol li { margin: 4px 0; } th, td { padding-block: 4px; }
  .total, .track, .bar, .tick, svg { print-color-adjust: exact; -webkit-print-color-adjust: exact; } @page { margin: 14mm; } }
`;
