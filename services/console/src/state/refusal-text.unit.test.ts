import { expect, test } from 'vitest'
import { TEXTS } from '../texts/index.ts'
import { refusalText } from './refusal-text.ts'

test('who cannot take what waits is told of themselves, and who hands on of the colleague: in every language', () => {
  for (const texts of Object.values(TEXTS))
    for (const code of ['AGENT_NOT_AVAILABLE', 'AGENT_AT_CAPACITY', 'SKILL_MISSING']) {
      const refused = { code, message: 'refused', fields: { agentId: 'ana' } }
      const own = refusalText(texts, refused, 'ana')
      const ofColleague = refusalText(texts, refused, 'bruno')
      expect({ code, size: new Set([own, ofColleague, 'refused']).size }).toEqual({ code, size: 3 })
      expect(refusalText(texts, { ...refused, fields: undefined }, 'ana')).toBe(ofColleague)
    }
  const unknown = { code: 'NEWER', message: 'Not today.', fields: undefined }
  expect(refusalText(TEXTS.en, unknown, 'ana')).toBe('That was refused (NEWER). Not today.')
})
