import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

// Whatever is called so is never printed, at whatever depth pino's redaction reaches.
const secretNames = ['authorization', 'token', 'secret', 'password', 'cookie', 'key', 'cert'];

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** The process's logger: JSON lines on standard error, so that standard output stays a command's own. */
export function createLogger(level: LogLevel, service: string): Logger {
  const paths = secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  return pino(
    { level, base: { service }, redact: { paths, censor: '[hidden]' } },
    pino.destination({ dest: 2, sync: false }),
  );
}

/** A logger that prints nothing, for tests and backtests. */
export const silentLogger: Logger = pino({ level: 'silent' });
