import type { StarterChat } from './starter-chats.ts'

/** What `init` needs to know before it writes its files. */
export type StarterAnswers = {
  /** The first is the default. `context`: of a kubeconfig; left out, the cluster that the program runs in. */
  clusters: readonly { name: string; context?: string }[]
  chats: readonly StarterChat[]
  /** Where chat platforms and browsers reach the bot; needed by platforms that send requests. */
  url?: URL
  /** E-mail addresses: people who approve and have all sets, and people who have the reading sets. */
  leads: readonly string[]
  operators: readonly string[]
  /** `repo:version`, or with `@sha256:…`: the image of the tools. */
  shellImage: string
  /** `repo:tag`, or with `@sha256:…`: the image of the program. */
  programImage: string
  /** True makes the chart start a Redis for trying out. */
  embeddedRedis: boolean
}
