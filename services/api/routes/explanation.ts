import { Type } from 'typebox';
import type { Alert } from '#shared/alert.ts';
import { AppError } from '#shared/errors.ts';
import { probabilityText } from '#shared/explain/number-text.ts';
import { type Reckoning, reckon } from '#shared/explain/reckoning.ts';
import { evidenceSchema } from '#shared/signal.ts';
import type { Store } from '#shared/store/store.ts';
import type { ApiDependencies, ApiScope } from '../dependencies.ts';
import { explainEvidence, verdict } from '../explain-evidence.ts';
import { pageQuery } from '../page.ts';
import { type AlertRow, alertColumns, alertOfRow, parseOr, unnamed } from '../shapes.ts';

const { working: _working, ...evidenceFields } = unnamed(evidenceSchema).properties;

const agrees = Type.Union([Type.Boolean(), Type.Null()], {
  description: 'Is it what was stored, to the last digit? null: it cannot be computed again',
});

const explainedEvidence = Type.Object(
  {
    ...evidenceFields,
    recomputed: Type.Union([Type.Number(), Type.Null()], {
      description: 'p, computed again from what went into it; null where the detector gives no working',
    }),
    agrees,
    counted: Type.Union([Type.Number(), Type.Null()], {
      description:
        'What was observed, counted again in the stored events; null: it cannot be, or nothing is kept',
    }),
    lines: Type.Array(Type.String(), { description: 'The working, for a person' }),
    stored: Type.Array(Type.String(), { description: 'What the stored events say by themselves' }),
  },
  { additionalProperties: false },
);

const reckonedStep = (description: string) =>
  Type.Union(
    [
      Type.Object(
        {
          p: Type.Number(),
          ln_p: Type.Number({ description: 'Natural logarithm: p may be too small for a number' }),
          lines: Type.Array(Type.String(), { description: 'The working, for a person' }),
        },
        { additionalProperties: false },
      ),
      Type.Null(),
    ],
    { description },
  );

const explanation = Type.Object(
  {
    id: Type.String(),
    revision: Type.Integer(),
    title: Type.String(),
    sentence: Type.String(),
    agent: Type.String(),
    time: Type.Integer({ description: 'UTC ms' }),
    severity: Type.Integer(),
    score: Type.Number({ description: '-log10 p' }),
    p: Type.Number({ description: 'Of the alert, as it was told' }),
    agrees,
    evidence: Type.Array(explainedEvidence, { description: 'Strongest first' }),
    combined: reckonedStep('All tests of the event together; null where the alert keeps no reckoning'),
    calibrated: reckonedStep(
      'The same as the past of its group has it: the p of the alert; null for a finding, which is told with its own',
    ),
  },
  { additionalProperties: false },
);

/** How an alert's p-values came about, computed again. */
export function explanationRoutes(scope: ApiScope, { store }: ApiDependencies): void {
  scope.get(
    '/alerts/:id/explanation',
    {
      schema: {
        summary: 'The p-values of an alert, computed again from what is stored, with the working',
        description:
          'The newest revision, or the one that is asked for. Each test is computed by the function that scored it, from ' +
          'the numbers of its baseline at that moment; what it observed is counted again in the stored events.',
        tags: ['alerts'],
        params: Type.Object({ id: Type.String({ maxLength: 512 }) }),
        querystring: Type.Object(
          {
            space: pageQuery.space,
            revision: Type.Optional(Type.Integer({ minimum: 1, description: 'The newest one unless given' })),
          },
          { additionalProperties: false },
        ),
        response: { 200: explanation },
      },
    },
    async ({ query, params }) => {
      const { space, revision } = query;
      const { reckoning, ...alert } = await revisionOf(store, { space, id: params.id, revision });
      const evidence = await Promise.all(
        alert.evidence.map((one) => explainEvidence(store, space, one, reckoning)),
      );
      const whole = wholeOf(alert, reckoning);
      const parts = [...evidence.map((one) => one.agrees), whole.agrees];
      return {
        ...shownOf(alert),
        evidence,
        combined: whole.combined,
        calibrated: whole.calibrated,
        agrees: parts.includes(null) ? null : !parts.includes(false),
      };
    },
  );
}

function shownOf({ id, revision, title, sentence, agent, time, severity, score, p }: Alert) {
  return { id, revision, title, sentence, agent, time, severity, score, p };
}

/** The alert's own p, combined and calibrated again. */
function wholeOf({ p, score }: Alert, reckoning: Reckoning | undefined) {
  if (reckoning === undefined) return { combined: null, calibrated: null, agrees: null };
  const { combined, calibrated, combinedLines, calibratedLines } = reckon(reckoning);
  const isSame = Math.exp(calibrated) === p && -calibrated / Math.LN10 === score;
  const last = verdict(calibrated, p, isSame);
  const isCalibrated = reckoning.calibration !== null;
  const combinedP = `p = ${probabilityText(combined)}`;
  const step = (lnP: number, lines: readonly string[]) => ({
    p: Math.exp(lnP),
    ln_p: lnP,
    lines: [...lines],
  });
  return {
    combined: step(combined, [...combinedLines, isCalibrated ? combinedP : last]),
    calibrated: isCalibrated ? step(calibrated, [...calibratedLines, last]) : null,
    agrees: isSame,
  };
}

interface Asked {
  readonly space: string;
  readonly id: string;
  readonly revision: number | undefined;
}

async function revisionOf(store: Store, { space, id, revision }: Asked): Promise<Alert> {
  const rows = await store.query<AlertRow & { readonly reckoning: string | null }>({
    sql: `SELECT ${alertColumns}, reckoning FROM alert_history FINAL WHERE space = {space:String} AND id = {id:String}
      AND ({revision:UInt32} = 0 OR revision = {revision:UInt32}) ORDER BY revision DESC LIMIT 1`,
    parameters: { space, id, revision: revision ?? 0 },
  });
  const [newest] = rows;
  if (newest === undefined) {
    const of = revision === undefined ? '' : `revision ${revision} of `;
    throw new AppError('NOT_FOUND', `there is no ${of}alert "${id}" in space "${space}"`);
  }
  const { reckoning, ...row } = newest;
  const kept = parseOr<Reckoning | null>(reckoning ?? '', null);
  return { ...alertOfRow(row), ...(kept !== null && { reckoning: kept }) };
}
