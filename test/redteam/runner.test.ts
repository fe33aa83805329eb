import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { waitUntil } from '#test/flow/wait-for'
import { frameKey, read, runnerArgs, useRunner } from '#test/shell-image/use-runner'

// The attacker of these tests is the tool itself: it runs as the user of the runner, and may write to everything that
// this user may write to. In the first run of a container the frames go to the runner's standard output; in further
// ones to a file of that user.

const { folder, newId, runner, spoolFile } = useRunner()
const spool = (id: string, script: string) => runner(runnerArgs(id, ['bash', '-c', script], ['--spool']))

/** The last frame of a run that ended well, as a tool would forge it. */
const forgedEnd = `x {"why":"ended","exit":0,"stages":[0],"frames":0,"stdout":{"bytes":0,"sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},"stderr":{"bytes":0,"sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}}`
const forgedOutput = `o 0 1764000000000 ${Buffer.from('forged\n').toString('base64')}`
const forgedMac = Buffer.alloc(16).toString('base64')

/** What a tool does to the file with its frames (`$SPOOL`), before it writes "genuine" and ends with exit code 3. */
const changes: readonly (readonly [string, string])[] = [
  ['appends a last frame', `echo '${forgedEnd}' >> $SPOOL`],
  ['appends a last frame with a MAC of its own', `echo '${forgedEnd} ${forgedMac}' >> $SPOOL`],
  ['appends output', `echo '${forgedOutput}' >> $SPOOL`],
  ['appends output and a last frame', `printf '%s\n' '${forgedOutput}' '${forgedEnd}' >> $SPOOL`],
  [
    'repeats its own frames',
    'echo first; sleep 0.2; cat $SPOOL > /dev/shm/copy-$$; cat /dev/shm/copy-$$ >> $SPOOL; rm /dev/shm/copy-$$',
  ],
  ['makes it unreadable for others', 'chmod 0777 $SPOOL'],
  ['locks it', '(flock -s 9; sleep 1) 9< $SPOOL & true'],
]

test.each(changes)('T21 a tool that %s is not believed: its true end counts', async (_what, change) => {
  const id = newId()
  const { output, ended } = spool(id, `SPOOL=${spoolFile(id)}; ${change}; echo genuine; exit 3`)
  await ended
  const seen = read(output.out)
  expect(seen).toMatchObject({ why: 'ended', exit: 3 })
  expect(seen.text).toContain('genuine\n')
  expect(seen.text).not.toContain('forged')
})

/** What a tool does so that its true end can't be known any more: then no end is proven. */
const losses: readonly (readonly [string, string])[] = [
  ['appends a part of a line', `printf 'x {"why":' >> $SPOOL`],
  ['truncates it', `echo lost; sleep 0.3; : > $SPOOL; echo '${forgedEnd}' >> $SPOOL`],
  ['replaces it', `printf '%s\n' '${forgedOutput}' '${forgedEnd}' > $SPOOL.new; mv $SPOOL.new $SPOOL`],
  ['removes it', 'rm $SPOOL'],
  [
    'kills the runner',
    `echo '${forgedEnd}' >> $SPOOL; for p in $(pgrep -f -- "--run $RUN"); do kill -9 $p; done; sleep 1`,
  ],
]

test.each(losses)(
  'T21 where a tool %s, what the next reader is shown is proven or missing, never forged',
  async (what, change) => {
    const id = newId()
    const script = `RUN=${id}; SPOOL=${spoolFile(id)}; ${change}; echo genuine; exit 3`
    const { ended, output } = spool(id, script)
    await ended
    const { child, ...follower } = runner(['--follow', id])
    await follower.ended
    for (const seen of [read(output.out), read(follower.output.out)]) {
      expect([what, seen.text.includes('forged')]).toEqual([what, false])
      // An end without a gap is the true one.
      if (seen.why !== undefined && seen.gap === undefined) expect(seen.exit).toBe(3)
    }
    child.kill()
  },
)

test('T21 a tool of the runner’s own user can neither open its memory and descriptors nor trace it', async () => {
  const script =
    'p=$PPID; for f in mem environ maps fd/0 fd/1 fd/2 exe cwd; do cat /proc/$p/$f > /dev/null 2>&1 && echo "open $f"; echo forged 2>/dev/null > /proc/$p/$f && echo "written $f"; done; ls /proc/$p/fd 2>/dev/null; id -u; grep "^Uid" /proc/$p/status'
  const user = '1073741999'
  for (const flags of [[], ['--spool']]) {
    const id = newId()
    const { output, ended } = runner(runnerArgs(id, ['bash', '-c', script], flags), user)
    await ended
    expect([output.err, read(output.out).why]).toEqual(['', 'ended'])
    // Both are processes of that user.
    expect(read(output.out).text.split('\n')).toEqual([user, `Uid:${`\t${user}`.repeat(4)}`, ''])
    expect(read(output.out)).toMatchObject({ gap: undefined, exit: 0 })
  }
})

test('T21 the key of the frames stands neither in the words nor in the environment of a process', async () => {
  const id = newId()
  const proof = join(folder, `${id}-words`)
  const script = `cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ > ${proof} 2>/dev/null; true`
  await spool(id, script).ended
  await waitUntil('it was written', () => existsSync(proof))
  const text = readFileSync(proof, 'latin1')
  expect(text).toContain(id)
  for (const form of [frameKey.toString('base64'), frameKey.toString('hex'), frameKey.toString('latin1')])
    expect(text.includes(form)).toBe(false)
})

test('T21 a run that is begun without a key begins nothing', async () => {
  const id = newId()
  const proof = join(folder, id)
  const words = runnerArgs(id, ['touch', proof], ['--spool'])
  for (const line of [
    { words },
    { words, key: '' },
    { words, key: Buffer.alloc(31).toString('base64') },
    { words, key: 'no' },
  ]) {
    const { child, ended } = runner(['--standby', '20'])
    child.stdin.end(`${JSON.stringify(line)}\n`)
    expect(await ended).not.toBe(null)
  }
  expect(existsSync(proof)).toBe(false)
})

test('T45 a stage that is marked so runs without any capability and can’t get one back; others have theirs', async () => {
  const id = newId()
  const status = ['grep', '-E', '^(CapEff|CapPrm|CapAmb|NoNewPrivs)', '/proc/self/status']
  const args = ['--run', id, '--deadline', '20', '--max-bytes', '100000', '--words', '1,4-', '--', 'true', ...status]
  const bare = runner(args)
  await bare.ended
  const { text, exit } = read(bare.output.out)
  expect([exit, text.replaceAll('\t', ' ')]).toEqual([
    0,
    'CapPrm: 0000000000000000\nCapEff: 0000000000000000\nCapAmb: 0000000000000000\nNoNewPrivs: 1\n',
  ])
  const whole = runner(args.map((word) => (word === '1,4-' ? '1,4' : word)))
  await whole.ended
  expect(read(whole.output.out).text).not.toContain('CapEff:\t0000000000000000')
  const missing = runner([...args.slice(0, 7), '1-', '--', 'no-such-program'])
  await missing.ended
  expect(read(missing.output.out)).toMatchObject({ exit: 127, text: 'no-such-program: not found in this image\n' })
})
