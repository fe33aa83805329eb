/**
 * The steps that a command goes through, by the process and the kind of command that do them. Spans are named after them, and
 * whoever wants to see what is left when a process dies right before or after a step names it so.
 */
export const traceSteps = {
  bot: [
    'inbox.accept',
    'inbox.verify-lease',
    'count-command',
    'identify-person',
    'resolve-target',
    'audit-decision',
    'pin-image',
    'dry-run',
    'audit-queued',
    'reply-queued',
    'reply',
    'save-reply',
    'save-run',
    'enqueue',
    'inbox.ack',
    'inbox.take-over',
  ],
  approval: [
    'audit-approval-request',
    'notify-approvers',
    'save-request',
    'audit-review',
    'save-review',
    'show-review',
  ],
  cancel: ['audit-cancel', 'cancel', 'dequeue'],
  withdraw: ['end-request'],
  /** Of a run that is called off before any worker has it. */
  early: ['end-unstarted'],
  'fan-out': ['audit-fan-out', 'save-fan-out', 'enqueue-fan-out'],
  worker: [
    'reauthorize',
    'save-start',
    'audit-start',
    'create-container',
    'exec-open',
    'exec-begin',
    'container-start',
    'first-output',
    'save-output',
    'save-end',
    'audit-end',
    'deliver-result',
  ],
} as const

export type TraceStep = (typeof traceSteps)[keyof typeof traceSteps][number]

/** Does the work of one hop of a run, and notes how long it took where somebody wants to know. Resolves and rejects as the work does. */
export type Traced = <T>(run: string, hop: TraceStep, work: () => Promise<T>) => Promise<T>
