import { plainText, withoutCourtesies, wordSet, wordsOf } from '@parley/conversation'
import type { Language } from './language.ts'

const BENGALI_ZERO = '০'.codePointAt(0)!

export function bengaliDigits(text: string): string {
  return text.replace(/[0-9]/g, (digit) => String.fromCodePoint(BENGALI_ZERO + Number(digit)))
}

export type GlobalWish = { wish: 'menu' } | { wish: 'person' } | { wish: 'language'; language: Language }

const MENU = wordSet(
  'menu|início|voltar ao menu|menu principal|main menu|back to the menu|start over|মেনু|মূল মেনু|শুরুতে',
)
const PERSON = wordSet(
  'atendente|um atendente|uma atendente|humano|um humano|pessoa|uma pessoa|atendente humano|atendimento humano|pessoa de verdade|falar com atendente|operador',
  'agent|an agent|person|a person|human|a human|a real person|representative|operator|real person|human agent|live agent|talk to a person|talk to an agent',
  'মানুষ|এজেন্ট|প্রতিনিধি|কাস্টমার কেয়ার',
)
const LANGUAGE_WORDS: Record<Language, ReadonlySet<string>> = {
  pt: wordSet('português|portuguese|em português|pt|পর্তুগিজ'),
  en: wordSet('english|inglês|in english|em inglês|en|ইংরেজি|ইংলিশ'),
  bn: wordSet('বাংলা|bangla|bengali|bengalês|বাংলায়|in bengali|in bangla|bn'),
}

/**
 * Whole requests for a person, of words (`wordsOf`). Each begins with the wish and ends with the person, or goes on with what it is
 * about: "fui falar com a pessoa do caixa" tells a story, "não quero falar com atendente" says no, and neither begins so.
 */
const REQUESTS_FOR_PERSON = [
  pattern(
    '(?:eu )?(?:(?:so|agora) )?(?:quero|queria|gostaria de|preciso|prefiro|posso|podemos|poderia|da pra|da para|tem como|como faco pra|como faco para|como posso)? ?' +
      '(?:falar|conversar|tratar|ser atendido|ser atendida)(?: (?:agora|direto|diretamente))? (?:com|por) (?:um|uma|o|a|algum|alguma|outro|outra)? ?' +
      '(?:atendente|atendentes|humano|humana|pessoa|pessoas|alguem|operador|operadora|gente de verdade|ser humano|funcionario|funcionaria|gerente)(?: (?:humano|humana|real|de verdade|mesmo))?',
    '(?:agora|logo|urgente|urgentemente|ja|aqui|(?:sobre|a respeito d|por causa d|para |pra |porque |pois |pq |que ).*)',
  ),
  pattern(
    '(?:eu )?(?:quero|queria|gostaria de|preciso de|preciso|prefiro|chama|chame|chamar|pode chamar|me passa para|me passa pra|me passe para|passa para|passa pra|me transfere para|me transfere pra|me transfira para|transferir para|tem) ' +
      '(?:um|uma|o|a|algum|alguma)? ?(?:atendente|atendimento humano|humano|pessoa de verdade|ser humano|operador)(?: (?:humano|humana|real|de verdade))?',
    '(?:agora|logo|urgente|ja|aqui|(?:sobre|para |pra |porque |pois |pq |que ).*)',
  ),
  pattern(
    '(?:i )?(?:want|need|would like|wanna|prefer|have|id like|can i|could i|may i|let me|how can i|how do i)? ?(?:to )?' +
      '(?:talk|speak|chat|connect me|put me through|transfer me|get me through|be connected)(?: (?:now|directly))? (?:to|with) (?:a|an|the|some|any|another)? ?' +
      '(?:real |live |actual |human )?(?:agent|human|human being|person|someone|somebody|representative|operator|manager|customer service)',
    '(?:now|asap|right now|here|instead|(?:about|regarding|because|concerning|to|for|who) .*)',
  ),
  pattern(
    '(?:i )?(?:want|need|would like|wanna|prefer|get me|give me|id like|can i get|can i have) (?:a|an|the|some)? ?' +
      '(?:real |live |actual |human )?(?:agent|human|human being|real person|live person|representative|operator)',
    '(?:now|asap|right now|here|instead|(?:about|regarding|because|to|for) .*)',
  ),
  pattern(
    '(?:আমি |আমার )?(?:একজন |কোনো |কোনও |আসল )?(?:মানুষ|এজেন্ট|প্রতিনিধি|অপারেটর)(?:ের|র|এর)? (?:সাথে|সঙ্গে) (?:একটু )?কথা',
    '(?:বলতে চাই|বলতে চাচ্ছি|বলতে পারি|বলতে পারি কি|বলব|বলবো|বলা যাবে|বলা যাবে কি|বলা দরকার|বলিয়ে দিন)',
  ),
  pattern('(?:আমার )?(?:একজন |একটা )?(?:মানুষ|এজেন্ট|প্রতিনিধি|অপারেটর)', '(?:চাই|দরকার|লাগবে|দিন)'),
]

function pattern(request: string, more: string): RegExp {
  // As `wordsOf` leaves the words it is held to: composed, except for the letters that Unicode never composes.
  return new RegExp(`^${request}(?: ${more})?$`.normalize('NFC'))
}

/** A request is short; what comes longer is a story, however it begins. */
const REQUEST_CHARACTERS_MAX = 160

function isRequestForPerson(clause: string): boolean {
  const words = withoutCourtesies(clause)
  if (words.length > REQUEST_CHARACTERS_MAX) return false
  return PERSON.has(words) || REQUESTS_FOR_PERSON.some((request) => request.test(words))
}

/**
 * What a customer may say at any time, whatever was asked: the menu and a language as the whole message, a person as the whole message or as
 * one clause of it ("não entendi, quero falar com um atendente"). To a free question every text may be an answer ("fui ao caixa, quero falar
 * com um atendente, eu disse"), so there the whole message must be the wish.
 */
export function globalWish(text: string, toFreeQuestion = false): GlobalWish | undefined {
  const whole = wordsOf(text)
  const words = withoutCourtesies(whole)
  if (MENU.has(words)) return { wish: 'menu' }
  for (const [language, known] of Object.entries(LANGUAGE_WORDS) as [Language, ReadonlySet<string>][])
    if (known.has(words)) return { wish: 'language', language }
  const clauses = toFreeQuestion ? [whole] : [whole, ...clausesOf(text)]
  return clauses.some(isRequestForPerson) ? { wish: 'person' } : undefined
}

const clausesOf = (text: string) =>
  plainText(text)
    .split(/[.,;:!?\n…]+/)
    .map(wordsOf)
