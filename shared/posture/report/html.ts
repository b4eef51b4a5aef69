/** Text as it may stand in HTML and SVG, also within a quoted attribute. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** A score as a person reads it. */
export function scoreText(score: number | null): string {
  return score === null ? 'not measured' : String(score);
}

/** The change between two scores: `+3.2`, `−1`, `±0`; empty where one of them is missing. */
export function changeText(score: number | null, before: number | null): string {
  if (score === null || before === null) return '';
  const change = Math.round((score - before) * 10) / 10;
  return change === 0 ? '±0' : change > 0 ? `+${change}` : `−${-change}`;
}
