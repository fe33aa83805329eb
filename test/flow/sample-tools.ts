import type { Tools } from '#test/fakes/cluster'

/** Returns numbered lines, each with its line end. */
export const lines = (count: number) =>
  Array.from({ length: count }, (_each, at) => `line ${at + 1} of many\n`).join('')

/** Tools that answer, that go on, and whose output fits no message. */
export const sampleTools: Tools = {
  dig: () => [{ out: ';; ANSWER SECTION:\nexample.com. 300 IN A 93.184.215.14\n' }],
  ping: () => [{ out: 'PING\n' }, { pause: 60_000 }],
  curl: () => [{ out: lines(2_000) }],
}
