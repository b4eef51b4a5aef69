import type { ServiceContext } from '#shared/context.ts';
import { AppError, messageOf } from '#shared/errors.ts';
import type { Committed, LogBatch, LogRecord, TopicPartition } from '#shared/log/log.ts';
import type { RecentIds } from '#shared/log/recent-ids.ts';
import { repeatableKey } from '#shared/log/record-id.ts';
import type { TopicName } from '#shared/log/topics.ts';
import type { Store } from '#shared/store/store.ts';
import { insertBatch, type Refused } from './batch-insert.ts';
import { Inbox, type InsertBatch } from './inbox.ts';
import { committedOf, type Intent } from './intent.ts';
import { type RecordedTopic, rejectOf } from './rows.ts';
import type { RecorderSettings } from './settings.ts';

export interface WriterOptions {
  readonly context: ServiceContext;
  readonly settings: RecorderSettings;
  readonly store: Store;
  readonly part: TopicPartition & { readonly topic: RecordedTopic };
  /** What was about to be inserted when the partition was last let go of. */
  readonly unfinished: Intent | undefined;
  /** Ids before the first record, where those of the topic may repeat. */
  readonly recentIds: RecentIds | undefined;
  commit(part: TopicPartition, committed: Committed): Promise<void>;
  pause(part: TopicPartition): void;
  resume(part: TopicPartition): void;
}

const service = 'recorder';
const retryMsMin = 100;
// SIGTERM must be through in ten seconds; what is not in the store by then is repeated by the next start.
const lastInsertsMsMax = 4_000;

/**
 * Writes one partition to the store. One loop takes batches and inserts them; `add` only fills its inbox and pauses the
 * partition at a full one, so that neither a slow store nor an absent one holds up the log's own work. Held at the most:
 * the batch under way, a full inbox, and what the log had already fetched when it was paused.
 */
export class PartitionWriter {
  readonly #options: WriterOptions;
  readonly #ended = new AbortController();
  readonly #inbox: Inbox;
  readonly #finished: Promise<void>;
  #isPaused = false;
  #isAway = false;
  #isEnding = false;

  constructor(options: WriterOptions) {
    const { batch_rows_max: rowsMax, batch_bytes_max: bytesMax, linger_ms: lingerMs } = options.settings;
    this.#options = options;
    this.#inbox = new Inbox(
      { rowsMax, bytesMax, lingerMs },
      options.context.clock,
      options.unfinished,
      this.#ended.signal,
    );
    this.#finished = this.#run();
  }

  /** Takes a batch of the log. */
  add(batch: LogBatch): void {
    const { context, part } = this.#options;
    if (this.#ended.signal.aborted) return; // given up: whoever owns the partition next reads it again
    this.#inbox.put(batch.records);
    context.metrics.received.inc({ service, source: part.topic }, batch.records.length);
    const unread = batch.endOffset - (batch.records.at(-1)?.offset ?? batch.endOffset - 1) - 1;
    context.metrics.lag.set(
      { service, topic: part.topic, partition: String(part.partition) },
      unread + this.#inbox.length,
    );
    if (this.#inbox.isFull && !this.#isPaused) {
      this.#isPaused = true;
      this.#options.pause(part);
    }
  }

  /** Inserts what is held, if the store is there, and stops. Nothing is written after it resolves. */
  async end(): Promise<void> {
    this.#isEnding = true;
    if (this.#isAway) this.#giveUp(new Error('the store is away'));
    const late = AbortSignal.timeout(lastInsertsMsMax);
    late.addEventListener('abort', () => this.#giveUp(late.reason), { once: true });
    this.#inbox.close();
    await this.#finished;
    this.#giveUp(new Error('the partition was given up'));
  }

  async #run(): Promise<void> {
    try {
      for (;;) {
        const batch = await this.#inbox.take();
        if (batch === undefined) return;
        await this.#write(batch);
        if (this.#isPaused && !this.#inbox.isFull) {
          this.#isPaused = false;
          this.#options.resume(this.#options.part);
        }
      }
    } catch (error) {
      if (!this.#ended.signal.aborted) this.#options.context.fail(error);
    }
  }

  #giveUp(reason: unknown): unknown {
    this.#ended.abort(reason);
    return reason;
  }

  async #write({ records, intent }: InsertBatch): Promise<void> {
    const { context, part, commit, store } = this.#options;
    const { metrics } = context;
    const rows = records.filter((record) => record.value.length > 0 && !this.#isRepeat(record));
    await this.#untilDone(() => commit(part, committedOf(intent)));
    const observe = metrics.latency.startTimer({ service, step: 'insert' });
    const refused = await this.#untilDone(() => insertBatch(store, part, rows, intent, this.#ended.signal));
    observe();
    if (refused.length > 0) await this.#untilDone(() => this.#reject(refused));
    await this.#untilDone(() => commit(part, { offset: intent.to, metadata: '' }));
    metrics.accepted.inc({ service, source: part.topic }, rows.length - refused.length);
    metrics
      .counter('repeats', 'Records dropped because the same one came shortly before')
      .inc({ service, kind: part.topic }, records.length - rows.length);
  }

  #isRepeat(record: LogRecord): boolean {
    return this.#options.recentIds?.isRepeat(repeatableKey(record.value)) ?? false;
  }

  async #reject(refused: readonly Refused[]): Promise<void> {
    const { context, part } = this.#options;
    context.metrics.rejected.inc({ service, source: part.topic }, refused.length);
    context.logger.warn({ ...part, rows: refused.length, reason: refused[0]?.reason }, 'store refuses rows');
    // A reject that the store refuses would come back for ever.
    if (part.topic === 'rejects') return;
    const rejects = refused.map(({ record, reason }) => rejectOf(part, record, reason));
    await context.log.append(
      'rejects' satisfies TopicName,
      rejects.map((reject) => ({ key: reject.space, value: JSON.stringify(reject) })),
    );
  }

  /** Repeats a step for as long as store or log are away. Rejects when the partition is given up, or on a bug. */
  async #untilDone<T>(step: () => Promise<T>): Promise<T> {
    const { context, part, settings } = this.#options;
    for (let pauseMs = retryMsMin; ; pauseMs = Math.min(pauseMs * 2, settings.retry_ms_max)) {
      try {
        this.#ended.signal.throwIfAborted();
        const result = await step();
        if (this.#isAway) context.logger.info(part, 'recorder goes on');
        this.#isAway = false;
        return result;
      } catch (error) {
        if (this.#ended.signal.aborted || !(error instanceof AppError)) throw error;
        context.metrics.failures.inc({ service, code: error.code });
        if (!this.#isAway) context.logger.warn({ ...part, reason: messageOf(error) }, 'recorder waits');
        this.#isAway = true;
        if (this.#isEnding) throw this.#giveUp(error);
      }
      await context.clock.sleep(pauseMs, this.#ended.signal);
    }
  }
}
