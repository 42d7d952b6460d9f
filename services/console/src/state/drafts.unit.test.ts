import { expect, test } from 'vitest'
import { Drafts } from './drafts.ts'

test('the server’s word counts where nothing was written here since it was asked, and all that was written here had been saved', async () => {
  const saved: string[] = []
  let goesOn = Promise.withResolvers<void>()
  const drafts = new Drafts(
    { save: async (_, text) => void saved.push(text), pause: () => goesOn.promise },
    () => {},
  )
  const settle = async () => {
    goesOn.resolve()
    while (drafts.settledAt('c') === undefined) await Promise.resolve()
    goesOn = Promise.withResolvers()
  }
  drafts.adopt('c', 'begun elsewhere', drafts.settledAt('c'))
  expect(drafts.of('c')).toBe('begun elsewhere')
  const asked = drafts.settledAt('c')
  drafts.write('c', 'gone on here')
  drafts.adopt('c', 'begun elsewhere', asked)
  drafts.adopt('c', 'begun elsewhere', drafts.settledAt('c'))
  expect(drafts.of('c')).toBe('gone on here')
  await settle()
  drafts.adopt('c', 'begun elsewhere', asked)
  expect([drafts.of('c'), saved]).toEqual(['gone on here', ['gone on here']])
  drafts.adopt('c', '', drafts.settledAt('c'))
  expect(drafts.of('c')).toBe('')
})
