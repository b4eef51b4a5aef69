import { styleText } from 'node:util';
import type { Alert } from '#shared/alert.ts';
import type { Evidence } from '#shared/signal.ts';
import type { Arrived } from './receiver.ts';
import type { Attack } from './slice.ts';

type Style = Parameters<typeof styleText>[0];

/** Prints for people: in colour on a terminal, plain elsewhere (and where NO_COLOR asks for it). */
export interface Terminal {
  /** Prints lines above whatever progress is being drawn. */
  print(...lines: readonly string[]): void;
  paint(style: Style, text: string): string;
}

export function createTerminal(out: NodeJS.WriteStream): Terminal {
  return {
    print: (...lines) => {
      out.write(`${out.isTTY ? '\r\x1b[K' : ''}${lines.join('\n')}\n`);
    },
    paint: (style, text) => styleText(style, text, { stream: out }),
  };
}

/** An alert as the demo shows it: how bad, who, what a person should know, and observed against expected. */
export function alertLines({ paint }: Terminal, alert: Alert, attack: Attack | undefined): readonly string[] {
  const severity = paint(severityStyle(alert.severity), `▲ ${String(alert.severity).padStart(3)}`);
  const staged = attack === undefined ? '' : paint('red', `  staged attack: ${attack.name}`);
  return [
    '',
    `${severity}  ${paint('bold', alert.title)}${staged}`,
    `       ${paint('dim', alert.sentence)}`,
    ...alert.evidence.slice(0, evidenceLinesMax).map((evidence) => `       ${evidenceLine(evidence)}`),
  ];
}

const evidenceLinesMax = 3;

/**
 * What was seen against what was expected, in one line.
 *
 * @example "volume      observed 524 calls, expected 3.1 (usually 0 to 9), p = 2.1e-30"
 */
export function evidenceLine(evidence: Evidence): string {
  const { detector, observed, expected, lower, upper, unit, p } = evidence;
  const usual = lower === null || upper === null ? '' : ` (usually ${figure(lower)} to ${figure(upper)})`;
  const against = expected === null ? '' : `, expected ${figure(expected)}${usual}`;
  return `${detector.padEnd(12)}observed ${figure(observed)} ${unit}${against}, p = ${p.toPrecision(2)}`;
}

export function webhookLine({ paint }: Terminal, arrived: Arrived): string {
  if (!arrived.isGenuine) return paint('red', `✗      webhook ${arrived.id}: the signature is NOT genuine`);
  return `${paint('green', '✓')}      webhook received, signature genuine: ${arrived.type}  ${paint('dim', arrived.id)}`;
}

function severityStyle(severity: number): Style {
  if (severity >= 75) return 'red';
  return severity >= 50 ? 'yellow' : 'cyan';
}

function figure(value: number): string {
  if (Number.isInteger(value)) return value.toLocaleString('en');
  return Math.abs(value) >= 0.01 ? String(Number(value.toPrecision(3))) : value.toExponential(1);
}
