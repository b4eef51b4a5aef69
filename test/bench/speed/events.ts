import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { linesOf } from '#shared/lines.ts';
import { readDarpa98, writeDarpaEvents } from '../quality/darpa98.ts';

/** The whole darpa98 stream as native events, one JSON object a line; made once and kept in `.cache`. */
export async function darpaEventsFile(dataSets: string): Promise<string> {
  const cache = new URL('../../../.cache/quality/', import.meta.url).pathname;
  const file = join(cache, 'darpa98.ndjson');
  if (existsSync(file)) return file;
  const archive = join(dataSets, 'darpa98', 'darpa_original.zip');
  if (!existsSync(archive)) {
    throw new Error(
      `there is no ${archive}; name the folder of the data sets with --data DIR or AMISS_DATA_SETS`,
    );
  }
  mkdirSync(cache, { recursive: true });
  await writeDarpaEvents(readDarpa98(archive), file);
  return file;
}

/** The first events of a file, as request bodies of so many events each. */
export async function bodiesOf(file: string, events: number, perBody: number): Promise<readonly Buffer[]> {
  const bodies: Buffer[] = [];
  let lines: string[] = [];
  let taken = 0;
  for await (const line of linesOf(file)) {
    lines.push(line);
    taken += 1;
    if (lines.length === perBody || taken === events) {
      bodies.push(Buffer.from(`${lines.join('\n')}\n`));
      lines = [];
    }
    if (taken === events) break;
  }
  return bodies;
}
