import type { FakeSlack } from '#test/fakes/slack/server'

/** What seals runs in all tests. */
export const sealKey = 'a-key-of-the-tests-that-is-long-enough'

/** A policy as owners write it: Alice may probe, Bob may do nearly everything, Carol nothing. */
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
  /** The inside of the one cluster's entry. */
  cluster: string
  slackMode?: 'http' | 'socket'
  policy?: string
  /** Of the shell image; left out, an image that was loaded by hand, as nobody's registry knows it. */
  image?: string
  more?: string
  /** More of the shell's settings. */
  shell?: string
  /** How long containers stay ready, as `shell` of the file has it; left out, they don't. */
  ready?: string
  /** Of webhooks and pages, and of health and metrics; left out, any that is free. */
  port?: number
  health?: number
}

/** The owner's file. */
export function configText(options: Settings, slack: Pick<FakeSlack, 'apiUrl'>): string {
  return `
clusters: [{ ${options.cluster} }]
shell: { ${options.image ?? 'image: { repo: localhost/retina-chatops/shell, version: dev }, pin: off'}, timeout: 30s, ${options.ready ?? 'keep: off, keepInPods: off'}${options.shell === undefined ? '' : `, ${options.shell}`} }
contact: '#platform'
http: { host: 127.0.0.1, port: ${options.port ?? 0} }
health: { port: ${options.health ?? 0} }
slack: { mode: ${options.slackMode ?? 'http'}, apiUrl: '${slack.apiUrl}' }
console: { people: [{ id: alice@example.com, name: Alice }, { id: bob@example.com, name: Bob }, { id: carol@example.com, name: Carol }] }
${options.more ?? ''}
${options.policy ?? policyText}`
}
