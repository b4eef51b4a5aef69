import { createHash } from 'node:crypto';
import type { Command } from 'commander';
import { tryMapping } from '../collector/try-mapping.ts';
import { settingsOf } from './options.ts';
import { readText } from './read-text.ts';

interface MapOptions {
  readonly try: string;
  readonly schema?: string;
}

/** `amiss map --try FILE`: what becomes of each record of a file, without sending anything. */
export function addMapCommand(program: Command): void {
  program
    .command('map')
    .description(
      'show what becomes of each record of a file: its schema and the event, or the reason why not',
    )
    .requiredOption(
      '--try <file>',
      'JSON, a JSON array, or one record a line; `.gz` and `.zst` are decompressed',
    )
    .option('--schema <name>', 'the schema or mapping to use, instead of the one that recognises the record')
    .action((options: MapOptions, command: Command) => {
      const { collector } = settingsOf(command);
      tryMapping({
        text: readText(options.try),
        mappings: collector.mappings,
        hint: options.schema === undefined ? {} : { schema: options.schema },
        context: {
          receivedAt: Date.now(),
          // Only for show: the deployment's key stays where it is.
          digest: (value) => createHash('sha256').update(value).digest('hex').slice(0, 32),
          hashResources: collector.hash_resources,
        },
        print: (line) => process.stdout.write(`${line}\n`),
      });
    });
}
