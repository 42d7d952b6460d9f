import { describe, expect, test } from 'vitest'
import { fold, globalWish, hasWords, isGreeting } from './wording.ts'

describe('what people write', () => {
  test('case, accents, punctuation at the edges and kinds of digits make no difference', () => {
    expect(fold('  Início!! ')).toBe('inicio')
    expect(fold('OPÇÃO ২')).toBe('opcao 2')
    expect(fold('1️⃣')).toBe('1')
    expect(fold('👋')).toBe('')
    expect(fold('হ্যাঁ')).toBe(fold('হ্যাঁ।'))
  })

  test.each(['oi', 'Oi!', 'Olá, bom dia', 'oi tudo bem?', 'HELLO 👋', 'নমস্কার'])(
    '%s is a greeting',
    (text) => {
      expect(isGreeting(text)).toBe(true)
    },
  )
  test.each(['oi perdi meu cartão', 'bom diário', '', '👋', 'ok'])('%s is none', (text) => {
    expect(isGreeting(text)).toBe(false)
  })

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
  ])('"%s" asks for a person', (text) => {
    expect(globalWish(text)).toEqual({ wish: 'person' })
  })
  test.each(['no balcão do agente', 'não quero falar com atendente', 'perto do shopping', 'the agency'])(
    '"%s" does not',
    (text) => {
      expect(globalWish(text)).toBeUndefined()
    },
  )
  test('menu and languages are understood at any time', () => {
    expect(globalWish('Início')).toEqual({ wish: 'menu' })
    expect(globalWish('english')).toEqual({ wish: 'language', language: 'en' })
    expect(globalWish('Português')).toEqual({ wish: 'language', language: 'pt' })
    expect(globalWish('বাংলা')).toEqual({ wish: 'language', language: 'bn' })
  })

  test('whole words only, in Bengali too', () => {
    expect(hasWords('perdi meu cartao hoje', 'cartao')).toBe(true)
    expect(hasWords('cartaozinho', 'cartao')).toBe(false)
    expect(hasWords('আমার কার্ড নেই', 'কার্ড')).toBe(true)
    expect(hasWords('কার্ডের', 'কার্ড')).toBe(false)
  })
})
