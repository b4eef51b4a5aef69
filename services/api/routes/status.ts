import { type Static, Type } from 'typebox';
import { messageOf } from '#shared/errors.ts';
import type { ApiDependencies, ApiScope, LogReader } from '../dependencies.ts';
import type { Throughput } from '../throughput.ts';

const health = Type.Object({
  is_up: Type.Boolean(),
  reason: Type.String({ description: 'Why not; empty when up' }),
});
const service = Type.Object({
  service: Type.String(),
  group: Type.String({ description: 'Its consumer group' }),
  lag: Type.Record(Type.String(), Type.Union([Type.Integer(), Type.Null()]), {
    description: 'Records still to be read, by topic; null where the log does not tell',
  }),
});
const status = Type.Object({
  version: Type.String(),
  time: Type.Integer({ description: 'UTC ms' }),
  log: health,
  store: health,
  services: Type.Array(service),
  rates: Type.Record(Type.String(), Type.Number(), {
    description: 'Records a second appended to each topic, over the last minute',
  }),
});
type Status = Static<typeof status>;

/** The route of the pipeline's own state. It answers also when log or store do not. */
export function statusRoutes(scope: ApiScope, dependencies: ApiDependencies, throughput: Throughput): void {
  const { context, store, readers, version } = dependencies;
  scope.get(
    '/status',
    {
      schema: {
        summary: 'What runs, how far behind, how fast',
        tags: ['operations'],
        response: { 200: status },
      },
    },
    async (): Promise<Status> => {
      const [log, stored, services] = await Promise.all([
        healthOf(() => context.log.ping()),
        healthOf(() => store.ping()),
        Promise.all(readers.map((reader) => lagOf(dependencies, reader))),
      ]);
      const time = context.clock.now();
      return { version, time, log, store: stored, services, rates: { ...throughput.rates() } };
    },
  );
}

async function healthOf(ping: () => Promise<void>): Promise<Static<typeof health>> {
  try {
    await ping();
    return { is_up: true, reason: '' };
  } catch (error) {
    return { is_up: false, reason: messageOf(error) };
  }
}

async function lagOf({ context }: ApiDependencies, { service: name, group, topics }: LogReader) {
  const lags = await Promise.all(
    topics.map(async (topic) => [topic, await context.log.lag(group, topic).catch(() => null)] as const),
  );
  return { service: name, group, lag: Object.fromEntries(lags) };
}
