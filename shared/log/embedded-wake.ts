import { watch } from 'node:fs';
import type { Waker } from './group-backend.ts';

// The watch is what wakes; the poll is for file systems that do not report changes.
const pollMs = 250;

/** Watches the file that every commit writes to, so that no writer has to know its readers. */
export function createWaker(file: string): Waker {
  let resolveNext: () => void = () => undefined;
  let next: Promise<void> | undefined;
  let isQueued = false;
  const wake = () => {
    isQueued = false;
    next = undefined;
    resolveNext();
  };
  // One commit makes several file events: a turn of the event loop gathers them.
  const queueWake = () => {
    if (isQueued) return;
    isQueued = true;
    setImmediate(wake);
  };
  const watcher = watchIfPossible(file, queueWake);
  const poll = setInterval(wake, pollMs);
  return {
    next: () => {
      next ??= new Promise((resolve) => {
        resolveNext = resolve;
      });
      return next;
    },
    wake: queueWake,
    close: () => {
      clearInterval(poll);
      watcher?.close();
      wake();
    },
  };
}

function watchIfPossible(file: string, onChange: () => void) {
  try {
    const watcher = watch(file, onChange);
    watcher.on('error', () => watcher.close()); // the poll goes on
    return watcher;
  } catch {
    return undefined; // no watches left on this machine: the poll finds changes too, only later
  }
}
