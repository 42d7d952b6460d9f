import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { profileDigestWith } from './profile-digest.ts'

const ANA = { waId: '16505551234', userId: 'US.1349', parentUserId: '', name: 'Ana', username: 'ana' }

test('equal names have equal digests, in every process and whatever else stands beside them', () => {
  const digest = profileDigestWith('secret')(ANA)
  expect(digest).toMatch(/^[0-9a-f]{16}$/)
  expect(profileDigestWith('secret')({ ...ANA, more: 1 } as typeof ANA)).toBe(digest)
})

test('each name counts, and so does under which heading it stands', () => {
  const digestOf = profileDigestWith('secret')
  const others = [
    ...Object.keys(ANA).map((field) => ({ ...ANA, [field]: 'other' })),
    { ...ANA, userId: '', parentUserId: ANA.userId },
    { ...ANA, name: 'Anaana', username: '' },
    { ...ANA, name: '', username: 'Anaana' },
  ]
  expect(new Set([ANA, ...others].map((names) => digestOf(names))).size).toBe(others.length + 1)
})

test('without the secret nobody can try numbers: another one gives other digests', () => {
  const digest = profileDigestWith('secret')(ANA)
  expect(profileDigestWith('Secret')(ANA)).not.toBe(digest)
  expect(profileDigestWith('')(ANA)).not.toBe(digest)
  expect(
    createHash('sha256')
      .update(JSON.stringify(Object.values(ANA)))
      .digest('hex'),
  ).not.toContain(digest)
})
