import { existsSync, readdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'

const root = '/sys/fs/cgroup'

/** Removes the control groups of nodes by these names: they outlive the processes in them. */
export async function removeControlGroups(names: readonly string[]): Promise<void> {
  const controllers = existsSync(root)
    ? readdirSync(root, { withFileTypes: true }).filter((each) => each.isDirectory())
    : []
  for (const controller of controllers) {
    for (const name of names) removeTree(join(root, controller.name, name))
  }
}

// A control group is removed by rmdir, children first; its files disappear with it. One that still has a process can't be removed.
function removeTree(folder: string): void {
  if (!existsSync(folder)) return
  for (const each of readdirSync(folder, { withFileTypes: true })) {
    if (each.isDirectory()) removeTree(join(folder, each.name))
  }
  try {
    rmdirSync(folder)
  } catch {
    // Its last process is still ending. An empty group that is left behind costs nothing and is reused.
  }
}
