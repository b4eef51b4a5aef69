import { between, pick } from '../draws.ts';
import { type Attack, attack, hourMs } from './attack.ts';

/** Whoever took over a service stops its log, so that nobody sees what it does. */
export const logTampering: Attack = {
  name: 'log-tampering',
  summary: 'The log of a busy service falls silent while it goes on working',
  techniques: [
    attack('T1562.006', 'Impair Defenses: Indicator Blocking'),
    attack('T1070', 'Indicator Removal'),
  ],
  plan: ({ world, random, start }) => {
    // Only of somebody who is heard every few minutes can silence be told from rest.
    const victim = pick(random, [...world.byRole.front, ...world.byRole.device]);
    const to = start + between(random, 6, 12) * hourMs;
    return {
      agents: [victim.id],
      to,
      events: [],
      disturb: (event) => (event.source === victim.id ? undefined : event),
    };
  },
};
