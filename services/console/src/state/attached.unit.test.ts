import { expect, test } from 'vitest'
import { AttachedFiles } from './attached.ts'

const file = new File(['x'], 'extrato.pdf')
const failing = () => {
  const fails = Promise.withResolvers<never>()
  const files = new AttachedFiles({ upload: () => fails.promise, newKey: () => 'k' }, () => {})
  return { files, added: files.add('c', file), fail: () => fails.reject(new Error('The disk is full.')) }
}

test('what could not be uploaded is said, and gone', async () => {
  const { files, added, fail } = failing()
  fail()
  await expect(added).rejects.toThrow('The disk is full.')
  expect(files.isEmpty).toBe(true)
})

test('of what was taken back nothing is said, whatever became of it', async () => {
  const { files, added, fail } = failing()
  files.remove('c', 'k')
  fail()
  await added
  expect(files.isEmpty).toBe(true)
})

test('of many that are picked six are on their way at once, and the others follow; one taken back meanwhile is not sent', async () => {
  const begun: { readonly key: string; readonly end: () => void }[] = []
  let keys = 0
  const files = new AttachedFiles(
    {
      upload: (_file, key) => {
        const { promise, resolve } = Promise.withResolvers<{ uploadId: string; type: string }>()
        begun.push({ key, end: () => resolve({ uploadId: `of ${key}`, type: 'application/pdf' }) })
        return promise
      },
      newKey: () => `${(keys += 1)}`,
    },
    () => {},
  )
  const added = Array.from({ length: 20 }, () => files.add('c', file))
  await expect.poll(() => begun).toHaveLength(6)
  files.remove('c', '8')
  for (let done = 0; done < 19; done += 1) {
    await expect.poll(() => begun).toHaveLength(Math.min(19, done + 6))
    begun[done]!.end()
  }
  await Promise.all(added)
  expect(begun.map(({ key }) => key)).not.toContain('8')
  expect(files.readyOf('c')).toHaveLength(19)
})
