import { expect, test } from 'vitest'
import { meantBy, mentionBegun } from './mentions.ts'

const colleagues = ['Ana Souza', 'Bruno Lima', 'João Reis', 'Joana Lima'].map((name) => ({ name }))
const offered = (text: string, caret = text.length) => {
  const begun = mentionBegun(text, caret)
  return begun && meantBy(begun, colleagues).map(({ name }) => name)
}

test('whoever may be meant by what stands behind an @ is offered, by any of their names, with accents or without', () => {
  expect(offered('veja, @')).toHaveLength(4)
  expect(offered('veja, @jo')).toEqual(['João Reis', 'Joana Lima'])
  expect(offered('@lim')).toEqual(['Bruno Lima', 'Joana Lima'])
  expect(offered('@bruno l')).toEqual(['Bruno Lima'])
  expect(offered('@bru e mais', 4)).toEqual(['Bruno Lima'])
})

test('nobody is offered where no name is being written, or where it stands there whole', () => {
  expect(offered('ana@lima')).toBeUndefined()
  expect(offered('sem nada')).toBeUndefined()
  expect(offered('@ana\n')).toBeUndefined()
  expect(offered('@Bruno Lima')).toEqual([])
  expect(offered('@Bruno Lima, você conhece este caso?')).toEqual([])
})
