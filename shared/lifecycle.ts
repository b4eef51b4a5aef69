/** Ends what was started; resolves when nothing of it runs any more. */
export type Stop = () => Promise<void>;

/** Collects stops as parts start, and runs them in reverse: what started last ends first. */
export class Lifecycle {
  readonly #stops: Stop[] = [];

  /** Remembers how to end a part that has just started. */
  defer(stop: Stop): void {
    this.#stops.push(stop);
  }

  /** Runs every stop, last first, each once. A stop that fails does not keep the others from running. */
  async stop(): Promise<void> {
    const failures: unknown[] = [];
    for (let stop = this.#stops.pop(); stop !== undefined; stop = this.#stops.pop()) {
      try {
        await stop();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'some parts did not stop cleanly');
  }
}
