import type { AmissEvent } from '#shared/event.ts';
import type { Registry } from '#shared/registry/registry.ts';

/**
 * May the caller of an event use an identity? Where identities were declared for it, only those. Where none were,
 * only a SPIFFE id tells: two different ones are two workloads. Otherwise nothing is known, and nothing is wrong.
 */
export function mayUse(registry: Registry, event: AmissEvent, identity: string): boolean {
  const isDeclared = registry.allowed(event.space, event.source, 'identities');
  if (isDeclared !== undefined) return isDeclared(identity);
  const own = spiffeOf(event.source);
  const used = spiffeOf(identity);
  return own === undefined || used === undefined || own === used;
}

/** The text as a SPIFFE id without a trailing slash; `undefined` when it is none. */
export function spiffeOf(text: string): string | undefined {
  if (!text.startsWith('spiffe://')) return undefined;
  return text.endsWith('/') ? text.replace(/\/+$/, '') : text;
}
