import { messageOf } from '#shared/errors.ts';
import { isObject, type JsonObject } from '../facts/read.ts';
import { type Format, type FormatOutcome, type ReadPlain, reject } from './format.ts';

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
  *decode(body, readPlain) {
    for (const { outcome } of bulkItems(body, readPlain)) yield outcome;
  },
};

/** The actions of a bulk body, in their order. Never throws. */
export function* bulkItems(body: Buffer, readPlain?: ReadPlain): Generator<BulkItem> {
  const readAction = createReadAction();
  for (let line = lineAt(body, startOf(body)); line !== undefined; line = lineAt(body, line.end + 1)) {
    const text = textOf(body, line);
    const action = readAction(text);
    if (action === undefined) {
      const fault = reject('the line is no bulk action: index, create, update or delete', text);
      yield { operation: 'index', index: undefined, id: undefined, outcome: { ...fault, isBody: true } };
      return;
    }
    if (action.operation === 'delete') {
      yield { ...action, outcome: reject('delete: nothing is ever deleted here', text) };
      continue;
    }
    const document = lineAt(body, line.end + 1);
    if (document === undefined) {
      yield { ...action, outcome: missing(text) };
      return;
    }
    const ready = plainDocument(body, document, action, readPlain);
    yield { ...action, outcome: ready ?? documentOf(textOf(body, document), action) };
    line = document;
  }
}

/** Where a line lies: from its first byte that is no blank to its line feed or the body's end. */
interface Line {
  readonly from: number;
  readonly end: number;
}

const lineFeed = 10;
const space = 32;

/** The first line from `start` on that is not blank. */
function lineAt(body: Buffer, start: number): Line | undefined {
  let from = start;
  while (from < body.length && (body[from] ?? 0) <= space) from += 1;
  if (from >= body.length) return undefined;
  const found = body.indexOf(lineFeed, from);
  return { from, end: found < 0 ? body.length : found };
}

/** Behind a byte order mark. */
function startOf(body: Buffer): number {
  return body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0;
}

function textOf(body: Buffer, { from, end }: Line): string {
  return body.toString('utf8', from, end);
}

/** A document that is a native event, fills its line, and has no other name than its own. */
function plainDocument(
  body: Buffer,
  { from, end }: Line,
  { operation, id }: Action,
  readPlain: ReadPlain | undefined,
): FormatOutcome | undefined {
  if (readPlain === undefined || operation === 'update' || id !== undefined) return undefined;
  const ready = readPlain(body, from);
  const isWhole =
    ready !== undefined && (ready.end === end || (ready.end === end - 1 && body[end - 1] === 13));
  return isWhole ? { kind: 'ready', event: ready.event } : undefined;
}

/** Most shippers write the same action before every document: it is read once. */
function createReadAction(): (line: string) => Action | undefined {
  let lastLine: string | undefined;
  let last: Action | undefined;
  return (line) => {
    if (line !== lastLine) last = actionOf(line);
    lastLine = line;
    return last;
  };
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

/** The record of a document, or why there is none. */
export function documentOf(line: string, action: Action): FormatOutcome {
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
