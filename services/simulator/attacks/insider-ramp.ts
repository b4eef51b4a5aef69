import { traceCalls } from '../background.ts';
import { toEvent } from '../call.ts';
import { between, exponential, pick } from '../draws.ts';
import { type Attack, attack, dayMs, hourMs, timesUntil } from './attack.ts';

const days = 10;
const growthADay = 1.3;
const callsAnHourAtFirst = 2;

/** A person takes a little more every day, and hopes that the measure grows with it. */
export const insiderRamp: Attack = {
  name: 'insider-ramp',
  summary: 'A person does more of what they always do, 30 % more every day for ten days',
  techniques: [
    attack('T1213', 'Data from Information Repositories'),
    attack('T1530', 'Data from Cloud Storage'),
  ],
  plan: ({ world, random, start }) => {
    const flow = pick(
      random,
      world.flows.filter(
        (candidate) => candidate.kind === 'request' && candidate.steps[0]?.source.kind === 'human',
      ),
    );
    const steps = flow.kind === 'request' ? flow.steps : [];
    const insider = steps[0]?.source ?? pick(random, world.byRole.human);
    const to = start + days * dayMs;
    function* events() {
      let day = 0;
      const gap = () => exponential(random, hourMs / (callsAnHourAtFirst * growthADay ** day));
      for (const time of timesUntil(start, to, gap)) {
        day = (time - start) / dayMs;
        const hour = Math.floor((time / hourMs) % 24);
        if (hour < 8 || hour > 17 || between(random, 0, 1) < 0.05) continue; // only while others work too
        yield* traceCalls(steps.slice(0, 1), time, random).map(toEvent);
      }
    }
    return {
      agents: [insider.id, ...steps.slice(0, 1).map((step) => step.destination.id)],
      to,
      events: events(),
    };
  },
};
