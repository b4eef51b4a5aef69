import { sizeSpread } from '../baseline/members/tool-call.ts';
import { createQuantityModel } from '../baseline/quantities/quantity-model.ts';
import { numberText } from '../wording.ts';
import type { Detector } from './detector.ts';

/** A call that is answered with much more than calls of its kind are. */
export const bytesIn: Detector = {
  name: 'bytes-in',
  headline: 'receives far more than usual',
  summary: 'How much a call brings back, against what calls of its action on its edge brought',
  source:
    'Detection reference 2.2; normal-inverse-gamma prediction: Gelman et al., Bayesian Data Analysis, 3.3',
  kind: 'statistic',
  needs: ['bytes_in'],
  techniques: [
    { framework: 'ATT&CK', id: 'T1213', name: 'Data from Information Repositories' },
    { framework: 'ATT&CK', id: 'T1530', name: 'Data from Cloud Storage' },
  ],
  create: (surroundings) =>
    createQuantityModel(
      {
        field: 'bytes_in',
        unit: 'bytes',
        grain: 64, // less than a header
        ignorance: { typical: 3000, spread: 2.5 },
        spreadMin: sizeSpread,
        sentence: (event, value, typical) =>
          `${event.source} got ${numberText(Math.round(value))} bytes from ${event.destination} for ` +
          `${event.action ?? 'one call'}; usual are ${numberText(Math.round(typical))}`,
      },
      surroundings,
    ),
};
