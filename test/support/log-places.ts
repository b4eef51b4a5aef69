import { isKafkaAvailable } from './kafka-broker.ts';
import { kafkaPlace } from './kafka-place.ts';
import { embeddedPlace, type LogPlace } from './logs.ts';

/** Every implementation of the log that can run here: for `describe.each`. */
export async function logPlaces(): Promise<readonly { name: string; place: () => Promise<LogPlace> }[]> {
  const embedded = { name: 'embedded', place: embeddedPlace };
  return (await isKafkaAvailable()) ? [embedded, { name: 'kafka', place: kafkaPlace }] : [embedded];
}
