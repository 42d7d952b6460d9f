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

test('what was sent is no draft on the server from then on, also where its window is closed within the second; what gets no answer waits a second', async () => {
  const asked: string[] = []
  const pauses: (() => void)[] = []
  let isAway = false
  const drafts = new Drafts(
    {
      save: async (_, text) => {
        asked.push(text)
        if (isAway) throw new Error('No answer.')
      },
      pause: () => new Promise((resolve) => pauses.push(resolve)),
    },
    () => {},
  )
  const happened = () => new Promise((resolve) => setTimeout(resolve))
  drafts.write('c', 'oi')
  await happened()
  expect(asked).toEqual([])
  isAway = true
  drafts.write('c', '')
  await happened()
  expect(asked).toEqual([''])
  isAway = false
  pauses.at(-1)?.()
  await happened()
  expect([asked, drafts.stateOf('c')]).toEqual([['', ''], 'saved'])
})
