import type { AmissEvent } from '#shared/event.ts';
import { type PlannedChange, plannedChangeOf } from '#shared/planned-change.ts';
import type { Agents } from '../baseline/members/agents.ts';
import { isOutside } from '../baseline/members/peers.ts';
import type { Decisions } from '../decisions.ts';

/** Whether somebody announced what an event shows. */
export type Announced = 'no' | 'suppress' | 'relearn';

/** The planned changes that people decided, from the next event on. */
export interface PlannedChanges {
  /** Of an event, by its ends' slots. Allocates nothing. */
  of(event: Pick<AmissEvent, 'time' | 'space'>, source: number, destination: number): Announced;
}

// Every event looks at all of them: the newest so many hold.
const changesMax = 1000;

export function createPlannedChanges(decisions: Decisions, agents: Agents): PlannedChanges {
  let version = -1;
  let changes: readonly (PlannedChange & { readonly space: string })[] = [];
  const refresh = () => {
    version = decisions.version;
    changes = decisions
      .ofKind('planned_change')
      .toSorted((a, b) => b.time - a.time)
      .flatMap((decision) => {
        const change = plannedChangeOf(decision);
        return change === undefined ? [] : [{ ...change, space: decision.space }];
      })
      .slice(0, changesMax);
  };
  const isOf = ({ agent, group }: PlannedChange, slot: number): boolean =>
    slot >= 0 &&
    (agent === undefined || agent === agents.id(slot)) &&
    (group === undefined || group === agents.groupName(agents.group(slot)));
  // What an announcement means is seldom somebody outside whom nobody had ever called before.
  const isStranger = ({ from, peers }: PlannedChange, slot: number): boolean =>
    slot >= 0 &&
    agents.firstSeen(slot) >= from &&
    isOutside(agents.groupName(agents.group(slot))) &&
    peers?.includes(agents.id(slot)) !== true;

  return {
    of: ({ time, space }, source, destination) => {
      if (decisions.version !== version) refresh();
      let announced: Announced = 'no';
      for (const change of changes) {
        if (change.space !== space || time < change.from || time >= change.to) continue;
        if (!isOf(change, source) && !isOf(change, destination)) continue;
        if (isStranger(change, destination)) continue;
        if (change.mode !== 'suppress') return 'relearn';
        announced = 'suppress';
      }
      return announced;
    },
  };
}
