/** A day in UTC, as `2026-11-23`. */
export function dateOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
