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
