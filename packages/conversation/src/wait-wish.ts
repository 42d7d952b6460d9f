import type { MessageBody } from '@parley/proto/content'
import { givesUp } from './calling-off.ts'
import { isUnsure, objects, withoutCourtesies } from './courtesy.ts'
import { plainAnswerIn } from './plain-answer.ts'
import { isQuestion, saidOnce, withoutHeldLetters, withoutStruckOut, wordSet, wordsOf } from './typed-text.ts'

/**
 * What whoever waits for people says about that; `yes` and `no` where they are asked whether to be written to, else nothing.
 * `no_unless_pt`: a no of whoever does not write Portuguese.
 */
export type WaitWish = 'how_long' | 'call_back' | 'leave' | 'yes' | 'no' | 'no_unless_pt' | ''

/** The buttons under the notice that a queue is closed. */
export const WAIT_BUTTONS = { callBack: 'wait_call_back', leave: 'wait_leave' } as const

/** The whole message asks how long it takes. Of words (`wordsOf`): without accents, case and punctuation. */
const HOW_LONG = new RegExp(
  `^(?:${[
    '(?:e )?(?:mais ou menos )?(?:quanto|qto|qnto) tempo(?: mais)?(?: (?:de espera|de fila|falta|ainda|demora|vai demorar|vai levar|leva|vou esperar|tenho que esperar|preciso esperar|para (?:me )?atender(?:em)?|pra (?:me )?atender(?:em)?|para ser atendid[oa]|pra ser atendid[oa]))*',
    '(?:vai |isso vai |ainda vai )?(?:demorar?|demora) (?:muito|mto|mt|mais|quanto)(?: tempo)?(?: ainda)?|(?:ainda )?vai demorar|(?:ainda )?demora|falta (?:muito|quanto|quanto tempo)|quando (?:vou ser|serei|vao me|alguem vai me) atend(?:er|id[oa])',
    '(?:qual|quantos?)(?: e)?(?: a)?(?: minha)? (?:posicao|lugar)(?: na fila)?|(?:a )?minha posicao(?: na fila)?|posicao na fila|(?:quantas pessoas|tem (?:muita|mta|mt) gente) (?:tem |estao )?na (?:(?:minha )?frente|fila)|quantos na (?:minha )?frente|tempo de espera|(?:tem (?:alguma )?|qual (?:e )?(?:a )?)?previsao(?: de (?:espera|atendimento))?',
    '(?:and |so |about )?how (?:much )?long(?:er)?(?: (?:is|will|does|do|must|should) (?:it|this|that|the wait|i|the queue|the line)(?: (?:be|take|have to wait|need to wait|wait))?)?(?: (?:now|still|more))?',
    'how much (?:more )?time(?: (?:will it take|is left))?|how many (?:people )?(?:are )?(?:before|ahead of|in front of) me|(?:whats|what is) (?:my (?:place|position)|the wait)(?: in (?:the )?(?:line|queue))?|my position|(?:waiting|wait) time|(?:any |whats the |what is the )?eta|when will (?:someone|somebody|i be|you) (?:answer|answered|help me)',
    '(?:ar )?koto (?:somoy|shomoy|khon)(?: lagbe)?|kotokkhon(?: lagbe)?|(?:আর )?(?:কত|কতো) (?:সময়|সময়|ক্ষণ|দেরি|দেরী)(?: (?:লাগবে|লাগে|লাগতে পারে|অপেক্ষা করতে হবে|হবে))?|(?:আর )?(?:কতক্ষণ|কতক্ষন)(?: (?:লাগবে|লাগে|অপেক্ষা করব|অপেক্ষা করতে হবে))?|আমার (?:অবস্থান|সিরিয়াল|সিরিয়াল) (?:কত|কোথায়|কোথায়)|আমার আগে (?:কতজন|কত জন)(?: আছে(?:ন)?)?',
  ].join('|')})$`.normalize('NFC'),
)

const CALL_BACK = wordSet(
  'sim escrevam|escrevam|sim podem escrever|podem escrever|sim me chamem|me chamem|podem me chamar|podem me escrever|me chama depois|me chamem depois|me avisem|me avise|me avisa|podem me avisar|pode me avisar|pode me chamar depois|podem me chamar depois|me chama quando abrir|me chamem quando abrir|me avisa quando abrir|me avise quando abrir|me avisem quando abrir|avisem quando abrir|me escrevam quando abrir|escrevam quando abrir|escrevam sim|quero ser avisado|quero ser avisada',
  'yes write to me|write to me|write to me later|call me back|message me back|notify me|let me know|let me know when you open|message me when you open|text me when you open|write to me when you open|yes let me know',
  'হ্যাঁ লিখবেন|লিখবেন|হ্যাঁ জানাবেন|জানাবেন|আমাকে জানাবেন|খুললে জানাবেন|খুললে লিখবেন',
)
/** Beside what gives up anything. */
const LEAVE = wordSet(
  'não quero esperar|não quero mais esperar|não quero esperar mais|não vou esperar',
  'i do not want to wait|i dont want to wait',
  'থাক দরকার নেই|অপেক্ষা করতে চাই না',
)
/** To "shall we write to you?", as yes and no are. */
const YES = wordSet(
  'sim quero|quero|quero sim|eu quero|pode|pode ser|pode sim|sim pode|sim podem|podem sim|podem|aceito|tá bom|por favor|sim por favor|beleza|blz|ok|okay',
  'yes i would|please|yes please|please do|yes please do|ok|okay|go ahead|you can',
  'চাই|হ্যাঁ চাই|লিখুন|প্লিজ|দয়া করে|ওকে|ঠিক আছে',
)
const NO = wordSet(
  'não quero|não não quero|agora não',
  'no i dont|i dont want that|not now',
  'চাই না|না চাই না|লিখবেন না',
)
/** Longer messages are about something else. */
const LONGEST = 120

/** By a tapped button, or by the whole typed message: never by a word inside a sentence. What is said while nobody waits means nothing here. */
export function waitWishOf(message: MessageBody | undefined): WaitWish {
  const body = message?.body
  if (body?.$case === 'choice') {
    const { id } = body.value
    if (id === WAIT_BUTTONS.callBack) return 'call_back'
    return id === WAIT_BUTTONS.leave ? 'leave' : ''
  }
  if (body?.$case !== 'text' || body.value.text.length > LONGEST) return ''
  const words = withoutCourtesies(wordsOf(body.value.text))
  if (HOW_LONG.test(words)) return 'how_long'
  if (CALL_BACK.has(words)) return 'call_back'
  if (LEAVE.has(words) || givesUp(body.value.text)) return 'leave'
  return isQuestion(body.value.text) ? '' : answerIn(withoutStruckOut(body.value.text))
}

/** To whoever writes Portuguese these are "in the", of which the next message says where. */
const PERHAPS_IN_THE = wordSet('no|na')

/** A no sends them away, so none is read into laughter or a doubt. */
function answerIn(text: string): 'yes' | 'no' | 'no_unless_pt' | '' {
  const said = wordsOf(text)
  if (isUnsure(text)) return ''
  if (PERHAPS_IN_THE.has(said)) return 'no_unless_pt'
  const words = saidOnce(withoutHeldLetters(withoutCourtesies(said)))
  const answer = YES.has(words) ? 'yes' : NO.has(words) ? 'no' : (plainAnswerIn(words) ?? '')
  return answer === 'yes' && objects(text) ? '' : answer
}
