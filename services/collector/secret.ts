/** What people call a secret: a person sees that it was there, and nobody what it was. */
export const secretName =
  /^(authorization|cookie|set-cookie|password|passwd|secret|token|access_token|api_?key)$/i;

/** Stands where a secret stood. */
export const hiddenText = '[hidden]';
