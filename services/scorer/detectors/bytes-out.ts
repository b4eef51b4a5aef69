import { sizeSpread } from '../baseline/members/tool-call.ts';
import { createQuantityModel } from '../baseline/quantities/quantity-model.ts';
import { numberText } from '../wording.ts';
import type { Detector } from './detector.ts';

/** A call that carries much more away than calls of its kind do. */
export const bytesOut: Detector = {
  name: 'bytes-out',
  headline: 'sends far more than usual',
  summary: 'How much a call sends, against what calls of its action on its edge sent',
  source:
    'Detection reference 2.2; normal-inverse-gamma prediction: Gelman et al., Bayesian Data Analysis, 3.3',
  kind: 'statistic',
  needs: ['bytes_out'],
  techniques: [
    { framework: 'ATT&CK', id: 'T1048', name: 'Exfiltration Over Alternative Protocol' },
    { framework: 'ATLAS', id: 'AML.T0086', name: 'Exfiltration via AI Agent Tool Invocation' },
  ],
  create: (surroundings) =>
    createQuantityModel(
      {
        field: 'bytes_out',
        unit: 'bytes',
        grain: 64, // less than a header
        ignorance: { typical: 1000, spread: 2.5 },
        spreadMin: sizeSpread,
        sentence: (event, value, typical) =>
          `${event.source} sent ${numberText(Math.round(value))} bytes to ${event.destination} with ` +
          `${event.action ?? 'one call'}; usual are ${numberText(Math.round(typical))}`,
      },
      surroundings,
    ),
};
