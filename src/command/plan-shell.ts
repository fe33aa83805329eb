import type { Stage } from '#core/request/request'
import { type Needs, noNeeds } from '#core/request/tool'
import { defined } from '#core/util/defined'
import type { ShellFlags } from './parsed-shell-command.ts'

/** The shell of a session: the program is fixed, and what its container can do is judged. */
export const shellStage: Stage = {
  tool: 'bash',
  given: ['bash'],
  argv: ['bash'],
  tools: ['bash'],
  special: [],
  known: true,
}

/** What a command asks of a shell. Without `needs`, it gets the rights of the set that gives it. */
export type ShellPlan = { needs?: Needs; set?: string; image?: string }

/** Returns what the flags ask for: exactly these rights, where any of them is given. */
export function planShell(flags: ShellFlags, configured: { repo: string; version: string }): ShellPlan {
  const { apparmorUnconfined, seccompUnconfined, mountHostFilesystem, allowHostFilesystemWrite, hostPid } = flags
  const isExplicit = flags.capabilities !== undefined || mountHostFilesystem || hostPid
  const filesystem = allowHostFilesystemWrite ? 'read-write' : mountHostFilesystem ? 'read-only' : 'none'
  const needs: Needs = {
    ...noNeeds,
    capabilities: flags.capabilities ?? [],
    host: { filesystem, pid: hostPid },
    confinement: {
      apparmor: apparmorUnconfined ? 'unconfined' : 'default',
      seccomp: seccompUnconfined ? 'unconfined' : 'default',
    },
    user: 'root',
  }
  const image = `${flags.imageRepo ?? configured.repo}:${flags.imageVersion ?? configured.version}`
  return {
    ...(isExplicit || apparmorUnconfined || seccompUnconfined ? { needs } : {}),
    ...defined({ set: flags.set }),
    ...(image === `${configured.repo}:${configured.version}` ? {} : { image }),
  }
}
