import type { EvidenceSources } from '#shared/posture/evidence.ts';
import type { PostureFound } from '#shared/posture/posture-signal.ts';

/** Where and when to look. */
export interface Look {
  readonly space: string;
  /** UTC ms. */
  readonly now: number;
}

/**
 * Something that is wrong with a posture and that no event shows by itself, in one partition or in all: the plugin. What
 * it finds goes through the correlator and its budget like a broken rule.
 */
export interface Finding {
  /** kebab-case, the name of its file, and what an alert's title says. */
  readonly name: string;
  readonly summary: string;
  readonly source: string;
  /** What is wrong now. The same fault has the same cause each time, for as long as it is not to be told again. */
  find(sources: EvidenceSources, look: Look): Promise<readonly PostureFound[]>;
}

/** A lasting fault is told once a week: somebody knows it, and has not mended it. */
const againMs = 7 * 24 * 60 * 60_000;

/** What a cause ends with, so that a lasting fault is told again after a while. */
export function weekOf(time: number): number {
  return Math.floor(time / againMs);
}
