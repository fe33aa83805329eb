import { expect, test } from '@jest/globals'
import { chartText } from '#core/messages/chart-text'
import type { Chart } from '#core/request/insight'
import { chartPng } from '#src/charts/line-chart-png'
import { chart } from '#test/samples/messages'

/** Returns width and height from an image's header. Source: PNG specification, "IHDR". */
function sizeOf(png: Uint8Array): [number, number] {
  const view = new DataView(png.buffer, png.byteOffset)
  return [view.getUint32(16), view.getUint32(20)]
}

test('a chart is a PNG of the size that chats show', async () => {
  const png = await chartPng(chart)
  expect([...png.slice(0, 8)]).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  expect(sizeOf(png)).toEqual([1280, 520])
  expect(png.length).toBeLessThan(200_000)
})

test('the picture depends on the values', async () => {
  const other: Chart = { ...chart, points: chart.points.map(({ x }) => ({ x, y: x })) }
  expect(Buffer.from(await chartPng(other)).equals(Buffer.from(await chartPng(chart)))).toBe(false)
})

test.each([
  ['markup in its title', { ...chart, title: '<script>&"\'</script> {a|b} \u202e \u0000' }],
  ['no values at all', { ...chart, points: [1, 2, 3].map((x) => ({ x, y: null })) }],
  ['no points', { ...chart, points: [] }],
  ['enormous values', { ...chart, points: [0, 1e300, 1].map((y, x) => ({ x, y })) }],
])('a chart with %s is drawn', async (_what, odd: Chart) => {
  expect(sizeOf(await chartPng(odd))).toEqual([1280, 520])
})

test('a chart has alternative text', () => {
  expect(chartText(chart)).toBe('Round-trip time to 10.0.0.1, a line over 5 packets: from 1.2 to 9.5 ms; 1 missing.')
  expect(chartText({ ...chart, over: 'seconds', points: [] })).toBe(
    'Round-trip time to 10.0.0.1, a line over 0 seconds: no values.',
  )
})
