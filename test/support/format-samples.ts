import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = new URL('../fixtures/formats/', import.meta.url).pathname;

export interface FormatSample {
  /** `native/objects-joined`: the format and what the body shows. */
  readonly name: string;
  readonly format: string;
  readonly body: Buffer;
  /** What the format must make of it. */
  readonly expected: readonly unknown[];
}

/** Golden bodies: `FORMAT/NAME.in` (`.in.base64` where it is no text) beside `FORMAT/NAME.out.json`. */
export function formatSamples(): readonly FormatSample[] {
  return readdirSync(folder).flatMap((format) =>
    readdirSync(join(folder, format))
      .filter((file) => /\.in(\.base64)?$/.test(file))
      .map((file) => {
        const name = file.replace(/\.in(\.base64)?$/, '');
        const bytes = readFileSync(join(folder, format, file));
        return {
          name: `${format}/${name}`,
          format,
          body: file.endsWith('.base64') ? Buffer.from(bytes.toString('latin1'), 'base64') : bytes,
          expected: JSON.parse(readFileSync(join(folder, format, `${name}.out.json`), 'utf8')),
        };
      }),
  );
}
