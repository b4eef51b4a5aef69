/**
 * Puts a value in as the newest of a bounded map, whose order is then that of last use; beyond the limit the oldest is
 * dropped.
 *
 * @param max entries, 1 or more
 */
export function putNewest<Key, Value>(map: Map<Key, Value>, key: Key, value: Value, max: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= max) return;
  const oldest = map.keys().next();
  if (oldest.done !== true) map.delete(oldest.value);
}
