import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { Logger } from '../logger.ts';
import { openEmbeddedLog } from './embedded.ts';
import type { EventLog, TopicSpec } from './log.ts';
import { prefixedLog } from './prefixed.ts';
import type { LogSettings } from './settings.ts';
import { topicSpecs } from './topics.ts';

/**
 * Opens the log that the settings ask for and creates its topics.
 *
 * @param dataFolder the embedded log lives in its sub-folder `log`
 * @returns a log of plain topic names (`events`): the prefix of the settings is added on the way
 * @throws {AppError} LOG_UNAVAILABLE: no folder, or no broker, that answers
 */
export async function openLog(
  settings: LogSettings,
  dataFolder: string,
  clock: Clock,
  logger: Logger,
): Promise<EventLog> {
  const bare = await openBare(settings, dataFolder, clock, logger);
  const log = prefixedLog(bare, settings.prefix);
  const specs = topicSpecs({
    partitions: settings.partitions,
    retentionMs: settings.retention_hours * 60 * 60 * 1000,
    retentionBytes: settings.retention_bytes,
  });
  try {
    await log.ensureTopics(settings.kind === 'embedded' ? withinLimit(specs, settings.bytes_max) : specs);
  } catch (error) {
    await log.close();
    throw error;
  }
  return log;
}

async function openBare(settings: LogSettings, dataFolder: string, clock: Clock, logger: Logger) {
  if (settings.kind === 'embedded')
    return openEmbeddedLog({ path: join(dataFolder, 'log'), clock, bytesMax: settings.bytes_max });
  const { openKafkaLog } = await import('./kafka.ts'); // what only a cluster needs, only a cluster loads
  return openKafkaLog({ settings, clock, logger });
}

// A fifth of the limit is left for compacted topics and for what readers have still to read.
const retainedShare = 0.8;

/** Retention that frees space before the log is full: the limit divided among the partitions that it holds for. */
function withinLimit(specs: readonly TopicSpec[], bytesMax: number): readonly TopicSpec[] {
  const partitions = specs
    .filter(({ isCompacted }) => !isCompacted)
    .reduce((sum, spec) => sum + spec.partitions, 0);
  const bytes = Math.floor((bytesMax * retainedShare) / partitions);
  return specs.map((spec) =>
    spec.isCompacted || (spec.retentionBytes > 0 && spec.retentionBytes <= bytes)
      ? spec
      : { ...spec, retentionBytes: bytes },
  );
}
