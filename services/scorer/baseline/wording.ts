/** A moment as people read it: `1998-06-18 15:10 UTC`. */
export function momentText(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** A number as people read it: three digits at most behind the point, none where it is large. */
export function numberText(value: number): string {
  const rounded = Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
  return rounded.toLocaleString('en-GB', { maximumFractionDigits: 3 });
}

/** A length of time as people read it: `1 minute`, `5 minutes`, `1 hour`. */
export function lengthText(lengthMs: number): string {
  const minutes = Math.round(lengthMs / 60_000);
  if (minutes < 60) return `${minutes} minute${minutes === 1 ? '' : 's'}`;
  const hours = Math.round(minutes / 60);
  return `${hours} hour${hours === 1 ? '' : 's'}`;
}
