/**
 * Permanent codes of the errors that Amiss raises itself. A code is never reused for another meaning:
 * callers, dashboards and runbooks branch on it, never on the message.
 */
export type ErrorCode =
  | 'CONFIG_INVALID'
  | 'LOG_UNAVAILABLE'
  | 'LOG_FULL'
  | 'LOG_CLOSED'
  | 'LOG_CODEC_UNKNOWN'
  | 'STORE_UNAVAILABLE'
  | 'STORE_QUERY'
  | 'STORE_ROW'
  | 'STORE_SCHEMA'
  | 'INPUT_INVALID'
  | 'INPUT_TOO_LARGE'
  | 'NOT_FOUND'
  | 'CONFLICT'
  | 'UNAUTHORIZED'
  | 'FORBIDDEN'
  | 'RATE_LIMITED'
  | 'STATE_INVALID'
  | 'USAGE';

/** An error with a permanent code, a message that names the culprit and the remedy, and its cause. */
export class AppError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AppError';
    this.code = code;
  }
}

/** The message of anything that was thrown, for logs and rejects. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
