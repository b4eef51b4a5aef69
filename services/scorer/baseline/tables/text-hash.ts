/**
 * 32 bits of a text.
 *
 * @param seed texts under another seed have another hash
 * @source FNV-1a, Fowler, Noll & Vo (public domain), finished as MurmurHash3 is (Appleby)
 */
export function textHash(text: string, seed: number): number {
  let hash = Math.imul(seed + 1, 0x9e3779b1) ^ 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
