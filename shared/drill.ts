/** The space of a drill, and the beginning of the names of all such spaces. */
export const drillSpace = 'drill';

/** Is a space that of a drill? What happens there is told like everything else, and nothing is done about it. */
export function isDrill(space: string): boolean {
  return space === drillSpace || space.startsWith(`${drillSpace}-`);
}
