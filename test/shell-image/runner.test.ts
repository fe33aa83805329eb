import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { run as runProgram } from '#dev/machine/run'
import { waitUntil } from '#test/flow/wait-for'
import { isIdle } from './processes.ts'
import { read, runnerArgs, useRunner } from './use-runner.ts'

const { folder, newId, runner, spoolFile } = useRunner()
const spool = (id: string, script: string) => runner(runnerArgs(id, ['sh', '-c', script], ['--spool']))
const keeper = (id: string, script: string, idle: string, life = '60') =>
  runner(runnerArgs(id, ['sh', '-c', script], ['--keep', idle, '--life', life]))

/** Returns the process that runs the tool: one of the two processes of a run that was started with --spool. */
function toolRunner(id: string, follower: number | undefined): number {
  const found = readdirSync('/proc').find((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === follower) return false
    const [, flag, run] = argvOf(pid)
    return flag === '--run' && run === id
  })
  if (found === undefined) throw new Error(`nothing runs ${id}`)
  return Number(found)
}

function argvOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch {
    return []
  }
}

test('a run that is started twice runs its tool once, and both callers get all of its output', async () => {
  const id = newId()
  const proof = join(folder, id)
  const script = `echo x >> ${proof}; echo one; sleep 0.5; echo two >&2; echo three`
  const all = Array.from({ length: 8 }, () => spool(id, script))
  await Promise.all(all.map(({ ended }) => ended))
  expect(readFileSync(proof, 'utf8')).toBe('x\n')
  for (const { output } of all) {
    expect(output.out).toMatch(new RegExp(`^b ${id}\n`))
    expect(read(output.out)).toMatchObject({ gap: undefined, why: 'ended', exit: 0 })
    expect(read(output.out).text).toContain('three')
  }
  expect(statSync(spoolFile(id)).mode & 0o777).toBe(0o600)
  const late = spool(id, script)
  await late.ended
  expect(read(late.output.out).text).toContain('three')
  expect(readFileSync(proof, 'utf8')).toBe('x\n')
})

test('if the caller dies, the tool goes on, and another caller follows it from the beginning', async () => {
  const id = newId()
  const first = spool(id, 'echo one; sleep 0.5; echo two')
  await waitUntil('it has begun', () => first.output.out.includes('o 0 '))
  first.child.kill('SIGKILL')
  const second = runner(['--follow', id])
  expect(await second.ended).toBe(0)
  expect(read(second.output.out)).toMatchObject({ text: 'one\ntwo\n', gap: undefined })
})

test('a run that doesn’t exist is distinguished from one whose runner was killed', async () => {
  const id = newId()
  const missing = runner(['--follow', id])
  expect(await missing.ended).toBe(3)
  expect(missing.output.err).toContain(`no run ${id} here`)
  const one = spool(id, 'echo one; sleep 4')
  await waitUntil('it has begun', () => one.output.out.includes('o 0 '))
  process.kill(toolRunner(id, one.child.pid), 'SIGKILL')
  expect(await one.ended).toBe(4)
  const late = runner(['--follow', id])
  expect(await late.ended).toBe(4)
  expect(read(late.output.out)).toMatchObject({ text: 'one\n', gap: 'the end of the output was not received' })
})

test('T22 a run is stopped by another process and at its deadline, and the size of its frames is bounded', async () => {
  const [stopped, canceled, late, wordy] = [newId(), newId(), newId(), newId()]
  const one = spool(stopped, 'echo one; exec sleep 30')
  const two = spool(canceled, 'echo one; exec sleep 30')
  await waitUntil('both have begun', () => [one, two].every(({ output }) => output.out.includes('o 0 ')))
  expect(await runner(['--stop', stopped]).ended).toBe(0)
  expect(await runner(['--cancel', canceled]).ended).toBe(0)
  await Promise.all([one.ended, two.ended])
  for (const { output } of [one, two]) expect(read(output.out)).toMatchObject({ text: 'one\n', why: 'stopped' })
  const three = runner([
    '--run',
    late,
    '--deadline',
    '1',
    '--max-bytes',
    '9',
    '--spool',
    '--words',
    '2',
    '--',
    'sleep',
    '9',
  ])
  await three.ended
  expect(read(three.output.out)).toMatchObject({ why: 'deadline', exit: 124 })
  const four = spool(wordy, 'yes')
  await four.ended
  expect(read(four.output.out)).toMatchObject({ why: 'output-limit', gap: undefined })
  expect(statSync(spoolFile(wordy)).size).toBeLessThan(200_000)
  expect(await runner(['--stop', 'nobody']).ended).toBe(1)
})

test.each(['--stop', '--cancel'])(
  '%s waits for a container’s own program, which begins just after its runtime says that the container runs',
  async (flag) => {
    const id = newId()
    const stop = runner([flag, id])
    await waitUntil('it has looked', () => stop.child.pid !== undefined && isIdle(stop.child.pid))
    const run = runner(runnerArgs(id, ['sleep', '30']))
    expect(await stop.ended).toBe(0)
    await run.ended
    expect(read(run.output.out).why).toBe('stopped')
  },
)

test('a keeper ends after its idle timeout, and not during a run', async () => {
  const [host, guest] = [newId(), newId()]
  const keeperRun = keeper(host, 'echo hello; sleep 0.5; exit 3', '1')
  // Begins before the keeper's own run ends, as a slow machine might start it too late; takes longer than the keeper's idle timeout.
  await waitUntil('its run has begun', () => keeperRun.output.out.includes('o 0 '))
  const run = spool(guest, 'sleep 2.3; echo done')
  const ends: string[] = []
  void run.ended.then(() => ends.push('run'))
  void keeperRun.ended.then(() => ends.push('keeper'))
  await waitUntil('its run has ended', () => keeperRun.output.out.includes('\nx '))
  expect(read(keeperRun.output.out)).toMatchObject({ text: 'hello\n', exit: 3 })
  await run.ended
  expect(read(run.output.out).text).toBe('done\n')
  expect(await keeperRun.ended).toBe(3)
  expect(ends).toEqual(['run', 'keeper'])
})

test('a keeper ends at the end of its lifetime even during a run, and when it is stopped; canceling its run doesn’t end it', async () => {
  const [short, busy, stopped, canceled] = [newId(), newId(), newId(), newId()]
  const one = keeper(short, 'true', '30', '1')
  const [two, three] = [keeper(stopped, 'true', '30'), keeper(canceled, 'exec sleep 20', '30')]
  const running = spool(busy, 'exec sleep 5')
  await waitUntil('both runs have ended', () => [one, two].every(({ output }) => output.out.includes('x {')))
  expect(await one.ended).toBe(0)
  expect(running.child.exitCode).toBeNull()
  await runner(['--stop', stopped]).ended
  expect(await two.ended).toBe(0)
  await runner(['--cancel', canceled]).ended
  await waitUntil('its run has ended', () => three.output.out.includes('x {'))
  expect(read(three.output.out).why).toBe('stopped')
  await runner(['--cancel', canceled]).ended
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(three.child.exitCode).toBeNull()
  await runner(['--stop', canceled]).ended
  await three.ended
})

test('a keeper that is stopped while its run goes on ends with it', async () => {
  const id = newId()
  const one = keeper(id, 'echo one; exec sleep 20', '30')
  await waitUntil('it has begun', () => one.output.out.includes('o 0 '))
  await runner(['--stop', id]).ended
  await one.ended
  expect(read(one.output.out)).toMatchObject({ why: 'stopped', text: 'one\n' })
})

test('an invalid run id never becomes a file', async () => {
  const bad = runner(runnerArgs('../../etc/x', ['true'], ['--spool']))
  expect(await bad.ended).toBe(2)
  expect(await runner(['--follow', '../x']).ended).toBe(3)
  expect(existsSync('/etc/x')).toBe(false)
  const id = newId()
  const elsewhere = join(folder, 'elsewhere')
  writeFileSync(elsewhere, 'mine')
  await runProgram('ln', ['-s', elsewhere, spoolFile(id)])
  await spool(id, 'true').ended
  expect(readFileSync(elsewhere, 'utf8')).toBe('mine')
})

test('a caller that starts reading some time after the tool’s end still gets all of its output', async () => {
  const id = newId()
  // Writes more than the pipe to the caller holds, so that the rest is in the tool's own pipe when the tool ends.
  const script = 'head -c 90000 /dev/zero | tr "\\0" x; echo end >&2'
  const program = [join(folder, 'retina-run'), ...runnerArgs(id, ['sh', '-c', script])]
  // Reads on later than the second that the runner waits for output of processes that a tool has left behind.
  const stdout = await runProgram('sh', ['-c', '"$@" | (sleep 1.6; cat)', 'sh', ...program])
  const { text, gap, why } = read(stdout)
  expect([text.length, gap, why]).toEqual([90_000 + 4, undefined, 'ended'])
})

test('T22 processes that a tool leaves outside its process group don’t prevent its run from ending', async () => {
  const id = newId()
  const one = spool(id, 'setsid sh -c "while echo more; do sleep 0.1; done" & echo one')
  expect(await one.ended).toBe(0)
  const { text, gap, why } = read(one.output.out)
  expect([text.split('more\n').join(''), gap, why]).toEqual(['one\n', undefined, 'ended'])
})
