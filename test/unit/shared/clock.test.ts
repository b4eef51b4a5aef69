import { expect, test } from 'vitest';
import { systemClock } from '#shared/clock.ts';

test('a sleep ends at once, with the reason, when its signal is aborted', async () => {
  const controller = new AbortController();
  const sleep = systemClock.sleep(60_000, controller.signal);
  controller.abort(new Error('no longer needed'));
  await expect(sleep).rejects.toThrow('no longer needed');
  await expect(systemClock.sleep(60_000, controller.signal)).rejects.toThrow('no longer needed');
});
