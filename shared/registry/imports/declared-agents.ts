import { isObject } from '../../json.ts';
import { parseDeclaration } from '../declaration.ts';
import type { RegistryImport } from './registry-import.ts';

/** The registry's own form, as in `agents.yaml`. */
export const declaredAgents: RegistryImport = {
  name: 'agents',
  summary: 'agents: and a list of declarations, as in agents.yaml',
  source: 'docs/zero-trust.md',
  origin: 'declared',
  read: (documents) => {
    const entries = documents.flatMap((document) =>
      isObject(document) && Array.isArray(document['agents']) ? document['agents'] : [document],
    );
    const parsed = entries.map(parseDeclaration);
    return {
      declarations: parsed.flatMap((one) => (one.ok ? [one.declaration] : [])),
      roleLists: [],
      skipped: parsed.flatMap((one, i) => (one.ok ? [] : one.faults.map((fault) => `agents.${i}: ${fault}`))),
    };
  },
};
