import type { FakeSlack } from '#test/fakes/slack/server'

/** HMAC key that signs runs in all tests. */
export const sealKey = 'a-key-of-the-tests-that-is-long-enough'

/** Policy in the owners' format: Alice may probe, Bob may do nearly everything, Carol may do nothing. */
export const policyText = `
capabilitySets:
  probe: { tools: [ping, dig, nslookup, drill, nc, curl] }
  netfilter: { tools: [iptables, nft], capabilities: [NET_ADMIN, NET_RAW] }
  host-read: { tools: [chroot, systemctl, journalctl, sysctl, cat, ls, tail], capabilities: [SYS_CHROOT], host: { filesystem: read-only, pid: true } }
  host-write: { tools: ['*'], capabilities: [SYS_CHROOT], host: { filesystem: read-write, pid: true }, effect: write, approval: { from: ['group:leads'] } }
  odd-images: { tools: [ping], images: ['localhost/*'] }
groups:
  leads: [bob@example.com]
grants:
  - { to: [alice@example.com], sets: [probe, odd-images], on: [{ nodes: '*' }, { namespaces: '*' }] }
  - { to: ['group:leads'], sets: [probe, netfilter, host-read, host-write], on: [{ nodes: '*' }, { namespaces: '*' }] }
`

export type Settings = {
  /** Fields of the only entry of `clusters`. */
  cluster: string
  slackMode?: 'http' | 'socket'
  /** Further settings of `slack`. */
  slackSettings?: string
  policy?: string
  /** Fields of the shell image. Default: an image that was loaded by hand and that no registry has. */
  image?: string
  more?: string
  /** Further settings of `shell`. */
  shell?: string
  /** Idle timeouts of containers, as fields of `shell`. Default: containers aren't reused. */
  ready?: string
  /** Ports of webhooks and pages, and of health and metrics. Default: any free ones. */
  port?: number
  health?: number
}

/** Returns the text of `retina.yaml`. */
export function configText(options: Settings, slack: Pick<FakeSlack, 'apiUrl'>): string {
  return `
clusters: [{ ${options.cluster} }]
shell: { ${options.image ?? 'image: { repo: localhost/retina-chatops/shell, version: dev }, pin: off'}, timeout: 30s, ${options.ready ?? 'keep: off, keepInPods: off'}${options.shell === undefined ? '' : `, ${options.shell}`} }
contact: '#platform'
http: { host: 127.0.0.1, port: ${options.port ?? 0} }
health: { port: ${options.health ?? 0} }
slack: { mode: ${options.slackMode ?? 'http'}, apiUrl: '${slack.apiUrl}'${options.slackSettings === undefined ? '' : `, ${options.slackSettings}`} }
console: { people: [{ id: alice@example.com, name: Alice }, { id: bob@example.com, name: Bob }, { id: carol@example.com, name: Carol }] }
${options.more ?? ''}
${options.policy ?? policyText}`
}
