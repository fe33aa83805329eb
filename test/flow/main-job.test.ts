import { expect, test } from '@jest/globals'
import { useRedis } from '#test/environment/redis'
import { type FakeCluster, fakeCluster, type Tools } from '#test/fakes/cluster'
import { buttonsOf, inChannels, shown } from '#test/fakes/slack/shown'
import { type App, type AppOptions, openApp } from './app.ts'
import { lines, sampleTools } from './sample-tools.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()

const tools: Tools = {
  ...sampleTools,
  nc: () => [{ err: 'Ncat: Connection refused.\n' }, { end: { reason: 'failed', exitCode: 1 } }],
}

async function open(change: Partial<AppOptions> = {}): Promise<App & { cluster: FakeCluster }> {
  const cluster = fakeCluster('dev', tools)
  const flow = await openApp({ redis: redis.url(), cluster: 'name: dev', openCluster: () => cluster, ...change })
  return { ...flow, cluster }
}

test('a slash command is acknowledged, queued and run, all in a single message of the channel', async () => {
  const { people, shows, slack, cluster } = await open()
  const sent = await people.command('U0ALICE', 'shell node001 dig example.com')
  expect(sent).toEqual({ status: 200, body: '' })
  const message = await shows(/Done, exit code 0.*dig example\.com on node\/node001/)
  expect(shown(message)).toContain('example.com. 300 IN A 93.184.215.14')
  expect(shown(message)).toContain('set probe')
  expect(buttonsOf(message)).toEqual({
    rerun: cluster.launched[0]?.id,
    'rerun-with': 'shell node001 dig example.com',
  })
  expect(inChannels(slack.state.messages)).toHaveLength(1)
  expect(message.text).toMatch(/^Done, exit code 0/)
  expect(cluster.live.size).toBe(0)
})

test('the result begins with its meaning, and its chart is in the thread', async () => {
  const answers = [1.5, 1.7, 30, 1.6].map(
    (time, at) => `64 bytes from 10.0.0.9: icmp_seq=${at + 1} ttl=62 time=${time} ms\n`,
  )
  const summary =
    '4 packets transmitted, 4 received, 0% packet loss, time 3004ms\nrtt min/avg/max/mdev = 1.5/8.7/30/12 ms\n'
  const { people, shows, slack } = await open({
    openCluster: () => fakeCluster('dev', { ping: () => [{ out: `PING 10.0.0.9\n${answers.join('')}${summary}` }] }),
  })
  await people.command('U0ALICE', 'shell node001 ping -c 4 10.0.0.9')
  const message = await shows(/exit code 0/)
  expect(message.text).toMatch(/^10\.0\.0\.9 answers: no loss, 8\.7 ms on average\nDone, exit code 0/)
  expect(message.replies[0]?.text).toContain('loss 0 %')
  expect(shown(message)).toContain('Done, exit code 0')
  await waitUntil('the chart is there', () => slack.state.files.length === 1)
  const [file] = slack.state.files
  expect(file?.alt).toBe('Round-trip time to 10.0.0.9, a line over 4 packets: from 1.5 to 30 ms.')
  expect(
    Buffer.from(file?.content ?? '', 'base64')
      .subarray(1, 4)
      .toString(),
  ).toBe('PNG')
  await people.event(people.mentionBody('U0ALICE', `show ${Object.values(buttonsOf(message))[0]}`, {}))
  await waitUntil('the run is shown again', () => slack.state.messages.length === 3)
  expect(slack.state.messages[2]?.text).toMatch(/^10\.0\.0\.9 answers/)
})

test('a mention in a thread gets its reply in that thread', async () => {
  const { people, shows } = await open()
  await people.event(people.mentionBody('U0ALICE', 'shell node001 dig example.com', { thread_ts: '1700000000.000100' }))
  expect((await shows(/exit code 0/)).thread_ts).toBe('1700000000.000100')
})

test('Socket Mode serves the same command, and every envelope is acknowledged', async () => {
  const { slack, people, shows } = await open({ slackMode: 'socket' })
  await waitUntil('the socket is open', () => slack.sockets().length === 1)
  const acknowledged: string[] = []
  const [socket] = slack.sockets()
  socket?.on('message', (data) => acknowledged.push((JSON.parse(String(data)) as { envelope_id: string }).envelope_id))
  const payload = people.commandFields('U0ALICE', 'shell node001 dig example.com')
  socket?.send(
    JSON.stringify({ type: 'slash_commands', envelope_id: 'env-1', payload, accepts_response_payload: true }),
  )
  await shows(/exit code 0/)
  expect(acknowledged).toEqual(['env-1'])
})

test('output that doesn’t fit is a complete file in the thread', async () => {
  const { people, shows, slack } = await open()
  await people.command('U0ALICE', 'shell node001 curl http://10.0.0.1/')
  const message = await shows(/exit code 0/)
  expect(shown(message)).toMatch(/line 2000 of many\n/)
  expect(shown(message)).toMatch(/\nline 1 of many\n[\s\S]*\n… \d+ lines left out …\n[\s\S]*\nline 1999 of many\n/)
  expect(shown(message)).not.toContain('line 1000 of many\n')
  await shows(/whole output/)
  expect(slack.state.files[0]).toMatchObject({ content: lines(2_000), channel: 'C0INCIDENT', thread_ts: message.ts })
  expect(shown(message)).toContain(
    `whole output (2000 lines, ${(lines(2_000).length / 1_000).toFixed(1)} kB) in ${slack.state.files[0]?.name}`,
  )
})

test('a failed tool’s message has its exit code, its error output and a hint', async () => {
  const { people, shows } = await open()
  await people.command('U0ALICE', 'shell node001 nc -z 10.0.0.1 443')
  const text = shown(await shows(/Failed, exit code 1/))
  expect(text).toContain('Ncat: Connection refused.')
  expect(text).toContain('Hint: The host answers, but nothing listens on that port')
})

test('a run is canceled by its button, and by a command', async () => {
  const { people, shows, cluster } = await open()
  await people.command('U0ALICE', 'shell node001 ping 10.0.0.1')
  await people.press('U0ALICE', 'cancel', await shows(/Running/))
  const first = await shows(/Canceled after .*\nCanceled by U0ALICE\./)
  expect(Object.keys(buttonsOf(first))).toEqual(['rerun', 'rerun-with'])
  await people.command('U0ALICE', 'shell node002 ping 10.0.0.1')
  await shows(/Running.*node002/)
  await people.command('U0ALICE', `cancel ${cluster.launched[1]?.id}`)
  await shows(/Canceled after .*node002/)
  expect(cluster.live.size).toBe(0)
})

test('a run can be repeated by its button; a double click repeats it once', async () => {
  const { people, shows, cluster } = await open()
  await people.command('U0ALICE', 'shell node001 dig example.com | head -n 1')
  const message = await shows(/exit code 0/)
  await Promise.all([
    people.press('U0ALICE', 'rerun', message, '1.1'),
    people.press('U0ALICE', 'rerun', message, '1.2'),
  ])
  await waitUntil('the second run is there', () => cluster.launched.length === 2)
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(cluster.launched.map(({ spec }) => spec.pipeline)).toEqual([
    [
      ['dig', 'example.com'],
      ['head', '-n', '1'],
    ],
    [
      ['dig', 'example.com'],
      ['head', '-n', '1'],
    ],
  ])
})

test('a run can’t be canceled, seen or repeated by another person', async () => {
  const { people, shows, cluster } = await open()
  await people.command('U0ALICE', 'shell node001 ping 10.0.0.1')
  await shows(/Running/)
  const id = cluster.launched[0]?.id
  for (const verb of ['cancel', 'show', 'rerun']) {
    await people.command('U0BOB', `${verb} ${id}`)
    await shows(new RegExp(`I could not do that\\nYou have no run ${id}\\.[\\s\\S]*You typed: ${verb}`))
  }
  expect(cluster.live.size).toBe(1)
  await people.command('U0ALICE', `cancel ${id}`)
  await shows(/Canceled/)
})

test('bot and worker work together as two programs', async () => {
  const { slack, people, shows, cluster } = await open({ role: 'bot' })
  await people.command('U0ALICE', 'shell node001 dig example.com')
  await shows(/^:hourglass_flowing_sand: Queued: dig example\.com/)
  expect(cluster.launched).toEqual([])
  await openApp({ redis: redis.url(), cluster: 'name: dev', openCluster: () => cluster, slack, role: 'worker' })
  await shows(/Done, exit code 0/)
})

test('commands that only show something get a reply: nodes, pods, runs, show, whoami, help, version', async () => {
  const { people, shows, cluster, slack } = await open()
  // Turns off Slack's rate limit, which isn't the subject here.
  slack.state.unhurried = true
  const ask = async (text: string, answer: RegExp) => {
    await people.command('U0ALICE', text)
    return shown(await shows(answer))
  }
  expect(await ask('nodes', /Nodes of dev/)).toMatch(/NODE\s+STATUS\s+OS\s+KUBELET\nnode001\s+Ready\s+linux/)
  expect(await ask('pods -n shop', /Pods of shop/)).toMatch(/web-1\s+Running\s+node001/)
  await ask('shell node001 dig example.com', /exit code 0/)
  const id = cluster.launched[0]?.id ?? ''
  expect(await ask('runs', /Your latest runs/)).toContain(`${id}  completed  node/node001  dig example.com`)
  expect(await ask(`show ${id}`, /exit code 0[\s\S]*93\.184/)).toContain('93.184.215.14')
  expect(await ask('whoami', /You are alice@example\.com/)).toMatch(/probe\s+ping, dig.*reads only/)
  expect(await ask('version', /Retina ChatOps \d/)).toContain('localhost/retina-chatops/shell:dev')
  const help = await ask('help', /Your tools: /)
  expect(help).toContain('Your tools: ping, dig, nslookup, drill, nc, curl.')
  expect(help).not.toContain('iptables')
  expect(await ask('help iptables', /^iptables: /)).toContain('None of your sets has it; `can-i` shows which would.')
  await people.command('U0CAROL', 'help')
  expect(shown(await shows(/You have no access yet/))).not.toContain('dig')
})
