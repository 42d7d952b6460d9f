import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { emptyDataDirectory, filesOf, requireFormat, requireOurs } from './data-directory.ts'
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

test('data in another format are refused with the way out, and a reset is one', async () => {
  const path = directory()
  writeFileSync(join(path, 'format'), '1')
  await expect(requireFormat(path)).rejects.toMatchObject({
    code: 'DATA_OF_OTHER_VERSION',
    fix: expect.stringContaining('npm start -- --reset') as string,
  })
  await emptyDataDirectory(path)
  await expect(requireFormat(path)).resolves.toBeUndefined()
})

test('a reset that was cut short is finished by the next start, before anything is read', async () => {
  const path = directory()
  await requireFormat(path)
  mkdirSync(join(path, 'mongo'))
  // As it stands when the process is killed between the log and the store.
  writeFileSync(join(path, 'format'), 'being emptied\n')
  await requireFormat(path)
  expect(readdirSync(path)).toEqual(['format'])
})

test('a folder with what is somebody else’s is none for a stack, and an empty one or one that a stack began is', async () => {
  const path = directory()
  await expect(requireOurs(path)).resolves.toBeUndefined()
  writeFileSync(join(path, 'control.sock.taken'), 'left by one that was killed')
  await expect(requireOurs(path)).resolves.toBeUndefined()
  mkdirSync(join(path, 'kafka'))
  writeFileSync(join(path, 'kafka', 'thesis.tex'), 'of years')
  await expect(requireOurs(path)).rejects.toThrow('it holds kafka')
  writeFileSync(join(path, 'format'), '9')
  await expect(requireOurs(path)).resolves.toBeUndefined()
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
  expect(cacheDirectory({ PARLEY_CACHE_DIR: 'mine' })).toBe(join(process.cwd(), 'mine'))
})
