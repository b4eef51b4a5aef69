import type { RegisteredAgent } from '#shared/registry/agent.ts';

const namespaceLabel = 'k8s/namespace';
const podLabelPrefix = 'k8s/label/';

/**
 * The ready-made policies that cut an agent off, as far as it is known where it runs: by the labels that were imported
 * from Kubernetes, or by its SPIFFE id. None where nothing is known; the call then names the agent alone.
 */
export function isolationManifests(
  agent: string,
  registered: RegisteredAgent | undefined,
): readonly object[] {
  const pod = podOf(registered);
  const account = accountOf(agent, registered);
  return [
    ...(pod === undefined ? [] : [networkPolicy(agent, pod), ciliumPolicy(agent, pod)]),
    ...(account === undefined ? [] : [istioPolicy(agent, account)]),
  ];
}

interface Pod {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

function podOf(registered: RegisteredAgent | undefined): Pod | undefined {
  const all = registered?.labels ?? {};
  const namespace = all[namespaceLabel];
  const labels = Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) =>
      name.startsWith(podLabelPrefix) ? [[name.slice(podLabelPrefix.length), value]] : [],
    ),
  );
  return namespace === undefined || Object.keys(labels).length === 0 ? undefined : { namespace, labels };
}

interface Account {
  readonly namespace: string;
  readonly principal: string;
}

/** Istio's identities: `spiffe://DOMAIN/ns/NAMESPACE/sa/ACCOUNT`. */
function accountOf(agent: string, registered: RegisteredAgent | undefined): Account | undefined {
  const ids = [agent, ...(registered?.identities.map((fact) => fact.value) ?? [])];
  for (const id of ids) {
    const match = /^spiffe:\/\/([^/*]+\/ns\/([^/*]+)\/sa\/[^/*]+)$/.exec(id);
    if (match?.[1] !== undefined && match[2] !== undefined)
      return { principal: match[1], namespace: match[2] };
  }
  return undefined;
}

const nameOf = (agent: string) =>
  `amiss-isolate-${agent
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(-48)
    .replace(/^-/, '')}`;

function networkPolicy(agent: string, { namespace, labels }: Pod): object {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: nameOf(agent), namespace },
    // No rule of either direction: nothing passes.
    spec: { podSelector: { matchLabels: labels }, policyTypes: ['Ingress', 'Egress'] },
  };
}

/** A denial counts before every permission of another policy, which a NetworkPolicy cannot have. */
function ciliumPolicy(agent: string, { namespace, labels }: Pod): object {
  return {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNetworkPolicy',
    metadata: { name: nameOf(agent), namespace },
    spec: {
      endpointSelector: { matchLabels: labels },
      ingressDeny: [{ fromEntities: ['all'] }],
      egressDeny: [{ toEntities: ['all'] }],
    },
  };
}

/** In the root namespace it holds for the whole mesh: nobody takes calls of this identity. */
function istioPolicy(agent: string, { principal }: Account): object {
  return {
    apiVersion: 'security.istio.io/v1',
    kind: 'AuthorizationPolicy',
    metadata: { name: nameOf(agent), namespace: 'istio-system' },
    spec: { action: 'DENY', rules: [{ from: [{ source: { principals: [principal] } }] }] },
  };
}
