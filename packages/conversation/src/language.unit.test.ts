import { ContactProfile } from '@parley/proto/content'
import { expect, test } from 'vitest'
import { languageByCountry } from './language.ts'

test.each([
  ['5511999990000', 'pt'],
  ['8801711000000', 'bn'],
  ['14155550100', 'en'],
  ['BR.1', 'pt'],
  ['BD.1', 'bn'],
  ['US.1', 'en'],
])('%s is spoken to in %s until the customer chooses', (id, language) => {
  const profile = ContactProfile.fromPartial(id.includes('.') ? { userId: id } : { waId: id })
  expect(languageByCountry(profile)).toBe(language)
})

test('who is known by nothing but a name is spoken to in English', () => {
  expect(languageByCountry(undefined)).toBe('en')
})
