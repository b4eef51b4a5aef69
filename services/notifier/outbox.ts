import type { Delivery } from '#shared/delivery.ts';

/**
 * The messages of one target that are still to be told, in order for each alert: a later message of an alert waits
 * for the earlier one, and messages of other alerts pass both by.
 */
export interface Outbox {
  /** Adds a message behind those of its alert. */
  add(delivery: Delivery): void;
  /** Takes the message that is due longest; it stays the first of its alert until it is settled. */
  takeDue(now: number): Delivery | undefined;
  /** Ends an attempt: the message waits again if it has a next attempt, otherwise it leaves. */
  settle(delivery: Delivery): void;
  /** When the next message is due, UTC ms; `undefined` when none waits. Those under way do not count. */
  nextDueAt(): number | undefined;
  /** Messages that wait or are under way. */
  readonly size: number;
}

interface Chain {
  readonly waiting: Delivery[];
  isUnderWay: boolean;
}

// Looking over all chains takes microseconds for the thousand that a lane holds at the most by default.
export function createOutbox(): Outbox {
  const chains = new Map<string, Chain>();
  let size = 0;
  const firstDue = () => {
    let first: { chain: Chain; delivery: Delivery; at: number } | undefined;
    for (const chain of chains.values()) {
      const delivery = chain.waiting[0];
      if (chain.isUnderWay || delivery === undefined) continue;
      const at = delivery.next_attempt_at ?? delivery.time;
      if (first === undefined || at < first.at) first = { chain, delivery, at };
    }
    return first;
  };
  return {
    add: (delivery) => {
      const key = chainKey(delivery);
      const chain = chains.get(key) ?? { waiting: [], isUnderWay: false };
      chain.waiting.push(delivery);
      chains.set(key, chain);
      size += 1;
    },
    takeDue: (now) => {
      const first = firstDue();
      if (first === undefined || first.at > now) return undefined;
      first.chain.isUnderWay = true;
      return first.delivery;
    },
    settle: (delivery) => {
      const key = chainKey(delivery);
      const chain = chains.get(key);
      if (chain === undefined) throw new RangeError(`${key} has no message under way`);
      chain.isUnderWay = false;
      if (delivery.next_attempt_at !== null) {
        chain.waiting[0] = delivery;
        return;
      }
      chain.waiting.shift();
      size -= 1;
      if (chain.waiting.length === 0) chains.delete(key);
    },
    nextDueAt: () => firstDue()?.at,
    get size() {
      return size;
    },
  };
}

function chainKey({ space, alert }: Delivery): string {
  return `${space}/${alert}`;
}
