import { expect, test } from 'vitest'
import { meantBy, mentionBegun, mentionedIn } from './mentions.ts'

const colleagues = ['Ana Souza', 'Bruno Lima', 'João Reis', 'Joana Lima'].map((name) => ({ name }))
const namesOf = (all: readonly { readonly name: string }[]) => all.map(({ name }) => name)
const offered = (text: string, caret = text.length, among = colleagues) => {
  const begun = mentionBegun(text, caret)
  return begun && namesOf(meantBy(begun, among))
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

test('a name that is not written as it is calls nobody, and goes on being offered', () => {
  expect(namesOf(mentionedIn('@ana souza', colleagues))).toEqual([])
  expect(offered('@ana souza')).toEqual(['Ana Souza'])
  expect(offered('@Joao Reis')).toEqual(['João Reis'])
})

test('of two names of which one begins the other, each is called by its own', () => {
  const both = ['Ana', 'Ana Paula'].map((name) => ({ name }))
  const called = (note: string) => namesOf(mentionedIn(note, both))
  // Enter behind it sends.
  expect(offered('@Ana ', 5, both)).toEqual([])
  expect(offered('@Ana P', 6, both)).toEqual(['Ana Paula'])
  expect(called('@Ana, veja')).toEqual(['Ana'])
  expect(called('veja, @Ana Paula')).toEqual(['Ana Paula'])
  expect(called('@Ana Paula e @Ana')).toEqual(['Ana', 'Ana Paula'])
})
