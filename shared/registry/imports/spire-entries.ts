import { eventLimits } from '../../event.ts';
import { isObject, type JsonObject, listOf, objectOf, textOf, textsOf } from '../../json.ts';
import { type Declaration, declarationLimits } from '../declaration.ts';
import { declarationOfSpiffe } from '../spiffe.ts';
import type { Imported, RegistryImport } from './registry-import.ts';

/** Registration entries of a SPIRE server: who is given which SPIFFE id, and by what it is recognised. */
export const spireEntries: RegistryImport = {
  name: 'spiffe',
  summary: 'registration entries, as `spire-server entry show -output json` gives them, or SPIFFE ids',
  source: 'https://github.com/spiffe/spire-api-sdk/blob/main/proto/spire/api/types/entry.proto',
  origin: 'spiffe',
  read: (documents, { now }) => {
    const entries = documents.flatMap((document) =>
      isObject(document) && Array.isArray(document['entries']) ? document['entries'] : [document],
    );
    const declarations = new Map<string, Declaration>();
    const skipped: string[] = [];
    for (const [i, entry] of entries.entries()) {
      const read = readEntry(entry, now);
      if (typeof read === 'string') skipped.push(`entry ${i}: ${read}`);
      else declarations.set(read.agent, merged(declarations.get(read.agent), read));
    }
    return { declarations: [...declarations.values()], roleLists: [], skipped } satisfies Imported;
  },
};

/** The entry as a declaration, or why it is none. */
function readEntry(entry: unknown, now: number): Declaration | string {
  const id = typeof entry === 'string' ? entry : spiffeIdOf(objectOf(entry)['spiffe_id']);
  if (id === undefined) return 'has no spiffe_id';
  const said = declarationOfSpiffe(id);
  if (said === undefined) return `"${id}" is no SPIFFE id of a workload`;
  if (!isObject(entry)) return said;
  const expiresAt = Number(textOf(entry['expires_at']) ?? 0) * 1000;
  if (expiresAt > 0 && expiresAt < now) return `${id} expired`;
  const identities = [id, ...textsOf(entry['dns_names'])].slice(0, declarationLimits.listMax);
  return { ...said, identities, labels: labelsOf(entry) };
}

/** In the JSON of SPIRE an id is two fields; elsewhere it is one text. */
function spiffeIdOf(value: unknown): string | undefined {
  if (!isObject(value)) return textOf(value);
  const domain = textOf(value['trust_domain']);
  return domain === undefined ? undefined : `spiffe://${domain}${textOf(value['path']) ?? ''}`;
}

/** Selectors of the Kubernetes attestor say where the workload runs, in the words of the importer of Kubernetes. */
function labelsOf(entry: JsonObject): Record<string, string> {
  const selectors = listOf(entry['selectors']).map((selector) => {
    const { type, value } = objectOf(selector);
    return `${textOf(type) ?? ''}:${textOf(value) ?? ''}`;
  });
  const parent = spiffeIdOf(entry['parent_id']);
  const pairs = selectors.flatMap((selector): [string, string][] => {
    const [, kind, value = ''] = /^k8s:(ns|sa|pod-label):(.+)$/.exec(selector) ?? [];
    if (kind === 'ns') return [['k8s/namespace', value]];
    if (kind === 'sa') return [['k8s/service-account', value]];
    const [name = '', ...rest] = value.split(':');
    return kind === 'pod-label' ? [[`k8s/label/${name}`, rest.join(':')]] : [];
  });
  const cut = (text: string) => text.slice(0, eventLimits.textCharactersMax);
  return {
    ...Object.fromEntries(pairs.slice(0, declarationLimits.labelsMax - 2)),
    'spiffe/selectors': cut(selectors.join(' ')),
    ...(parent === undefined ? {} : { 'spiffe/parent': cut(parent) }),
  };
}

/** One workload may have several entries, one for each of its selectors or nodes. */
function merged(before: Declaration | undefined, next: Declaration): Declaration {
  if (before === undefined) return next;
  const identities = [...new Set([...(before.identities ?? []), ...(next.identities ?? [])])];
  return { ...before, ...next, identities, labels: { ...before.labels, ...next.labels } };
}
