import { describe, expect, test } from 'vitest';
import { logNegativeBinomialTail } from '../../../../shared/stats/log-negative-binomial-tail.ts';

// mpmath 1.3 at 60 digits: betainc(k, 1/φ, 0, q, regularized=True) and the point probability.
const known = [
  { count: 0, mean: 3, dispersion: 0.5, atLeast: 0, atMost: -1.83258146374831, mid: -0.0833816089390511 },
  {
    count: 1,
    mean: 3,
    dispersion: 0.5,
    atLeast: -0.174353387144778,
    atMost: -1.04412410338404,
    mid: -0.295714244149045,
  },
  {
    count: 3,
    mean: 3,
    dispersion: 0.5,
    atLeast: -0.744019510933702,
    atMost: -0.410919958791128,
    mid: -0.901205094456114,
  },
  {
    count: 10,
    mean: 3,
    dispersion: 0.5,
    atLeast: -3.49881832522581,
    atMost: -0.0197854892875162,
    mid: -3.69240307429847,
  },
  { count: 500, mean: 3, dispersion: 0.5, atLeast: -250.109506974936, atMost: 0, mid: -250.331904535914 },
  {
    count: 5,
    mean: 2,
    dispersion: 1e-6,
    atLeast: -2.9440283054835,
    atMost: -0.01670242896484,
    mid: -3.36365719702585,
  },
  { count: 200, mean: 2, dispersion: 1e-6, atLeast: -726.573048829992, atMost: 0, mid: -727.256293479019 },
  {
    count: 900,
    mean: 1000,
    dispersion: 0.01,
    atLeast: -0.185450077523276,
    atMost: -1.76110531845826,
    mid: -0.18700721608358,
  },
  {
    count: 1000,
    mean: 1000,
    dispersion: 0.01,
    atLeast: -0.716238345596708,
    atMost: -0.663173182391156,
    mid: -0.720135277538038,
  },
  {
    count: 100000,
    mean: 1000,
    dispersion: 0.01,
    atLeast: -8987.70476496618,
    atMost: 0,
    mid: -8987.75081371667,
  },
  { count: 7, mean: 0.001, dispersion: 2, atLeast: -45.0785307396562, atMost: 0, mid: -45.7698083854235 },
  { count: 40, mean: 2, dispersion: 1e-9, atLeast: -84.5448036775402, atMost: 0, mid: -85.1903793241535 },
  {
    count: 100000,
    mean: 90000,
    dispersion: 0.3,
    atLeast: -1.04199583340044,
    atMost: -0.435011813674694,
    mid: -1.041995712043,
  },
];

describe.each(known)('a count of $count where $mean is expected (dispersion $dispersion)', (row) => {
  const tails = logNegativeBinomialTail(row);

  test('has the tails that mpmath gives', () => {
    expect(tails.atLeast).toBeCloseTo(row.atLeast, 8);
    expect(tails.atMost).toBeCloseTo(row.atMost, 8);
    expect(tails.midAtLeast).toBeCloseTo(row.mid, 4);
  });

  test('splits all probability between the two mid-p values', () => {
    expect(Math.exp(tails.midAtLeast) + Math.exp(tails.midAtMost)).toBeCloseTo(1, 8);
  });
});

test('without dispersion it is the Poisson distribution', () => {
  // mpmath: log(gammainc(50, 0, 5, regularized=True))
  expect(logNegativeBinomialTail({ count: 50, mean: 5, dispersion: 0 }).atLeast).toBeCloseTo(
    -72.9029123389913,
    9,
  );
});

test('a count of nothing where nothing is expected is certain, anything else impossible', () => {
  expect(logNegativeBinomialTail({ count: 0, mean: 0, dispersion: 1 })).toMatchObject({
    atLeast: 0,
    atMost: 0,
  });
  expect(logNegativeBinomialTail({ count: 1, mean: 0, dispersion: 1 }).atLeast).toBe(
    Number.NEGATIVE_INFINITY,
  );
});

test('agrees with a plain sum of point probabilities', () => {
  // size 2, mean 4: P(X = k) = (k + 1) (1/3)² (2/3)ᵏ
  let below = 0;
  for (let k = 0; k < 12; k += 1) {
    const { atLeast } = logNegativeBinomialTail({ count: k, mean: 4, dispersion: 0.5 });
    expect(Math.exp(atLeast)).toBeCloseTo(1 - below, 10);
    below += (k + 1) * (1 / 9) * (2 / 3) ** k;
  }
});

test('refuses negative input', () => {
  expect(() => logNegativeBinomialTail({ count: -1, mean: 1, dispersion: 0 })).toThrow(RangeError);
  expect(() => logNegativeBinomialTail({ count: 1, mean: Number.NaN, dispersion: 0 })).toThrow(RangeError);
});
