import type { AgentKind } from '#shared/event.ts';
import { at, type JsonObject, objectOf, textAt, textOf } from './read.ts';

/**
 * One name for one Kubernetes workload, however it is told: `namespace/name`. Takes Istio's SPIFFE ids of the default
 * trust domain, service account names, and service DNS names; anything else is itself. Other trust domains keep
 * their whole id: the same names there are other agents.
 *
 * @example agentName('spiffe://cluster.local/ns/shop/sa/cart'); // => 'shop/cart'
 */
export function agentName(name: string): string {
  const match =
    /^spiffe:\/\/cluster\.local\/ns\/([^/]+)\/sa\/([^/]+)$/.exec(name) ??
    /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name);
  if (match !== null) return `${match[1]}/${match[2]}`;
  const service = /^([^.]+)\.([^.]+)\.svc(?:\.cluster\.local)?\.?$/.exec(name);
  return service === null ? name : `${service[2]}/${service[1]}`;
}

/** `namespace/name` where both are known. */
export function workloadName(namespace: string | undefined, name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** Address and port of `10.0.0.7:8080`, `tcp://10.0.0.7:8080`, `[2001:db8::1]:443` or a bare address. */
export function splitAddress(value: string | undefined): {
  readonly address?: string;
  readonly port?: number;
} {
  if (value === undefined || value === '') return {};
  const bare = value.replace(/^[a-z]+:\/\//, '');
  const match = /^\[([^\]]+)\](?::(\d+))?$/.exec(bare) ?? /^([^:]+):(\d+)$/.exec(bare);
  if (match === null) return { address: bare };
  const address = match[1] ?? value;
  return match[2] === undefined ? { address } : { address, port: Number(match[2]) };
}

/** Host of a URL or of `host:port`, in lower case. */
export function hostOf(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const match = /^(?:[a-z][a-z0-9+.-]*:\/\/)?(?:[^/@\s]*@)?(\[[^\]]+\]|[^/:?#\s]+)/i.exec(value);
  return match?.[1]?.replace(/^\[|\]$/g, '').toLowerCase();
}

/** Whether a name is a network address and so says nothing about what the agent is. */
export function isAddress(name: string): boolean {
  return /^(?:\d{1,3}\.){3}\d{1,3}$/.test(name) || (name.includes(':') && /^[0-9a-f:.]+$/i.test(name));
}

/** `unknown` for addresses, else the given kind. */
export function kindOf(name: string | undefined, kind: AgentKind): AgentKind | undefined {
  return name === undefined || isAddress(name) ? undefined : kind;
}

/**
 * The workload that a shipper's Kubernetes metadata names (`kubernetes.*` of Fluent Bit, Filebeat and Vector, or
 * `k8s.*`): who wrote the log line, which in a mesh is the workload beside the sidecar.
 */
export function loggingWorkload(record: JsonObject): string | undefined {
  const labels = objectOf(at(record, 'kubernetes.labels') ?? at(record, 'kubernetes.pod_labels'));
  const namespace = textAt(
    record,
    'kubernetes.namespace_name',
    'kubernetes.pod_namespace',
    'kubernetes.namespace',
    'k8s.namespace.name',
  );
  const pod = textAt(record, 'kubernetes.pod_name', 'kubernetes.pod.name', 'k8s.pod.name');
  const name =
    textOf(labels['app.kubernetes.io/name']) ??
    textOf(labels['app']) ??
    textAt(record, 'k8s.deployment.name') ??
    (pod === undefined ? undefined : withoutPodHash(pod));
  return workloadName(namespace, name);
}

/** `cart-7d9f8b6c5d-x2x4z` (of a ReplicaSet) and `cart-0` (of a StatefulSet) are both `cart`. */
export function withoutPodHash(pod: string): string {
  return pod.replace(/-[a-z0-9]{8,10}-[a-z0-9]{5}$|-\d{1,5}$/, '');
}
