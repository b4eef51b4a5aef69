import { formula } from './formula.ts';

/** A p of something earlier, kept as it was found then: what it was found from has changed since. */
export const known = formula({
  names: ['lnP'],
  compute: ({ lnP }) => lnP,
  tell: () => ['kept as it was found when it happened'],
});
