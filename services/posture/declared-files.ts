import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { parse } from 'node:path';
import { parseYaml } from '#shared/config.ts';
import type { Decision } from '#shared/decision.ts';
import { messageOf } from '#shared/errors.ts';
import { parsePolicyText } from '#shared/policy/parse-policy.ts';
import { declarationKey, parseDeclaration } from '#shared/registry/declaration.ts';
import { documentsOf } from '#shared/registry/imports/documents.ts';
import { roles } from '#shared/registry/imports/roles.ts';
import { readAdvisories } from '#shared/registry/read-advisories.ts';
import { roleListKey } from '#shared/registry/role-list.ts';

/** What a file means to decide; `body` null takes a decision back. */
export type Meant = Pick<Decision, 'key' | 'kind' | 'body'>;

/** What was read of a file, and what is wrong with it. A file with faults decides nothing. */
export interface ReadFile {
  readonly meant: readonly Meant[];
  readonly faults: readonly string[];
  /** When it was written, UTC ms: whatever somebody decided since then stays. */
  readonly writtenAt: number;
}

const unread = (faults: readonly string[]): ReadFile => ({ meant: [], faults, writtenAt: 0 });

/** Reads `policy.yaml` for a space. Never throws. */
export async function readPolicyFile(path: string, space: string): Promise<ReadFile> {
  try {
    const parsed = parsePolicyText(await readFile(path, 'utf8'));
    if (!parsed.ok) return unread(parsed.faults);
    const meant = [{ key: `policy/${space}`, kind: 'policy', body: parsed.policy }];
    return { meant, faults: [], writtenAt: await writtenAt(path) };
  } catch (error) {
    return unread([`${path}: ${messageOf(error)}`]);
  }
}

/** Reads the registry's file: `agents:` and a list of declarations. Never throws. */
export async function readRegistryFile(path: string, space: string): Promise<ReadFile> {
  try {
    const content = parseYaml(await readFile(path, 'utf8'), path);
    const agents =
      typeof content === 'object' && content !== null && 'agents' in content ? content.agents : null;
    if (!Array.isArray(agents)) return unread([`${path}: add the key agents, a list`]);
    const parsed = agents.map(parseDeclaration);
    const faults = parsed.flatMap((one, i) =>
      one.ok ? [] : one.faults.map((fault) => `agents.${i}: ${fault}`),
    );
    if (faults.length > 0) return unread(faults);
    const meant = parsed.flatMap((one) =>
      one.ok ? [{ key: declarationKey(space, one.declaration), kind: 'agent', body: one.declaration }] : [],
    );
    return { meant, faults: [], writtenAt: await writtenAt(path) };
  } catch (error) {
    return unread([`${path}: ${messageOf(error)}`]);
  }
}

/** Reads a file of role lists; a list without a name has the file's. Never throws. */
export async function readRolesFile(path: string, space: string, now: number): Promise<ReadFile> {
  try {
    const wishes = { agent: '', name: parse(path).name, now };
    const { roleLists, skipped } = roles.read(documentsOf(await readFile(path, 'utf8')), wishes);
    if (roleLists.length === 0) return unread(skipped.length > 0 ? skipped : [`${path}: lists no roles`]);
    const meant = roleLists.map((body) => ({ key: roleListKey(space, body), kind: 'roles', body }));
    return { meant, faults: skipped, writtenAt: await writtenAt(path) };
  } catch (error) {
    return unread([`${path}: ${messageOf(error)}`]);
  }
}

/** Reads a folder or URL of advisories. Never throws. */
export async function readAdvisoryPlace(place: string): Promise<ReadFile> {
  const { advisories, faults } = await readAdvisories(place);
  const meant = advisories.map((advisory) => ({
    key: `advisory/${advisory.id}`,
    kind: 'advisory',
    body: advisory,
  }));
  return { meant, faults, writtenAt: Number.POSITIVE_INFINITY }; // nobody else decides on advisories
}

async function writtenAt(path: string): Promise<number> {
  return (await stat(path)).mtimeMs;
}

/** Tells two bodies apart without keeping them. */
export function digestOf(body: unknown): string {
  return createHash('sha256').update(JSON.stringify(body)).digest('base64url');
}
