import type { Policy } from '../../policy/policy.ts';
import { withoutConditions } from './allowed-ports.ts';
import type { PolicyExport } from './policy-export.ts';

/**
 * The module is the same for every policy; what differs is its data. So it can be read once, and compiled once.
 * Its input names `source_zone`, `destination_zone`, `protocol`, `destination_port` and `action`, as an event does.
 */
const regoModule = `# Decides calls between zones by the first rule that fits, as Amiss judges them.
package amiss.zones

import rego.v1

default allow := false

default verdict := "denied"

allow if verdict != "denied"

verdict := policy.rules[min(fitting)].verdict if {
	has_zones
	count(fitting) > 0
}

verdict := policy.within if {
	has_zones
	count(fitting) == 0
	input.source_zone == input.destination_zone
}

verdict := policy["default"] if {
	has_zones
	count(fitting) == 0
	input.source_zone != input.destination_zone
}

verdict := policy.unknown if not has_zones

policy := data.amiss.policy

has_zones if {
	is_string(input.source_zone)
	is_string(input.destination_zone)
}

fitting contains i if {
	some i, rule in policy.rules
	regex.match(rule.from, input.source_zone)
	regex.match(rule.to, input.destination_zone)
	fits_protocol(rule)
	fits_port(rule)
	fits_action(rule)
}

fits_protocol(rule) if rule.protocols == ""

fits_protocol(rule) if {
	rule.protocols != ""
	regex.match(rule.protocols, input.protocol)
}

fits_port(rule) if count(rule.ports) == 0

fits_port(rule) if input.destination_port in rule.ports

fits_action(rule) if rule.actions == ""

fits_action(rule) if {
	rule.actions != ""
	regex.match(rule.actions, input.action)
}
`;

/** Open Policy Agent: everything that the matrix says. */
export const opaRego: PolicyExport = {
  name: 'rego',
  summary: 'Open Policy Agent: a Rego module and its data; all conditions',
  source: 'https://www.openpolicyagent.org/docs/policy-language',
  enforced: (policy) => ({
    ...withoutConditions(policy, () => true),
    zones: { ...withoutConditions(policy, () => true).zones, unknown: policy.zones.unknown },
  }),
  write: ({ policy }) => [
    { name: 'amiss.rego', text: regoModule },
    { name: 'data.json', text: `${JSON.stringify({ amiss: { policy: regoData(policy) } }, null, 2)}\n` },
  ],
};

function regoData({ zones }: Policy): object {
  return {
    default: zones.default,
    within: zones.within,
    unknown: zones.unknown,
    rules: zones.rules.map((rule) => ({
      verdict: rule.verdict,
      from: expressionOf(rule.from),
      to: expressionOf(rule.to),
      protocols: rule.protocols === undefined ? '' : expressionOf(rule.protocols),
      ports: rule.ports ?? [],
      actions: rule.actions === undefined ? '' : expressionOf(rule.actions),
    })),
  };
}

/** One anchored regular expression for a list of patterns. */
function expressionOf(patterns: readonly string[]): string {
  const quoted = patterns.map((pattern) =>
    pattern
      .split('*')
      .map((piece) => piece.replaceAll(/[.\\+*?()[\]{}|^$]/g, '\\$&'))
      .join('(?s:.*)'),
  );
  return `^(?:${quoted.join('|')})$`;
}
