import { parseArgs } from 'node:util';
import { fuzzFormats } from '../support/fuzz-formats.ts';

// `npm run fuzz`, or `npm run fuzz -- --inputs 5000000 --seed 7`: every wire format and schema with mutated bodies.
const { values } = parseArgs({
  options: { inputs: { type: 'string', default: '1000000' }, seed: { type: 'string', default: '1' } },
});
const inputs = Number(values.inputs);
const started = performance.now();
const counts = fuzzFormats({
  seed: Number(values.seed),
  inputs,
  onProgress: (now) => {
    const share = ((now.inputs / inputs) * 100).toFixed(0);
    process.stderr.write(`\r${share} % ${now.inputs} inputs, ${now.events} events, ${now.rejects} rejects `);
  },
});
const seconds = (performance.now() - started) / 1000;
process.stdout.write(
  `\n${counts.inputs} inputs in ${seconds.toFixed(0)} s: ${counts.events} events, ${counts.rejects} rejects, ` +
    `slowest ${counts.slowestMs.toFixed(0)} ms, ${Math.round(process.resourceUsage().maxRSS / 1024)} MB at most; seed ${values.seed}\n`,
);
