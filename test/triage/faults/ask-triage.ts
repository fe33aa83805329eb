import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inChannels, shown } from '#test/fakes/slack/shown'
import type { App } from '#test/flow/app'
import { waitFor } from '#test/flow/wait-for'

const starter = readFileSync(join(import.meta.dirname, '../../../deploy/starter-policy.yaml'), 'utf8')

/** The starter policy, whose set `triage` Alice has everywhere. */
export const triagePolicy = `
groups: { leads: [bob@example.com] }
grants: [{ to: [alice@example.com], sets: [triage], on: [{ nodes: '*' }, { namespaces: '*' }] }]
${starter}`

/** Ids of triages that were asked for before: late parts of their messages are none of another one. */
const earlier = new Set<string>()

/** Asks for a triage as Alice, and resolves with its whole text once it is done, within so many seconds. */
export async function askTriage(
  { slack, people }: Pick<App, 'slack' | 'people'>,
  words: string,
  seconds?: number,
): Promise<string> {
  slack.state.messages.length = 0
  await people.command('U0ALICE', `triage ${words}`)
  const isDone = (text: string) =>
    /\d good/.test(text) &&
    !/parts done/.test(text) &&
    /^\d\. |Nothing|could not/m.test(text) &&
    !earlier.has(triageIdIn(text))
  const text = await waitFor(
    `the triage of ${words} is done`,
    () => inChannels(slack.state.messages).map(shown).find(isDone),
    { seconds, instead: () => slack.state.messages.map(shown).join('\n---\n') },
  )
  earlier.add(triageIdIn(text))
  return text
}

/** Returns true for the text of a message of the triage that is asked for now. */
export const isOfThisTriage = (text: string) => triageIdIn(text) !== '' && !earlier.has(triageIdIn(text))

/** Returns the id of the triage that a message belongs to, or an empty text. */
export const triageIdIn = (text: string) => /\btriage ([a-z2-7]{12})\b/.exec(text)?.[1] ?? ''

/** Returns how many checks failed, warned and were good, by the last line of a triage's message. */
export function countsIn(text: string): { fail: number; warn: number; good: number; unknown: number } {
  const count = (word: string) => Number(new RegExp(`(\\d+) ${word}`).exec(text)?.[1] ?? 0)
  return { fail: count('failed'), warn: count('to watch'), good: count('good'), unknown: count('not looked at') }
}
