import { isObject, type JsonObject, listOf, objectOf } from '../facts/read.ts';
import type { Attributes } from './otlp-wire.ts';

// As for protobuf: no convention nests deeper than three.
const depthMax = 16;

/** A list of OTLP's JSON `KeyValue`s as plain values by name. @throws {RangeError} nested too deeply */
export function plainAttributes(list: unknown, depth = 0): Attributes {
  const attributes: Attributes = {};
  for (const item of listOf(list)) {
    const { key, value } = objectOf(item);
    const plain = plainValue(value, depth);
    if (typeof key === 'string' && key !== '__proto__' && plain !== undefined) attributes[key] = plain;
  }
  return attributes;
}

/** OTLP's JSON `AnyValue` as a plain value; `undefined` where it holds none. @throws {RangeError} nested too deeply */
export function plainValue(value: unknown, depth = 0): unknown {
  if (depth > depthMax) throw new RangeError(`values are nested deeper than ${depthMax}`);
  if (!isObject(value)) return undefined;
  if (typeof value['stringValue'] === 'string') return value['stringValue'];
  if (value['intValue'] !== undefined) return numberFrom(value['intValue']);
  if (typeof value['boolValue'] === 'boolean') return value['boolValue'];
  if (value['doubleValue'] !== undefined) return numberFrom(value['doubleValue']);
  if (typeof value['bytesValue'] === 'string') return value['bytesValue'];
  if (isObject(value['arrayValue'])) {
    return listOf(value['arrayValue']['values']).map((item) => plainValue(item, depth + 1));
  }
  return isObject(value['kvlistValue'])
    ? plainAttributes(value['kvlistValue']['values'], depth + 1)
    : undefined;
}

/** A 64-bit field, which JSON carries as text or as a number. */
export function numberFrom(value: unknown): number {
  const number = typeof value === 'string' || typeof value === 'number' ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : 0;
}

/** A time in nanoseconds as milliseconds with a fraction; 0 where there is none. */
export function millisecondsFrom(record: JsonObject, name: string): number {
  return numberFrom(record[name]) / 1e6;
}

/** A trace or span id: hex in OTLP's JSON; "" for what is no id. */
export function idFrom(value: unknown): string {
  return typeof value === 'string' && /^[0-9a-fA-F]{0,32}$/.test(value) ? value.toLowerCase() : '';
}

/** A text field; "" for what is none. */
export function textFrom(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
