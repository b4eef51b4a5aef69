const digits = 4;

/** A number of a working: four digits that count, and commas between thousands; `3.2e-7` where it is small. */
export function numberText(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e15 || (size > 0 && size < 1e-3)) return Number(value.toPrecision(digits)).toExponential();
  const rounded = size >= 1000 ? Math.round(value) : Number(value.toPrecision(digits));
  const [whole = '', fraction] = String(rounded).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** A probability by its natural logarithm, however small: `3.2e-412`. */
export function probabilityText(lnP: number): string {
  if (lnP > -300) return numberText(Math.exp(lnP));
  const exponent = Math.floor(lnP / Math.LN10);
  return `${numberText(10 ** (lnP / Math.LN10 - exponent))}e${exponent}`;
}
