/**
 * Steps of a command, grouped by process and kind of command. Spans are named after them, and crash tests use these
 * names to end a process right before or after a step.
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
    'notify-requester',
  ],
  cancel: ['audit-cancel', 'cancel', 'dequeue'],
  withdraw: ['end-request'],
  /** Steps of a run that is canceled before a worker has it. */
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
    'save-message',
    'save-output',
    'save-end',
    'audit-end',
    'deliver-result',
  ],
  /** Steps of an interactive session's connection; the last one is in place of the one before it where a browser comes back. */
  terminal: ['open-shell', 'attach-shell', 'resume-shell'],
} as const

export type TraceStep = (typeof traceSteps)[keyof typeof traceSteps][number]

/** Runs one step of a run in a span, if tracing is on. Resolves and rejects as `work` does. */
export type Traced = <T>(run: string, step: TraceStep, work: () => Promise<T>) => Promise<T>
