import { AppError } from '#shared/errors.ts';

// Values of flags, with errors that name the flag.

/** @throws {AppError} USAGE */
export function numberOf(flag: string, value: string): number {
  const number = Number(value);
  if (Number.isFinite(number) && value.trim() !== '') return number;
  throw new AppError('USAGE', `${flag} ${value}: must be a number`);
}

/** @throws {AppError} USAGE */
export function positiveOf(flag: string, value: string): number {
  const number = Number(value);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new AppError('USAGE', `${flag} ${value}: must be a number above 0`);
}

/** UTC milliseconds of ISO 8601 or epoch milliseconds. @throws {AppError} USAGE */
export function timeOf(flag: string, value: string): number {
  const time = /^\d{9,}$/.test(value) ? Number(value) : Date.parse(value);
  if (!Number.isNaN(time)) return time;
  throw new AppError('USAGE', `${flag} ${value}: must be a time such as 1998-06-06 or 1998-06-06T00:00:00Z`);
}
