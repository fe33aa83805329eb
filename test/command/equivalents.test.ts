import { expect, test } from '@jest/globals'
import { parse } from '#src/command/parse'
import { catalogue } from '#src/tools/index'

const answer = (line: string, target = 'node001') => {
  const command = parse({ text: `shell ${target} ${line}` }, catalogue)
  if (command.verb !== 'misunderstood') return command
  return command
}

const suggestion = (line: string, target?: string) => {
  const given = answer(line, target)
  return given.verb === 'misunderstood' ? given.suggestion : `no answer: ${given.verb}`
}

test.each([
  ["ss -tan | egrep -c 'a|b'", "shell node001 ss -tan | grep -E -c 'a|b'"],
  ['fgrep a.b /etc/hosts', 'shell node001 grep -F a.b /etc/hosts'],
  [
    'zgrep -i oom /var/log/a.gz /var/log/b.gz | tail -n 3',
    'shell node001 zcat /var/log/a.gz /var/log/b.gz | grep -i oom | tail -n 3',
  ],
  ['telnet -4 10.0.0.7 443', 'shell node001 nc -vz 10.0.0.7 443'],
  ['telnet 10.0.0.7', 'shell node001 nc -vz 10.0.0.7 23'],
  ['timeout 5 curl http://x', 'shell --deadline 5s node001 curl http://x'],
  ['timeout -s KILL -k 2 0.5m curl http://x | head', 'shell --deadline 30s node001 curl http://x | head'],
  ['timeout --signal=KILL 2h ping x', 'shell --deadline 3600s node001 ping x'],
  ['time dig x', 'shell node001 dig x'],
  ['watch -n1 -d ss -s', 'shell node001 ss -s'],
  ['watch -n 1 "ss -s | head -n 3"', 'shell node001 ss -s | head -n 3'],
  ['ss -s | tee /tmp/x', 'shell node001 ss -s'],
  ['ss -s | tee /tmp/x | head', 'shell node001 ss -s | head'],
  ['tracepath6 -n example.org', 'shell node001 tracepath -6 -n example.org'],
  ['tcptraceroute -n example.org 443', 'shell node001 traceroute -T -p 443 example.org'],
  ['tshark -i eth0', 'shell node001 tcpdump -i eth0'],
  ['calicoctl node status', 'shell node001 chroot /host calicoctl node status'],
  ['stat /etc/hosts', 'shell node001 chroot /host stat /etc/hosts'],
  ['digg example.org', 'shell node001 dig example.org'],
  ["curl -v http://x 2>&1 | grep '< HTTP'", 'shell node001 curl -v http://x'],
  ['curl -s http://x > /dev/null', 'shell node001 curl -s http://x -o /dev/null'],
])('%s: %s', (line, expected) => {
  expect(suggestion(line)).toBe(expected)
})

test('a suggestion never puts a word of the command into the meaning of a shell', () => {
  expect(suggestion("telnet '10.0.0.7; id' '4|3'")).toBe("shell node001 nc -vz '10.0.0.7; id' '4|3'")
  expect(suggestion("timeout 5 curl 'http://x/?a=1&b=2'")).toBe("shell --deadline 5s node001 curl 'http://x/?a=1&b=2'")
  expect(suggestion("watch 'ss -s; id'")).toBeUndefined()
})

test('a program that the image does not have is refused when it is parsed; on a pod there is no other', () => {
  expect(answer('frobnicate x')).toMatchObject({
    code: 'not-in-image',
    suggestion: 'shell node001 chroot /host frobnicate x',
  })
  const onPod = answer('frobnicate x', '-n shop pod/web-1')
  expect(onPod).toMatchObject({
    code: 'not-in-image',
    message: expect.stringMatching(/^frobnicate: not found in the shell image/),
  })
  expect(onPod).not.toHaveProperty('suggestion')
  expect(answer('rev')).toMatchObject({ verb: 'shell' })
  expect(answer('frobnicate x', '--retina-shell-image-version v2 node001')).toMatchObject({ verb: 'shell' })
  expect(answer('chroot /host frobnicate x')).toMatchObject({ verb: 'shell' })
})

test.each([
  ['openssl s_client -connect x:443 </dev/null', [['openssl', 's_client', '-connect', 'x:443']]],
  [
    'openssl s_client -connect x:443 < /dev/null 2>/dev/null | grep a',
    [
      ['openssl', 's_client', '-connect', 'x:443'],
      ['grep', 'a'],
    ],
  ],
  ['nc -vz x 443 2>&1', [['nc', '-vz', 'x', '443']]],
  ['ls 2> /dev/null', [['ls']]],
])('%s runs without its redirection', (line, pipeline) => {
  expect(answer(line)).toMatchObject({ verb: 'shell', pipeline })
})

test.each([
  'cat </dev/nullx',
  'cat < /etc/passwd',
  'ss | cat </dev/null',
  'ss >/dev/nullx',
  'ss 2>/tmp/x',
  'ss 2>&1 >/tmp/x',
  'ss "2">&1',
  'ss 2>&1 x',
  'ss > /dev/null',
  'ss <(id)',
])('%s is refused', (line) => {
  expect(answer(line)).toMatchObject({ verb: 'misunderstood', code: 'shell-syntax' })
})

test('a loop is answered as one', () => {
  expect(answer('for i in 1 2; do dig x; done')).toMatchObject({ message: expect.stringMatching(/^A loop/) })
})

test.each([
  [
    'kubectl exec -it web-1 -n shop -c app -- curl -sS http://api',
    'shell -n shop --container app pod/web-1 curl -sS http://api',
  ],
  ['kubectl exec deploy/web -n shop -- dig api', 'shell -n shop deploy/web dig api'],
  ['kubectl -n shop exec web-1 -- dig api', 'help shell'],
  ['kubectl exec web-1 dig api', 'shell pod/web-1 dig api'],
  ['kubectl exec web-1 -- telnet api 80', 'shell pod/web-1 nc -vz api 80'],
  [
    'kubectl debug node/node001 -it --image=busybox -- chroot /host systemctl status kubelet',
    'shell node001 chroot /host systemctl status kubelet',
  ],
  ['oc debug node/node001 -- chroot /host crictl ps', 'shell node001 chroot /host crictl ps'],
  ['kubectl get pods -n shop', 'pods -n shop'],
  ['kubectl get nodes -o wide', 'nodes'],
  ['kubectl describe pod web-1', 'help shell'],
  ["kubectl exec '../x' -- dig api", 'help shell'],
  ["kubectl exec web-1 -n 'a b' -- dig api", 'shell pod/web-1 dig api'],
])('%s: %s', (text, expected) => {
  expect(parse({ text }, catalogue)).toMatchObject({ verb: 'misunderstood', suggestion: expected })
})

test('corrections are put together until the suggestion is understood', () => {
  expect(suggestion("sudo egrep 'a|b' /proc/net/dev")).toBe("shell node001 grep -E 'a|b' /proc/net/dev")
  expect(suggestion('sudo timeout 5 telnet x 80')).toBe('shell --deadline 5s node001 nc -vz x 80')
  expect(suggestion('sudo calicoctl node status')).toBe('shell node001 chroot /host calicoctl node status')
  expect(suggestion('watch time ss -s')).toBe('shell node001 ss -s')
})
