import type { Decision } from '#shared/decision.ts';
import { type Declaration, declarationKey } from '#shared/registry/declaration.ts';
import { repeatableId } from './event-id.ts';
import type { NormalizeContext } from './normalize.ts';

/**
 * What an agent card says about its agent, as the decision that the registry keeps: the newest card of an agent
 * replaces the one before, and never what a person declared.
 */
export function inventoryDecision(declaration: Declaration, context: NormalizeContext): Decision {
  const space = context.sender.space ?? 'default';
  const { agent, origin, source } = declaration;
  return {
    id: repeatableId(space, context.sender.name, JSON.stringify(declaration)),
    key: declarationKey(space, declaration),
    kind: 'agent',
    time: context.receivedAt,
    space,
    by: context.sender.name,
    reason: `imported from ${source ?? origin} of ${agent}`,
    body: declaration,
  };
}
