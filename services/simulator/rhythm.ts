/** How busy an agent is at an hour of the week. */
export type Rhythm = 'flat' | 'office' | 'evening';

const hourMs = 3_600_000;
const hoursOfWeek = 168;
const mondayHour = 96; // 1970-01-01 was a Thursday: four days before it began a Monday

// Shapes by hour of day (UTC); only their proportions count.
const workday = [1, 1, 1, 1, 1, 2, 4, 8, 14, 18, 20, 19, 16, 18, 19, 18, 15, 10, 6, 4, 3, 2, 1, 1];
const dayOff = [1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1];
const visitors = [6, 4, 3, 2, 2, 3, 5, 7, 9, 10, 10, 11, 12, 11, 11, 11, 12, 14, 17, 20, 21, 19, 14, 9];

const shapes: Record<Rhythm, readonly number[]> = {
  flat: Array.from({ length: hoursOfWeek }, () => 1),
  office: [...Array.from({ length: 5 }, () => workday), dayOff, dayOff].flat(),
  evening: [
    ...Array.from({ length: 5 }, () => visitors),
    ...Array.from({ length: 2 }, () => visitors.map((v) => v * 1.2)),
  ].flat(),
};

/** The rate at a time as a multiple of the week's mean. */
export function rhythmAt(rhythm: Rhythm, time: number): number {
  const shape = shapes[rhythm];
  const hour = (Math.floor(time / hourMs) + hoursOfWeek - mondayHour) % hoursOfWeek;
  return (shape[hour] ?? 1) / means[rhythm];
}

const mean = (numbers: readonly number[]) =>
  numbers.reduce((left, right) => left + right, 0) / numbers.length;
const means: Record<Rhythm, number> = {
  flat: 1,
  office: mean(shapes.office),
  evening: mean(shapes.evening),
};
