import type { Technique } from '#shared/alert.ts';
import type { Random } from '#shared/random.ts';
import type { NativeEvent } from '../call.ts';
import type { World } from '../world.ts';

/** What an attack may draw on. */
interface AttackScene {
  readonly world: World;
  readonly random: Random;
  /** When it begins, UTC ms. */
  readonly start: number;
}

/** One attack as it will happen, known before it begins. */
export interface PlannedAttack {
  /** Ids of the agents that a defender should look at: the foothold and its victims. */
  readonly agents: readonly string[];
  /** When it ends, UTC ms. */
  readonly to: number;
  /** Its own events in time order. */
  readonly events: Iterable<NativeEvent>;
  /**
   * What becomes of an ordinary event while it lasts: the same object where it is not touched, another one where it
   * is changed, `undefined` where it is hidden.
   */
  readonly disturb?: (event: NativeEvent) => NativeEvent | undefined;
}

/** One entry of the catalogue: the plugin. Listed in `index.ts`. */
export interface Attack {
  /** kebab-case, the name of its file. */
  readonly name: string;
  readonly summary: string;
  readonly techniques: readonly Technique[];
  plan(scene: AttackScene): PlannedAttack;
}

export const attack = (id: string, name: string): Technique => ({ framework: 'ATT&CK', id, name });
export const atlas = (id: string, name: string): Technique => ({ framework: 'ATLAS', id, name });

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** Times from `start` until before `to`, each a gap after the one before. */
export function* timesUntil(start: number, to: number, gapMs: () => number): Generator<number> {
  for (let time = start; time < to; time += gapMs()) yield time;
}
