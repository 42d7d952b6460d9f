import { testDb } from '@parley/testkit'
import { expect, test } from 'vitest'
import { DeskStore } from './store.ts'

test('what a person wrote at one desk is replaced from another only where that one knows it; who names no desk just says what it is', async () => {
  await using kept = await testDb()
  const desks = await DeskStore.open(kept.db)
  const keep = (text: string, desk?: string, before?: string) =>
    desks.setDraft('c', 'ana', { text, desk, before })
  const draft = () => desks.draft('c', 'ana')
  expect([await keep('Bom dia', 'one'), await keep('Bom dia!', 'one')]).toEqual([true, true])
  for (const text of ['Segue', '']) expect(await keep(text, 'other')).toBe(false)
  expect(await keep('Segue', 'other', 'Bom dia')).toBe(false)
  expect(await draft()).toBe('Bom dia!')
  // An answer that got lost, asked for again.
  for (let times = 0; times < 2; times += 1)
    expect(await keep('Bom dia! Segue', 'other', 'Bom dia!')).toBe(true)
  expect([await keep('', 'one'), await keep('', 'other'), await keep('', 'one')]).toEqual([false, true, true])
  expect(await draft()).toBeNull()
  expect([await keep('Oi', 'one'), await keep('Olá'), await draft()]).toEqual([true, true, 'Olá'])
  expect([await keep('', undefined), await draft()]).toEqual([true, null])
  expect(await desks.setDraft('c', 'bruno', { text: 'meu', desk: 'two' })).toBe(true)
  expect(await desks.drafted(['c', 'd'], 'bruno')).toEqual(new Set(['c']))
  // The first words, saved twice at one moment, as an impatient desk does: no other desk wrote anything.
  for (const desk of ['one', undefined])
    for (let round = 0; round < 10; round += 1) {
      const saved = ['O', 'Ol', 'Olá'].map((text) =>
        desks.setDraft(`${desk} ${round}`, 'ana', { text, desk }),
      )
      expect(await Promise.all(saved)).toEqual([true, true, true])
    }
})
