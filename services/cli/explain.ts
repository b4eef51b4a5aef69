import type { Command } from 'commander';
import { numberText } from '#shared/explain/number-text.ts';
import type { Evidence } from '#shared/signal.ts';
import { apiClientOf, withApiOptions } from './api-client.ts';
import { wrapped } from './wrapped.ts';

/** What the API says of one test. */
interface Explained extends Omit<Evidence, 'working'> {
  readonly lines: readonly string[];
  readonly stored: readonly string[];
}

interface Step {
  readonly lines: readonly string[];
}

interface Explanation {
  readonly id: string;
  readonly revision: number;
  readonly title: string;
  readonly sentence: string;
  readonly time: number;
  readonly severity: number;
  readonly score: number;
  readonly p: number;
  readonly agrees: boolean | null;
  readonly evidence: readonly Explained[];
  readonly combined: Step | null;
  readonly calibrated: Step | null;
}

interface ExplainOptions {
  readonly space: string;
  readonly revision?: string;
  readonly json?: boolean;
}

/** `amiss explain ALERT`. */
export function addExplainCommand(program: Command): void {
  withApiOptions(program.command('explain'))
    .description('compute the p-values of an alert again from what is stored, and show the working')
    .argument('<alert>', 'its id')
    .option('--space <name>', 'space (tenant)', 'default')
    .option('--revision <n>', 'as the alert was at this revision (default: the newest)')
    .option('--json', 'as JSON')
    .action(async (id: string, options: ExplainOptions, command: Command) => {
      const { space, revision } = options;
      const query = new URLSearchParams({ space, ...(revision !== undefined && { revision }) });
      const path = `/alerts/${encodeURIComponent(id)}/explanation?${query}`;
      const found = await apiClientOf(command).get<Explanation>(path);
      process.stdout.write(options.json ? `${JSON.stringify(found, null, 2)}\n` : explanationText(found));
    });
}

const columnsMax = 120;
const labelWidth = 12;

/** An explanation as a worked answer: what was seen, what was expected and from where that is known, and the working. */
export function explanationText(found: Explanation): string {
  const { title, sentence, time, severity, score, revision, evidence, combined, calibrated } = found;
  const parts = evidence.map((one, i) => [
    ...wrapped(`${i + 1}. ${one.detector}: ${one.sentence}`, columnsMax, 3),
    ...labelled('seen', [seenText(one)]),
    ...labelled('expected', expectedLines(one)),
    ...labelled('known from', [knownText(one)]),
    ...labelled('in store', one.stored),
    ...labelled('working', one.lines),
  ]);
  if (combined !== null) {
    const heading = 'All tests of this event together: one p of each aspect, then one of all';
    parts.push([heading, ...labelled('working', combined.lines)]);
  }
  if (calibrated !== null) {
    const heading = 'Calibrated: how often the windows of its peer group were as surprising as that';
    parts.push([heading, ...labelled('working', calibrated.lines)]);
  }
  const head = [
    ...wrapped(title, columnsMax, 0),
    ...wrapped(sentence, columnsMax, 0),
    `${momentText(time)}, revision ${revision}`,
  ];
  const severityLine = `Severity ${severity} = 100 × (1 − e^(−${numberText(score)} / 6)), where ${numberText(score)} is −log₁₀ p`;
  return `${[head, ...parts, [severityLine, agreementText(found)]].map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function agreementText({ agrees, evidence }: Explanation): string {
  if (agrees === null) return 'Not all of it can be computed again: see above.';
  return agrees
    ? `All ${evidence.length + 1} p-values were computed again, and are what was stored.`
    : 'Not every p-value is what was stored: see above.';
}

/** Lines after a label in the margin. */
function labelled(label: string, lines: readonly string[]): string[] {
  const margin = `   ${label.padEnd(labelWidth)}`;
  return lines
    .flatMap((line) => wrapped(line, columnsMax - margin.length, line.search(/\S/) + 2))
    .map((line, i) => (i === 0 ? margin : ' '.repeat(margin.length)) + line);
}

const momentText = (time: number) => `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

function seenText({ observed, unit, subject, from, to }: Explained): string {
  const about = subject === null ? '' : ` (${subject})`;
  const when = from === to ? `at ${momentText(to)}` : `from ${momentText(from)} to ${momentText(to)}`;
  return `${numberText(observed)} ${unit}${about}, ${when}`;
}

function expectedLines({ expected, lower, upper }: Explained): readonly string[] {
  const centre = expected === null ? [] : [numberText(expected)];
  if (lower !== null && upper !== null)
    centre.push(`between ${numberText(lower)} and ${numberText(upper)} in 95 of 100 cases`);
  else if (upper !== null) centre.push(`at most ${numberText(upper)} so far`);
  return centre.length === 0 ? [] : [centre.join(', ')];
}

const sources: Readonly<Record<Evidence['baseline_source'], string>> = {
  self: 'its own history',
  group: 'its peer group',
  mixed: 'its own history and its peer group',
};

function knownText({
  expected,
  baseline_source: source,
  group,
  group_expected: ofGroup,
  group_members: members,
}: Explained): string {
  if (group === null) return sources[source];
  const size = members === undefined ? '' : ` of ${numberText(members)} members`;
  const typical =
    ofGroup === null || expected === null ? '' : `, whose typical member shows ${numberText(ofGroup)}`;
  return `${sources[source]}; peer group: ${group}${size}${typical}`;
}
