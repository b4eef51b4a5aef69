import { attributeNames } from '#shared/attributes.ts';
import { type NativeEvent, stableHash } from './call.ts';

const dayMs = 86_400_000;

export interface RenewalOptions {
  readonly seed: number;
  /** The share of the agents that is replaced by newcomers each day, in [0, 1). */
  readonly share: number;
  /** First moment of the network: agents are replaced at whole days after it. */
  readonly start: number;
}

/** The name of a newcomer that took over what `id` did: pods and instances are numbered so. */
const renewedName = (id: string, generation: number) => (generation === 0 ? id : `${id}.${generation}`);

/** The names that an agent and those who follow it may have, as a registry declares them. */
export const renewedNames = (id: string): string => `${id}.*`;

/**
 * Replaces agents by newcomers, who do what the old ones did under a name and an identity of their own. The world
 * outside stays as it is.
 *
 * @returns the event as it is with the names of its time; `at` is its true time, UTC ms
 */
export function createRenewal(options: RenewalOptions): (event: NativeEvent, at: number) => NativeEvent {
  const generations = new Map<string, { day: number; generation: number }>();
  const generationOf = (id: string, at: number): number => {
    const known = generations.get(id) ?? { day: 0, generation: 0 };
    generations.set(id, known);
    const day = Math.floor((at - options.start) / dayMs);
    for (; known.day < day; known.day += 1) {
      const draw =
        Number.parseInt(stableHash(`${options.seed} ${id} ${known.day}`).slice(0, 8), 16) / 2 ** 32;
      if (draw < options.share) known.generation += 1;
    }
    return known.generation;
  };
  return (event, at) => {
    const { source, destination } = event;
    const caller = event.source_kind === 'external' ? 0 : generationOf(source, at);
    const called = event.destination_kind === 'external' ? 0 : generationOf(destination, at);
    if (caller === 0 && called === 0) return event;
    const name = (text: string | undefined) => (text === undefined ? undefined : renewedName(text, caller));
    const { certificateSubject, tokenAudience } = attributeNames;
    const attributes = { ...event.attributes };
    const subject = name(attributes[certificateSubject]);
    if (subject !== undefined) attributes[certificateSubject] = subject;
    if (attributes[tokenAudience] === destination)
      attributes[tokenAudience] = renewedName(destination, called);
    return {
      ...event,
      source: renewedName(source, caller),
      destination: renewedName(destination, called),
      ...(event.auth_subject !== undefined && { auth_subject: renewedName(event.auth_subject, caller) }),
      observer: `proxy-${renewedName(source, caller)}`,
      attributes,
    };
  };
}
