/** A generalised Pareto distribution of excesses over a threshold. */
export interface GeneralizedPareto {
  /** γ: 0 is exponential, above 0 heavy-tailed, below 0 bounded. */
  readonly shape: number;
  /** σ, in the unit of the excesses. */
  readonly scale: number;
}

// Zhang & Stephens, section 3: the prior's weight on large −1/θ, found by them to do well for any shape.
const priorWeight = 3;
// Vehtari et al.: ten imaginary excesses of shape ½ keep the fit of few excesses from a wild shape.
const imaginaryExcesses = 10;
const imaginaryShape = 0.5;
const excessesMin = 5;

/**
 * Fits a generalised Pareto distribution to excesses by the quasi-Bayesian estimate of Zhang and Stephens: no
 * iteration, no failure to converge, and for few excesses as good as the best of likelihood and moments.
 * O(n √n) for n excesses.
 *
 * @param excesses ascending, above 0, at least 5
 * @throws {RangeError} fewer than 5 excesses
 * @source Zhang & Stephens 2009, Technometrics 51(3); weak prior on the shape: Vehtari, Simpson, Gelman, Yao & Gabry
 *   2024, JMLR 25(72), appendix G
 */
export function generalizedParetoFit(excesses: readonly number[] | Float64Array): GeneralizedPareto {
  const count = excesses.length;
  if (count < excessesMin)
    throw new RangeError(`generalizedParetoFit requires at least ${excessesMin} excesses`);
  const quartile = excesses[Math.floor(count / 4 + 0.5) - 1] ?? 0;
  const largest = excesses[count - 1] ?? 0;
  if (!(quartile > 0)) throw new RangeError('generalizedParetoFit requires excesses above 0');
  const candidates = 30 + Math.floor(Math.sqrt(count));
  const thetas: number[] = [];
  const logLikelihoods: number[] = [];
  for (let j = 1; j <= candidates; j += 1) {
    const theta = 1 / largest + (1 - Math.sqrt(candidates / (j - 0.5))) / (priorWeight * quartile);
    const shape = meanLog(excesses, theta);
    thetas.push(theta);
    logLikelihoods.push(count * (Math.log(-theta / shape) - shape - 1));
  }
  const theta = weightedTheta(thetas, logLikelihoods);
  const shape = meanLog(excesses, theta);
  const weight = count / (count + imaginaryExcesses);
  return { shape: shape * weight + imaginaryShape * (1 - weight), scale: -shape / theta };
}

/** The shape that goes with θ = −shape / scale: mean of ln(1 − θx). */
function meanLog(excesses: readonly number[] | Float64Array, theta: number): number {
  let sum = 0;
  for (const excess of excesses) sum += Math.log1p(-theta * excess);
  return sum / excesses.length;
}

function weightedTheta(thetas: readonly number[], logLikelihoods: readonly number[]): number {
  let best = Number.NEGATIVE_INFINITY;
  for (const logLikelihood of logLikelihoods) if (logLikelihood > best) best = logLikelihood; // not NaN
  let sum = 0;
  let weights = 0;
  thetas.forEach((theta, j) => {
    const weight = Math.exp((logLikelihoods[j] ?? best) - best);
    if (Number.isNaN(weight)) return; // θ of exactly 0 has no density of this form
    sum += weight * theta;
    weights += weight;
  });
  return sum / weights;
}
