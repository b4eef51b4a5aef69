/** The look of a report: light and dark as the reader's system asks, and black on white on paper. */
export const reportStyle = `
:root { color-scheme: light dark; --text: #1b1f24; --soft: #5b6670; --page: #fff; --panel: #f4f6f8; --rule: #d9dee3;
  --traditional: #b3261e; --initial: #b06000; --advanced: #2f6fb3; --optimal: #2e7d4f; --proven: #8a4fb3; }
@media (prefers-color-scheme: dark) { :root { --text: #e8eaed; --soft: #a0aab4; --page: #14171a; --panel: #1d2226;
  --rule: #353c43; --traditional: #f08a80; --initial: #e0a34a; --advanced: #7db4ee; --optimal: #6fc795; --proven: #c79aec; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1080px; padding: 24px 20px 60px; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 26px; margin: 0; } h2 { font-size: 19px; margin: 36px 0 10px; }
p { margin: 6px 0; } .soft, figcaption { color: var(--soft); }
.total { display: flex; flex-wrap: wrap; gap: 8px 28px; align-items: baseline; background: var(--panel);
  border-radius: 8px; padding: 14px 20px; margin: 18px 0; }
.total strong { font-size: 44px; line-height: 1; }
.traditional { color: var(--traditional); } .initial { color: var(--initial); }
.advanced { color: var(--advanced); } .optimal { color: var(--optimal); }
figure { margin: 14px 0; } svg { width: 100%; height: auto; font: 12.5px system-ui, sans-serif; fill: var(--text); }
svg .label { text-anchor: end; } svg .soft { fill: var(--soft); } svg .track { fill: var(--panel); }
svg .bar.traditional { fill: var(--traditional); } svg .bar.initial { fill: var(--initial); }
svg .bar.advanced, svg .cell { fill: var(--advanced); } svg .bar.optimal { fill: var(--optimal); }
svg .tick { stroke: var(--text); stroke-width: 2; } svg .grid { stroke: var(--rule); }
svg .line { fill: none; stroke-width: 2; } svg .line.encrypted { stroke: var(--advanced); }
svg .line.proven { stroke: var(--proven); } svg .key.encrypted { fill: var(--advanced); } svg .key.proven { fill: var(--proven); }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; min-width: 680px; }
th, td { text-align: left; vertical-align: top; padding: 6px 12px 6px 0; border-bottom: 1px solid var(--rule); }
th { color: var(--soft); font-weight: 600; } th.number, td.number { text-align: right; white-space: nowrap; }
ol { padding-left: 24px; } li { margin: 8px 0; } code { overflow-wrap: anywhere; }
@media print { :root { --text: #000; --soft: #444; --page: #fff; --panel: #f2f2f2; --rule: #bbb; --traditional: #b3261e;
  --initial: #b06000; --advanced: #2f6fb3; --optimal: #2e7d4f; --proven: #8a4fb3; }
  body { max-width: none; padding: 0; font-size: 11pt; } figure, tr, li { break-inside: avoid; } h2 { break-after: avoid; }
  .total, svg { print-color-adjust: exact; -webkit-print-color-adjust: exact; } @page { margin: 16mm; } }
`;
