/**
 * The steps that a command goes through, by the process that does them. Spans are named after them, and whoever wants to see
 * what is left when a process dies right before or after a step names it so.
 */
export const hops = {
  bot: [
    'who asks',
    'find the target',
    'record the decision',
    'pin the image',
    'rehearse',
    'record that it is queued',
    'say "queued"',
    'into the queue',
  ],
  worker: [
    'look once more whether it may',
    'make the container',
    'the container starts',
    'its first output',
    'tell the ending',
  ],
} as const

export type Hop = (typeof hops)[keyof typeof hops][number]

/** Does the work of one hop of a run, and notes how long it took where somebody wants to know. Resolves and rejects as the work does. */
export type Span = <T>(run: string, hop: Hop, work: () => Promise<T>) => Promise<T>
