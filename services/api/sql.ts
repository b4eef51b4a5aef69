import type { SqlParameters, SqlValue } from '#shared/store/store.ts';

/** A condition with the values for its `{name:Type}` places. Its text is ours; only values come from outside. */
export interface Condition {
  readonly sql: string;
  readonly parameters: SqlParameters;
}

/**
 * A condition, or none when its value is not given.
 *
 * @example when('agent = {agent:String}', 'agent', undefined); // => undefined
 */
export function when(sql: string, name: string, value: SqlValue | undefined): Condition | undefined {
  return value === undefined ? undefined : { sql, parameters: { [name]: value } };
}

/** All conditions that are there, joined, with the values of all. */
export function all(conditions: readonly (Condition | undefined)[]): Condition {
  const given = conditions.filter((condition) => condition !== undefined);
  return {
    sql: given.length === 0 ? '1' : given.map(({ sql }) => `(${sql})`).join(' AND '),
    parameters: Object.assign({}, ...given.map(({ parameters }) => parameters)),
  };
}
