/**
 * The steps that a command goes through, by the process and the kind of command that do them. Spans are named after them, and
 * whoever wants to see what is left when a process dies right before or after a step names it so.
 */
export const traceSteps = {
  bot: [
    'keep the command',
    'make sure of the command',
    'count the command',
    'who asks',
    'find the target',
    'record the decision',
    'pin the image',
    'rehearse',
    'record that it is queued',
    'say "queued"',
    'answer',
    'note the answer',
    'save the run',
    'into the queue',
    'forget the command',
    'take over',
  ],
  approval: [
    'record that it asks',
    'tell the approvers',
    'save the request',
    'record the review',
    'save the review',
    'show the review',
  ],
  cancel: ['record that it is canceled', 'call off', 'out of the queue'],
  withdraw: ['end the request'],
  /** Of a run that is called off before any worker has it. */
  early: ['end what never started'],
  'fan-out': ['record the fan-out', 'save the fan-out', 'queue some of a fan-out'],
  worker: [
    'look once more whether it may',
    'save that it starts',
    'record that it starts',
    'make the container',
    'open the exec',
    'begin in the container',
    'the container starts',
    'its first output',
    'save the output',
    'save the ending',
    'record the ending',
    'tell the ending',
  ],
} as const

export type TraceStep = (typeof traceSteps)[keyof typeof traceSteps][number]

/** Does the work of one hop of a run, and notes how long it took where somebody wants to know. Resolves and rejects as the work does. */
export type Traced = <T>(run: string, hop: TraceStep, work: () => Promise<T>) => Promise<T>
