import { logLeast } from '#shared/explain/least.ts';
import type { WorkingStep } from '#shared/explain/working.ts';
import type { View } from '../../detectors/detector.ts';
import { allOf, type StateReader, type StateWriter } from '../../state.ts';
import type { Visit } from '../tables/belongings.ts';
import { createNames } from '../tables/names.ts';
import { createPairs } from '../tables/pairs.ts';
import { type Categories, createCategories, type Standing } from './categories.ts';
import type { Place } from './category-counts.ts';

/** Contexts by agent and action, and the same by group. */
export interface ActionPlaces {
  /** Where the view's agent and action stand; slots below 0 where nothing is known. One object, reused. */
  find(view: View): Place;
  intern(view: View): Place;
  /** The contexts that an agent has; `each` names what belongs to one of them. */
  belongings(agent: number, visit: Visit, each: (context: number) => void): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

const actionsMax = 65_536;
const resourcesMax = 262_144;

/** @param key under which the contexts are saved */
export function createActionPlaces(key: string): ActionPlaces {
  const actions = createNames(`${key}_actions`, actionsMax);
  const own = createPairs(`${key}_own`);
  const group = createPairs(`${key}_group`);
  const place: Place = { own: -1, group: -1, peers: 0 };
  return {
    find: (view) => {
      const action = actions.find(view.event.action ?? '');
      place.own = action < 0 ? -1 : own.find(view.agent, action);
      place.group = action < 0 ? -1 : group.find(view.group, action);
      place.peers = view.group;
      return place;
    },
    intern: (view) => {
      const action = actions.intern(view.event.action ?? '');
      place.own = own.intern(view.agent, action);
      place.group = group.intern(view.group, action);
      place.peers = view.group;
      return place;
    },
    belongings: (agent, visit, each) => visit.pairs(own, agent, each),
    ...allOf([actions, own, group]),
  };
}

interface Rarest {
  readonly lnP: number;
  readonly resource: string;
}

/** What the actions of agents touch: a category a resource, in the context of agent and action. */
export interface ResourceModel {
  /** The view's least likely resource and ln p of the whole view: as many chances as resources. One object, reused. */
  rarest(view: View): Rarest;
  standing(view: View, resource: string): Standing;
  /** What the `lnP` of `rarest` is computed from. */
  working(view: View): WorkingStep;
  learn(view: View, weight: number): void;
  /** Everything that belongs to an agent. */
  belongings(agent: number, visit: Visit): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

/** @param key under which the model is saved */
export function createResourceModel(key: string): ResourceModel {
  const names = createNames(`${key}_names`, resourcesMax);
  const places = createActionPlaces(key);
  const categories: Categories = createCategories(key);
  const found = { lnP: 0, resource: '' };
  const rarest = (view: View): Rarest => {
    const resources = view.event.resources ?? [];
    const place = places.find(view);
    found.lnP = 0;
    found.resource = resources[0] ?? '';
    for (const resource of resources) {
      const lnP = categories.score(place, names.find(resource));
      if (lnP >= found.lnP) continue;
      found.lnP = lnP;
      found.resource = resource;
    }
    found.lnP = logLeast(found.lnP, resources.length);
    return found;
  };
  return {
    rarest,
    standing: (view, resource) => categories.standing(places.find(view), names.find(resource)),
    working: (view) => {
      const { resource } = rarest(view);
      const numbers = { ...categories.numbers(places.find(view), names.find(resource)) };
      return { name: resource, formula: 'category', numbers, tries: view.event.resources?.length ?? 1 };
    },
    learn: (view, weight) => {
      const { resources } = view.event;
      if (resources === undefined || resources.length === 0) return;
      const place = places.intern(view);
      for (const resource of resources) categories.learn(place, names.intern(resource), weight);
    },
    belongings: (agent, visit) =>
      places.belongings(agent, visit, (context) => categories.belongings(context, visit)),
    ...allOf([names, places, categories]),
  };
}
