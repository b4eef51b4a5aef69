/**
 * Names in an event's `attributes` that Amiss itself reads; everything else there is for people. Whoever turns a log
 * into an event writes what the log knows under these names; what is absent is not judged.
 */
export const attributeNames = {
  /** `iss` of the token. */
  tokenIssuer: 'token_issuer',
  /** `aud` of the token; several with a space between. */
  tokenAudience: 'token_audience',
  /** `scope` of the token: words with a space between. */
  tokenScope: 'token_scope',
  /** `alg` of the token's signature. */
  tokenAlgorithm: 'token_algorithm',
  /** Identity in the caller's certificate: its URI SAN, else its subject. */
  certificateSubject: 'certificate_subject',
  /** Fingerprint of the called agent's certificate. */
  certificateHash: 'certificate_hash',
  /** When the called agent's certificate expires, UTC ms. */
  certificateExpiresAt: 'certificate_expires_at',
  /** Fingerprint of the called agent's A2A card. */
  cardHash: 'card_hash',
  /** Fingerprint of the tools that the called agent offers, names and descriptions and schemas. */
  toolsHash: 'tools_hash',
  /** Fields in which two observers of this one call contradict each other, with commas: `outcome,auth_subject`. */
  observersDisagree: 'observers_disagree',
} as const;
