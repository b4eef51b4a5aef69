import { between, pick } from '../draws.ts';
import { type Attack, attack, hourMs } from './attack.ts';

/** Somebody sits on the line of a service and talks it into an old protocol. */
export const tlsDowngrade: Attack = {
  name: 'tls-downgrade',
  summary: "A service's calls fall back to TLS 1.0, without its client certificate",
  techniques: [
    attack('T1557', 'Adversary-in-the-Middle'),
    attack('T1562.010', 'Impair Defenses: Downgrade Attack'),
  ],
  plan: ({ world, random, start }) => {
    const victim = pick(random, world.byRole.front);
    const to = start + between(random, 4, 8) * hourMs;
    const weak = { tls_version: 'TLSv1.0', tls_cipher: 'TLS_RSA_WITH_3DES_EDE_CBC_SHA', mtls: false };
    return {
      agents: [victim.id],
      to,
      events: [],
      disturb: (event) => (event.source === victim.id ? { ...event, ...weak } : event),
    };
  },
};
