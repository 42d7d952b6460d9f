import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { emptyDataDirectory, filesOf, requireFormat } from './data-directory.ts'
import { cacheDirectory } from './provision/cache.ts'

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

test('a socket stands where its path is short enough for the system, which counts bytes', () => {
  expect(filesOf('/home/ana/parley/.data').socket).toBe('/home/ana/parley/.data/control.sock')
  const inBengali = `/home/${'তথ্য/'.repeat(10)}.data`
  expect(inBengali.length).toBeLessThan(80)
  expect(Buffer.byteLength(filesOf(inBengali).socket)).toBeLessThan(104)
})

test('an empty setting of the cache counts as not given', () => {
  const home = { PARLEY_CACHE_DIR: '', XDG_CACHE_HOME: '' }
  expect(cacheDirectory(home)).toBe(cacheDirectory({}))
})
