import { alertMessage } from '#core/alerts/alert-message'
import type { AlertRecord } from '#core/alerts/alert-record'
import type { AlertMessage, TimelineMessage } from '#core/messages/message'

const record: AlertRecord = {
  id: 'ykorhod3asyc',
  alert: {
    ...{ sender: 'prod', fingerprint: 'c6eadffa33fcdf37', status: 'firing', startsAt: '2026-11-24T03:00:00.000Z' },
    name: 'NodeNetworkReceiveErrs',
    labels: { alertname: 'NodeNetworkReceiveErrs', severity: 'critical', instance: 'node001:9100', device: 'eth0' },
    texts: ['Network interface is reporting many receive errors.'],
  },
  message: { platform: 'slack', team: 'T1', channel: 'C1', message: '1.1' },
  choices: [{ label: 'node001', words: '--context dev node/node001' }],
  playbooks: ['node-network'],
  before: 'As 3 days ago: node/node001: No route leads out of the node: Network is unreachable (show 3y5oxrmewgst).',
}

const choices = ['node001', 'shop/web-1'].map((label) => ({ label, words: label }))

/** Alerts: with a button, with a question, without a person, resolved. */
export const alertMessages: readonly AlertMessage[] = [
  alertMessage(record),
  alertMessage({ ...record, choices, note: 'Which of these is meant?' }),
  alertMessage({ ...record, automatic: 'service:prod' }),
  alertMessage(record, '2026-11-24T03:12:00.000Z'),
]

/** What happened in a channel. */
export const timelineMessage: TimelineMessage = {
  ...{ kind: 'timeline', where: 'slack:channel/C0INCIDENT', since: '2026-11-23T04:00:00.000Z' },
  entries: [
    {
      ...{ at: '2026-11-24T03:00:04.000Z', kind: 'alert', who: 'alerts:prod', id: 'ykorhod3asyc' },
      ...{ what: 'alert NodeNetworkReceiveErrs', outcome: 'Firing' },
    },
    {
      ...{ at: '2026-11-24T03:01:12.000Z', kind: 'triage', who: 'Carol', id: '3y5oxrmewgst' },
      what: 'triage node-network on node/node001',
      ...{ outcome: 'Done', finding: 'node/node001: No route leads out of the node: Network is unreachable' },
    },
    {
      ...{ at: '2026-11-24T03:04:40.000Z', kind: 'run', who: 'Alice', id: 'abcdefgh2345' },
      what: 'chroot /host systemctl restart systemd-networkd on node/node001',
      outcome: 'Done, exit code 0',
    },
    {
      ...{ at: '2026-11-24T03:04:41.000Z', kind: 'approval', who: 'Alice', id: 'abcdefgh2345' },
      ...{ what: 'asked for approval of abcdefgh2345' },
    },
    {
      ...{ at: '2026-11-24T03:05:02.000Z', kind: 'approval', who: 'bob@example.com', id: 'abcdefgh2345' },
      ...{ what: 'approved abcdefgh2345', outcome: 'the node is drained' },
    },
  ],
  cut: false,
  files: ['timeline.md', 'timeline.json'],
  filesRefused: false,
  hasPages: true,
}
