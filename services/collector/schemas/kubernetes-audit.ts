import type { Outcome } from '#shared/event.ts';
import { parseTime } from '../event-time.ts';
import { attributes, httpOutcome, reject, skip, toEvent } from '../facts/draft.ts';
import { agentName } from '../facts/names.ts';
import { countOf, isObject, type JsonObject, listOf, objectOf, textAt, textOf } from '../facts/read.ts';
import type { Hint, MapContext, Schema, SchemaOutcome } from './schema.ts';

/** Events of one EventList; kube-apiserver sends 400 at the most by default. */
const itemsMax = 10_000;

/** Kubernetes API server audit events, alone or as the EventList that the audit webhook posts. */
export const kubernetesAudit: Schema = {
  name: 'kubernetes-audit',
  summary: 'Kubernetes API server audit events, single or as EventList',
  source: 'https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/',
  recognises: (record) =>
    isObject(record) &&
    ((typeof record['apiVersion'] === 'string' && record['apiVersion'].startsWith('audit.k8s.io/')) ||
      ('auditID' in record && 'verb' in record)),
  map: (record, hint, context) => {
    const { kind, items } = record as JsonObject;
    if (kind !== 'EventList') return [mapOne(record, hint, context)];
    if (!Array.isArray(items)) return [reject('items: an EventList holds a list of events')];
    if (items.length > itemsMax) return [reject(`items: ${items.length} events, at most ${itemsMax} a list`)];
    return items.map((item) => mapOne(item, hint, context));
  },
};

function mapOne(record: unknown, hint: Hint, context: MapContext): SchemaOutcome {
  if (!isObject(record)) return reject('items: an audit event is an object');
  const stage = textOf(record['stage']);
  // The other stages tell of the same request earlier; Panic is an end of its own.
  if (stage !== 'ResponseComplete' && stage !== 'Panic') return skip('a stage before the response');
  const user = textAt(record, 'user.username');
  const impersonated = textAt(record, 'impersonatedUser.username');
  const annotations = objectOf(record['annotations']);
  const decision = textOf(annotations['authorization.k8s.io/decision']);
  const status = countOf(objectOf(record['responseStatus'])['code']);
  const time = parseTime(record['requestReceivedTimestamp']);
  const end = parseTime(record['stageTimestamp']);
  const agent = textOf(record['userAgent']);
  const isServiceAccount = user?.startsWith('system:serviceaccount:') === true;
  return toEvent(
    {
      time: time ?? end,
      source: user === undefined ? undefined : agentName(user),
      source_kind: user === undefined ? undefined : kindOfUser(user),
      destination: destinationOf(record),
      destination_kind: 'service',
      source_address: textOf(listOf(record['sourceIPs'])[0]),
      source_version: agent?.split(' ', 1)[0]?.split('/')[1],
      protocol: 'https',
      action: actionOf(record),
      resources: resourcesOf(record),
      outcome: outcomeOf(stage, decision, status),
      status: textOf(status),
      duration_ms: time === undefined || end === undefined ? undefined : end - time,
      auth_subject: impersonated ?? user,
      auth_method: isServiceAccount
        ? 'service_account'
        : user === 'system:anonymous'
          ? 'anonymous'
          : undefined,
      session: textAt(record, 'user.uid'),
      observer: 'kube-apiserver',
      clientId: textOf(record['auditID']),
      attributes: attributes({
        user_agent: agent,
        impersonated_by: impersonated === undefined ? undefined : user,
        authorization_reason: annotations['authorization.k8s.io/reason'],
        groups: listOf(objectOf(record['user'])['groups'])
          .filter((group) => typeof group === 'string')
          .join(','),
      }),
    },
    hint,
    context,
  );
}

/** The API group is what is called; the object is what is touched. */
function destinationOf(record: JsonObject): string {
  const group = textAt(record, 'objectRef.apiGroup');
  return group === undefined ? 'kubernetes' : `kubernetes/${group}`;
}

function actionOf(record: JsonObject): string {
  const verb = textOf(record['verb']) ?? 'unknown';
  const resource = textAt(record, 'objectRef.resource');
  if (resource === undefined) return `${verb} ${nonResourcePath(textOf(record['requestURI']))}`;
  const part = textAt(record, 'objectRef.subresource');
  return `${verb} ${resource}${part === undefined ? '' : `/${part}`}`;
}

/** Requests outside the resources are health checks and discovery: the first segment is enough. */
function nonResourcePath(uri: string | undefined): string {
  return `/${/^\/([a-z]+)/.exec(uri ?? '')?.[1] ?? ''}`;
}

function resourcesOf(record: JsonObject): string[] | undefined {
  const namespace = textAt(record, 'objectRef.namespace');
  const resource = textAt(record, 'objectRef.resource');
  const name = textAt(record, 'objectRef.name');
  if (resource === undefined || (namespace === undefined && name === undefined)) return undefined;
  return [[namespace, resource, name].filter((part) => part !== undefined).join('/')];
}

function outcomeOf(stage: string, decision: string | undefined, status: number | undefined): Outcome {
  if (decision === 'forbid') return 'denied';
  return stage === 'Panic' ? 'error' : httpOutcome(status);
}

function kindOfUser(user: string): 'service' | 'human' | 'device' | 'unknown' {
  if (user === 'system:anonymous') return 'unknown';
  if (user.startsWith('system:node:')) return 'device';
  return user.startsWith('system:') ? 'service' : 'human';
}
