import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Returns what this machine lacks to run the development cluster, one sentence each; empty if nothing is missing. */
export function missingRequirements(): string[] {
  const missing: string[] = []
  if (process.platform !== 'linux') missing.push(`The dev cluster runs on Linux only; this is ${process.platform}.`)
  if (process.getuid?.() !== 0)
    missing.push('The dev cluster needs root: its nodes are containers with their own systemd.')
  if (!onPath('go')) missing.push('The dev cluster is built from source and needs Go 1.26 or newer (`go`) on the PATH.')
  if (!onPath('apt-get')) missing.push('The dev cluster installs Debian packages and needs apt-get (Debian or Ubuntu).')
  return missing
}

function onPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)))
}
