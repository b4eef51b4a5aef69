/** A formula at work: ln p of the numbers of a step, or `undefined` where one is missing. Adds its working to `lines`. */
export type Formula = (numbers: Readonly<Record<string, number>>, lines: string[]) => number | undefined;

/**
 * A formula that takes the numbers of these names, and how it tells its working to a person.
 *
 * @param input.compute ln p: the function that the detector itself scores with
 * @param input.tell the formula with the numbers put in, line by line; the result is told by the caller
 */
export function formula<K extends string>(input: {
  readonly names: readonly K[];
  readonly compute: (numbers: Readonly<Record<K, number>>) => number;
  readonly tell: (numbers: Readonly<Record<K, number>>) => readonly string[];
}): Formula {
  return (numbers, lines) => {
    if (input.names.some((name) => !Number.isFinite(numbers[name]))) return undefined;
    const known = numbers as Readonly<Record<K, number>>;
    lines.push(...input.tell(known));
    return input.compute(known);
  };
}
