import type { Outcome } from '#shared/event.ts';
import { templateSegment } from './path.ts';
import { countOf, type JsonObject, textOf } from './read.ts';

// A2A 0.3 and earlier, and the names that 1.0 gives the same methods.
// A map: a plain object would answer for `toString` too.
const a2aNames: ReadonlyMap<string, string> = new Map([
  ['message/send', 'SendMessage'],
  ['message/stream', 'SendStreamingMessage'],
  ['tasks/send', 'SendMessage'],
  ['tasks/sendSubscribe', 'SendStreamingMessage'],
  ['tasks/get', 'GetTask'],
  ['tasks/list', 'ListTasks'],
  ['tasks/cancel', 'CancelTask'],
  ['tasks/resubscribe', 'SubscribeToTask'],
  ['tasks/pushNotificationConfig/set', 'CreateTaskPushNotificationConfig'],
  ['tasks/pushNotificationConfig/get', 'GetTaskPushNotificationConfig'],
  ['tasks/pushNotificationConfig/list', 'ListTaskPushNotificationConfigs'],
  ['tasks/pushNotificationConfig/delete', 'DeleteTaskPushNotificationConfig'],
  ['agent/getAuthenticatedExtendedCard', 'GetExtendedAgentCard'],
  ['agent/authenticatedExtendedCard', 'GetExtendedAgentCard'],
]);
const a2aMethods = new Set([...a2aNames.values(), 'ListTaskPushNotificationConfig']);

/** The 1.0 name of an A2A method, of either generation; `undefined` when A2A has no such method. */
export function a2aMethod(name: string): string | undefined {
  const short = name.includes('/') && name.startsWith('lf.a2a') ? (name.split('/').at(-1) ?? name) : name;
  if (a2aMethods.has(short)) return short;
  return a2aNames.get(short);
}

/**
 * The A2A method behind a REST call of the HTTP+JSON binding: `POST /v1/message:send`.
 *
 * @source A2A specification 1.0, section 11 (HTTP+JSON/REST binding)
 */
export function a2aRestMethod(method: string, path: string): string | undefined {
  const bare = path.replace(/[?#].*$/, '').replace(/\/$/, '');
  if (/\/message:send$/.test(bare)) return 'SendMessage';
  if (/\/message:stream$/.test(bare)) return 'SendStreamingMessage';
  if (/\/extendedAgentCard$|\/v1\/card$/.test(bare)) return 'GetExtendedAgentCard';
  const task = /\/tasks(?:\/[^/:]+)?(:cancel|:subscribe|\/pushNotificationConfigs(?:\/[^/]+)?)?$/.exec(bare);
  if (task === null) return undefined;
  if (task[1] === ':cancel') return 'CancelTask';
  if (task[1] === ':subscribe') return 'SubscribeToTask';
  if (task[1] === undefined) return /\/tasks$/.test(bare) ? 'ListTasks' : 'GetTask';
  const upper = method.toUpperCase();
  const verb = upper === 'POST' ? 'Create' : upper === 'DELETE' ? 'Delete' : 'Get';
  return `${verb}TaskPushNotificationConfig`;
}

const mcpRoots = new Set([
  ...[
    'initialize',
    'ping',
    'tools',
    'resources',
    'prompts',
    'completion',
    'logging',
    'notifications',
    'roots',
  ],
  ...['sampling', 'elicitation', 'tasks', 'server', 'subscriptions', 'messages'],
]);

/** Whether a JSON-RPC method can be MCP's. */
export function isMcpMethod(name: string): boolean {
  return mcpRoots.has(name.split('/', 1)[0] ?? '');
}

/** `tools/call:search`: method, and the tool or prompt that it names. Resources are too many to be part of a verb. */
export function mcpAction(method: string, name: string | undefined): string {
  const verb = method.split('/').slice(0, 3).map(templateSegment).join('/');
  return name === undefined || method.startsWith('resources/') ? verb : `${verb}:${templateSegment(name)}`;
}

/**
 * What a JSON-RPC error's code says: MCP and A2A have no codes for "denied", so servers use those of HTTP, or words.
 *
 * @source JSON-RPC 2.0, section 5.1; A2A 1.0, section 5.4
 */
export function rpcErrorOutcome(error: JsonObject): Outcome {
  const code = textOf(error['code']) ?? '';
  const status = countOf(code);
  if (status === 401 || status === 403 || code === '-32003' || code === '-32004') {
    // -32003 and -32004 are A2A's own for what is not supported, and no denial.
    return status === undefined ? 'error' : 'denied';
  }
  if (code === '-32001' && /time/i.test(textOf(error['message']) ?? '')) return 'timeout';
  return /\b(?:unauthori[sz]ed|forbidden|access denied|permission denied|not permitted)\b/i.test(
    textOf(error['message']) ?? '',
  )
    ? 'denied'
    : 'error';
}

// A map: a plain object would answer for `toString` too.
const taskOutcomes: ReadonlyMap<string, Outcome> = new Map([
  ['failed', 'error'],
  ['rejected', 'denied'],
  ['auth-required', 'denied'],
]);

/** What the state of an A2A task says, in either spelling (`TASK_STATE_FAILED`, `failed`). */
export function taskOutcome(state: string | undefined): Outcome {
  const name = (state ?? '')
    .replace(/^TASK_STATE_/, '')
    .toLowerCase()
    .replaceAll('_', '-');
  return taskOutcomes.get(name) ?? 'success';
}
