import { contentOf, conversations } from '@parley/conversation'
import { Chain } from '@parley/testkit'
import { expect, test } from 'vitest'
import { type Contact, type ContactFact, evolveContact } from './contact.ts'

const OLD = '5511987654321'
const NEW = '5521912345678'
const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 12, 0, second)).toISOString()

type Observed = 'ContactRegistered' | 'ContactAliasesAdded' | 'ContactNumberReleased'

/** Each a second after the one before, by both clocks unless the channel's is told. */
function given(
  ...events: readonly (readonly [type: Observed, waId: string, occurredAt?: string])[]
): Contact | undefined {
  const chain = new Chain(conversations, 'contact-1')
  return events.reduce<Contact | undefined>((contact, [type, waId, occurredAt], second) => {
    const profile = { name: '', waId, userId: 'BR.1', parentUserId: '', username: '' }
    const event = chain.add(
      { type },
      {
        at: at(second),
        occurredAt: occurredAt ?? at(second),
        content: contentOf({ profile }),
      },
    )
    return evolveContact(contact, event as unknown as ContactFact)
  }, undefined)
}

test('a customer is shown by the number that the channel told last', () => {
  expect(given(['ContactRegistered', OLD])?.number).toBe(OLD)
  expect(given(['ContactRegistered', OLD], ['ContactAliasesAdded', NEW])?.number).toBe(NEW)
  expect(given(['ContactRegistered', OLD], ['ContactAliasesAdded', ''])?.number).toBe(OLD)
})

test('a number that is somebody else’s by now is not shown as theirs, be it told or not which', () => {
  expect(given(['ContactRegistered', OLD], ['ContactNumberReleased', OLD])?.number).toBe('')
  expect(given(['ContactRegistered', OLD], ['ContactNumberReleased', ''])?.number).toBe('')
})

test('losing an earlier number leaves the present one', () => {
  const moved = given(
    ['ContactRegistered', OLD],
    ['ContactAliasesAdded', NEW],
    ['ContactNumberReleased', OLD],
  )
  expect(moved?.number).toBe(NEW)
})

test('what was written before the number was lost, and comes after, does not bring it back; what was written later does', () => {
  const lost = [
    ['ContactRegistered', OLD],
    ['ContactNumberReleased', OLD],
  ] as const
  const late = (occurredAt: string) => given(...lost, ['ContactAliasesAdded', OLD, occurredAt])?.number
  expect(late(at(0))).toBe('')
  expect(late(at(2))).toBe(OLD)
  expect(given(['ContactNumberReleased', ''], ['ContactAliasesAdded', OLD, at(0)])?.number).toBe('')
  expect(given(...lost, ['ContactAliasesAdded', NEW, at(0)])?.number).toBe(NEW)
})

test('a customer is written in the language that was chosen last, under whichever name it was', () => {
  const chain = new Chain(conversations, 'contact-1')
  const after = (contact: Contact | undefined, second: number, fact: Parameters<typeof chain.add>[0]) =>
    evolveContact(contact, chain.add(fact, { at: at(second) }) as unknown as ContactFact)
  const registered = after(undefined, 1, { type: 'ContactRegistered', data: { language: 'pt' } })
  expect(registered.language).toBe('pt')
  const chosen = after(registered, 5, { type: 'ContactLanguageChosen', data: { language: 'bn' } })
  expect(chosen.language).toBe('bn')
  const absorbs = (language: string, languageChosenAt?: string) =>
    after(chosen, 9, { type: 'ContactAbsorbed', data: { language, languageChosenAt } }).language
  expect([absorbs('en', at(7)), absorbs('en', at(3)), absorbs('')]).toEqual(['en', 'bn', 'bn'])

  const absorbed = after(chosen, 9, {
    type: 'ContactAbsorbed',
    data: { language: 'en', languageChosenAt: at(7) },
  })
  const said = after(absorbed, 9, {
    type: 'ContactLanguageChosen',
    data: { language: 'en', chosenBy: 'merge' },
  })
  expect(said, 'chosen at the time that the merge brought').toEqual(absorbed)
})
