const resourcesMax = 8; // eventLimits.resourcesMax: the protocol of the set takes the event as it is

// An argument of one of these names says whom or what the call is for, whatever its form.
const targetNames = new Set(
  'recipient recipients user users email user_email participants channel account to cc bcc'.split(' '),
);

const emailAddress = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g;
const accountNumber = /\b[A-Z]{2}\d{2}[A-Z0-9]{10,30}\b/g; // the form of an IBAN, ISO 13616
const webAddress = /\b(?:https?:\/\/|www\.)([\w-]+(?:\.[\w-]+)+)/gi;

/**
 * What a tool call touches: e-mail addresses, hosts of web addresses, account numbers and named targets of its
 * arguments, the first eight, each once.
 *
 * @example argumentResources({ to: 'bob@example.com', body: 'see www.example.org/x' });
 * // => ['bob@example.com', 'example.org']
 */
export function argumentResources(args: Readonly<Record<string, unknown>>): readonly string[] {
  const found = new Set<string>();
  for (const [name, value] of Object.entries(args)) collect(name, value, found);
  return [...found].slice(0, resourcesMax);
}

function collect(name: string, value: unknown, found: Set<string>): void {
  if (Array.isArray(value)) for (const item of value) collect(name, item, found);
  else if (typeof value === 'object' && value !== null) {
    for (const [inner, item] of Object.entries(value)) collect(inner, item, found);
  } else if (typeof value === 'string') collectText(name, value, found);
}

function collectText(name: string, text: string, found: Set<string>): void {
  const before = found.size;
  for (const [address] of text.matchAll(emailAddress)) found.add(address.toLowerCase());
  for (const [account] of text.matchAll(accountNumber)) found.add(account);
  for (const [, host = ''] of text.matchAll(webAddress)) found.add(host.toLowerCase().replace(/^www\./, ''));
  if (found.size === before && targetNames.has(name) && text.trim() !== '')
    found.add(text.trim().toLowerCase());
}
