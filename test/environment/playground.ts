import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { closeServer, listenOnLoopback } from '#test/fakes/listen'
import type { FakeTeams } from '#test/fakes/teams/server'

/**
 * Microsoft 365 Agents Playground, a real Teams-like client, on loopback without telemetry. Between it and the bot is a stand-in for
 * Microsoft's cloud, which signs the client's activities and adds the Entra id of the client's user.
 */
export type Playground = {
  url: string
  /** Returns the id of the latest conversation in the client's activities. */
  conversation: () => string | undefined
  serviceUrl: string
  close: () => Promise<void>
}

type ClientActivity = {
  conversation?: { id?: string; tenantId?: string }
  from?: { aadObjectId?: string }
  recipient?: { id?: string }
  channelData?: { tenant?: object }
}

const cli = join(import.meta.dirname, '../../node_modules/@microsoft/m365agentsplayground/cli.js')

export async function startPlayground(
  teams: FakeTeams,
  bot: string,
  person: string,
  port: number,
): Promise<Playground> {
  let conversation: string | undefined
  let url = ''
  const cloud = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8')
      if (text === '') return void response.writeHead(200).end()
      const activity = JSON.parse(text) as ClientActivity
      conversation = activity.conversation?.id ?? conversation
      const { tenant, appId } = teams.state
      const sent = {
        ...activity,
        from: { ...activity.from, aadObjectId: person },
        recipient: { ...activity.recipient, id: `28:${appId}` },
        conversation: { ...activity.conversation, tenantId: tenant },
        channelData: { ...activity.channelData, tenant: { id: tenant } },
      }
      const authorization = `Bearer ${teams.sign({ serviceurl: `${url}/_connector` })}`
      fetch(bot, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization },
        body: JSON.stringify(sent),
      }).then(
        async (answer) =>
          response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text()),
        (error: unknown) => response.writeHead(502).end(String(error)),
      )
    })
  })
  const endpoint = `http://127.0.0.1:${await listenOnLoopback(cloud)}/api/messages`
  url = `http://localhost:${port}`
  const args = [
    'start',
    '--app-endpoint',
    endpoint,
    '--channel-id',
    'msteams',
    '--disable-telemetry',
    '--port',
    String(port),
  ]
  const child = spawn(process.execPath, [cli, ...args], { stdio: 'ignore' })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  await waitUntilAnswers(url)
  return {
    url,
    serviceUrl: `${url}/_connector`,
    conversation: () => conversation,
    async close() {
      child.kill()
      await ended
      await closeServer(cloud)
    },
  }
}

async function waitUntilAnswers(url: string): Promise<void> {
  for (const until = Date.now() + 30_000; Date.now() < until; ) {
    if (
      await fetch(url).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('the Playground does not answer')
}
