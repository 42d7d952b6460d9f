import { readFileSync } from 'node:fs'
import { PERMISSIONS } from '@parley/people'
import { expect, test } from 'vitest'
import { placesOf } from '../../services/console/src/places/places.ts'

const FIRST_PAGE = new URL('../../services/agent/src/console-page/index.html', import.meta.url)

test('the first page behind the sign-in leads to every page of the console, and to the audit', () => {
  const links = [
    ...readFileSync(FIRST_PAGE, 'utf8').matchAll(/<a href="(\/[\w/]+)" data-permission="([\w.]+)"/g),
  ]
  expect(links.map(([, path, permission]) => ({ path, permission }))).toEqual([
    ...placesOf(PERMISSIONS).map(({ path, permission }) => ({ path, permission })),
    { path: '/audit', permission: 'audit.read' },
  ])
  const known: readonly string[] = PERMISSIONS
  expect(links.filter(([, , permission = '']) => !known.includes(permission))).toEqual([])
})
