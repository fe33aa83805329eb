import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '#dev/machine/free-port'
import { startRedis } from '#dev/machine/redis'
import { startProcess } from '#test/bench/program'
import type { TestCluster } from '#test/environment/test-cluster'
import { slackPeople } from '#test/fakes/slack/send'
import { startFakeSlack } from '#test/fakes/slack/server'
import { shellLinkIn } from '#test/fakes/slack/shown'
import { configText } from '#test/flow/settings'
import { waitFor } from '#test/flow/wait-for'

/** A bot and a terminal, each a process of its own, their Redis, and a stand-in for Slack in this process. */
export type ShellPrograms = {
  /** Sends a command, and resolves with the link to a shell that it is answered with. */
  ask: (command: string) => Promise<string>
  /** Resident memory of the terminal's process in bytes. */
  memory: () => number
  redis: string
  stop: () => Promise<void>
}

const policy = `
capabilitySets: { plain-shell: { terminal: shell, idle: 1h, maxRecording: 1073741824 } }
grants: [{ to: [alice@example.com], sets: [plain-shell], on: [{ nodes: '*' }] }]`

const limits =
  'limits: { perPerson: 10000, perChannel: 10000, shellsPerPerson: 1000, shellsPerTarget: 1000, terminalConnections: 1000 }'

const clusterOf = (kubeconfig: string) => ({
  cluster: `name: dev, kubeconfig: '${kubeconfig}', context: dev, impersonate: never`,
})

/**
 * Starts them. `cluster`: shells are in containers of the development cluster. `standIn`: kubeconfig of a stand-in for an API server for the
 * terminal; the bot has simulated nodes, `n0` to `n999`.
 */
export async function openShellPrograms(where: { cluster: TestCluster } | { standIn: string }): Promise<ShellPrograms> {
  const folder = mkdtempSync(join(tmpdir(), 'retina-bench-'))
  const redis = await startRedis({ folder: join(folder, 'redis') })
  const slack = await startFakeSlack()
  slack.state.unhurried = true
  const page = await freePort()
  const real = 'standIn' in where ? clusterOf(where.standIn) : where.cluster.settings
  const start = (role: 'bot' | 'terminal', port: number, isSimulated = false) => {
    const file = join(folder, `${role}.yaml`)
    const more = `terminal: { url: 'http://localhost:${page}' }\n${limits}`
    const settings = isSimulated ? { cluster: 'name: dev' } : real
    writeFileSync(file, configText({ ...settings, policy, port, more }, slack))
    return startProcess(file, { redis: redis.url, role, isSimulated })
  }
  const bot = await start('bot', 0, 'standIn' in where)
  const terminal = await start('terminal', page)
  const people = slackPeople(slack, () => `http://127.0.0.1:${bot.port}/slack/events`, 10)
  return {
    redis: redis.url,
    memory: terminal.memory,
    async ask(command) {
      const before = slack.state.messages.length
      await people.command('U0ALICE', command)
      const find = () => shellLinkIn(slack.state.messages.slice(before))
      return waitFor('the link came', find, { instead: () => bot.stderr().slice(-2_000) })
    },
    async stop() {
      await terminal.stop()
      await bot.stop()
      await slack.close()
      await redis.stop('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
