import { expect, test } from '@jest/globals'
import { parse } from '#src/command/parse'
import { plan } from '#src/command/plan'
import { catalogue } from '#src/tools/index'

const image = { repo: 'example.azurecr.io/retina-shell', version: 'v1' }

function planned(text: string) {
  const command = parse({ text }, catalogue)
  if (command.verb !== 'shell') throw new Error(JSON.stringify(command))
  return plan(command, catalogue, image)
}

const stages = (text: string) => {
  const made = planned(text)
  return 'verb' in made ? made.message : made.pipeline.map((stage) => stage.argv.join(' ')).join(' | ')
}

test.each([
  ['shell node001 ping 10.0.0.1', 'ping -c 5 10.0.0.1', ['-c 5: ping does not end by itself']],
  ['shell node001 iptables -nvL | head -n 2', 'iptables -nvL | head -n 2', ['NET_ADMIN and NET_RAW for iptables']],
  [
    'shell node001 systemctl status kubelet',
    'chroot /host systemctl status kubelet',
    [
      "`chroot /host` before systemctl, to run the node's own",
      'SYS_CHROOT for systemctl',
      "the node's file system under /host, read-only, for systemctl",
      "the node's process IDs for systemctl",
    ],
  ],
])('%s runs `%s`, and shows what was added', (text, argv, added) => {
  expect(stages(text)).toBe(argv)
  expect(planned(text)).toMatchObject({ added })
})

test('if any host flag is given, nothing is added to the command', () => {
  expect(stages('shell -m node001 systemctl status kubelet')).toBe('systemctl status kubelet')
  expect(planned('shell -m node001 systemctl status kubelet')).toMatchObject({
    needs: { capabilities: [], host: { filesystem: 'read-only', pid: false } },
    added: [],
  })
  expect(planned('shell -c NET_RAW node001 iptables -L')).toMatchObject({ needs: { capabilities: ['NET_RAW'] } })
})

test('a writable mount changes the node, whatever the tool', () => {
  expect(planned('shell -w node001 ls /host')).toMatchObject({
    needs: { effect: 'write', host: { filesystem: 'read-write' } },
  })
})

test.each([
  ['shell node001 head -n 2', 'no-input'],
  ['shell node001 sh -c id', 'refused-argument'],
  ['shell -n shop pod/web-1 systemctl status x', 'node-only'],
])('%s: %s', (text, code) => {
  expect(planned(text)).toMatchObject({ verb: 'misunderstood', code })
})

test('an image is listed as another one only if it differs', () => {
  expect(planned('shell node001 dig x')).not.toHaveProperty('image')
  expect(planned('shell --retina-shell-image-version v2 node001 dig x')).toHaveProperty(
    'image',
    'example.azurecr.io/retina-shell:v2',
  )
  expect(planned('shell --retina-shell-image-version v1 node001 dig x')).not.toHaveProperty('image')
})

test('a filter needs no grant of its own; every other stage needs one', () => {
  const made = planned('shell node001 cat /host/etc/hosts | grep x | sort | rev')
  if ('verb' in made) throw new Error(made.message)
  expect(made.pipeline.map(({ tools, known }) => ({ tools, known }))).toEqual([
    { tools: ['cat'], known: true },
    { tools: [], known: true },
    { tools: [], known: true },
    { tools: ['rev'], known: false },
  ])
  expect(made.needs.effect).toBe('write')
  expect(made.added).toContain('rev is unknown, so it counts as changing the target')
})

test('names outside of ASCII are asked as DNS has them; other words stay', () => {
  const argvOf = (line: string) => {
    const made = planned(`shell -n shop pod/web-1 ${line}`)
    return 'verb' in made ? made.message : made.pipeline[0]?.argv
  }
  expect(argvOf('dig bücher.example @ns.bücher.example')).toEqual([
    'dig',
    'xn--bcher-kva.example',
    '@ns.xn--bcher-kva.example',
  ])
  expect(argvOf('nc -vz bücher.example 80')).toEqual(['nc', '-w', '5', '-vz', 'xn--bcher-kva.example', '80'])
  expect(argvOf('curl -A bücher http://x')).toContain('bücher')
  const made = planned('shell node001 host bücher.example')
  expect('verb' in made ? [] : made.added).toContain('bücher.example is asked as xn--bcher-kva.example')
})
