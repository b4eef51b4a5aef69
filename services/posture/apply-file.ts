import type { ServiceContext } from '#shared/context.ts';
import type { Decision } from '#shared/decision.ts';
import { author, decisionOf } from './decision-of.ts';
import { digestOf, type Meant, type ReadFile } from './declared-files.ts';

/**
 * Makes what a file means decisions, where they are not in force already. What somebody decided after the file was
 * written stays until the file is written anew; what the file no longer says is taken back.
 *
 * @param inForce the newest decision of each key, kept up by whoever follows the log
 */
export function createApply(context: ServiceContext, inForce: Map<string, Decision>) {
  const told = new Map<string, string>();
  return async (place: string, space: string, { meant, faults, writtenAt }: ReadFile): Promise<void> => {
    const fault = faults.join('; ');
    if (fault !== '' && told.get(place) !== fault) context.logger.error({ place, faults }, 'not applied');
    told.set(place, fault);
    const reason = `from ${place}`;
    const isNews = ({ key, body }: Meant) => {
      const before = inForce.get(key);
      if (before === undefined) return true;
      return before.time < writtenAt && digestOf(before.body) !== digestOf(body);
    };
    const said = new Set(meant.map(({ key }) => key));
    const dropped = [...inForce.values()].filter(
      (decision) =>
        decision.by === author &&
        decision.reason === reason &&
        decision.body !== null &&
        !said.has(decision.key),
    );
    const changes = [
      ...meant.filter(isNews),
      ...(fault === '' ? dropped : []).map(({ key, kind }) => ({ key, kind, body: null })),
    ];
    if (changes.length === 0) return;
    const decisions = changes.map((change) => decisionOf(context, change, { space, reason }));
    for (const decision of decisions) inForce.set(decision.key, decision);
    await context.log.append(
      'decisions',
      decisions.map((decision) => ({ key: decision.key, value: JSON.stringify(decision) })),
    );
    context.logger.info({ place, decisions: decisions.length }, 'applied');
  };
}
