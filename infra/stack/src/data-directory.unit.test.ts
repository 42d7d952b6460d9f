import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { emptyDataDirectory, requireFormat } from './data-directory.ts'

const directory = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'parley-data-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

test('a new folder is begun in the format of today, and goes on in it', async () => {
  const path = directory()
  await requireFormat(path)
  mkdirSync(join(path, 'kafka'))
  await expect(requireFormat(path)).resolves.toBeUndefined()
})

test.each([
  ['before formats were named', undefined],
  ['in another format', '1'],
])('data written %s are refused with the way out, and a reset is one', async (_, format) => {
  const path = directory()
  mkdirSync(join(path, 'kafka'))
  if (format !== undefined) writeFileSync(join(path, 'format'), format)
  await expect(requireFormat(path)).rejects.toMatchObject({
    code: 'DATA_OF_OTHER_VERSION',
    fix: expect.stringContaining('npm start -- --reset') as string,
  })
  await emptyDataDirectory(path)
  await expect(requireFormat(path)).resolves.toBeUndefined()
})
