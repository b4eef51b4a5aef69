import { readFileSync } from 'node:fs';
import { AppError, messageOf } from '#shared/errors.ts';

/** The text of a file that the command line names. @throws {AppError} USAGE */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new AppError('USAGE', `cannot read ${path}: ${messageOf(error)}`);
  }
}
