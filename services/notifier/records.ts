import { Type } from 'typebox';
import { Check } from 'typebox/value';
import { type Alert, alertSchema } from '#shared/alert.ts';
import { type Delivery, deliverySchema } from '#shared/delivery.ts';
import { readAll } from '#shared/log/follow.ts';
import type { EventLog, LogRecord } from '#shared/log/log.ts';

// Fields that a newer version adds are passed on: during a rolling upgrade no alert may fall by the wayside.
const alertShape = Type.Object({
  ...alertSchema.properties,
  evidence: Type.Array(Type.Object({})),
  techniques: Type.Array(Type.Object({})),
  first_seen: Type.Unknown(),
});
const deliveryShape = Type.Object(deliverySchema.properties);

/** The alert of a record of the topic `alerts`; `undefined` where it holds none. */
export function parseAlert(record: LogRecord): Alert | undefined {
  const value = parseJson(record);
  return Check(alertShape, value) ? (value as Alert) : undefined;
}

/** The delivery of a record of the topic `deliveries`; `undefined` where it holds none, or deletes one. */
function parseDelivery(record: LogRecord): Delivery | undefined {
  const value = parseJson(record);
  return Check(deliveryShape, value) ? value : undefined;
}

function parseJson(record: LogRecord): unknown {
  try {
    return JSON.parse(record.value.toString('utf8'));
  } catch {
    return undefined; // the caller counts it
  }
}

/**
 * The newest record of each message in the delivery log that `isWanted`, oldest message first.
 *
 * @param topic the compacted topic `deliveries`
 */
export async function readDeliveries(
  log: EventLog,
  topic: string,
  isWanted: (delivery: Delivery) => boolean,
): Promise<readonly Delivery[]> {
  const newest = new Map<string, Delivery>();
  for (const { partition } of await log.offsets(topic)) {
    await readAll(log, { topic, partition }, (record) => take(newest, record, isWanted));
  }
  return [...newest.values()];
}

function take(
  newest: Map<string, Delivery>,
  record: LogRecord,
  isWanted: (delivery: Delivery) => boolean,
): void {
  if (record.value.length === 0 && record.key !== null) {
    newest.delete(record.key);
    return;
  }
  const delivery = parseDelivery(record);
  if (delivery !== undefined && record.key !== null && isWanted(delivery)) newest.set(record.key, delivery);
}
