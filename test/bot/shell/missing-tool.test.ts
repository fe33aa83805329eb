import { expect, test } from '@jest/globals'
import { openContexts } from '#test/samples/contexts'

const reason = '--reason "disk"'

test.each([
  [`shell ${reason} node001 frobnicate`, /frobnicate: not found in the shell image.*chroot \/host frobnicate/],
  [`shell ${reason} -w node001 frobnicate --now`, /not found in the shell image/],
  [`shell ${reason} node001 lsblk | frobnicate`, /not found in the shell image/],
  [`shell ${reason} -n shop pod/web-1 frobnicate`, /not found in the shell image/],
  [`shell ${reason} -l pool frobnicate`, /not found in the shell image/],
  [`shell ${reason} node001 telnet 10.0.0.1 80`, /nc -vz 10\.0\.0\.1 80/],
])('%s: answered before anyone is asked for approval', async (typed, answer) => {
  const { say, audit, queue, store, chat } = openContexts()
  const replies = await say('alice', typed, { id: 'r1' })
  expect(replies).toMatchObject([{ kind: 'misunderstood' }])
  expect(JSON.stringify(replies)).toMatch(answer)
  expect([await store.run('r1'), await queue.has('r1'), audit.records]).toEqual([undefined, false, []])
  expect(chat.ofKind('asking')).toEqual([])
})

test('approvers are asked for a program of the image that nothing is known of, and where the image is another one', async () => {
  const { say } = openContexts()
  expect(await say('alice', `shell ${reason} -w node001 lsblk`)).toMatchObject([{ kind: 'asking' }])
  const other = `shell ${reason} --retina-shell-image-version v2 -w node001 frobnicate`
  expect(JSON.stringify(await say('alice', other))).not.toContain('not found in the shell image')
})
