import { describe, expect, test } from '@jest/globals'
import type { AccountRef } from '#core/people/principal'
import type { Directory } from '#core/ports/directory'

/** Directory under test: it knows Alice, who is in the group leads, and nobody else. */
export type DirectoryBench = {
  directory: Directory
  alice: AccountRef
  /** Whether the platform can be asked. */
  reach: (isReachable: boolean) => void
  /** Puts Alice into no group. */
  leave: () => void
}

/** Tests what every directory has to do. */
export function directoryContract(name: string, open: () => DirectoryBench): void {
  describe(`${name} meets the contract of a directory`, () => {
    test('a person is found by their account, with their groups of now', async () => {
      const { directory, alice, leave } = open()
      const found = await directory.person(alice)
      expect(found).toMatchObject({ id: 'alice@example.com', name: 'Alice' })
      expect(found).toMatchObject({ groups: expect.arrayContaining(['group:leads']) })
      expect(JSON.parse(JSON.stringify(found))).toEqual(found)
      leave()
      expect(await directory.person(alice)).toMatchObject({ groups: expect.not.arrayContaining(['group:leads']) })
    })

    test('an unknown account is refused for good, with a reason', async () => {
      const { directory, alice } = open()
      const account = { ...alice, user: 'nobody' }
      expect(await directory.person(account)).toMatchObject({
        ...{ refused: expect.stringMatching(/\.$/), temporary: false, account },
      })
    })

    test('while the platform can’t be asked, the refusal is temporary', async () => {
      const { directory, alice, reach } = open()
      reach(false)
      expect(await directory.person(alice)).toMatchObject({
        ...{ refused: expect.stringMatching(/\.$/), temporary: true, account: alice },
      })
      reach(true)
      expect(await directory.person(alice)).toMatchObject({ id: 'alice@example.com' })
    })
  })
}
