import type { Clock } from './clock.ts';

export interface Progress {
  /** Tells how far the work is; draws at most a few times a second. */
  update(done: number, note?: string): void;
  /** Draws the last state and leaves the line. */
  end(note?: string): void;
}

// A person reads no faster; a log file is not flooded.
const terminalEveryMs = 100;
const plainEveryMs = 5_000;
const barCharacters = 24;

/**
 * A progress bar with rate and time left: redrawn in place on a terminal, a line every few seconds elsewhere.
 *
 * @param options.total what `done` will be at the end, in `unit`; 0 when that is not known
 */
export function createProgress(options: {
  readonly label: string;
  readonly total: number;
  readonly clock: Clock;
  readonly out: NodeJS.WriteStream;
}): Progress {
  const { label, total, clock, out } = options;
  const startedAt = clock.now();
  let drawnAt = Number.NEGATIVE_INFINITY;
  let last = 0;
  const draw = (done: number, note: string) => {
    const seconds = (clock.now() - startedAt) / 1_000;
    const share = total > 0 ? Math.min(1, done / total) : 0;
    const left = share > 0 && share < 1 ? ` ${Math.ceil((seconds / share) * (1 - share))} s left` : '';
    const bar =
      total > 0
        ? ` ${'█'.repeat(Math.round(share * barCharacters)).padEnd(barCharacters, '░')} ${Math.floor(share * 100)} %`
        : '';
    const text = `${label}${bar}${left}${note === '' ? '' : `  ${note}`}`;
    out.write(out.isTTY ? `\r\x1b[K${text.slice(0, (out.columns || 100) - 1)}` : `${text}\n`);
  };
  return {
    update(done, note = '') {
      last = done;
      const now = clock.now();
      if (now - drawnAt < (out.isTTY ? terminalEveryMs : plainEveryMs)) return;
      drawnAt = now;
      draw(done, note);
    },
    end(note = '') {
      draw(Math.max(last, total), note);
      if (out.isTTY) out.write('\n');
    },
  };
}
