import { imageName } from '#core/request/image'
import { defined } from '#core/util/defined'
import { UserError } from '#src/app/user-error'
import { version } from '#src/app/version'
import { type GivenAnswers, optional, required, type StarterQuestion } from './init-question-type.ts'
import type { StarterAnswers } from './starter-answers.ts'
import { chatFlags, chatQuestions, chatsNeedUrl, starterChats } from './starter-chats.ts'

const toList = (answer: string) =>
  answer
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
const isEmail = (text: string) => /^[^\s@:,]+@[^\s@:,]+$/.test(text)

const checkClusters = (answer: string) =>
  toList(answer).length === 0 ? { mistake: 'Name at least one cluster.' } : undefined
const checkEmails = (answer: string) => {
  const wrong = toList(answer).find((each) => !isEmail(each))
  return wrong === undefined ? undefined : { mistake: `"${wrong}" is not an e-mail address.` }
}
const checkLeads = (answer: string) =>
  toList(answer).length === 0
    ? { mistake: 'Name at least one; two or more, so that they can approve for each other.' }
    : checkEmails(answer)
const checkUrl = (answer: string) =>
  URL.parse(answer)?.protocol === 'https:'
    ? undefined
    : { mistake: `"${answer}" is not an address that begins with https://.` }
const checkImage = (answer: string) => {
  const { repo, tag, digest } = imageName(answer)
  return repo !== '' && (tag !== undefined || digest !== undefined) && /^\S+$/.test(answer)
    ? undefined
    : { mistake: `"${answer}" is not an image; use registry.example.com/name:tag.` }
}
const checkYesNo = (answer: string) =>
  ['true', 'false'].includes(answer) ? undefined : { mistake: 'Answer true or false.' }

/** Returns the questions in their order. `context`: the current one of the user's kubeconfig. */
export function starterQuestions({ context }: { context: string | undefined }): readonly StarterQuestion[] {
  return [
    {
      ...required,
      flag: 'cluster',
      text: 'Clusters to debug, as NAME or NAME=CONTEXT of your kubeconfig, with commas; the first is the default',
      otherwise: () => context,
      check: checkClusters,
    },
    {
      ...optional((given) => nameOf(toList(given.get('cluster') ?? '')[0] ?? '')),
      flag: 'in-cluster',
      text: 'The one of them that the program itself runs in (or none)',
      check: () => undefined,
    },
    ...chatQuestions,
    {
      ...required,
      flag: 'url',
      text: 'Address at which chat platforms and browsers reach the bot, as https://retina.example.com',
      applies: chatsNeedUrl,
      check: checkUrl,
    },
    {
      ...required,
      flag: 'lead',
      text: 'E-mail addresses of people who have all sets and approve, with commas',
      check: checkLeads,
    },
    {
      ...optional(() => ''),
      flag: 'operator',
      text: 'E-mail addresses of people who have the reading sets, with commas (may be empty)',
      check: checkEmails,
    },
    {
      ...required,
      flag: 'shell-image',
      text: 'Image of the tools, as REPO:VERSION or REPO:VERSION@sha256:… (shell-image/README.md builds it)',
      check: checkImage,
    },
    {
      ...optional((given) => siblingImage(given.get('shell-image'))),
      flag: 'image',
      text: 'Image of this program, as REPO:TAG',
      check: checkImage,
    },
    {
      ...optional(() => 'false'),
      flag: 'embedded-redis',
      text: 'Start a Redis for trying out (true or false)',
      check: checkYesNo,
    },
  ]
}

/** Returns the program's image in the registry of the shell image. */
function siblingImage(shellImage: string | undefined): string | undefined {
  const { repo } = imageName(shellImage ?? '')
  return repo.includes('/') ? `${repo.slice(0, repo.lastIndexOf('/'))}/retina-chatops:${version}` : undefined
}

const nameOf = (cluster: string) => cluster.split('=')[0] ?? ''

/** Throws `UserError` for the first text that is no answer to its question. */
export function checkAnswers(given: GivenAnswers): void {
  for (const { flag, applies, check } of starterQuestions({ context: undefined })) {
    const answer = given.get(flag)
    const wrong = answer === undefined || !applies(given) ? undefined : check(answer)
    if (wrong !== undefined) throw new UserError('bad-usage', `--${flag}: ${wrong.mistake}`)
  }
}

/** Returns the answers of checked texts by flag. Throws `UserError` where they don't go together. */
export function toAnswers(given: GivenAnswers): StarterAnswers {
  const text = (flag: string) => given.get(flag) ?? ''
  const url = URL.parse(text('url')) ?? undefined
  const chats = starterChats(given, url)
  if (chats.length === 0) throw new UserError('bad-usage', `Choose a chat: ${chatFlags}.`)
  return {
    clusters: toClusters(toList(text('cluster')), text('in-cluster')),
    chats,
    ...defined({ url }),
    leads: toList(text('lead')),
    operators: toList(text('operator')),
    shellImage: text('shell-image'),
    programImage: text('image'),
    embeddedRedis: text('embedded-redis') === 'true',
  }
}

function toClusters(clusters: readonly string[], own: string): StarterAnswers['clusters'] {
  if (own !== 'none' && !clusters.some((each) => nameOf(each) === own))
    throw new UserError('bad-usage', `--in-cluster: "${own}" is none of the clusters; use one of them, or none.`)
  return clusters.map((each) => {
    const name = nameOf(each)
    return name === own ? { name } : { name, context: each.includes('=') ? each.slice(each.indexOf('=') + 1) : name }
  })
}
