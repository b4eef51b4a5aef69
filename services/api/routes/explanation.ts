import { Type } from 'typebox';
import type { Alert } from '#shared/alert.ts';
import { AppError } from '#shared/errors.ts';
import { probabilityText } from '#shared/explain/number-text.ts';
import { recompute } from '#shared/explain/recompute.ts';
import type { Counted } from '#shared/explain/working.ts';
import type { Evidence } from '#shared/signal.ts';
import type { Store } from '#shared/store/store.ts';
import type { ApiDependencies, ApiScope } from '../dependencies.ts';
import { pageQuery } from '../page.ts';
import { type AlertRow, alertColumns, alertOfRow } from '../shapes.ts';
import { all, when } from '../sql.ts';

const explainedEvidence = Type.Object(
  {
    detector: Type.String(),
    sentence: Type.String(),
    p: Type.Number({ description: 'As it was when the alert was told' }),
    recomputed: Type.Union([Type.Number(), Type.Null()], {
      description: 'Computed again from what went into it; null where the detector gives no working',
    }),
    agrees: Type.Union([Type.Boolean(), Type.Null()], { description: 'To nine digits' }),
    observed: Type.Number(),
    counted: Type.Union([Type.Integer(), Type.Null()], {
      description: 'Counted again in the stored events, up to the event that was judged; null: is no count',
    }),
    lines: Type.Array(Type.String(), { description: 'The working, for a person' }),
  },
  { additionalProperties: false },
);

const explanation = Type.Object(
  {
    id: Type.String(),
    title: Type.String(),
    p: Type.Number({
      description: 'Of the alert: its evidence combined, and calibrated by the past of its group',
    }),
    evidence: Type.Array(explainedEvidence, { description: 'Strongest first' }),
  },
  { additionalProperties: false },
);

// A double holds 15 digits; the way through JSON and the exponential costs some of them.
const relativeErrorMax = 1e-9;

/** How an alert's p-values came about, computed again. */
export function explanationRoutes(scope: ApiScope, { store }: ApiDependencies): void {
  scope.get(
    '/alerts/:id/explanation',
    {
      schema: {
        summary: 'The p-values of an alert, computed again from what is stored, with the working',
        tags: ['alerts'],
        params: Type.Object({ id: Type.String({ maxLength: 512 }) }),
        querystring: Type.Object({ space: pageQuery.space }, { additionalProperties: false }),
        response: { 200: explanation },
      },
    },
    async (request) => {
      const { id, title, p, space, evidence } = await newestOf(store, request.query.space, request.params.id);
      return {
        id,
        title,
        p,
        evidence: await Promise.all(evidence.map((one) => explain(store, space, one))),
      };
    },
  );
}

async function newestOf(store: Store, space: string, id: string): Promise<Alert> {
  const rows = await store.query<AlertRow>({
    sql: `SELECT ${alertColumns} FROM alert_history FINAL WHERE space = {space:String} AND id = {id:String}
      ORDER BY revision DESC LIMIT 1`,
    parameters: { space, id },
  });
  const [newest] = rows;
  if (newest === undefined) throw new AppError('NOT_FOUND', `there is no alert "${id}" in space "${space}"`);
  return alertOfRow(newest);
}

async function explain(store: Store, space: string, evidence: Evidence) {
  const { detector, sentence, p, observed, working } = evidence;
  const shown = { detector, sentence, p, observed };
  if (working === undefined) {
    const lines = [`${detector} stores no working: its p cannot be computed again from the alert alone`];
    return { ...shown, recomputed: null, agrees: null, counted: null, lines };
  }
  const counted = working.counted === undefined ? null : await countAgain(store, space, working.counted);
  const again = recompute(working);
  if (again === undefined) {
    const lines = [`the working of ${detector} lacks numbers that its formula needs`];
    return { ...shown, recomputed: null, agrees: null, counted, lines };
  }
  const recomputed = Math.exp(again.lnP);
  const agrees = Math.abs(recomputed - p) <= relativeErrorMax * p;
  const verdict = `p = ${probabilityText(again.lnP)}, ${agrees ? 'as' : `which is not what was`} stored`;
  const lines = [...again.lines, ...countLines(observed, counted), verdict];
  return { ...shown, recomputed, agrees, counted, lines };
}

/** How many of them the store holds now. */
async function countAgain(store: Store, space: string, counted: Counted): Promise<number> {
  const { sql, parameters } = all([
    when('space = {space:String}', 'space', space),
    when('time >= {from:Int64}', 'from', counted.from),
    when('time <= {to:Int64}', 'to', counted.to),
    when('source = {source:String}', 'source', counted.source ?? undefined),
    when('destination = {destination:String}', 'destination', counted.destination ?? undefined),
  ]);
  const peer = counted.source === null ? 'source' : 'destination';
  const what = counted.what === 'peers' ? peer : 'id';
  const rows = await store.query<{ readonly n: number | string }>({
    sql: `SELECT uniqExact(${what}) AS n FROM events WHERE ${sql}`,
    parameters,
  });
  return Number(rows[0]?.n ?? 0);
}

function countLines(observed: number, counted: number | null): readonly string[] {
  if (counted === null) return [];
  if (counted === observed) return [`counted again in the stored events: ${counted}, as observed`];
  const reason =
    counted > observed
      ? 'others of the same moment, or late ones, came after it was judged'
      : 'some are no longer kept, or not stored yet';
  return [`counted again in the stored events: ${counted}, observed ${observed}: ${reason}`];
}
