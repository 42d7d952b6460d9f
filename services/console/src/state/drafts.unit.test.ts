import { expect, test } from 'vitest'
import { Refused } from '../api/client.ts'
import { Drafts } from './drafts.ts'

test('the server’s word counts where nothing was written here since it was asked, and all that was written here had been saved', async () => {
  const saved: string[] = []
  let goesOn = Promise.withResolvers<void>()
  const drafts = new Drafts(
    { save: async (_, text) => void saved.push(text), read: async () => '', pause: () => goesOn.promise },
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
      read: async () => '',
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

test('that nothing is written here says nothing of a draft, once the server has that: one may be begun at another desk', async () => {
  const { one, other, saved, isReadAt } = twoDesks()
  expect(one.isBegun('c')).toBeUndefined()
  isReadAt(one)
  expect(one.isBegun('c')).toBeUndefined()
  one.write('c', 'Bom dia!')
  expect(one.isBegun('c')).toBe(true)
  await saved(one)
  isReadAt(other)
  other.said('c', 'Bom dia!')
  expect([one.isBegun('c'), other.isBegun('c')]).toEqual([true, undefined])
  one.write('c', '')
  expect(one.isBegun('c')).toBe(false)
  await saved(one)
  expect(one.isBegun('c')).toBeUndefined()
})

/** The server, which keeps what one desk wrote from another that does not know of it. */
function twoDesks() {
  let kept: { readonly text: string; readonly desk: string } | undefined
  const desk = (name: string) =>
    new Drafts(
      {
        async save(_, text, before) {
          if (kept !== undefined && kept.desk !== name && ![text, before].includes(kept.text))
            throw new Refused(409, { code: 'DRAFT_CHANGED', message: '' })
          kept = text === '' ? undefined : { text, desk: name }
        },
        read: async () => kept?.text ?? '',
        pause: async () => {},
      },
      () => {},
    )
  const saved = async (drafts: Drafts) => {
    while (drafts.settledAt('c') === undefined) await Promise.resolve()
  }
  const isReadAt = (drafts: Drafts) => drafts.adopt('c', kept?.text ?? '', drafts.settledAt('c'))
  return { one: desk('one'), other: desk('other'), saved, isReadAt, kept: () => kept?.text ?? '' }
}

test('of two desks that write in one conversation at once neither loses a word: what the other one wrote comes in before it', async () => {
  const { one, other, saved, isReadAt, kept } = twoDesks()
  one.write('c', 'Bom dia!')
  await saved(one)
  other.write('c', 'Segue o boleto.')
  await saved(other)
  expect([other.of('c'), kept(), other.isJoined('c')]).toEqual([
    'Bom dia!\nSegue o boleto.',
    'Bom dia!\nSegue o boleto.',
    true,
  ])
  // Read once more, it is gone on with there, and nothing is said twice.
  isReadAt(one)
  one.write('c', 'Bom dia!\nSegue o boleto. Até logo.')
  await saved(one)
  expect([one.isJoined('c'), kept()]).toEqual([false, 'Bom dia!\nSegue o boleto. Até logo.'])
  one.write('c', '')
  await saved(one)
  expect(kept()).toBe('')
})

test('what was sent at one desk stands at neither as words to be sent: of what was joined to it the rest is left', async () => {
  for (const isHeardFirst of [true, false]) {
    const { one, other, saved, kept } = twoDesks()
    one.write('c', ' Bom dia! ')
    await saved(one)
    other.write('c', 'Segue o boleto.')
    await saved(other)
    const isSent = async () => {
      one.write('c', '')
      await saved(one)
    }
    if (!isHeardFirst) await isSent()
    other.said('c', 'Bom dia!')
    await saved(other)
    if (isHeardFirst) await isSent()
    expect([one.of('c'), other.of('c'), kept()]).toEqual(Array(3).fill('Segue o boleto.'))
  }
})

test('what merely begins with the same words was not sent with them', () => {
  const { one } = twoDesks()
  one.write('c', 'Sim senhora')
  one.said('c', 'Sim')
  expect(one.of('c')).toBe('Sim senhora')
  one.said('c', 'Sim senhora')
  expect(one.of('c')).toBe('')
})

test('few letters are no part of other words that hold them by chance, at whichever desk', async () => {
  for (const [theirs, ours] of [
    ['Pode pagar em 12 parcelas', '1'],
    ['ok', 'Segue o book'],
  ] as const) {
    const { one, other, saved, kept } = twoDesks()
    one.write('c', theirs)
    await saved(one)
    other.write('c', ours)
    await saved(other)
    expect([other.of('c'), kept()]).toEqual(Array(2).fill(`${theirs}\n${ours}`))
  }
})

test('a line that stands at both desks stands once, and what this one had written over does not come back', async () => {
  const { one, other, saved, kept } = twoDesks()
  one.write('c', 'Bom dia')
  await saved(one)
  other.write('c', 'Segue o boleto.')
  await saved(other)
  one.write('c', 'Bom dia, Ana')
  await saved(one)
  expect([one.of('c'), kept()]).toEqual(Array(2).fill('Segue o boleto.\nBom dia, Ana'))
  other.write('c', 'Bom dia\nSegue o boleto.\nAté logo.')
  await saved(other)
  expect([other.of('c'), kept()]).toEqual(Array(2).fill('Bom dia, Ana\nBom dia\nSegue o boleto.\nAté logo.'))
})

test('of what came in and cannot be kept with what is written here, it is told that it is not', async () => {
  let isTooLong = false
  const drafts = new Drafts(
    {
      save: async (_, text) => {
        if (isTooLong) throw new Refused(400, { code: 'BODY_INVALID', message: '' })
        if (!text.startsWith('Bom dia')) throw new Refused(409, { code: 'DRAFT_CHANGED', message: '' })
      },
      read: async () => {
        isTooLong = true
        return 'Bom dia'
      },
      pause: async () => {},
    },
    () => {},
  )
  drafts.write('c', 'longo')
  await expect.poll(() => drafts.stateOf('c')).toBe('unsaved')
  expect([drafts.of('c'), drafts.isJoined('c')]).toEqual(['Bom dia\nlongo', false])
})

test('what the server has not taken, by whatever cause, is in this window only', async () => {
  const refusing = new Drafts(
    {
      save: async () => {
        throw new Refused(400, { code: 'BODY_INVALID', message: '' })
      },
      read: async () => '',
      pause: async () => {},
    },
    () => {},
  )
  expect(refusing.isUnsaved).toBe(false)
  refusing.write('c', 'longo')
  expect(refusing.isUnsaved).toBe(true)
  await expect.poll(() => refusing.stateOf('c')).toBe('unsaved')
  expect(refusing.isUnsaved).toBe(true)
  refusing.write('c', '')
  expect(refusing.isUnsaved).toBe(false)
})
