import type { Policy } from '../../policy/policy.ts';

/** Where the agents of a zone run. */
export interface ZonePlace {
  readonly namespace: string;
  /** Labels of the zone's pods; none means all pods of the namespace. */
  readonly labels: Readonly<Record<string, string>>;
}

/** What an export is made of. */
export interface ExportOrder {
  readonly policy: Policy;
  /** Every zone that there is: wildcards in the policy stand for these. */
  readonly zones: readonly string[];
  /** Where a zone runs; see `namespacePlaces`. */
  readonly placeOf: (zone: string) => ZonePlace;
}

/** One file of an export. */
interface ExportedFile {
  readonly name: string;
  readonly text: string;
}

/** The matrix of zones in the words of something that enforces it: the plugin. */
export interface PolicyExport {
  /** What the command line and the API call it. */
  readonly name: string;
  readonly summary: string;
  /** Where the form is described. */
  readonly source: string;
  /**
   * The policy as this form will enforce it. Where the form cannot say what the policy says, it lets more pass and
   * never less, so that nothing breaks by surprise; the what-if of this policy counts what it would deny.
   */
  enforced(policy: Policy): Policy;
  write(order: ExportOrder): readonly ExportedFile[];
}

/** A zone is the namespace of its name. */
export function namespacePlaces(zone: string): ZonePlace {
  return { namespace: dnsLabel(zone), labels: {} };
}

/** A text as a DNS label (RFC 1123): lower case letters, digits and dashes, at most 63. */
export function dnsLabel(text: string): string {
  const label = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .slice(0, 63);
  return label.replaceAll(/^-+|-+$/g, '') || 'zone';
}

/** Writes a manifest of Kubernetes for each zone, as one file that `kubectl apply -f` takes. */
export function manifestByZone(
  name: string,
  manifestOf: (order: ExportOrder, zone: string) => object,
): PolicyExport['write'] {
  return (order) => {
    const items = order.zones.map((zone) => manifestOf(order, zone));
    return [{ name, text: `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items }, null, 2)}\n` }];
  };
}
