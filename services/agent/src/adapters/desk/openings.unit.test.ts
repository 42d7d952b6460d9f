import type { SignedIn } from '@parley/service'
import { expect, test } from 'vitest'
import { openings } from './openings.ts'

const ana = { id: 'p01', login: 'ana', name: 'Ana' } as SignedIn
const START_MS = 1_000_000

function desk() {
  const told: string[] = []
  let isAway = false
  let nowMs = START_MS
  const opened = openings(
    async ({ type, person, subject }) => {
      if (isAway) throw new Error('the log is away')
      told.push(`${type} ${person?.id} ${subject.kind} ${subject.id}`)
    },
    { now: () => nowMs },
  )
  return {
    opened,
    told,
    at: (seconds: number) => void (nowMs = START_MS + seconds * 1_000),
    lose: (is: boolean) => void (isAway = is),
  }
}

test('what one look reads is told once, and what is opened when the entry stands no longer is told again', async () => {
  const { opened, told, at } = desk()
  // The rules keep the entry of the first for a quarter of an hour, and make none of the second: the third needs one of its own.
  for (const seconds of [0, 1, 14 * 60 + 30, 15 * 60 + 5]) {
    at(seconds)
    await opened(ana, 'conversation-1')
  }
  expect(told).toEqual(Array(3).fill('conversation_opened p01 conversation conversation-1'))
})

test('while the audit takes nothing nothing is shown, and nothing is taken for told', async () => {
  const { opened, told, lose } = desk()
  lose(true)
  await expect(opened(ana, 'conversation-1')).rejects.toThrow('away')
  lose(false)
  await opened(ana, 'conversation-1')
  expect(told).toHaveLength(1)
})
