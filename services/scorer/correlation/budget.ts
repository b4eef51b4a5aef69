import { rulePs } from '#shared/rule-tiers.ts';
import type { StateReader, StateWriter } from '../state.ts';
import { createScoreRate } from './score-rate.ts';
import { severityOf } from './severity.ts';

/**
 * Spends the operator's budget: what a case must score to be told, so that `alertsPerDay` are told. Fed with every
 * case, told or not; works in event time.
 */
export interface Budget {
  /** A case's strongest score rose. `before` is 0 for a new case, `now` for one that turned out to be part of another. */
  note(before: number, now: number): void;
  /** Is a case of this score to be told now? It is counted where it is. */
  spend(alert: { readonly id: string; readonly score: number }): boolean;
  /** A person confirmed it: a real incident takes nothing from the budget, before it is told or afterwards. */
  exempt(id: string): void;
  /** Event time reached this, UTC ms; `isTelling` = cases of now may be told. */
  advance(time: number, isTelling: boolean): void;
  /** The score from which cases are told now. */
  threshold(): number;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

export interface BudgetOptions {
  readonly alertsPerDay: number;
  readonly reserve?: Reserve;
}

/** A part of the budget that only severe cases may use: told below the threshold, should weeks of worse raise it. */
export interface Reserve {
  readonly severity: number;
  readonly alertsPerDay: number;
}

const dayMs = 86_400_000;
const hourMs = 3_600_000;
// How far back the rate of cases, and what was told, is measured: two weekly seasons weigh three quarters.
const halfLifeDays = 7;
// What was told too much or too little is made good within so many days. Simulated with 300 cases a day that double or
// halve, budgets of 1, 10 and 100 stay within half and one and a half in all but two of 1,080 weeks; with 3 days a
// budget of 1 leaves it in 3 % of weeks, with 7 in 10 %.
const repayDays = 1.5;
// Never tighter or looser than this, whatever the past weeks held: a week of attacks must not deafen.
const correctionMax = 4;
// Before an hour has been seen there is no rate to go by. What is as unlikely as a broken rule (tier `warning`, one in a
// million) is told then, but no more than a day's budget of it.
const startScore = -Math.log10(rulePs.warning);
const alertsKept = 10_000; // that a verdict may still exempt; beyond it the oldest stay counted
const exemptMax = 100_000; // verdicts held, the newest

/** What the budget knows beside the cases' scores: it is saved as JSON. */
interface Account {
  /** Event time of the last advance, UTC ms. */
  newest: number;
  /** Days of observation, those of them on which cases could be told, and alerts told: all of them fade. */
  days: number;
  tellingDays: number;
  spent: number;
  /** Alerts that the reserve has left. */
  saved: number;
}

type Told = readonly [id: string, time: number, score: number];

export function createBudget({ alertsPerDay, reserve }: BudgetOptions): Budget {
  const cases = createScoreRate('case-scores');
  let account: Account = { newest: 0, days: 0, tellingDays: 0, spent: 0, saved: 0 };
  let told = new Map<string, Told>();
  const confirmed = new Set<string>();
  let current = startScore;

  const refresh = () => {
    const { days, tellingDays, spent } = account;
    if (days > 0) {
      const owed = tellingDays - spent / alertsPerDay; // in days of budget
      const correction = Math.min(correctionMax, Math.max(1 / correctionMax, 1 + owed / repayDays));
      current = cases.scoreOf(alertsPerDay * days * correction);
    } else if (spent >= alertsPerDay) current = Number.POSITIVE_INFINITY;
  };
  const isReserved = (score: number): boolean => {
    if (reserve === undefined || severityOf(score) < reserve.severity || account.saved < 1) return false;
    account.saved -= 1;
    return true;
  };
  const refund = ([id, time, score]: Told) => {
    told.delete(id);
    const left = fading(account.newest - time);
    account.spent = Math.max(0, account.spent - left);
    cases.add(score, -left);
    refresh();
  };

  return {
    note: (before, now) => {
      if (before > 0) cases.add(before, -1);
      if (now > 0) cases.add(now, 1);
    },
    spend: ({ id, score }) => {
      if (score < current && !isReserved(score)) return false;
      if (confirmed.has(id)) return true;
      account.spent += 1;
      told.set(id, [id, account.newest, score]);
      if (told.size > alertsKept) told.delete(told.keys().next().value ?? '');
      refresh();
      return true;
    },
    exempt: (id) => {
      confirmed.delete(id); // so that it is the newest
      confirmed.add(id);
      if (confirmed.size > exemptMax) confirmed.delete(confirmed.values().next().value ?? '');
      const alert = told.get(id);
      if (alert !== undefined) refund(alert);
    },
    advance: (time, isTelling) => {
      if (account.newest === 0) account.newest = time;
      if (time - account.newest < hourMs) return;
      account = passed(account, { time, isTelling, reserve });
      cases.fade(fading(time - account.newest));
      account.newest = time;
      refresh();
    },
    threshold: () => current,
    save: (state) => {
      cases.save(state);
      state.value('account', account);
      state.value('threshold', Number.isFinite(current) ? current : null);
      state.value('told', [...told.values()]);
    },
    restore: (state) => {
      cases.restore(state);
      account = (state.value('account') ?? account) as Account;
      current = Number(state.value('threshold') ?? Number.POSITIVE_INFINITY);
      told = new Map(((state.value('told') ?? []) as Told[]).map((alert) => [alert[0], alert]));
    },
  };
}

const fading = (passedMs: number) => 2 ** (-passedMs / dayMs / halfLifeDays);

/** The account when event time has reached `time`, all but the time itself. */
function passed(
  { newest, days, tellingDays, spent, saved }: Account,
  now: { readonly time: number; readonly isTelling: boolean; readonly reserve: Reserve | undefined },
): Account {
  const share = fading(now.time - newest);
  const more = (now.time - newest) / dayMs;
  const kept = now.reserve?.alertsPerDay ?? 0; // a day
  return {
    newest,
    days: days * share + more,
    tellingDays: tellingDays * share + (now.isTelling ? more : 0),
    spent: spent * share,
    // What is not used is kept for a day, and never less than one alert.
    saved: Math.min(Math.max(1, kept), saved + more * kept),
  };
}
