import type { ServiceContext } from '#shared/context.ts';
import type { EvidenceSources } from '#shared/posture/evidence.ts';
import { postureSignal } from '#shared/posture/posture-signal.ts';
import { findings } from './findings/index.ts';

/** Signals that are remembered as told; of too many the oldest are told again, and the correlator drops repeats. */
const toldMax = 10_000;

/** Looks for every finding in every space, one question after another, and tells what is new as signals. */
export function createLookAround(
  context: ServiceContext,
  sources: EvidenceSources,
  spaces: readonly string[],
): () => Promise<void> {
  const told = new Set<string>();
  return async () => {
    for (const space of spaces) {
      for (const finding of findings) {
        const found = await finding.find(sources, { space, now: context.clock.now() });
        const signals = found.map(postureSignal).filter(({ id }) => !told.has(id));
        if (signals.length === 0) continue;
        await context.log.append(
          'signals',
          signals.map((signal) => ({ key: space, value: JSON.stringify(signal) })),
        );
        for (const { id } of signals) told.add(id);
        for (const id of told) if (told.size > toldMax) told.delete(id);
      }
    }
  };
}
