/**
 * Orders two versions of software: numbers by value, words by letter, a pre-release before its release, build
 * metadata ignored. Takes semantic versions, `v1.2`, dates and Debian-like `1.2-3` alike.
 *
 * @returns below 0 when `left` is older, 0 when equal, above 0 when newer
 * @source Semantic Versioning 2.0.0, section 11, relaxed to any number of parts
 * @example compareVersions('1.10.0', '1.9'); // => 1
 */
export function compareVersions(left: string, right: string): number {
  const a = parse(left);
  const b = parse(right);
  for (let i = 0; i < Math.max(a.release.length, b.release.length); i += 1) {
    const difference = compareParts(a.release[i] ?? '0', b.release[i] ?? '0');
    if (difference !== 0) return difference;
  }
  if (a.preRelease.length === 0 || b.preRelease.length === 0)
    return Math.sign(b.preRelease.length - a.preRelease.length);
  for (let i = 0; i < Math.max(a.preRelease.length, b.preRelease.length); i += 1) {
    const ours = a.preRelease[i];
    const theirs = b.preRelease[i];
    if (ours === undefined) return -1;
    if (theirs === undefined) return 1;
    const difference = compareParts(ours, theirs);
    if (difference !== 0) return difference;
  }
  return 0;
}

function parse(version: string): { release: readonly string[]; preRelease: readonly string[] } {
  const [bare = ''] = version
    .trim()
    .replace(/^[vV](?=\d)/, '')
    .split('+', 1);
  const dash = bare.indexOf('-');
  const release = dash < 0 ? bare : bare.slice(0, dash);
  return {
    release: release.split(/[._]/),
    preRelease: dash < 0 ? [] : bare.slice(dash + 1).split(/[.-]/),
  };
}

function compareParts(left: string, right: string): number {
  const isLeftNumber = /^\d+$/.test(left);
  const isRightNumber = /^\d+$/.test(right);
  if (isLeftNumber && isRightNumber) {
    const a = left.replace(/^0+(?=\d)/, '');
    const b = right.replace(/^0+(?=\d)/, '');
    // Longer is greater: digits are compared as text, so that a date with a time does not overflow.
    return Math.sign(a.length - b.length) || (a < b ? -1 : a > b ? 1 : 0);
  }
  if (isLeftNumber !== isRightNumber) return isLeftNumber ? -1 : 1;
  return left < right ? -1 : left > right ? 1 : 0;
}
