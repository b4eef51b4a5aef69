import type { ServiceContext } from '#shared/context.ts';
import type { Decision } from '#shared/decision.ts';
import { type Following, followTopic } from '#shared/log/follow.ts';
import type { LogRecord } from '#shared/log/log.ts';
import type { TopicName } from '#shared/log/topics.ts';
import { type Silence, silenceOf } from '#shared/silence.ts';

/** The silences that people have decided on, read live from the decisions. */
export interface Silences extends Following {
  /** In force or still to come. */
  all(): Iterable<Silence>;
}

// People make them by hand; beyond this many in force at once a further one does not take effect, and it is logged.
const silencesMax = 10_000;

/** Follows the decisions; until it is `ready`, nobody should be told anything. */
export async function followSilences(context: ServiceContext): Promise<Silences> {
  const { log, clock, logger } = context;
  const silences = new Map<string, Silence>();
  const take = (record: LogRecord) => {
    if (record.key === null || !record.key.startsWith('silence/')) return;
    silences.delete(record.key);
    const silence = parseSilence(record);
    if (silence === undefined || silence.until <= clock.now()) return;
    if (silences.size >= silencesMax) forgetExpired(silences, clock.now());
    if (silences.size < silencesMax) silences.set(record.key, silence);
    else logger.error({ decision: record.key, silencesMax }, 'too many silences; this one has no effect');
  };
  const topic = 'decisions' satisfies TopicName;
  const following = await followTopic({
    log,
    topic,
    name: 'notifier.decisions',
    take,
    onError: context.fail,
  });
  return { ...following, all: () => silences.values() };
}

function parseSilence(record: LogRecord): Silence | undefined {
  try {
    return silenceOf(JSON.parse(record.value.toString('utf8')) as Decision);
  } catch {
    return undefined; // deleted, or not for us to understand: no silence either way
  }
}

function forgetExpired(silences: Map<string, Silence>, now: number): void {
  for (const [key, { until }] of silences) if (until <= now) silences.delete(key);
}
