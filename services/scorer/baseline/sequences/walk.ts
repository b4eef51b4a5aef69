import type { Signal } from '#shared/signal.ts';

const arrow = ' → ';
/** Whose evidence names a walk as its subject. */
const detectorOfWalks = 'lateral-chain';

/** A walk as the evidence's subject names it: `a → b → c`. */
export const walkText = (agents: readonly string[]): string => agents.join(arrow);

/** The hops of the walk that a signal tells of, the earliest first; none where it tells of no walk. */
export function hopsOf(signal: Signal): readonly (readonly [string, string])[] {
  const walk =
    signal.evidence.find(({ detector }) => detector === detectorOfWalks)?.subject?.split(arrow) ?? [];
  return walk.slice(1).map((to, i) => [walk[i] ?? '', to] as const);
}
