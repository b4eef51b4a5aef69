import type { Clock } from '#shared/clock.ts';
import type { LogRecord } from '#shared/log/log.ts';
import type { Intent } from './intent.ts';

export interface InboxLimits {
  readonly rowsMax: number;
  readonly bytesMax: number;
  /** How long the first record of a batch waits for others, ms. */
  readonly lingerMs: number;
}

/** The records of one insert, with the offsets that they come from. */
export interface InsertBatch {
  readonly records: readonly LogRecord[];
  readonly intent: Intent;
}

/** Records of one partition that wait to be inserted, cut into batches. One takes, one puts. */
export class Inbox {
  readonly #limits: InboxLimits;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #records: LogRecord[] = [];
  #bytes = 0;
  #unfinished: Intent | undefined;
  #isClosed = false;
  #change = Promise.withResolvers<void>();

  /**
   * @param unfinished what an interrupted recorder was about to insert: it makes the first batch, to the record, or its
   * token would stand for other rows
   * @param signal ends every wait
   */
  constructor(limits: InboxLimits, clock: Clock, unfinished: Intent | undefined, signal: AbortSignal) {
    this.#limits = limits;
    this.#clock = clock;
    this.#unfinished = unfinished;
    this.#signal = signal;
    signal.addEventListener('abort', () => this.#changed(), { once: true });
  }

  get length(): number {
    return this.#records.length;
  }

  /** Holds a whole batch, however large an interrupted one was: whoever puts should pause. */
  get isFull(): boolean {
    if (this.#unfinished !== undefined && !this.#reaches(this.#unfinished)) return false;
    return this.#records.length >= this.#limits.rowsMax || this.#bytes >= this.#limits.bytesMax;
  }

  put(records: readonly LogRecord[]): void {
    for (const record of records) {
      this.#records.push(record);
      this.#bytes += record.value.length + 1;
    }
    this.#changed();
  }

  /** No more is put: what waits is given out without lingering. */
  close(): void {
    this.#isClosed = true;
    this.#changed();
  }

  /** The next batch when it is due; `undefined` when closed and empty. Rejects when the signal is aborted. */
  async take(): Promise<InsertBatch | undefined> {
    await this.#until(() => this.#records.length > 0 || this.#isClosed);
    if (this.#unfinished !== undefined) {
      const again = await this.#takeUnfinished(this.#unfinished);
      if (again !== undefined || this.#isClosed) return again;
    }
    await this.#linger();
    return this.#cut(this.#countWithin());
  }

  async #takeUnfinished(intent: Intent): Promise<InsertBatch | undefined> {
    await this.#until(() => this.#reaches(intent) || this.#isClosed);
    if (!this.#reaches(intent)) return undefined; // the next start goes on waiting
    this.#unfinished = undefined;
    const after = this.#records.findIndex((record) => record.offset >= intent.to);
    return this.#cut(after === -1 ? this.#records.length : after, intent);
  }

  #reaches({ to }: Intent): boolean {
    return (this.#records.at(-1)?.offset ?? -1) >= to - 1;
  }

  async #linger(): Promise<void> {
    if (this.isFull || this.#isClosed || this.#records.length === 0) return;
    const early = new AbortController();
    let isOver = false;
    const over = this.#clock.sleep(this.#limits.lingerMs, AbortSignal.any([early.signal, this.#signal])).then(
      () => {
        isOver = true;
        this.#changed();
      },
      () => {}, // cut short by us
    );
    await this.#until(() => isOver || this.isFull || this.#isClosed);
    early.abort();
    await over;
  }

  #countWithin(): number {
    const { rowsMax, bytesMax } = this.#limits;
    let bytes = 0;
    let count = 0;
    for (const record of this.#records) {
      bytes += record.value.length + 1;
      if (count > 0 && (count >= rowsMax || bytes > bytesMax)) break;
      count += 1;
    }
    return count;
  }

  #cut(count: number, intent?: Intent): InsertBatch | undefined {
    const records = this.#records.splice(0, count);
    const [first, last] = [records[0], records.at(-1)];
    if (first === undefined || last === undefined) return undefined;
    for (const record of records) this.#bytes -= record.value.length + 1;
    return { records, intent: intent ?? { from: first.offset, to: last.offset + 1 } };
  }

  async #until(isTrue: () => boolean): Promise<void> {
    for (;;) {
      this.#signal.throwIfAborted();
      if (isTrue()) return;
      await this.#change.promise;
    }
  }

  #changed(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }
}
