import { type Decision, decisionSchema } from '#shared/decision.ts';
import { AppError } from '#shared/errors.ts';
import { linesOf } from '#shared/lines.ts';
import { schemaFaults } from '#shared/schema-faults.ts';

/**
 * Reads decisions (policy, registry, planned changes): one JSON object a line, as `amiss simulate --decisions` writes
 * them.
 *
 * @throws {AppError} USAGE: there is no such file, or a line is no decision
 */
export async function readDecisions(file: string): Promise<readonly Decision[]> {
  const decisions: Decision[] = [];
  let line = 0;
  for await (const text of linesOf(file)) {
    line += 1;
    if (text !== '') decisions.push(decisionOf(text, `${file}:${line}`));
  }
  return decisions;
}

function decisionOf(text: string, place: string): Decision {
  const value = parsed(text);
  const faults = schemaFaults(decisionSchema, value, place);
  if (faults.length > 0) throw new AppError('USAGE', faults.join('\n'));
  return value as Decision;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
