import { Default } from 'typebox/value';
import { parseYaml } from '../config.ts';
import { messageOf } from '../errors.ts';
import { schemaFaults } from '../schema-faults.ts';
import { type Policy, policySchema } from './policy.ts';

/** A policy, or every fault of the text by key and remedy. */
export type ParsedPolicy =
  | { readonly ok: true; readonly policy: Policy }
  | { readonly ok: false; readonly faults: readonly string[] };

/** The policy of a space for which nobody wrote one: it forbids what no policy allows, and no more. */
export const emptyPolicy: Policy = completed({ version: 1 }) as Policy;

/** Reads `policy.yaml` (JSON is YAML too). Never throws. */
export function parsePolicyText(text: string): ParsedPolicy {
  try {
    return parsePolicy(parseYaml(text, 'policy.yaml'));
  } catch (error) {
    return { ok: false, faults: [messageOf(error)] };
  }
}

/** Checks a policy that is already an object, and fills in what it leaves out. */
export function parsePolicy(value: unknown): ParsedPolicy {
  const candidate = completed(value);
  const faults = [...schemaFaults(policySchema, candidate, 'policy')];
  if (faults.length > 0) return { ok: false, faults };
  const policy = candidate as Policy;
  faults.push(...unreachableRules(policy));
  return faults.length > 0 ? { ok: false, faults } : { ok: true, policy };
}

function completed(value: unknown): unknown {
  return Default(policySchema, structuredClone(value));
}

/** A rule after one that already decides everything it could decide is a mistake of its writer. */
function unreachableRules(policy: Policy): readonly string[] {
  const deciders = new Map<string, number>();
  return policy.zones.rules.flatMap((rule, index) => {
    const pairs = rule.from.flatMap((from) => rule.to.map((to) => `${from} → ${to}`));
    const earlier = pairs.map((pair) => deciders.get(pair));
    const isUnconditional =
      rule.protocols === undefined && rule.ports === undefined && rule.actions === undefined;
    if (isUnconditional) for (const pair of pairs) if (!deciders.has(pair)) deciders.set(pair, index);
    const shadow = earlier[0];
    if (shadow === undefined || earlier.includes(undefined)) return [];
    return [
      `policy.zones.rules.${index}: rule ${shadow} already decides ${pairs.join(', ')}; ` +
        'move the narrower rule before it or remove one of them',
    ];
  });
}
