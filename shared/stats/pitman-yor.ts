/** A Pitman–Yor process after some draws. */
export interface PitmanYor {
  /** n, draws so far (decayed counts are fine). */
  readonly total: number;
  /** K, distinct things seen. */
  readonly distinct: number;
  /** α, above −discount: how readily it gives something new. */
  readonly concentration: number;
  /** d in [0, 1): how much of that readiness lasts as draws accumulate. 0 is a Dirichlet process. */
  readonly discount: number;
}

/**
 * Predictive probability of one thing: [n_v − d + (α + dK) π_v] / (n + α) if it was seen n_v times,
 * (α + dK) π_v / (n + α) if never; π is the base measure, the peer group's own distribution.
 *
 * @param state the process
 * @param thing.count n_v, 0 if never seen
 * @param thing.base π_v in [0, 1]
 * @source Pitman & Yor 1997, Annals of Probability 25(2); Teh 2006, ACL
 */
export function pitmanYor(
  state: PitmanYor,
  thing: { readonly count: number; readonly base: number },
): number {
  const fromBase = (state.concentration + state.discount * state.distinct) * thing.base;
  const own = thing.count > 0 ? Math.max(0, thing.count - state.discount) : 0;
  return (own + fromBase) / (state.total + state.concentration);
}

/**
 * Probability that the next draw comes from the base measure and not from what was seen: (α + dK) / (n + α).
 *
 * @param state the process
 * @source as `pitmanYor`
 */
export function pitmanYorNew(state: PitmanYor): number {
  return (state.concentration + state.discount * state.distinct) / (state.total + state.concentration);
}
