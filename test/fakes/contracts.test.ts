import { renderMessage } from '#core/messages/render'
import { plainText } from '#core/messages/view'
import { artifactsContract } from '#test/contract/artifacts'
import { auditLogContract } from '#test/contract/audit-log'
import { chatAdapterContract } from '#test/contract/chat-adapter'
import { clockContract } from '#test/contract/clock'
import { directoryContract } from '#test/contract/directory'
import { imagesContract } from '#test/contract/images'
import { inboxContract } from '#test/contract/inbox'
import { cancelBusContract, queueContract } from '#test/contract/queue'
import { recordingLogContract } from '#test/contract/recording-log'
import { sessionsContract } from '#test/contract/sessions'
import { locksContract, storeContract, valuesContract } from '#test/contract/store'
import { terminalBusContract } from '#test/contract/terminal-bus'
import { transcriptsContract } from '#test/contract/transcripts'
import { memoryArtifacts } from './artifacts.ts'
import { memoryAuditLog } from './audit-log.ts'
import { memoryChat } from './chat.ts'
import { fakeClock } from './clock.ts'
import { memoryDirectory } from './directory.ts'
import { memoryImages } from './images.ts'
import { memoryCommands, memoryInbox } from './inbox.ts'
import { memoryCancelBus, memoryQueue } from './queue.ts'
import { recordInbound } from './record-inbound.ts'
import { memoryRecordingLog } from './recording-log.ts'
import { memorySessions } from './sessions.ts'
import { memoryStore } from './store.ts'
import { memoryTerminalBus } from './terminal-bus.ts'

const name = 'The one in memory'

async function openStore() {
  const clock = fakeClock()
  return { store: memoryStore(clock), pass: async (ms: number) => clock.pass(ms) }
}
storeContract(name, openStore)
locksContract(name, openStore)
valuesContract(name, openStore)
transcriptsContract(name, openStore)

queueContract(name, async () => {
  const queue = memoryQueue(3)
  return { queue, take: queue.take }
})
cancelBusContract(name, async () => {
  const bus = memoryCancelBus()
  return { one: bus, other: bus }
})

terminalBusContract(name, async () => {
  const bus = memoryTerminalBus()
  return { one: bus, other: bus }
})

inboxContract(name, async () => {
  const clock = fakeClock()
  const commands = memoryCommands(clock)
  return {
    one: memoryInbox(commands),
    other: memoryInbox(commands),
    expire: async (id) => commands.expire(id),
    pass: async (ms) => clock.pass(ms),
  }
})

sessionsContract(name, async () => {
  const clock = fakeClock()
  return { sessions: memorySessions(clock), pass: async (ms) => clock.pass(ms) }
})

artifactsContract(name, async (most) => {
  const clock = fakeClock()
  const store = memoryArtifacts(clock, most)
  return {
    store,
    now: () => clock.now().getTime(),
    pass: async (ms) => clock.pass(ms),
    change: async (path, change) => store.change(path, change),
  }
})
recordingLogContract(name, async () => memoryRecordingLog())

auditLogContract(name, async () => ({ log: memoryAuditLog() }))

directoryContract(name, () => {
  const person = { id: 'alice@example.com', name: 'Alice' }
  const directory = memoryDirectory([{ ...person, user: 'U0ALICE', groups: ['group:leads'] }])
  return {
    directory,
    alice: { platform: 'slack', team: 'T', user: 'U0ALICE' },
    reach(isReachable) {
      directory.isAway = !isReachable
    },
    leave: () => void directory.people.set('U0ALICE', { ...person, groups: [] }),
  }
})

imagesContract(name, async () => {
  const images = memoryImages()
  const image = 'registry.example/shell:v1'
  return {
    images,
    image,
    move: () => void images.digests.set(image, `sha256:${'b'.repeat(64)}`),
    reach(isReachable) {
      if (isReachable) delete images.problem
      else images.problem = 'the registry does not answer'
    },
  }
})

clockContract(name, async () => {
  const clock = fakeClock()
  return { ...clock, pass: async (ms) => clock.pass(ms) }
})

chatAdapterContract(name, async () => {
  const chat = memoryChat()
  const account = { platform: 'slack' as const, team: 'T', user: 'U0ALICE' }
  const thread = { platform: 'slack' as const, team: 'T', channel: 'C' }
  const alice = { ...account, name: 'Alice', email: 'alice@example.com', kind: 'member' as const, groups: [] }
  chat.accounts.set('U0ALICE', alice)
  const { handlers, commands, actions } = recordInbound()
  await chat.listen(handlers)
  const texts = (thread?: string) =>
    chat.shown
      .filter(({ ref }) => thread === undefined || ref.thread === thread)
      .map(({ message }) => plainText(renderMessage(message)))
  return {
    ...{ adapter: chat, thread, account, commands, actions, kind: 'channel', burst: 1_000 },
    ...{ unhurried: () => undefined, forgets: true, takesFiles: true },
    shown: async () => texts(),
    replies: async ({ message }) => texts(message),
    files: async () =>
      chat.files.map(({ file }) => ({
        name: file.name,
        content: 'text' in file ? file.text : file.png,
        alt: 'alt' in file ? file.alt : '',
      })),
    async type(text) {
      const at = '2026-11-24T03:00:00.000Z'
      await chat.inbox?.command({ account, thread, text, key: `k${commands.length}`, at })
    },
  }
})
