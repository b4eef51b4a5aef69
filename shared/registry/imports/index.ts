import { agentCards } from './agent-cards.ts';
import { declaredAgents } from './declared-agents.ts';
import { kubernetesObjects } from './kubernetes-objects.ts';
import type { RegistryImport } from './registry-import.ts';
import { roles } from './roles.ts';
import { spireEntries } from './spire-entries.ts';

/** Every way in which agents and rights come from elsewhere. */
export const registryImports: readonly RegistryImport[] = [
  declaredAgents,
  agentCards,
  spireEntries,
  kubernetesObjects,
  roles,
];
