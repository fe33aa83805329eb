import type { FanOutCommand, OwnerCommand, ShellCommand } from './parsed-shell-command.ts'

const verbs: ReadonlySet<string> = new Set<(ShellCommand | OwnerCommand | FanOutCommand)['verb']>([
  'shell',
  'owner',
  'fan-out',
])

/** Returns true for a command that runs a tool. */
export function isRunning<C extends { verb: string }>(
  command: C,
): command is C & (ShellCommand | OwnerCommand | FanOutCommand) {
  return verbs.has(command.verb)
}
