/** A moment as people read it: `1998-06-18 15:10 UTC`. */
export function momentText(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** A number as people read it: three digits that count, and commas between thousands. */
export function numberText(value: number): string {
  if (Math.abs(value) < 1000)
    return String(Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3)));
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A length of time as people read it: `1 minute`, `5 minutes`, `1 hour`. */
export function lengthText(lengthMs: number): string {
  const minutes = Math.round(lengthMs / 60_000);
  if (minutes < 60) return `${minutes} minute${minutes === 1 ? '' : 's'}`;
  const hours = Math.round(minutes / 60);
  return `${hours} hour${hours === 1 ? '' : 's'}`;
}
