import { expect, test } from 'vitest';
import { Lifecycle } from '#shared/lifecycle.ts';

test('stops run last first, each once', async () => {
  const order: string[] = [];
  const life = new Lifecycle();
  life.defer(async () => void order.push('log'));
  life.defer(async () => void order.push('server'));
  await life.stop();
  await life.stop();
  expect(order).toEqual(['server', 'log']);
});

test('a stop that fails does not keep the others from running', async () => {
  const order: string[] = [];
  const life = new Lifecycle();
  life.defer(async () => void order.push('log'));
  life.defer(async () => {
    throw new Error('stuck');
  });
  await expect(life.stop()).rejects.toThrow('some parts did not stop cleanly');
  expect(order).toEqual(['log']);
});
