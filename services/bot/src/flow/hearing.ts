import {
  asksForMoment,
  callsOff,
  consentWishOf,
  foldedText,
  isCourtesy,
  isNudge,
  isPlainNo,
  isPuzzled,
  plainText,
  withoutCourtesies,
  wordsOf,
} from '@parley/conversation/said'
import type { MessageBody } from '@parley/proto/content'
import type { Ask, Option } from './flow.ts'
import { textMessage } from './messages.ts'
import type { PhraseName } from './phrases.ts'
import {
  type Moment,
  type Understood,
  type Value,
  chosen,
  isDoubted,
  isRefusal,
  namesOf,
  numberIn,
  spoken,
  understand,
  wishOf,
} from './understanding.ts'
import { holdsNumberWords } from './number-words.ts'
import { type GlobalWish, agrees, isOnlyWish, takesOffer } from './wording.ts'

/** What the customer said or changed, and which of the robot's turns were before their eyes; see `Input` in responder.proto. */
export interface Input {
  readonly messageId: string
  readonly message?: MessageBody | undefined
  /** ISO 8601. Absent: now. */
  readonly at?: string | undefined
  readonly change: string
  readonly seenTurn: number
  readonly askedTurn: number
  readonly replyToTurn?: number | undefined
  readonly replyToMessageId?: string | undefined
}

/** How a question stands when it is listened to. */
export interface Standing {
  /** The first turn from which on it stands as it does now; the running turn where it is only being asked. */
  readonly since: number
  readonly turn: number
  /** Nothing was asked in this conversation yet: what it begins with may name an option. */
  readonly isOpening: boolean
  /** The question before it, where that was answered: what came before this one may go on with that answer. */
  readonly before: Ask | undefined
  /** Messages that were said to it before, and did not fit. */
  readonly said: readonly string[]
  /** Of these the last ones where each has digits and too few: of one number, perhaps, while nobody has seen that they did not fit. */
  readonly pieces: readonly Piece[]
  /** Somebody asked for a moment there already: who does so again is an answering machine, or names a time. */
  readonly hadMoment: boolean
  /** Something was said to it there already that was no answer, or that a moment is needed. */
  readonly wasGainsaid: boolean
  /** Whether what it belongs to can be called off: something irreversible lies ahead, and something was answered. */
  readonly canBeCalledOff: boolean
  /** Somebody called it off there already: a yes is no plain one any more. */
  readonly wasCalledOff: boolean
  /** In an earlier turn, so that the last one told how to drop it: who has seen that and says it again drops it. */
  readonly wasToldHow: boolean
  /** The option that the last turn asked about: whether it was meant. */
  readonly offered: Option | undefined
  /** Whether it shows what was answered, so that it is another one once that changes. */
  readonly showsAnswers: boolean
}

/** A message, and the words of it that are a part of an answer. */
export interface Piece {
  readonly id: string
  readonly text: string
  /** When it was sent, where that is known. */
  readonly at?: string | undefined
}

/**
 * `said` are the inputs that were meant for the question, by message id, whether they fit or not, and wishes that say more than that;
 * `asides` are greetings and the like that were said to it, which an edit can make an answer; `crossed` are those that are no answer, and
 * were perhaps meant for the question before it, or are new words of something else.
 */
export type Heard = {
  readonly said: readonly string[]
  readonly asides: readonly string[]
  readonly crossed: readonly Input[]
  readonly pieces: readonly Piece[]
  readonly hadMoment: boolean
  readonly wasCalledOff: boolean
} &
  /** `pieces` are its messages where it took several. */
  (
    | { kind: 'answer'; value: Value; goto: string | undefined; by: Input; rest: readonly Input[] }
    /** It goes on with the answer to the question before. */
    | { kind: 'more'; by: Input; rest: readonly Input[] }
    | { kind: 'wish'; wish: GlobalWish; rest: readonly Input[] }
    /** What it belongs to is called off, by somebody who was asked whether it is to be. */
    | { kind: 'called off'; rest: readonly Input[] }
    /** A wrong answer; `meant` is the option that it may have been about. */
    | { kind: 'misfit'; why: PhraseName; meant: Option | undefined }
    /** No answer, and no fault of the customer: they are told why, and no try is lost. */
    | { kind: 'none'; why: PhraseName; meant: Option | undefined }
    /** `isEarly`: greetings and the like that were written before the question arrived. */
    | { kind: 'nothing'; isEarly: boolean }
  )

/**
 * What the customer wrote, as seen from one question: the first message that answers it or wishes something else counts, what came
 * before it is passed over.
 */
export function hear(
  ask: Ask,
  inputs: readonly Input[],
  standing: Standing,
  momentOf: (input: Input) => Moment,
): Heard {
  let misfit: PhraseName | undefined
  let none: PhraseName | undefined
  let meant: Option | undefined
  let isEarly = false
  const said: string[] = []
  const asides: string[] = []
  const crossed: Input[] = []
  const { hadMoment, wasCalledOff } = standing
  const heard = { said, asides, crossed, pieces: piecesLeft(inputs, standing), hadMoment, wasCalledOff }
  const callOff = () => {
    heard.wasCalledOff = true
    none = 'callOff'
  }
  for (const [index, input] of inputs.entries()) {
    const { message, messageId } = input
    const words = spoken(message)
    if (words === undefined) continue
    const rest = inputs.slice(index + 1)
    const moment = momentOf(input)
    const sight = sightOf(input, standing)
    const alone = understoodAt(ask, input, standing, moment)
    const piece = 'misfit' in alone && sight === 'seen' ? pieceIn(ask, input) : undefined
    if (piece) heard.pieces = [...heard.pieces, piece]
    const understood =
      piece && areInOrder(heard.pieces)
        ? understand(ask, textMessage(wordsOfAll(heard.pieces)), moment)
        : alone
    const fits = 'fits' in understood
    // New words for what was said to something else are none for this.
    const isForIt = input.change === '' || standing.said.includes(messageId)
    const stopsMarketing = consentWishOf(message)?.wish === 'stop_marketing'
    // It is done already, whatever was asked; an option that is called so is meant as well.
    const isAnswer = fits && !(stopsMarketing && ask.type === 'text')
    const isOfBefore = sight === 'perhaps' && meansQuestionBefore(ask, message, standing, moment)
    const answers = isAnswer && isForIt && mayAnswer(ask, sight) && !isOfBefore
    const wish = wishOf(message, { ask, language: moment.language })
    // An option that is called "Menu" or "English" is meant, since it was offered; to a free question every text would be an answer.
    const isCrossing = sight === 'unseen' || sight === 'perhaps'
    if (wish && !(answers && ask.type === 'choice')) {
      if (saysMoreThanWish(words)) {
        said.push(messageId)
        if (isCrossing) crossed.push(input)
      }
      return { kind: 'wish', wish, rest, ...heard }
    }
    const isAside = isCrossing
      ? isPoliteness(message)
      : ('text' in words && isNudge(words.text)) || (!fits && isNoToOffer(input, standing, moment))
    if (isAside && (ask.type === 'text' || !fits)) {
      isEarly = isCrossing
      if (!isCrossing && input.change === '') asides.push(messageId)
      continue
    }
    if (standing.canBeCalledOff && isCalledOff(message) && !(answers && ask.type === 'choice')) {
      const isAsked = standing.wasToldHow && input.seenTurn >= standing.turn - 1
      if (isAsked && sight === 'seen' && input.change === '') return { kind: 'called off', rest, ...heard }
      if (input.change === '') asides.push(messageId)
      callOff()
      continue
    }
    if (!answers && input.change !== '') {
      crossed.push(input)
      continue
    }
    const isAgain = standing.hadMoment && sight === 'seen' && input.change === ''
    if (isMoment(message) && (ask.type === 'text' ? !(isAgain && answers) : !fits)) {
      if (isCrossing || sight === 'opening') isEarly = isCrossing
      else {
        heard.hadMoment = true
        if (input.change === '') asides.push(messageId)
        if (isAgain) misfit ??= 'noHurry'
        else none ??= 'noHurry'
      }
      continue
    }
    if (stopsMarketing && !answers) {
      none ??= 'noMarketing'
      continue
    }
    said.push(messageId)
    if (isCrossing && !answers) crossed.push(input)
    if (answers && standing.wasCalledOff && isPlainYesTo(ask, understood.fits, message, moment)) {
      callOff()
      continue
    }
    if (answers && isSaidAtOnce(input, standing) && isTypedGoingOn(ask, understood.fits, message, moment)) {
      none ??= 'tooEarly'
      continue
    }
    const against = answers ? gainsaying(ask, understood.fits, { by: input, inputs, standing, moment }) : []
    if (against.length > 0) {
      const isOff = standing.canBeCalledOff && against.some((one) => isCalledOff(one.message))
      if (isOff) callOff()
      else if (against.every((one) => isSilent(one) || isMoment(one.message)))
        none ??= against.every(isSilent) ? 'notAnOption' : 'noHurry'
      else misfit ??= 'notAnOption'
      continue
    }
    if (answers) {
      const pieces = piece ? heard.pieces : []
      return {
        kind: 'answer',
        value: understood.fits,
        goto: understood.goto,
        by: input,
        rest,
        ...heard,
        pieces,
      }
    }
    if (goesOn(ask, input, standing, moment)) return { kind: 'more', by: input, rest, ...heard }
    const why = 'misfit' in understood ? understood.misfit : 'tooEarly'
    if ('misfit' in understood && (sight === 'seen' || sight === 'opening')) meant ??= understood.meant
    if (sight === 'seen' && !isSilent(input) && why !== 'oldButton') misfit ??= why
    else none ??= reasonFor(sight, { why, standing, isTap: 'tapped' in words })
  }
  if (misfit !== undefined && none !== 'callOff') return { kind: 'misfit', why: misfit, meant, ...heard }
  if (none === undefined && meant !== undefined) none = 'notAnOption'
  return none === undefined
    ? { kind: 'nothing', isEarly, ...heard }
    : { kind: 'none', why: none, meant, ...heard }
}

const DIGITS_ALONE = /^\d[\d\s.,/-]*$/

/** `529`, and then `982`: of a number that is asked for digit by digit people send its groups one by one. */
function pieceIn({ type }: Ask, { at, change, message, messageId }: Input): Piece | undefined {
  const words = spoken(message)
  if ((type !== 'cpf' && type !== 'digits') || change !== '' || words === undefined) return undefined
  const text = 'text' in words && !('otherwise' in words) ? plainText(words.text) : ''
  return DIGITS_ALONE.test(text) ? { id: messageId, text, at } : undefined
}

/** Messages may overtake each other: `43` and `12` that crossed would be another number. */
const areInOrder = (pieces: readonly Piece[]): boolean =>
  pieces.every(({ at }, index) => {
    const before = pieces[index - 1]?.at
    return at === undefined || before === undefined || Date.parse(before) <= Date.parse(at)
  })

const wordsOfAll = (pieces: readonly Piece[]): string => pieces.map(({ text }) => text).join(' ')

/** Who has seen that the digits did not fit begins anew; what was edited or deleted since is no part any more. */
function piecesLeft(inputs: readonly Input[], { pieces, turn }: Standing): readonly Piece[] {
  if (inputs.every(({ seenTurn }) => seenTurn >= turn - 1)) return []
  return pieces.filter(({ id }) => !inputs.some(({ change, messageId }) => change !== '' && messageId === id))
}

/** A yes to "did you mean …?" is that option. */
function understoodAt(ask: Ask, input: Input, { offered, turn }: Standing, moment: Moment): Understood {
  const understood = understand(ask, input.message, moment)
  const words = spoken(input.message)
  if ('fits' in understood || offered === undefined || input.seenTurn < turn - 1) return understood
  if (words === undefined || !('text' in words)) return understood
  return takesOffer(withoutCourtesies(wordsOf(words.text)), moment.language) ? chosen(offered)! : understood
}

/** A no to it was understood, and is no wrong answer. */
function isNoToOffer(
  { message, seenTurn }: Input,
  { offered, turn }: Standing,
  { language }: Moment,
): boolean {
  const words = spoken(message)
  if (offered === undefined || seenTurn < turn - 1 || words === undefined || !('text' in words)) return false
  return isPlainNo(withoutCourtesies(wordsOf(words.text)), language)
}

/** Behind what called something off, `sim` may say that it is to be, also where an option is called so: only a tap, the number or a title that says more goes on to what cannot be taken back. */
function isPlainYesTo(ask: Ask, value: Value, message: MessageBody | undefined, moment: Moment): boolean {
  const words = spoken(message)
  if (ask.type !== 'choice' || words === undefined || !('text' in words)) return false
  const option = ask.options.find(({ id }) => id === value)!
  const said = wordsOf(words.text)
  const { title } = namesOf(option, moment.language)
  const isNamed = said.includes(title) && !agrees(title, moment.language)
  return !isNamed && numberIn(said) === undefined && isTypedGoingOn(ask, value, message, moment)
}

/** Whether somebody typed what goes on to something that cannot be taken back. */
function isTypedGoingOn(
  ask: Ask,
  value: Value,
  message: MessageBody | undefined,
  { language }: Moment,
): boolean {
  const words = spoken(message)
  if (ask.type !== 'choice' || !ask.irreversible || words === undefined || !('text' in words)) return false
  return !isRefusal(
    ask.options.find(({ id }) => id === value)!,
    language,
  )
}

/**
 * Whether it was written before the robot's words to what was said before it were on the phone: `a data está errada`, and `sim` right
 * behind it, were said at once, though the robot was so quick as to read the first alone.
 */
const isSaidAtOnce = ({ seenTurn, replyToTurn }: Input, { wasGainsaid, turn }: Standing): boolean =>
  wasGainsaid && replyToTurn === undefined && seenTurn < turn - 1

/** Whether it calls off what was begun, where something was. */
export function isCalledOff(message: MessageBody | undefined): boolean {
  const words = spoken(message)
  return words !== undefined && 'text' in words && callsOff(words.text)
}

/**
 * Before something irreversible all that was said at once must say the same: `sim`, and `mas a data está errada` right behind it, is no yes.
 * Thanks and greetings say nothing against it; `?`, `🤔`, `❌` and laughter do, and what the channel does not show us may.
 */
function gainsaying(
  ask: Ask,
  value: Value,
  {
    by,
    inputs,
    standing,
    moment,
  }: { by: Input; inputs: readonly Input[]; standing: Standing; moment: Moment },
): readonly Input[] {
  if (ask.type !== 'choice' || !ask.irreversible) return []
  const option = ask.options.find(({ id }) => id === value)!
  return inputs.filter((input) => {
    const { change, message, messageId } = input
    const words = spoken(message)
    if (input === by || words === undefined) return false
    if (change !== '' && !standing.said.includes(messageId)) return false
    const understood = understand(ask, message, moment)
    if ('fits' in understood) return understood.fits !== value
    if ('text' in words && isDoubted(option, words.text, moment.language)) return true
    return !isPoliteness(message)
  })
}

/** "529.982.247-25, quero falar com um atendente": beside the wish stands what may be an answer. */
function saysMoreThanWish(words: NonNullable<ReturnType<typeof spoken>>): boolean {
  if (!('text' in words)) return false
  return /[\p{N}@]/u.test(words.text) || !isOnlyWish(words.text)
}

/** A greeting, a thank-you, an emoji: no answer, and no part of one. */
export function isPoliteness(message: MessageBody | undefined): boolean {
  const words = spoken(message)
  return isCourtesy(message) || (words !== undefined && 'text' in words && isNudge(words.text))
}

/** To a free question every text would be an answer: what would have answered the question before it is none, if it crossed this one. */
function meansQuestionBefore(
  ask: Ask,
  message: MessageBody | undefined,
  { before }: Standing,
  moment: Moment,
): boolean {
  if (ask.type !== 'text' || before === undefined || before.type === 'text') return false
  const understood = understand(before, message, moment)
  return 'fits' in understood || understood.misfit === 'noOneDay'
}

/** Whether it was written before the question was there, as more of the answer to the question before it. */
export function goesOn(ask: Ask, input: Input, standing: Standing, moment: Moment): boolean {
  const words = spoken(input.message)
  if (standing.before?.type !== 'text' || input.change !== '' || words === undefined) return false
  if (!('text' in words || 'place' in words)) return false
  const sight = sightOf(input, standing)
  if (sight !== 'unseen' && sight !== 'perhaps') return false
  if (isPoliteness(input.message) || consentWishOf(input.message)) return false
  if (('text' in words && isPuzzled(words.text)) || isMoment(input.message)) return false
  if (isCalledOff(input.message)) return false
  if (wishOf(input.message, { ask, language: moment.language })) return false
  return ask.type === 'text' || !('fits' in understand(ask, input.message, moment))
}

/** `peraí, já achei: quatro três dois um` is what was asked for, however it begins. */
export function isMoment(message: MessageBody | undefined): boolean {
  const words = spoken(message)
  if (words === undefined || !('text' in words)) return false
  return asksForMoment(words.text) && !holdsNumberWords(foldedText(words.text))
}

/** What the channel could not show us is nothing that the customer said wrongly. */
export const isSilent = ({ message }: Input): boolean => message?.body?.$case === 'unsupported'

/** Misfits by kind of message: what is wrong is not the answer's content, so the question's own words for that would mislead. */
export const UNFIT_KINDS: ReadonlySet<PhraseName> = new Set<PhraseName>([
  'puzzled',
  'noHurry',
  'oldButton',
  'noAudio',
  'noMedia',
  'noSticker',
  'noLocation',
  'noSuchType',
])

/**
 * Whether the customer had the question before the eyes. `perhaps`: it was on its way. `earlier`: they react to another message of
 * ours, which the question has taken the place of.
 */
type Sight = 'opening' | 'seen' | 'perhaps' | 'unseen' | 'earlier'

function sightOf({ message, seenTurn, askedTurn, replyToTurn }: Input, standing: Standing): Sight {
  const { since, turn, isOpening } = standing
  if (isOpening) return 'opening'
  if (since < turn && replyToTurn !== undefined && replyToTurn >= since) return 'seen'
  // A quotation of what no turn said (the privacy notice, a link) says nothing about the question; a tap always does.
  if (replyToTurn !== undefined && (replyToTurn > 0 || message?.body?.$case === 'choice')) return 'earlier'
  if (since >= turn) return 'unseen'
  if (seenTurn >= since) return 'seen'
  // Nobody taps what is not there. (WhatsApp names the message that was tapped; not every channel does.)
  if (askedTurn >= since && message?.body?.$case === 'choice') return 'seen'
  return askedTurn >= since ? 'perhaps' : 'unseen'
}

function mayAnswer(ask: Ask, sight: Sight): boolean {
  const isGuarded = ask.wait || (ask.type === 'choice' && ask.irreversible)
  if (sight === 'opening') return ask.type === 'choice' && !isGuarded
  return sight === 'seen' || (sight === 'perhaps' && !isGuarded)
}

/** What to tell about an input that is no answer; nothing where the question, which is only being asked, says it all. */
function reasonFor(
  sight: Sight,
  { why, standing, isTap }: { why: PhraseName; standing: Standing; isTap: boolean },
): PhraseName | undefined {
  switch (sight) {
    case 'seen':
      return why
    case 'earlier':
      if (!isTap) return 'tooEarly'
      return why === 'tooEarly' && standing.showsAnswers ? 'changedSince' : 'oldButton'
    case 'opening':
      return isTap ? 'oldButton' : undefined
    case 'perhaps':
      return why
    case 'unseen':
      if (standing.since >= standing.turn) return undefined
      return isTap ? 'oldButton' : UNFIT_KINDS.has(why) ? why : 'tooEarly'
  }
}
