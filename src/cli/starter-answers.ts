/** What `init` needs to know before it writes its files. */
export type StarterAnswers = {
  /** The first is the default. `context`: of a kubeconfig; left out, the cluster that the program runs in. */
  clusters: readonly { name: string; context?: string }[]
  slack?: 'http' | 'socket'
  teams?: { appId: string; tenant: string; entraClientId: string }
  /** Where chat platforms and browsers reach the bot; needed by Teams and by Slack over HTTP. */
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
