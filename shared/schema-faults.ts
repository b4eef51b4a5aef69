import type { TSchema } from 'typebox';
import { Errors } from 'typebox/value';

/** Faults that are told at once; beyond them the first ones are enough to start with. */
const faultsMax = 20;

/**
 * What is wrong with a value, one sentence a fault: the key in dotted form, what is wrong, and what would be right.
 * Empty when the value is valid.
 *
 * @param root what stands before every key, such as `policy`
 */
export function schemaFaults(schema: TSchema, value: unknown, root: string): readonly string[] {
  const faults: string[] = [];
  for (const error of Errors(schema, value)) {
    // An unknown key is told twice; the object's own error names all of them together.
    if (error.keyword === 'boolean') continue;
    const key = `${root}${error.instancePath.replaceAll('/', '.')}`;
    faults.push(`${key}: ${explain(error.keyword, error.message, parametersOf(error.params))}`);
    if (faults.length >= faultsMax) break;
  }
  return faults;
}

interface FaultParameters {
  readonly additionalProperties?: readonly string[];
  readonly requiredProperties?: readonly string[];
  readonly allowedValues?: readonly unknown[];
}

function parametersOf(params: object): FaultParameters {
  return params as FaultParameters;
}

function explain(keyword: string, message: string, params: FaultParameters): string {
  switch (keyword) {
    case 'additionalProperties':
      return `there is no key ${params.additionalProperties?.join(', ')}; remove it or correct its spelling`;
    case 'required':
      return `add the key ${params.requiredProperties?.join(', ')}`;
    case 'enum':
      return `write one of ${params.allowedValues?.join(', ')}`;
    default:
      return message;
  }
}
