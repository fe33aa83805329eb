import { expect, test } from '@jest/globals'
import { cliHere, startCli } from './run-cli.ts'

async function insight(args: readonly string[], text: string) {
  const { child, ended } = startCli(['insight', ...args])
  child.stdin?.end(text)
  return await ended
}

test('prints what the bot would say about an output: text, JSON and hint', async () => {
  const loss = '--- 10.0.0.9 ping statistics ---\n2 packets transmitted, 0 received, 100% packet loss, time 1010ms\n'
  const text = await insight(['--exit', '1', '--', 'ping', '-c', '2', '10.0.0.9'], loss)
  expect(text).toMatchObject({ code: 0, stderr: '' })
  expect(text.stdout).toMatch(
    /^bad: 10\.0\.0\.9 doesn't answer\n {2}loss: 100 %\n {2}answered: 0 of 2\nhint: No answer at all/,
  )
  const json = await insight(['-o', 'json', '--', 'ip', 'neigh'], '10.0.0.1 dev eth0  FAILED\n')
  expect(JSON.parse(json.stdout)).toMatchObject({
    severity: 'warn',
    headline: '1 of 1 neighbour did not answer: 10.0.0.1 (eth0)',
  })
})

test('says that nothing is said, with exit code 1', async () => {
  expect(await insight(['--', 'ip', 'rule'], '0:\tfrom all lookup local\n')).toMatchObject({
    code: 1,
    stdout: 'nothing\n',
  })
})

test('asks for the tool, and for values that can be read', async () => {
  expect(await cliHere(['insight'])).toMatchObject({ code: 2, stderr: expect.stringContaining('after "--"') })
  const wrong = async (...args: string[]) => await cliHere(['insight', ...args, '--', 'dig'])
  expect(await wrong('-o', 'xml')).toMatchObject({ code: 2, stderr: expect.stringContaining('use json') })
  expect(await wrong('--exit', 'x')).toMatchObject({ code: 2, stderr: expect.stringContaining('exit code') })
  expect(await wrong('--at', 'x')).toMatchObject({ code: 2, stderr: expect.stringContaining('valid time') })
})
