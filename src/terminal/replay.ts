import type { PageGrant } from '#core/messages/run-page'
import { createRedactor } from '#core/output/redact'
import { sanitise } from '#core/output/sanitise'
import { mayReplay } from '#core/policy/replay-right'
import { createPlainText } from '#core/recording/plain-text'
import type { SessionRecording } from '#core/recording/session-recording'
import { targetText } from '#core/request/target'
import { raiseAlarm } from '#src/lifecycle/report-tampering'
import { currentPerson } from '#src/lifecycle/revalidate'
import type { TerminalContext } from './context.ts'
import { RecordingBrokenError, type RecordingPlace, readPart, readRecording } from './recording/read-recording.ts'

/** Bytes of output that are sent to a browser at once. */
const partBytes = 512 * 1_024
/** Characters of the text of a recording. */
const maxTextChars = 8_000_000

/** What a replay page shows of a recording. Times in ms since 1970. */
export type ReplayHead = {
  id: string
  target: string
  set: string
  person: string
  startedAt: number
  endedAt: number
  events: number
  bytes: number
  hash: string
  expiresAt: string
}

/** Event for a page: ms since the beginning, code, data in base64. */
type PageEvent = readonly [number, string, string]

export type Refused = { refused: string }

/** What a replay page asks for: each time its person is asked for again, and their right. */
export type Replays = {
  look: (visit: PageGrant) => Promise<ReplayHead | Refused>
  part: (visit: PageGrant, place: RecordingPlace) => Promise<{ events: PageEvent[]; next?: RecordingPlace } | Refused>
  text: (visit: PageGrant) => Promise<{ text: string } | Refused>
}

export function createReplays(context: TerminalContext): Replays {
  const find = async (visit: PageGrant): Promise<SessionRecording | Refused> => {
    const person = await currentPerson(context, { id: visit.by.id, account: visit.account })
    if ('refused' in person) return { refused: person.refused }
    const recording = await context.store.field('recordings', 'all', visit.run)
    if (recording === 'broken') return { refused: 'This recording was changed in Redis; it is not used.' }
    const { policy } = context.rules()
    if (recording === undefined || !mayReplay(person, recording, policy, context.now().toISOString()))
      return { refused: 'This recording no longer exists, or you may not see it any more. `recordings` lists yours.' }
    return recording
  }
  const read = async <T>(visit: PageGrant, work: (recording: SessionRecording) => Promise<T>): Promise<T | Refused> => {
    const recording = await find(visit)
    if ('refused' in recording) return recording
    try {
      return await work(recording)
    } catch (error) {
      if (!(error instanceof RecordingBrokenError)) throw error
      await raiseAlarm(context, recording.id, recording.by.id, `the recording was changed: ${error.message}`)
      return { refused: `This recording is not what was recorded: ${error.message}. Tell the owner of the bot.` }
    }
  }
  return {
    look: (visit) =>
      read(visit, async (recording) => {
        await context.audit('recording-opened', recording.id, visit.by.id, { of: recording.by.id })
        // All of it, before anything is shown.
        for await (const _event of readRecording(context, recording));
        return toHead(recording)
      }),
    part: (visit, place) => read(visit, (recording) => readParts(context, recording, place)),
    text: (visit) => read(visit, async (recording) => ({ text: await readText(context, recording) })),
  }
}

function toHead(recording: SessionRecording): ReplayHead {
  const { id, target, set, by, startedAt, endedAt, events, from, upTo, hash, expiresAt } = recording
  const times = { startedAt: Date.parse(startedAt), endedAt: Date.parse(endedAt), expiresAt }
  return { id, target: targetText(target), set, person: by.name, ...times, events, bytes: upTo - from, hash }
}

async function readParts(context: TerminalContext, recording: SessionRecording, from: RecordingPlace) {
  const events: PageEvent[] = []
  let bytes = 0
  let place: RecordingPlace | undefined = from
  while (place !== undefined && bytes < partBytes) {
    const part: Awaited<ReturnType<typeof readPart>> = await readPart(context, recording, place)
    for (const { at, code, data } of part.events) {
      bytes += data.length
      events.push([at, code, Buffer.from(data).toString('base64')])
    }
    place = part.next
  }
  return place === undefined ? { events } : { events, next: place }
}

/** Returns the output as text, without control sequences, with secrets hidden. */
async function readText(context: TerminalContext, recording: SessionRecording): Promise<string> {
  const decoder = new TextDecoder()
  const plain = createPlainText()
  const redactor = createRedactor(context.rules().redact)
  const show = (lines: string) => (lines === '' ? '' : redactor.lines(sanitise(lines)))
  let text = ''
  for await (const { code, data } of readRecording(context, recording)) {
    if (code !== 'o') continue
    text += show(plain.add(decoder.decode(data, { stream: true })))
    if (text.length > maxTextChars) return `${text.slice(0, maxTextChars)}\n… the rest is in the replay …\n`
  }
  return text + show(plain.add(decoder.decode()) + plain.end())
}
