import type { Outcome } from '#shared/event.ts';
import { parseTime } from '../event-time.ts';
import { attributes, reject, skip, toEvent } from '../facts/draft.ts';
import { isReply, portAction, protocolName } from '../facts/ports.ts';
import { countOf, isObject, type JsonObject, textOf } from '../facts/read.ts';
import type { Hint, MapContext, Schema, SchemaOutcome } from './schema.ts';

// Fields of the default format, in their order.
const vpcFlowFields: readonly string[] =
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status'.split(
    ' ',
  );

const defaultLine = /^\d+ (?:\d{12}|unknown) eni-[0-9a-f]+ /;
const synFlag = 2;
const ackFlag = 16;

/**
 * AWS VPC flow logs: lines of the default format (version 2), lines under a header of one's own (which the line
 * parser turns into objects), or the same as JSON. A record tells of one direction; what the called side sent is told
 * by TCP flags where they are logged, else by the ports, and counts as `bytes_in`.
 */
export const vpcFlow: Schema = {
  name: 'vpc-flow',
  summary: 'AWS VPC flow logs, default format, custom header or JSON',
  source: 'https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html',
  recognises: (record) =>
    typeof record === 'string'
      ? defaultLine.test(record)
      : isObject(record) && 'srcaddr' in record && 'dstaddr' in record,
  map: (record, hint, context) => {
    if (typeof record !== 'string') return [mapFields(withHyphens(record as JsonObject), hint, context)];
    const values = record.trim().split(' ');
    if (values.length !== vpcFlowFields.length)
      return [reject(`the line has ${values.length} fields; the default format has ${vpcFlowFields.length}`)];
    const fields = Object.fromEntries(vpcFlowFields.map((name, i) => [name, values[i]]));
    return [mapFields(fields, hint, context)];
  },
};

function mapFields(fields: JsonObject, hint: Hint, context: MapContext): SchemaOutcome {
  const status = textOf(fields['log-status']);
  if (status === 'NODATA' || status === 'SKIPDATA') return skip(`log-status ${status}`);
  const from = endOf(fields, 'src');
  const to = endOf(fields, 'dst');
  const isFromCalled = isAnswer(fields, from.port, to.port);
  const [caller, called] = isFromCalled ? [to, from] : [from, to];
  const bytes = countOf(fields['bytes']);
  const start = parseTime(fields['start']);
  const end = parseTime(fields['end']);
  const protocol = protocolName(textOf(fields['protocol']) ?? 'ip');
  return toEvent(
    {
      time: start,
      source: caller.address,
      destination: called.address,
      source_address: caller.address,
      destination_address: called.address,
      destination_port: called.port,
      protocol,
      action: portAction(protocol, called.port),
      outcome: outcomeOf(textOf(fields['action'])),
      status: textOf(fields['action']),
      ...(isFromCalled ? { bytes_in: bytes } : { bytes_out: bytes }),
      duration_ms: start === undefined || end === undefined ? undefined : end - start,
      observer: textOf(fields['interface-id']),
      sighting: {
        call: `vpc ${protocol} ${caller.address}:${caller.port} ${called.address}:${called.port}`,
        part: isFromCalled ? 'destination' : 'source',
      },
      attributes: attributes({
        account: fields['account-id'],
        instance: fields['instance-id'],
        vpc: fields['vpc-id'],
        packets: fields['packets'],
        aws_service: fields['pkt-dst-aws-service'],
        reject_reason: fields['reject-reason'],
      }),
    },
    hint,
    context,
  );
}

/** JSON writers turn the hyphens of the names into underscores, since some stores allow no others. */
function withHyphens(record: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [name.replaceAll('_', '-'), value]),
  );
}

/** Behind a NAT gateway or load balancer the packet's own address is the agent's. */
function endOf(fields: JsonObject, end: 'src' | 'dst') {
  return {
    address: textOf(fields[`pkt-${end}addr`]) ?? textOf(fields[`${end}addr`]),
    port: countOf(fields[`${end}port`]),
  };
}

function isAnswer(fields: JsonObject, sourcePort: number | undefined, destinationPort: number | undefined) {
  const flags = countOf(fields['tcp-flags']);
  if (flags !== undefined && (flags & synFlag) !== 0) return (flags & ackFlag) !== 0;
  return isReply(sourcePort, destinationPort);
}

function outcomeOf(action: string | undefined): Outcome {
  if (action === 'ACCEPT') return 'success';
  return action === 'REJECT' ? 'denied' : 'unknown';
}
