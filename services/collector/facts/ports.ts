// A map: a plain object would answer for `toString` too.
const protocols: ReadonlyMap<string, string> = new Map([
  ['1', 'icmp'],
  ['2', 'igmp'],
  ['6', 'tcp'],
  ['17', 'udp'],
  ['47', 'gre'],
  ['50', 'esp'],
  ['58', 'icmp6'],
  ['132', 'sctp'],
]);

/**
 * Name of an IP protocol number.
 *
 * @source IANA, Assigned Internet Protocol Numbers
 */
export function protocolName(value: string): string {
  return protocols.get(value) ?? (/^\d+$/.test(value) ? `ip/${value}` : value.toLowerCase());
}

// Above the well-known ports only what many run counts by number, or a port scan would make as many actions as ports.
const commonPorts = new Set([
  ...[
    1433, 1521, 1883, 2049, 2181, 2375, 2376, 2379, 2380, 3000, 3128, 3268, 3306, 3389, 4222, 4317, 4318,
    4443,
  ],
  ...[
    5000, 5060, 5222, 5432, 5671, 5672, 5900, 5985, 5986, 6379, 6443, 6514, 7000, 7001, 7233, 8000, 8001,
    8008,
  ],
  ...[
    8080, 8081, 8088, 8089, 8443, 8470, 8500, 8883, 9000, 9042, 9090, 9092, 9093, 9100, 9200, 9300, 9418,
    9443,
  ],
  ...[10250, 10255, 11211, 15017, 15012, 15443, 24224, 26257, 27017, 50051, 61616],
]);
const wellKnownMax = 1023; // RFC 6335: system ports
const registeredMax = 32_767; // Linux takes outgoing ports from 32768 on

/** `tcp/443`: what a connection asks for where nothing above the transport is known. */
export function portAction(protocol: string, port: number | undefined): string {
  if (port === undefined || port === 0) return protocol;
  return `${protocol}/${isServicePort(port) ? port : 'other'}`;
}

/** Whether the sender of this packet is the called side, judged by the two ports alone. */
export function isReply(sourcePort: number | undefined, destinationPort: number | undefined): boolean {
  if (sourcePort === undefined || destinationPort === undefined) return false;
  return rank(sourcePort) < rank(destinationPort);
}

function isServicePort(port: number): boolean {
  return port <= wellKnownMax || commonPorts.has(port);
}

function rank(port: number): number {
  if (isServicePort(port)) return 0;
  return port <= registeredMax ? 1 : 2;
}
