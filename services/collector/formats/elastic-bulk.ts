import { messageOf } from '#shared/errors.ts';
import { isObject, type JsonObject } from '../facts/read.ts';
import { type Format, type FormatOutcome, reject } from './format.ts';

/** The operations of a bulk request, as clients name them. */
const bulkOperations = ['index', 'create', 'update', 'delete'] as const;
type BulkOperation = (typeof bulkOperations)[number];

/** One action of a bulk request, with its document. */
export interface BulkItem {
  readonly operation: BulkOperation;
  readonly index: string | undefined;
  readonly id: string | undefined;
  readonly outcome: FormatOutcome;
}

/**
 * Elasticsearch's bulk body: a line with an action, then a line with its document. Blank lines between them are
 * skipped (rsyslog ends each pair with two), an update's document is its `doc`, and a `delete` has none.
 */
export const elasticBulk: Format = {
  name: 'elastic-bulk',
  summary: 'Elasticsearch and OpenSearch _bulk actions',
  source: 'https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk',
  *decode(body) {
    for (const { outcome } of bulkItems(body)) yield outcome;
  },
};

/** The actions of a bulk body, in their order. Never throws. */
export function* bulkItems(body: Buffer): Generator<BulkItem> {
  const lines = linesOf(body);
  for (let line = lines.next(); !line.done; line = lines.next()) {
    const action = actionOf(line.value);
    if (action === undefined) {
      const fault = reject('the line is no bulk action: index, create, update or delete', line.value);
      yield { operation: 'index', index: undefined, id: undefined, outcome: { ...fault, isBody: true } };
      return;
    }
    if (action.operation === 'delete') {
      yield { ...action, outcome: reject('delete: nothing is ever deleted here', line.value) };
      continue;
    }
    const document = lines.next();
    yield { ...action, outcome: document.done ? missing(line.value) : documentOf(document.value, action) };
    if (document.done) return;
  }
}

function* linesOf(body: Buffer): Generator<string, undefined> {
  const text = body.toString('utf8').replace(/^\uFEFF/, '');
  for (let from = 0; from < text.length; ) {
    const found = text.indexOf('\n', from);
    const end = found < 0 ? text.length : found;
    const line = text.slice(from, end);
    from = end + 1;
    if (line.trim() !== '') yield line;
  }
}

type Action = Pick<BulkItem, 'operation' | 'index' | 'id'>;

/** The known operation among the keys: winston-elasticsearch writes others beside it. */
function actionOf(line: string): Action | undefined {
  let action: unknown;
  try {
    action = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isObject(action)) return undefined;
  const object = action;
  const operation = bulkOperations.find((name) => isObject(object[name]));
  if (operation === undefined) return undefined;
  const meta = object[operation] as JsonObject;
  return { operation, index: textIn(meta, '_index'), id: textIn(meta, '_id') };
}

function textIn(meta: JsonObject, name: string): string | undefined {
  const value = meta[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function documentOf(line: string, action: Action): FormatOutcome {
  let document: unknown;
  try {
    document = JSON.parse(line);
  } catch (error) {
    return reject(`the document is not JSON: ${messageOf(error).slice(0, 200)}`, line);
  }
  const record = action.operation === 'update' && isObject(document) ? document['doc'] : document;
  const hint = {
    ...(action.index === undefined ? {} : { stream: action.index }),
    ...(action.id === undefined ? {} : { id: action.id }),
  };
  return { kind: 'record', record, hint, ...(record === document ? { text: line } : {}) };
}

function missing(line: string): FormatOutcome {
  return { ...reject('the action has no document; the body was cut off', line), isBody: true };
}
