import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sources } from './build.ts'

test('the desk is built anew where a package has changed that it imports', async () => {
  const files = await sources()
  const imported = globSync('src/**/*.{ts,tsx}', { cwd: import.meta.dirname }).flatMap((file) =>
    [...readFileSync(join(import.meta.dirname, file), 'utf8').matchAll(/ from '@parley\/([\w-]+)/g)].map(
      ([, name = '']) => name,
    ),
  )
  expect(imported).not.toEqual([])
  expect(imported.filter((name) => !files.includes(join('../../packages', name, 'src/index.ts')))).toEqual([])
})
