import type { MessageBody } from '@parley/proto/content'

/** What a message says about being written to at all. */
export type ConsentWish = { readonly wish: 'stop' | 'start'; readonly via: 'keyword' | 'button' }

const STOP_WORDS = foldedSet(
  'STOP',
  'PARAR',
  'PARE',
  'SAIR',
  'UNSUBSCRIBE',
  'CANCELAR INSCRIÇÃO',
  'বন্ধ',
  'স্টপ',
)
const START_WORDS = foldedSet('START', 'UNSTOP', 'VOLTAR', 'INICIAR', 'COMEÇAR', 'শুরু', 'স্টার্ট')

export function consentWishOf(message: MessageBody | undefined): ConsentWish | undefined {
  const body = message?.body
  if (body?.$case === 'text') return wishIn([body.value.text], 'keyword')
  if (body?.$case === 'choice') return wishIn([body.value.id, body.value.title], 'button')
  return undefined
}

/** No keyword is longer; a long text is not folded just to find that out. */
const LONGEST = 64

function wishIn(texts: readonly string[], via: ConsentWish['via']): ConsentWish | undefined {
  const words = texts.filter(({ length }) => length > 0 && length <= LONGEST).map(folded)
  if (words.some((word) => STOP_WORDS.has(word) || (via === 'button' && word === 'opt_out')))
    return { wish: 'stop', via }
  if (words.some((word) => START_WORDS.has(word) || (via === 'button' && word === 'opt_in')))
    return { wish: 'start', via }
  return undefined
}

/** As people type: any case, with or without accents, with a full stop or a danda at the end. */
function folded(text: string): string {
  return text
    .normalize('NFD')
    .replaceAll(/[\u0300-\u036F\u200B-\u200D\uFEFF]/g, '')
    .toLowerCase()
    .replaceAll(/\s+/g, ' ')
    .replace(/[\p{P}\s]+$/u, '')
    .trimStart()
}

function foldedSet(...words: readonly string[]): ReadonlySet<string> {
  return new Set(words.map(folded))
}
