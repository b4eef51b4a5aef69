/** Segments of a path beyond which the rest becomes `{rest}`: deep paths are data, not routes. */
const segmentsMax = 8;
/** Characters of a segment beyond which it is taken for data. */
const segmentCharactersMax = 40;

const templates: readonly (readonly [RegExp, string])[] = [
  [/^(?:\d{1,3}\.){3}\d{1,3}$/, '{address}'],
  [/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i, '{uuid}'],
  [/^(?:19|20)\d\d-\d\d(?:-\d\d)?(?:[T_ ].*)?$/, '{date}'],
  [/^[-+]?\d+(?:[.,]\d+)*$/, '{id}'],
  [/^[^@\s]+@[^@\s]+\.[^@\s]+$/, '{email}'],
  [/^(?=.*\d)[0-9a-f]{6,}$/i, '{hex}'],
  [/^[0-9A-HJKMNP-TV-Z]{26}$/i, '{id}'], // ULID
  [/^(?:[a-z]{1,12}[-_.])+(?=.*\d)[0-9a-z]{4,}$/i, '{id}'], // ord-20931, cus_9s6XKzkNRiz8i3
  [/^[a-z]{0,6}\d{3,}[a-z]{0,3}$/i, '{id}'], // A10293, sku48213
];

/**
 * A path with what varies replaced by what it is: `/orders/123` becomes `/orders/{id}`. Query and fragment go. Each
 * segment is judged alone, so the answer never depends on what was seen before and is the same on every collector.
 *
 * @param path path of a URL, with or without its query, or a whole URL
 * @example templatePath('/orders/123/items?page=2'); // => '/orders/{id}/items'
 */
export function templatePath(path: string): string {
  const known = recent.get(path);
  if (known !== undefined) return known;
  const template = judgePath(path);
  if (path.length > rememberedCharactersMax) return template;
  if (recent.size >= rememberedMax) recent.clear();
  recent.set(path, template);
  return template;
}

// Most paths come again, since routes are few: the answers to the last ones are kept. Only the speed depends on it.
const rememberedMax = 4096;
const rememberedCharactersMax = 256;
const recent = new Map<string, string>();

function judgePath(path: string): string {
  const start = path.indexOf('://');
  const rooted = start < 0 ? path : path.slice(Math.max(path.indexOf('/', start + 3), 0) || path.length);
  const end = rooted.search(/[?#;]/);
  const bare = end < 0 ? rooted : rooted.slice(0, end);
  const segments = bare.split('/').filter((segment) => segment !== '');
  const kept = segments.slice(0, segmentsMax).map(templateSegment);
  if (segments.length > segmentsMax) kept.push('{rest}');
  return `/${kept.join('/')}`;
}

/** One segment of a path, or the varying part of any other name, as `templatePath` sees it. */
export function templateSegment(segment: string): string {
  const decoded = decode(segment);
  // A method after a colon is part of the verb: `/tasks/42:cancel`.
  const verb = /:[a-zA-Z]{1,32}$/.exec(decoded)?.[0] ?? '';
  return verb.length === decoded.length
    ? judge(decoded)
    : judge(decoded.slice(0, -verb.length || undefined)) + verb;
}

function judge(segment: string): string {
  // A route's own placeholder (`:id`, `{id}`, `<int:id>`) keeps its name, in one spelling.
  const placeholder = /^(?::(\w+)|\{([\w.*+-]+)\}|<(?:\w+:)?(\w+)>)$/.exec(segment);
  if (placeholder !== null) return `{${placeholder[1] ?? placeholder[2] ?? placeholder[3]}}`;
  if (segment.length > segmentCharactersMax * 4) return '{token}';
  const clean = segment.replace(/[^\p{L}\p{N}_.~@+*-]/gu, '_');
  for (const [pattern, name] of templates) if (pattern.test(clean)) return name;
  return clean.length > segmentCharactersMax || looksRandom(clean) ? '{token}' : clean;
}

function decode(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment; // not percent-encoding after all: an answer, not a fault
  }
}

/** Base64-like: 16 characters or more of mixed case and digits, which words in routes do not have. */
function looksRandom(segment: string): boolean {
  return (
    segment.length >= 16 &&
    /^[\w+-]+$/.test(segment) &&
    /\d/.test(segment) &&
    /[a-z]/.test(segment) &&
    /[A-Z]/.test(segment)
  );
}
