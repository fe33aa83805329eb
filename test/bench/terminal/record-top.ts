import type { SessionRecording } from '#core/recording/session-recording'
import { withTimeout } from '#core/util/timeout'
import { connectRedis } from '#src/redis/connection'
import { atMost, type GoalResult } from '#test/bench/goals'
import { openStore, whole } from '#test/environment/store'
import type { TestCluster } from '#test/environment/test-cluster'
import { waitFor } from '#test/flow/wait-for'
import { silentLog } from '#test/samples/run'
import { openShell } from './browser-shell.ts'
import { openShellPrograms } from './programs.ts'
import { prompt } from './shell.ts'

/** Screens of `top` in an hour, at one a second. */
const screensOfAnHour = 3_600

/** Bytes of a segment for each event: its length. */
const lengthBytes = 4

/**
 * Measures the recording of `top` in a shell, beside the bytes that it printed. An hour's screens come as fast as they are printed, at most 100 a
 * second; fewer with fewer `times`.
 */
export async function benchRecording(cluster: TestCluster, times: number): Promise<GoalResult> {
  const screens = Math.min(screensOfAnHour, (times * screensOfAnHour) / 20)
  const programs = await openShellPrograms({ cluster })
  const shell = await openShell(await programs.ask('shell node001'))
  await shell.shows(prompt)
  shell.type(`top -d 0.01 -n ${screens}; exit\r`)
  const seconds = screens / 10 + 60
  if (
    (await withTimeout(
      seconds * 1_000,
      shell.closed.then(() => true),
    )) !== true
  )
    throw new Error(`top did not end within ${seconds} s`)
  const recording = await readRecording(programs.redis, shell.id)
  await programs.stop()
  const raw = recording.upTo - recording.from
  const stored = recording.size + lengthBytes * recording.events
  return {
    goals: [atMost(`recording of ${screens} screens of \`top\` beside its bytes`, stored / raw, 1.3, '', 2)],
    notes: [
      `${screens} screens of \`top\` had ${raw} bytes; recorded they are ${recording.events} events of ${stored} bytes, encrypted and not compressed`,
    ],
  }
}

/** Waits until a session's recording is closed. */
async function readRecording(url: string, id: string): Promise<SessionRecording> {
  const connection = connectRedis(url, silentLog)
  const store = openStore(connection)
  const find = async () => {
    const found = (await store.fields('recordings', 'all')).get(id)
    return found === undefined ? undefined : whole(found)
  }
  return waitFor('the recording is closed', find).finally(() => connection.disconnect())
}
