import { quoteText } from '#core/util/quote'
import type { Run, RunState } from './run.ts'

/** Form with one text box, which the button of an action opens. Its text makes the command. */
export type ActionForm = {
  /** Name of the form at the platforms. It stays as it is, because people may have forms open. */
  name: string
  title: string
  /** Label of the button that submits it. */
  submit: string
  /** The text box: its name, its label, an example of a text. */
  field: string
  label: string
  example: string
  required: boolean
  /** True where the box first has the command of the run, as it was typed. */
  prefilled?: true
  /** Returns the command for a filled form. */
  command: (run: string, text: string) => string
  /** Returns the start of that command, for a chat without forms. `typed`: the command of the run, as it was typed. */
  begin: (run: string, typed: string) => string
}

/** What people can do with a run: with a button under its message, and by typing. */
export type ActionRule = {
  label: string
  style?: 'primary' | 'danger'
  /** States of a run in which the action is possible, for buttons, typed commands and workers. */
  states: readonly RunState[]
  /** What else the run needs for the button; nothing by default. */
  needs?: (run: Run) => boolean
  /** Who sees the button, on platforms that show one message in several ways; everybody by default. */
  seenBy?: 'reviewers'
  /**
   * What the button stands under, and what its answer follows: `output` is shown only under an output that isn't shown
   * whole, and answered in its thread; `alert` is answered in the alert's thread; `again` gets a message of its own. The message of the run by default.
   */
  about?: 'output' | 'again' | 'alert'
  /** True where the command takes the number of the next page behind the id. */
  paged?: true
  /** Place of the suggestion of the message, from 0, that the button stands for: it has the label and the word behind the id. */
  suggestion?: number
  /**
   * Returns the words of a pressed button's command. Absent: the button only opens `form`; without both there is no
   * button.
   */
  command?: (run: string) => readonly string[]
  form?: ActionForm
}

const triageOf = (alert: string) => ['triage', '--alert', alert]

/** All actions on a run, in the order of the buttons. */
const table = {
  approve: {
    label: 'Approve',
    style: 'primary',
    states: ['asking'],
    seenBy: 'reviewers',
    command: (run) => ['approve', run],
  },
  'approve-window': {
    label: 'Approve for a while',
    states: ['asking'],
    needs: ({ approval }) => approval?.rule.window !== undefined,
    seenBy: 'reviewers',
    command: (run) => ['approve', run, '--window'],
  },
  deny: {
    label: 'Deny',
    style: 'danger',
    states: ['asking'],
    seenBy: 'reviewers',
    command: (run) => ['deny', run],
    form: {
      ...{ name: 'deny', title: 'Deny this request', submit: 'Deny' },
      ...{ field: 'reason', label: 'Reason', example: 'Not before the backup has finished', required: false },
      command: (run, reason) => `deny ${run} ${quoteText(reason)}`.trim(),
      begin: (run) => `deny ${run} `,
    },
  },
  cancel: {
    label: 'Cancel',
    style: 'danger',
    states: ['asking', 'queued', 'starting', 'running'],
    needs: ({ terminal }) => terminal === undefined,
    command: (run) => ['cancel', run],
  },
  open: {
    label: 'Open',
    style: 'primary',
    states: ['running'],
    needs: ({ terminal }) => terminal !== undefined,
    command: (run) => ['open', run],
  },
  rerun: { label: 'Run again', states: ['ended'], about: 'again', command: (run) => ['rerun', run] },
  'rerun-with': {
    label: 'Run again with…',
    states: ['ended'],
    about: 'again',
    form: {
      ...{ name: 'rerun', title: 'Run again with…', submit: 'Run' },
      ...{ field: 'command', label: 'Command', example: 'shell node001 dig example.org', required: true },
      prefilled: true,
      command: (_run, command) => command,
      begin: (_run, typed) => typed,
    },
  },
  output: {
    label: 'More output',
    states: ['ended'],
    about: 'output',
    paged: true,
    command: (run) => ['output', run],
  },
  filter: {
    label: 'Filter output…',
    states: ['ended'],
    about: 'output',
    form: {
      ...{ name: 'filter', title: 'Filter the output', submit: 'Filter' },
      ...{ field: 'words', label: 'Lines that contain', example: 'DROP', required: true },
      command: (run, words) => `output ${run} --grep ${quoteText(words)}`,
      begin: (run) => `output ${run} --grep `,
    },
  },
  link: {
    label: 'Open page',
    states: ['ended'],
    needs: ({ pages, terminal }) => pages === true && terminal === undefined,
    command: (run) => ['link', run],
  },
  replay: {
    label: 'Replay',
    states: ['ended'],
    needs: ({ terminal }) => terminal?.recording !== undefined,
    command: (run) => ['replay', run],
  },
  end: {
    label: 'End session',
    states: ['running', 'ended'],
    needs: ({ kept, terminal, state }) => kept !== undefined || (terminal !== undefined && state === 'running'),
    command: (run) => ['end', run],
  },
  'next-1': { label: 'Next', states: [], suggestion: 0, command: (run) => ['next', run] },
  'next-2': { label: 'Next', states: [], suggestion: 1, command: (run) => ['next', run] },
  'next-3': { label: 'Next', states: [], suggestion: 2, command: (run) => ['next', run] },
  'next-4': { label: 'Next', states: [], suggestion: 3, command: (run) => ['next', run] },
  'next-5': { label: 'Next', states: [], suggestion: 4, command: (run) => ['next', run] },
  'triage-1': { label: 'Triage', style: 'primary', states: [], about: 'alert', suggestion: 0, command: triageOf },
  'triage-2': { label: 'Triage', states: [], about: 'alert', suggestion: 1, command: triageOf },
  'triage-3': { label: 'Triage', states: [], about: 'alert', suggestion: 2, command: triageOf },
  'triage-4': { label: 'Triage', states: [], about: 'alert', suggestion: 3, command: triageOf },
  'triage-5': { label: 'Triage', states: [], about: 'alert', suggestion: 4, command: triageOf },
  show: { label: 'Show', states: ['asking', 'queued', 'starting', 'running', 'ended'] },
} satisfies Record<string, ActionRule>

export type RunAction = keyof typeof table

/** Actions whose button is a command by itself. */
export type PressableAction = {
  [A in RunAction]: (typeof table)[A] extends { command: unknown } ? A : never
}[RunAction]

export const runActions: Readonly<Record<RunAction, ActionRule>> = table

const allActions = Object.keys(table) as RunAction[]

/** Actions of the suggestions of a triage, and of the targets of an alert, in their order. */
export const suggestionActions = allActions.filter(
  (action) => runActions[action].suggestion !== undefined && runActions[action].about !== 'alert',
)
export const alertActions = allActions.filter((action) => runActions[action].about === 'alert')

/** Returns true for an action whose answer follows in the thread of the message that its button stands under. */
export function answersInThread(action: RunAction): boolean {
  const { about } = runActions[action]
  return about === 'output' || about === 'alert'
}

/** Actions whose button is a command by itself, `deny` without a reason among them. */
export const pressableActions = allActions.filter(isPressable)

/** Actions whose button opens a form, where the chat has forms. */
export const formActions = allActions.flatMap((action) => {
  const { form } = runActions[action]
  return form === undefined ? [] : [{ action, form }]
})

/** Pressable actions of a chat that has forms: those without one. */
export const directActions = pressableActions.filter((action) => runActions[action].form === undefined)

function isPressable(action: RunAction): action is PressableAction {
  return runActions[action].command !== undefined
}

/** Returns the words of a pressed button's command. `run`: the id of the run, followed by the page of a paged action or the word of a suggestion. */
export function wordsOfPress(action: PressableAction, run: string): readonly string[] {
  const { paged, suggestion } = runActions[action]
  const [id = '', ...more] = paged === true || suggestion !== undefined ? run.split(' ') : [run]
  return [...table[action].command(id), ...more]
}

/** Returns the command of a pressed button as a person would type it. */
export function textOfPress(action: PressableAction, run: string): string {
  return wordsOfPress(action, run).join(' ')
}

export function runCan(action: RunAction, run: Pick<Run, 'state'>): boolean {
  return runActions[action].states.includes(run.state)
}

/** Returns the actions that are possible on a run now, as its buttons. */
export function currentActions(run: Run): RunAction[] {
  return allActions.filter((action) => runCan(action, run) && runActions[action].needs?.(run) !== false)
}
