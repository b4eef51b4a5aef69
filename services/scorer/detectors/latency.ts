import { createQuantityModel } from '../baseline/quantities/quantity-model.ts';
import type { Detector } from './detector.ts';

/** A call that takes much longer than calls of its kind do. */
export const latency: Detector = {
  name: 'latency',
  headline: 'slower than it ever is',
  summary: 'How long a call takes, against what calls of its action on its edge took',
  source:
    'Detection reference 2.2; normal-inverse-gamma prediction: Gelman et al., Bayesian Data Analysis, 3.3',
  kind: 'statistic',
  needs: ['duration_ms'],
  techniques: [{ framework: 'ATT&CK', id: 'T1499', name: 'Endpoint Denial of Service' }],
  create: (surroundings) =>
    createQuantityModel(
      {
        field: 'duration_ms',
        // How long a caller waits before it gives up is its own patience; that it gave up is the matter of failures.
        isMeasured: ({ outcome }) => outcome !== 'timeout',
        unit: 'ms',
        grain: 0.1, // what the clocks of different machines can tell apart at best
        ignorance: { typical: 30, spread: 2 },
        spreadMin: () => 0.1, // a tenth more or less is nobody's business
        sentence: (event, value, typical) =>
          `${event.source} waited ${Math.round(value)} ms for ${event.action ?? 'a call'} of ` +
          `${event.destination}; usual are ${Math.round(typical)} ms`,
      },
      surroundings,
    ),
};
