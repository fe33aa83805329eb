import { expect, test } from '@jest/globals'
import { defined } from '#core/util/defined'

test('only fields without a value are left out', () => {
  const fields: { code: number | undefined; text: string | undefined; flag: boolean | undefined; none: null } = {
    code: 0,
    text: undefined,
    flag: false,
    none: null,
  }
  expect(Object.entries(defined(fields))).toEqual([
    ['code', 0],
    ['flag', false],
    ['none', null],
  ])
  const known: { code?: number } = defined({ code: fields.code })
  expect(known.code).toBe(0)
})
