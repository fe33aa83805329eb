import { readFileSync, writeFileSync } from 'node:fs'
import { runLabel } from '#core/runs/debug-spec'
import { delay } from '#core/util/delay'
import { nodeExec } from '#dev/dev-cluster/node'
import { run } from '#dev/machine/run'
import type { TestCluster } from '#test/environment/test-cluster'

/** Time in which all processes have read a changed configuration. */
const readAgainMs = 5_000

/** Changes the configuration of all processes; returns what puts it back, and waits until it is read. */
export function changeConfiguration(files: readonly string[], change: (text: string) => string): () => Promise<void> {
  const before = files.map((file) => [file, readFileSync(file, 'utf8')] as const)
  for (const [file, text] of before) writeFileSync(file, change(text))
  return async () => {
    for (const [file, text] of before) writeFileSync(file, text)
    await delay(readAgainMs)
  }
}

/**
 * Kills the container of a session by SIGKILL. On this machine, where no container ends with its first process, that is everything which has the
 * session's id in its words.
 */
export async function killContainer(id: string, cluster: TestCluster | undefined): Promise<void> {
  const list = ['pgrep', '-f', cluster === undefined ? id : `retina-run --hold ${id}`] as const
  const found = cluster === undefined ? await run('pgrep', list.slice(1)) : await nodeExec('node001', list)
  const pids = found.split('\n').filter((pid) => pid !== '')
  const kill = ['-KILL', ...pids]
  // One of them may have ended by another's end.
  const killed = cluster === undefined ? run('kill', kill) : nodeExec('node001', ['kill', ...kill])
  await killed.catch(() => undefined)
}

/** Deletes the pod of a session, as somebody who cleans up would. */
export async function deletePod(id: string, { core, namespace }: TestCluster): Promise<void> {
  const labelSelector = `${runLabel}=${id}`
  await core.deleteCollectionNamespacedPod({ namespace, labelSelector, gracePeriodSeconds: 0 })
}
