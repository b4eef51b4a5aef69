import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { Assessment } from '#shared/posture/assess.ts';
import { assessmentHtml } from '#shared/posture/report/assessment-html.ts';
import { noCallsText } from '#shared/posture/report/no-calls.ts';
import { apiClientOf, withApiOptions } from './api-client.ts';

interface AssessOptions {
  readonly space: string;
  readonly days: string;
  readonly html?: string;
  readonly json?: string;
  readonly record: boolean;
}

/** `amiss assess`: how far a space keeps to zero trust. */
export function addAssessCommand(program: Command): void {
  withApiOptions(program.command('assess'))
    .description('measure how far a space keeps to zero trust, with what would help most')
    .option('--space <name>', 'tenant', 'default')
    .option('--days <n>', 'the period, and as many days before it for the trend', '90')
    .option('--html <file>', 'write the report as a page that prints well')
    .option('--json <file>', 'write everything that was measured')
    .option('--no-record', 'only look: the next assessment stays due when it is')
    .action(async (options: AssessOptions, command: Command) => {
      const api = apiClientOf(command);
      const path = `/assessment?${new URLSearchParams({ space: options.space, days: options.days })}`;
      const assessment = options.record
        ? await api.send<Assessment>('POST', path)
        : await api.get<Assessment>(path);
      process.stdout.write(summaryOf(assessment));
      if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(assessment, null, 2)}\n`);
      if (options.html !== undefined) writeFileSync(options.html, assessmentHtml(assessment, assessment.to));
    });
}

function summaryOf(assessment: Assessment): string {
  const { score, before, calls, tenets, actions } = assessment;
  if (calls === 0) return `${noCallsText(assessment).replaceAll('`', '')}\n`;
  const shown = (value: number | null) => (value === null ? 'not measured' : String(Math.round(value)));
  const trend = before === null ? '' : ` (before: ${shown(before)})`;
  const lines = [
    `score  ${shown(score)} of 100${trend}, over ${calls.toLocaleString('en-US')} calls`,
    ...tenets.map((tenet) => `       ${shown(tenet.score).padStart(12)}  ${tenet.title}`),
    ...(actions.length === 0 ? [] : ['what would help most:']),
    ...actions.map((action, index) => `  ${index + 1}. ${action.text}`),
  ];
  return `${lines.join('\n')}\n`;
}
