import { expect, test } from '@jest/globals'
import { postRoute, readRoute, routeTable } from '#src/http/route-table'

test('a path has its own route, else that of its folder, and no other', () => {
  const { add, routeOf } = routeTable([readRoute('/runs/', () => undefined), readRoute('/confirm', () => undefined)])
  add(postRoute('/runs/look', 2_000, () => undefined))
  expect(routeOf('/runs/look')).toMatchObject({ methods: ['POST'], maxBodyBytes: 2_000 })
  expect(routeOf('/runs/r-1')).toMatchObject({ methods: ['GET', 'HEAD'], maxBodyBytes: 0 })
  expect(routeOf('/runs/r-1/more')).toBeUndefined()
  expect(routeOf('/confirm/')).toBeUndefined()
  expect(routeOf('/')).toBeUndefined()
})
