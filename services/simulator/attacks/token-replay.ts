import { attackCall } from '../attack-call.ts';
import { tokenIdOf } from '../call.ts';
import { between, exponential, pick } from '../draws.ts';
import { type Attack, attack, minuteMs, timesUntil } from './attack.ts';

/** A token that was read from somebody's machine is shown by another one. */
export const tokenReplay: Attack = {
  name: 'token-replay',
  summary: "A person's token is used by another agent at the same time",
  techniques: [
    attack('T1550.001', 'Use Alternate Authentication Material: Application Access Token'),
    attack('T1528', 'Steal Application Access Token'),
  ],
  plan: ({ world, random, start }) => {
    const flows = world.flows.filter(
      (flow) => flow.kind === 'request' && flow.steps[0]?.source.kind === 'human',
    );
    const flow = pick(random, flows);
    const step = flow.kind === 'request' ? flow.steps[0] : undefined;
    const victim = step?.source ?? pick(random, world.byRole.human);
    const destination = step?.destination ?? pick(random, world.byRole.front);
    const thief = pick(
      random,
      world.byRole.human.filter((human) => human !== victim),
    );
    const to = start + between(random, 10, 40) * minuteMs;
    function* events() {
      // The victim's own call comes first: a token that was never shown cannot have been read.
      const honest = {
        source: victim,
        destination,
        protocol: 'http',
        action: step?.action ?? 'GET /users/{id}',
      };
      for (const time of timesUntil(start, to, () => exponential(random, 60_000))) {
        yield attackCall({ ...honest, time }, random);
        yield attackCall({ ...honest, time: time + 500, source: thief }, random, {
          token_id: tokenIdOf(victim, destination, time),
          auth_subject: victim.id,
        });
      }
    }
    return { agents: [victim.id, thief.id, destination.id], to, events: events() };
  },
};
