import { describe, expect, test } from 'vitest'
import { globalWish } from './wording.ts'

describe('what people write', () => {
  test.each([
    'atendente',
    'ATENDENTE!',
    'humano',
    'quero falar com um atendente',
    'agent',
    'I want to talk to a real person',
    'human',
    'এজেন্ট',
    'মানুষের সাথে কথা বলতে চাই',
    'একজন প্রতিনিধির সঙ্গে কথা বলতে চাই।',
    'এজেন্ট চাই',
    'Oi, boa tarde! Quero falar com um atendente, por favor',
    'gostaria de falar com uma pessoa de verdade',
    'preciso de um humano agora',
    'posso falar com alguém?',
    'me passa pra um atendente',
    'Can I speak to someone?',
    'connect me to an agent',
    'let me talk to a human, please',
    'quero falar com um atendente sobre meu cartão',
    'Quero falar com um atendente porque não consigo entrar',
    'uma pessoa, por favor',
    'I need an agent right now',
  ])('"%s" asks for a person, to a free question too', (text) => {
    expect(globalWish(text)).toEqual({ wish: 'person' })
    expect(globalWish(text, true)).toEqual({ wish: 'person' })
  })
  test.each(['não entendi nada, quero falar com um atendente', 'socorro! atendente', 'no. I want a human'])(
    '"%s" asks for a person, but to a free question it may be an answer',
    (text) => {
      expect(globalWish(text)).toEqual({ wish: 'person' })
      expect(globalWish(text, true)).toBeUndefined()
    },
  )
  test.each([
    'no balcão do agente',
    'no balcão, quando fui falar com a pessoa do caixa',
    'fui falar com um atendente no caixa',
    'falei com a pessoa do caixa',
    'não quero falar com atendente',
    'nao quero falar com um atendente',
    'n quero falar com atendente',
    'nunca consigo falar com um atendente',
    'quero falar com um atendente não',
    "I don't want to talk to an agent",
    'i dont need a human',
    'talked to an agent at the mall',
    'মানুষের সাথে কথা বলতে চাই না',
    'মানুষের সাথে কথা বলতে গিয়ে হারিয়েছি',
    'perto do shopping',
    'the agency',
    'uma pessoa roubou meu cartão',
    'a human resources office',
    'o atendente',
    'foi o operador do caixa',
    'vou falar com o gerente',
  ])('"%s" does not', (text) => {
    expect(globalWish(text)).toBeUndefined()
    expect(globalWish(text, true)).toBeUndefined()
  })
  test('menu and languages are understood at any time', () => {
    expect(globalWish('Início')).toEqual({ wish: 'menu' })
    expect(globalWish('english')).toEqual({ wish: 'language', language: 'en' })
    expect(globalWish('Português')).toEqual({ wish: 'language', language: 'pt' })
    expect(globalWish('বাংলা')).toEqual({ wish: 'language', language: 'bn' })
  })
})
