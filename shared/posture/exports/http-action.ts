/** An action of HTTP as an event names it: `GET /orders/{id}`. */
export interface HttpAction {
  /** `undefined` for any. */
  readonly method: string | undefined;
  /** Path with `*` for any run of characters and `{name}` for one segment. */
  readonly path: string;
}

/** An action pattern as method and path; `undefined` when it is not one of HTTP. */
export function httpAction(pattern: string): HttpAction | undefined {
  const match = /^([A-Z]+|\*) (\/\S*)$/.exec(pattern);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return { method: match[1] === '*' ? undefined : match[1], path: match[2] };
}

/** The path as an anchored POSIX regular expression, as Envoy takes it. */
export function pathExpression(path: string): string {
  const pieces = path.split(/(\*|\{[^{}]*\})/);
  return pieces
    .map((piece) => {
      if (piece === '*') return '.*';
      return /^\{.*\}$/.test(piece) ? '[^/]+' : piece.replaceAll(/[.\\+*?()[\]{}|^$]/g, '\\$&');
    })
    .join('');
}
