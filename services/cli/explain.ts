import type { Command } from 'commander';
import { apiClientOf, withApiOptions } from './api-client.ts';

/** What the API says of one test. */
interface Explained {
  readonly detector: string;
  readonly sentence: string;
  readonly lines: readonly string[];
}

interface Explanation {
  readonly id: string;
  readonly title: string;
  readonly p: number;
  readonly evidence: readonly Explained[];
}

/** `amiss explain ALERT`. */
export function addExplainCommand(program: Command): void {
  withApiOptions(program.command('explain'))
    .description('compute the p-values of an alert again from what is stored, and show the working')
    .argument('<alert>', 'its id')
    .option('--space <name>', 'space (tenant)', 'default')
    .option('--json', 'as JSON')
    .action(
      async (id: string, options: { readonly space: string; readonly json?: boolean }, command: Command) => {
        const path = `/alerts/${encodeURIComponent(id)}/explanation?${new URLSearchParams({ space: options.space })}`;
        const found = await apiClientOf(command).get<Explanation>(path);
        process.stdout.write(options.json ? `${JSON.stringify(found, null, 2)}\n` : textOf(found));
      },
    );
}

function textOf({ title, p, evidence }: Explanation): string {
  const parts = evidence.map(({ detector, sentence, lines }) =>
    [`${detector}: ${sentence}`, ...lines.map((line) => `    ${line}`)].join('\n'),
  );
  return `${[title, `p = ${p} of all together, calibrated by the past of its group`, ...parts].join('\n\n')}\n`;
}
