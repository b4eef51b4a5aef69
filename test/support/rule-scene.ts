import type { AmissEvent } from '#shared/event.ts';
import { createRanks } from '../../services/scorer/baseline/categories/ranks.ts';
import { createAgents } from '../../services/scorer/baseline/members/agents.ts';
import { createEdges } from '../../services/scorer/baseline/tables/edges.ts';
import { createDecisions } from '../../services/scorer/decisions.ts';
import { type Detector, noTest, type View } from '../../services/scorer/detectors/detector.ts';
import { createPresence } from '../../services/scorer/presence.ts';
import { decodeState, encodeState } from '../../services/scorer/state.ts';

/** What a detector said of one end of an event. */
export interface Told {
  readonly rule: string;
  readonly side: View['side'];
  readonly lnP: number;
  readonly sentence: string;
}

/** Detectors with the engine's own tables around them, fed event by event from both ends. */
export function ruleScene(
  detectors: Detector | readonly Detector[],
  wishes: { policy?: object; agents?: readonly object[] } = {},
) {
  const decisions = createDecisions();
  const decide = (kind: string, key: string, body: unknown) =>
    decisions.apply(key, { id: key, key, kind, time: 0, space: 'default', by: 'test', reason: '', body });
  if (wishes.policy !== undefined) decide('policy', 'policy/default', { version: 1, ...wishes.policy });
  for (const [i, agent] of (wishes.agents ?? []).entries()) decide('agent', `agent/${i}`, agent);
  const agents = createAgents();
  const edges = createEdges();
  const surroundings = { agents, edges, callers: createRanks('callers', 4), decisions };
  const watched = [detectors].flat();
  const presence = createPresence(watched.map(({ needs }) => needs));
  const create = () =>
    watched.map((detector) => ({
      rule: detector.name,
      model: detector.create(surroundings),
      // Asked as the engine asks: only where an event has what the detector needs.
      isAsked: ({ event, side }: View) =>
        (presence.bitsOf(detector.needs) & presence.of(event)) !== 0 && (detector.side ?? side) === side,
    }));
  let watches = create();
  const viewsOf = (event: AmissEvent): readonly View[] => {
    const source = agents.intern(event.space, event.source, event.source_kind, event.time);
    const destination = agents.intern(event.space, event.destination, event.destination_kind, event.time);
    const edge = edges.intern(source, destination);
    const reverse = edges.find(destination, source);
    const view = (side: View['side'], agent: number, peer: number): View => ({
      event,
      time: event.time,
      side,
      agent,
      peer,
      edge,
      reverse,
      group: agents.group(agent),
      peerGroup: agents.group(peer),
      isPlanned: false,
    });
    return [view('source', source, destination), view('destination', destination, source)];
  };
  const feed = (event: AmissEvent): readonly Told[] => {
    const views = viewsOf(event);
    const told = views.flatMap((view) =>
      watches.flatMap(({ rule, model, isAsked }) => {
        const lnP = isAsked(view) ? model.score(view) : noTest;
        return lnP === noTest
          ? []
          : [{ rule, side: view.side, lnP, sentence: model.evidence(view).sentence }];
      }),
    );
    for (const view of views)
      for (const { model, isAsked } of watches) if (isAsked(view)) model.learn(view, 1);
    return told;
  };
  const state = () =>
    encodeState((writer) => {
      for (const { rule, model } of watches) model.save(writer.within(rule));
    });
  const restart = () => {
    const reader = decodeState(state());
    watches = create();
    for (const { rule, model } of watches) model.restore(reader.within(rule));
  };
  return { feed, restart, decide, state };
}

let count = 0;

/** A call of `web` to `shop` with what else is given. */
export function call(fields: Partial<AmissEvent>): AmissEvent {
  count += 1;
  return {
    id: `00000000-0000-7000-8000-${String(count).padStart(12, '0')}`,
    time: 0,
    received_at: 0,
    space: 'default',
    source: 'web',
    destination: 'shop',
    outcome: 'success',
    ...fields,
  };
}
