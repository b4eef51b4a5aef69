import type { Detector } from './detector.ts';

/** Every detector, in the order in which their evidence is listed when it is equally strong. */
export const detectors: readonly Detector[] = [];
