import type { AmissEvent } from '#shared/event.ts';

/** Is it a language model at work: an agent that calls a tool, or another agent? */
export function isToolCall({ source_kind: kind, protocol, action }: AmissEvent): boolean {
  return (
    kind === 'llm_agent' ||
    protocol === 'mcp' ||
    protocol === 'a2a' ||
    action?.startsWith('tools/call') === true
  );
}

// What a model writes, and what tools answer it, is as long as the task wants: a factor of e says nothing. What
// programs say to each other has its form, and a tenth more or less says nothing.
const textSpread = 1;
const formSpread = 0.1;

/** How far the logarithm of a message's size may stray before it means anything, as a standard deviation. */
export function sizeSpread(event: AmissEvent): number {
  return isToolCall(event) ? textSpread : formSpread;
}
