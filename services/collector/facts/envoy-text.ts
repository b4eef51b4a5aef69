// The operators of both default text formats in their order, under the names of Istio's JSON form.
const request = ['start_time', 'request', 'response_code', 'response_flags'];
const transfer = ['bytes_received', 'bytes_sent', 'duration', 'upstream_service_time'];
const client = ['x_forwarded_for', 'user_agent', 'request_id', 'authority', 'upstream_host'];
const details = [
  'response_code_details',
  'connection_termination_details',
  'upstream_transport_failure_reason',
];
const mesh = [
  ...['upstream_cluster', 'upstream_local_address', 'downstream_local_address', 'downstream_remote_address'],
  ...['requested_server_name', 'route_name'],
];
const envoyFields = [...request, ...transfer, ...client];
const istioFields = [...request, ...details, ...transfer, ...client, ...mesh];

/** Characters of a line beyond which it is no access log. */
const lineCharactersMax = 65_536;

/** Whether a line starts as both default formats do: `[time] "METHOD path PROTOCOL" code flags `. */
export function isEnvoyLine(line: string): boolean {
  return (
    line.length <= lineCharactersMax && /^\[\d{4}-\d\d-\d\dT[^\]]{8,24}\] "[^"]*" \d{1,3} \S+ /.test(line)
  );
}

/**
 * The fields of a line in Envoy's or Istio's default text format; `undefined` when it is neither.
 *
 * @source Envoy, "Default format string"; Istio, pilot/pkg/model/telemetry_logging.go
 */
export function parseEnvoyLine(line: string): Record<string, string> | undefined {
  const values = tokensOf(line);
  const names = values.length === istioFields.length ? istioFields : envoyFields;
  if (values.length !== names.length) return undefined;
  const record: Record<string, string> = Object.fromEntries(names.map((name, i) => [name, values[i] ?? '']));
  const [method = '', path = '', protocol = ''] = (record['request'] ?? '').split(' ');
  return { ...record, method, path, protocol };
}

/** Words between spaces, where `[...]` and `"..."` are one word. */
function tokensOf(line: string): string[] {
  const tokens: string[] = [];
  for (const match of line.trim().matchAll(/\[([^\]]*)\]|"((?:[^"\\]|\\.)*)"|(\S+)/g)) {
    tokens.push(match[1] ?? match[2] ?? match[3] ?? '');
    if (tokens.length > istioFields.length) break;
  }
  return tokens;
}
