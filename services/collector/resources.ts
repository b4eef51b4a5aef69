import { eventLimits } from '#shared/event.ts';
import { hostOf } from './facts/names.ts';

// What is looked at of one call's arguments: whom an action touches stands near the top, not in a document's depth.
const depthMax = 6;
const valuesMax = 256;
const charactersMax = 4096;
/** Characters of a value that can be a name; more is text. */
const nameCharactersMax = 200;

const urls = /\bhttps?:\/\/[^\s"'<>)\]]+/gi;
const emails = /[a-z0-9._%+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+/gi;
const ibans = /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b/g;
const tables = /\b(?:from|join|into|update|table)\s+["`[]?([a-z_][\w$]*(?:\.[a-z_][\w$]*)*)/gi;

// Argument names whose last word says that the value names whom or what the call touches.
const namingWords = new Set([
  ...[
    'account',
    'address',
    'bucket',
    'channel',
    'cluster',
    'collection',
    'container',
    'customer',
    'database',
  ],
  ...[
    'device',
    'directory',
    'domain',
    'email',
    'file',
    'filename',
    'folder',
    'group',
    'host',
    'hostname',
    'iban',
  ],
  ...[
    'id',
    'key',
    'namespace',
    'owner',
    'participants',
    'path',
    'project',
    'queue',
    'recipient',
    'recipients',
  ],
  ...['repo', 'repository', 'server', 'site', 'table', 'target', 'tenant', 'to', 'cc', 'bcc', 'topic', 'uri'],
  ...['url', 'user', 'username', 'workspace', 'uuid', 'uid'],
]);
// `key` and the like also name secrets, which are never a resource.
const secretName =
  /(?:api|access|secret|private|auth|session|encryption)_?key|token|password|secret|credential/i;

/**
 * Whom or what a call touches, from its arguments: hosts of URLs, e-mail addresses, IBANs, tables of SQL, and the
 * values of arguments that name an object (`account_id`, `recipient`, `path`). The arguments themselves are not kept.
 *
 * @param value arguments of any shape
 * @returns up to eight distinct texts, in the order found
 * @example extractResources({ to: 'Ann@Example.com', body: 'see https://cdn.example.net/x' });
 * // => ['ann@example.com', 'cdn.example.net']
 */
export function extractResources(value: unknown): string[] {
  const found = new Set<string>();
  const pending: { readonly name: string; readonly value: unknown; readonly depth: number }[] = [
    { name: '', value, depth: 0 },
  ];
  // A queue, so that what stands higher up is found first however much lies below it.
  for (let next = 0; next < pending.length && found.size < eventLimits.resourcesMax; next += 1) {
    const item = pending[next];
    if (item === undefined || item.depth > depthMax) continue;
    if (typeof item.value === 'string' || typeof item.value === 'number') {
      collect(item.name, String(item.value).slice(0, charactersMax), found);
    } else if (typeof item.value === 'object' && item.value !== null) {
      for (const [key, child] of Object.entries(item.value)) {
        if (pending.length >= valuesMax) break;
        pending.push({
          name: Array.isArray(item.value) ? item.name : key,
          value: child,
          depth: item.depth + 1,
        });
      }
    }
  }
  return [...found].slice(0, eventLimits.resourcesMax);
}

function collect(name: string, text: string, found: Set<string>): void {
  if (text === '' || secretName.test(name)) return;
  const before = found.size;
  for (const [url] of text.matchAll(urls)) add(found, hostOf(url));
  for (const [email] of text.matchAll(emails)) add(found, email.toLowerCase());
  for (const [iban] of text.matchAll(ibans)) {
    const compact = iban.replaceAll(' ', '');
    if (isIban(compact)) add(found, compact);
  }
  if (/^(?:sql|query|statement)$/i.test(name))
    for (const match of text.matchAll(tables)) add(found, match[1]?.toLowerCase());
  if (
    found.size === before &&
    namesAnObject(name) &&
    text.length <= nameCharactersMax &&
    !/[\r\n]/.test(text)
  )
    add(found, text.trim());
}

function add(found: Set<string>, resource: string | undefined): void {
  if (resource !== undefined && resource !== '') found.add(resource);
}

/** `customerId`, `customer_id` and `customer-id` end with the same word. */
function namesAnObject(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  return namingWords.has(words.at(-1) ?? '') || (words.at(-1) === 'number' && words.includes('account'));
}

/**
 * Whether the check digits of an IBAN are right.
 *
 * @source ISO 13616, ISO 7064 mod 97-10
 */
function isIban(iban: string): boolean {
  if (iban.length < 15 || iban.length > 34) return false;
  const rotated = iban.slice(4) + iban.slice(0, 4);
  let remainder = 0;
  for (const character of rotated) {
    const digits = Number.parseInt(character, 36);
    remainder = (remainder * (digits > 9 ? 100 : 10) + digits) % 97;
  }
  return remainder === 1;
}
