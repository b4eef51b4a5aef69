import type { Format } from './format.ts';
import { native } from './native.ts';

/** Every wire format whose bodies can be read by themselves. */
export const formats: readonly Format[] = [native];
