import { dateOf } from '../../date-of.ts';
import type { Assessment, MeasuredScore, PostureAction } from '../assess.ts';
import { changeText, escapeHtml, scoreText } from './html.ts';
import { noCallsText } from './no-calls.ts';
import { barPlot, dayPlot, matrixPlot, stageKey } from './plots.ts';
import { reportStyle } from './style.ts';

/**
 * An assessment as one HTML page: plots within, no script, nothing fetched, fit for print.
 *
 * @param madeAt when, UTC ms
 */
export function assessmentHtml(assessment: Assessment, madeAt: number): string {
  const { space, from, to, calls, score, stage } = assessment;
  const span = `${dateOf(from)} to ${dateOf(to)}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Zero trust posture of ${escapeHtml(space)}, ${span}</title>
<style>${reportStyle}</style>
</head>
<body>
<h1>Zero trust posture of ${escapeHtml(space)}</h1>
<p class="soft">${span}, ${calls.toLocaleString('en')} calls, written ${dateOf(madeAt)}. Measured by the tenets of NIST SP 800-207 and the pillars of CISA's maturity model.</p>
<div class="total"><strong class="${stage ?? 'soft'}">${scoreText(score)}</strong>${stage === null ? '' : `<span>of 100, ${stage}</span><span class="soft">${sinceBefore(assessment)}${sinceLast(assessment)}</span>`}</div>
${calls === 0 ? `<p>${withCode(noCallsText(assessment))}</p>` : whatWasMeasured(assessment)}
</body>
</html>
`;
}

function whatWasMeasured(assessment: Assessment): string {
  return `<h2>What would help most</h2>
${actionList(assessment.actions)}
<h2>Tenets and pillars</h2>
${stageKey()}
<div class="pair">
${barPlot('By tenet (NIST SP 800-207); the line marks the period before', assessment.tenets)}
${barPlot('By pillar (CISA); the line marks the period before', assessment.pillars)}
</div>
<div class="pair">
<section>
<h2>Over time</h2>
${dayPlot('Share of calls a day, of those whose log tells', assessment.days) || '<p class="soft">Fewer than two days of calls.</p>'}
</section>
<section>
<h2>Who talks to whom</h2>
${matrixPlot('Calls from zone (row) to zone (column); a frame marks what the policy denies', assessment.matrix.cells) || '<p class="soft">No zones are known.</p>'}
${driftList(assessment)}
</section>
</div>
<h2>Evidence</h2>
${measureTable(assessment.measures)}
${versionList(assessment)}`;
}

function sinceBefore({ score, before }: Assessment): string {
  const change = changeText(score, before);
  return change === '' ? 'no earlier period to compare with' : `${change} since the period before`;
}

function sinceLast({ score, last }: Assessment): string {
  const change = changeText(score, last?.score ?? null);
  return last === null || change === '' ? '' : `, ${change} since the assessment of ${dateOf(last.at)}`;
}

function actionList(actions: readonly PostureAction[]): string {
  if (actions.length === 0) return '<p>Nothing: every measure is at 100.</p>';
  const items = actions.map(
    (action) =>
      `<li>${withCode(action.text)} <span class="soft">(up to ${action.gain} points)</span>${examplesOf(action.examples)}</li>`,
  );
  return `<ol>${items.join('\n')}</ol>`;
}

/** What stands between backticks is a setting. */
function withCode(text: string): string {
  return escapeHtml(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>');
}

function examplesOf(examples: readonly string[]): string {
  if (examples.length === 0) return '';
  return `<br><span class="soft">${examples.map((example) => `<code>${escapeHtml(unbroken(example))}</code>`).join(', ')}</span>`;
}

/** A crossing stays on one line. */
const unbroken = (text: string) => text.replaceAll(' → ', '\u00a0→\u00a0');

function measureTable(measured: readonly MeasuredScore[]): string {
  const rows = measured.map(
    (measure) =>
      `<tr><td>${escapeHtml(measure.title)}${examplesOf(measure.examples)}</td><td class="number" data-name="Score">${measure.score ?? '–'}</td><td class="number" data-name="Change">${changeText(measure.score, measure.before)}</td><td>${escapeHtml(measure.sentence)}</td><td data-name="Tenets">${measure.tenets.join(', ')}</td></tr>`,
  );
  return `<table><thead><tr><th>Measure</th><th class="number">Score</th><th class="number">Change</th><th>Evidence</th><th>Tenets</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table>`;
}

function driftList({ before, drift }: Assessment): string {
  if (drift.length === 0)
    return `<p class="soft">${before === null ? 'There is no period before it to compare with' : 'No crossing appeared or vanished since the period before'}.</p>`;
  const items = drift.map(
    ({ change, from, to, calls }) =>
      `<li>${escapeHtml(from)} → ${escapeHtml(to)} ${change} (${calls.toLocaleString('en')} calls)</li>`,
  );
  return `<ul>${items.join('\n')}</ul>`;
}

function versionList({ versions }: Assessment): string {
  if (versions.length === 0) return '';
  const items = versions.map((finding) => {
    switch (finding.kind) {
      case 'outdated':
        return `${finding.agent} runs ${finding.version}; the policy asks for ${finding.version_min}`;
      case 'vulnerable':
        return `${finding.agent} runs ${finding.version}: ${finding.advisories.map((advisory) => advisory.id).join(', ')}`;
      case 'mixed':
        return `${finding.agents} agents of ${finding.group} run ${finding.versions.join(', ')}`;
      default:
        return finding satisfies never;
    }
  });
  return `<h2>Versions</h2><ul>${items.map((item) => `<li>${escapeHtml(item)}</li>`).join('\n')}</ul>`;
}
