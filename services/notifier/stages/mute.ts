import type { Alert } from '#shared/alert.ts';
import { isSilenced, type Silence } from '#shared/silence.ts';
import type { Stage } from '../pipeline.ts';

/**
 * Keeps back what a person asked not to be told: alerts that are suppressed or archived, and those that a silence
 * matches now.
 *
 * @param silences those in force or still to come, by decision; read live
 * @param now UTC ms
 */
export function createMute(silences: () => Iterable<Silence>, now: () => number): Stage {
  return {
    name: 'mute',
    refusalOf: (alert) => {
      if (alert.status === 'suppressed' || alert.status === 'archived') return `the alert is ${alert.status}`;
      return isMatched(alert, silences(), now()) ? 'a silence matches' : undefined;
    },
  };
}

function isMatched(alert: Alert, silences: Iterable<Silence>, now: number): boolean {
  for (const silence of silences) if (isSilenced(silence, alert, now)) return true;
  return false;
}
