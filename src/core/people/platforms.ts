/** What the program knows about a chat platform besides its adapter. */
export type PlatformFacts = {
  /** Name inside a sentence. */
  name: string
  /** Name, at the start of a sentence, of the directory that says who an account is. */
  directory: string
  /** True for accounts that Microsoft Entra looks up, not the adapter. */
  inEntra?: true
  /**
   * The platform's own groups, as policies name them: `slack:usergroup/S0LEADS`. `kind`: the word behind the colon;
   * `label`: what people call one; `notified`: a message can mention all members.
   */
  groups?: { kind: string; label: string; notified?: true }
  /** True where `retina.yaml` lists accounts of people and of outsiders. */
  listsAccounts?: true
  /** True where `&`, `<` and `>` are written as HTML entities in the texts of commands. */
  entities?: true
  /** True where only some conversations have threads under their messages. */
  fewThreads?: true
}

/** All chat platforms. The adapter of each is in `adapters/NAME`, and is opened by `src/app/chat-adapters.ts`. */
const table = {
  slack: {
    name: 'Slack',
    directory: 'Slack',
    groups: { kind: 'usergroup', label: 'Slack user group', notified: true },
    listsAccounts: true,
    entities: true,
  },
  teams: {
    name: 'Teams',
    directory: 'Microsoft Entra',
    inEntra: true,
    groups: { kind: 'group', label: 'Entra group' },
    listsAccounts: true,
    fewThreads: true,
  },
  web: { name: 'the web chat', directory: 'The web chat' },
  console: { name: 'the console', directory: 'The console' },
} satisfies Record<string, PlatformFacts>

export type Platform = keyof typeof table

export const platforms: Readonly<Record<Platform, PlatformFacts>> = table

export const platformNames = Object.keys(table) as Platform[]

/** Returns the facts of the platforms that have some fact. */
function platformsWith(fact: keyof PlatformFacts): Platform[] {
  return platformNames.filter((name) => platforms[name][fact] !== undefined)
}

const groups = platformNames.flatMap((name) => {
  const group = platforms[name].groups
  return group === undefined ? [] : [{ prefix: `${name}:${group.kind}/`, ...group }]
})

const notifiedKinds = groups.filter(({ notified }) => notified).map(({ kind }) => kind)

/** Users, groups and channels of platforms, as policies name them. */
export const subjectPattern = patternOf(platformNames, ['user', ...groups.map(({ kind }) => kind), 'channel'])

/** Users and groups that a message can notify. */
export const notifiedPattern = patternOf(platformNames, ['user', ...notifiedKinds])

export const channelPattern = patternOf(platformNames, ['channel'])

/** Accounts that `retina.yaml` lists: `slack:user/TEAM/USER`. */
export const listedAccountPattern = patternOf(platformsWith('listsAccounts'), ['user'], '[^/\\s]+\\/[^/\\s]+')

function patternOf(names: readonly Platform[], kinds: readonly string[], rest = '\\S+'): RegExp {
  const kind = kinds.length === 1 ? kinds[0] : `(${kinds.join('|')})`
  return new RegExp(`^(${names.join('|')}):${kind}\\/${rest}$`)
}

/** Returns the name of a platform's own group in grants: `slack:usergroup/S0LEADS`. */
export function groupSubject(platform: Platform, id: string): string {
  return `${platform}:${platforms[platform].groups?.kind ?? 'group'}/${id}`
}

/** Returns a group for people: `Slack user group S0LEADS`; other texts as they are. */
export function groupText(subject: string): string {
  const group = groups.find(({ prefix }) => subject.startsWith(prefix))
  return group === undefined ? subject : `${group.label} ${subject.slice(group.prefix.length)}`
}
