import { afterAll, afterEach, beforeAll } from '@jest/globals'
import { type ChannelEvent, streamKey } from '#adapters/common/event-stream-adapter'
import { consoleAdapter } from '#adapters/console/index'
import { textOutput } from '#adapters/console/output-formats'
import { slackAdapter } from '#adapters/slack/index'
import { teamsAdapter } from '#adapters/teams/index'
import { webAdapter } from '#adapters/web/index'
import { renderMessage } from '#core/messages/render'
import { plainText } from '#core/messages/view'
import type { ChatAdapter, EventStream } from '#core/ports/chat'
import { httpServer } from '#src/app/http'
import { connectRedis } from '#src/redis/connection'
import { createSigner } from '#src/redis/hmac-signer'
import { redisEventStream } from '#src/redis/store/channel-event-stream'
import { type ChatBench, chatAdapterContract } from '#test/contract/chat-adapter'
import { extremesContract } from '#test/contract/extremes'
import { useRedis } from '#test/environment/redis'
import { guidOf, home } from '#test/fakes/entra/state'
import { recordInbound } from '#test/fakes/record-inbound'
import { slackPeople } from '#test/fakes/slack/send'
import { startFakeSlack } from '#test/fakes/slack/server'
import { shownAlone } from '#test/fakes/slack/shown'
import { read } from '#test/fakes/teams/card'
import { teamsPeople } from '#test/fakes/teams/send'
import { startFakeTeams } from '#test/fakes/teams/server'
import { incident } from '#test/fakes/teams/state'
import { memoryValues } from '#test/fakes/values'
import { sampleMessages } from '#test/samples/messages'
import { silentLog } from '#test/samples/run'

const redis = useRedis()
let connection: ReturnType<typeof connectRedis>
let streams = 0
const closing: (() => Promise<unknown>)[] = []
beforeAll(() => {
  connection = connectRedis(redis.url(), silentLog)
})
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})
afterAll(() => connection.disconnect())

/** Runs both contracts of a chat adapter. */
function adapterContracts(name: string, open: () => Promise<ChatBench>): void {
  chatAdapterContract(name, open)
  extremesContract(name, open)
}

const alice = { id: 'alice@example.com', name: 'Alice', groups: [] }

async function bench(adapter: ChatAdapter): Promise<Pick<ChatBench, 'adapter' | 'commands' | 'actions'>> {
  const { handlers, commands, actions } = recordInbound()
  await adapter.listen(handlers)
  closing.push(() => adapter.close())
  return { adapter, commands, actions }
}

adapterContracts('Slack', async () => {
  const slack = await startFakeSlack()
  const http = httpServer({ log: silentLog })
  const port = await http.listen('127.0.0.1', 0)
  closing.push(() => slack.close(), http.close)
  const { botToken, signingSecret } = slack.state
  const adapter = slackAdapter({
    botToken,
    signingSecret,
    mode: 'http',
    mount: http.mount,
    apiUrl: slack.apiUrl,
    log: silentLog,
  })
  const people = slackPeople(slack, () => `http://127.0.0.1:${port}/slack/events`)
  const made = await bench(adapter)
  return {
    ...made,
    thread: { platform: 'slack', team: slack.state.team, channel: 'C0INCIDENT' },
    account: { platform: 'slack', team: slack.state.team, user: 'U0ALICE' },
    burst: 5,
    unhurried: () => {
      slack.state.unhurried = true
    },
    takesFiles: true,
    forgets: true,
    kind: 'channel',
    shown: async () => slack.state.messages.map(shownAlone),
    replies: async ({ message }) =>
      slack.state.messages.find(({ ts }) => ts === message)?.replies.map(shownAlone) ?? [],
    files: async () => slack.state.files.map(({ name, content, alt }) => ({ name, content, alt })),
    async type(text) {
      const before = made.commands.length
      await people.command('U0ALICE', text)
      while (made.commands.length === before) await new Promise((resolve) => setTimeout(resolve, 5))
    },
  }
})

adapterContracts('Teams', async () => {
  const teams = await startFakeTeams(home)
  const http = httpServer({ log: silentLog })
  const port = await http.listen('127.0.0.1', 0)
  closing.push(() => teams.close(), http.close)
  const { appId, secret, tenant } = teams.state
  const values = memoryValues()
  const user = guidOf(101)
  const adapter = teamsAdapter({
    ...{
      appId,
      secret,
      tenant,
      loginUrl: teams.url,
      openIdUrl: `${teams.url}/openid`,
      mount: http.mount,
      log: silentLog,
    },
    values,
    serviceHosts: [new URL(teams.url).host],
    // The identities come from Entra, which has its own tests.
    account: async (ref) =>
      ref.user === user
        ? { ...ref, name: 'Alice', email: 'alice@example.com', kind: 'member', groups: [] }
        : { ...ref, name: ref.user, kind: 'unknown', groups: [] },
  })
  const people = teamsPeople(teams, () => `http://127.0.0.1:${port}/teams/messages`)
  const made = await bench(adapter)
  const type = async (text: string) => {
    const before = made.commands.length
    await people.say(user, text)
    while (made.commands.length === before) await new Promise((resolve) => setTimeout(resolve, 5))
  }
  // Teams has to send one activity before the bot can post anything.
  await type('version')
  made.commands.length = 0
  return {
    ...made,
    thread: { platform: 'teams', team: tenant, channel: incident },
    account: { platform: 'teams', team: tenant, user },
    burst: 7,
    unhurried: () => {
      teams.state.unhurried = true
    },
    takesFiles: false,
    forgets: true,
    kind: 'channel',
    replies: async ({ message }) =>
      teams.state.messages.find(({ id }) => id === message)?.replies.map(({ card }) => read(card)) ?? [],
    shown: async () => teams.state.messages.map(({ card }) => read(card)),
    files: async () => [],
    type,
  }
})

adapterContracts('Web', async () => {
  const board = newStream()
  const adapter = webAdapter({ port: 0, people: [alice], channels: ['incident'], eventStream: board, log: silentLog })
  const made = await bench(adapter)
  return {
    ...made,
    thread: { platform: 'web', team: 'local', channel: 'incident' },
    account: { platform: 'web', team: 'local', user: alice.id },
    ...streamReader(board, () => streamKey('web', 'incident')),
    kind: 'channel',
    async type(text) {
      const body = JSON.stringify({ person: alice.id, channel: 'incident', text })
      const before = made.commands.length
      await fetch(`${adapter.address()}api/command`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      })
      while (made.commands.length === before) await new Promise((resolve) => setTimeout(resolve, 5))
    },
  }
})

adapterContracts('Console', async () => {
  const board = newStream()
  const adapter = consoleAdapter({ eventStream: board, people: [alice] })
  const made = await bench(adapter)
  return {
    ...made,
    thread: { platform: 'console', team: 'local', channel: 'c1' },
    account: { platform: 'console', team: 'local', user: alice.id },
    ...streamReader(board, () => streamKey('console', 'c1')),
    kind: 'direct',
    async type(text) {
      const ended = new AbortController()
      const sending = adapter.send(
        alice,
        text,
        textOutput(() => undefined),
        ended.signal,
      )
      await new Promise((resolve) => setTimeout(resolve, 50))
      ended.abort()
      await sending
    },
  }
})

function newStream(): EventStream {
  streams += 1
  return redisEventStream(connection, { signer: createSigner('a key'), prefix: `bench${streams}` })
}

/** Returns what readers of an event stream see: messages with their newest content, and files. */
function streamReader(
  board: EventStream,
  name: () => string,
): Pick<ChatBench, 'shown' | 'replies' | 'burst' | 'unhurried' | 'takesFiles' | 'forgets' | 'files'> {
  const all: ChannelEvent[] = []
  let last: string | undefined
  const entries = async () => {
    const enough = new AbortController()
    // Marks the current end of the stream, so that reading stops there, however long it takes.
    const endMark = await board.append(name(), { type: 'mark' })
    for await (const { id, entry } of board.read(name(), last, enough.signal)) {
      last = id
      if (id === endMark) break
      if ((entry as { type: string }).type !== 'mark') all.push(entry as ChannelEvent)
    }
    enough.abort()
    return all
  }
  /** Returns the newest texts of the messages, by id, those in a thread only where one is given. */
  const texts = async (thread?: string) => {
    const messages = new Map<string, string>()
    for (const entry of await entries()) {
      const isWanted = entry.type === 'posted' && (thread === undefined || entry.thread === thread)
      if (isWanted || (entry.type === 'edited' && messages.has(entry.message)))
        messages.set(entry.message, plainText(renderMessage(entry.notice)))
    }
    return [...messages.values()]
  }
  return {
    burst: sampleMessages.length,
    unhurried: () => undefined,
    takesFiles: true,
    forgets: false,
    shown: () => texts(),
    replies: ({ message }) => texts(message),
    async files() {
      const attached = (await entries()).filter((entry) => entry.type === 'attached')
      return attached.map(({ file }) => ({
        name: file.name,
        content: 'text' in file ? file.text : file.png,
        alt: 'alt' in file ? file.alt : '',
      }))
    },
  }
}
