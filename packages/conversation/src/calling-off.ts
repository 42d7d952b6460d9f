import { COURTESIES, withoutLaughter } from './courtesy.ts'
import { plainAnswerIn } from './plain-answer.ts'
import {
  isQuestion,
  plainText,
  withoutHeldLetters,
  wordSet,
  wordsOf,
  wordsWithout,
  writtenOut,
} from './typed-text.ts'

/** What people say who give up what they had begun, or waited for. */
const GIVEN_UP = wordSet(
  'deixa pra lá|deixa para lá|deixe pra lá|deixe para lá|deixar pra lá|deixar para lá|deixa quieto|deixe quieto|esquece|esqueça|esquece isso|esqueça isso|esquece tudo|desistir|desisto|desisti|já desisti|quero desistir|vou desistir|prefiro desistir|mudei de ideia|não precisa|não precisa mais|não preciso|não preciso mais|nem precisa|nem precisa mais|alarme falso|falso alarme',
  'no need|leave it|forget it|forget about it|forget that|never mind|nevermind|nvm|drop it|call it off|scrap that|scrap it|i give up|i changed my mind|changed my mind|ive changed my mind|false alarm|dont bother|scratch that|abort',
  'থাক|থাক তাহলে|থাক লাগবে না|দরকার নেই|দরকার নাই|আর দরকার নেই|আর দরকার নাই|না লাগবে না|লাগবে না|আর লাগবে না|আর চাই না|বাদ দিন|বাদ দেন|বাদ দাও|এটা বাদ দিন|ভুলে যান|ছেড়ে দিন|প্রয়োজন নেই|মত বদলেছি|thak|thak lagbe na|bad den|bad din|dorkar nai|dorkar nei|lagbe na|ar lagbe na|ar chai na|baad den|baad din|baad dao',
)
/** What gives up waiting alone: in the middle of what was begun it may be about a step of that. */
const SOLVED = wordSet(
  'já resolvi|resolvido|já está resolvido|já foi resolvido|já consegui',
  'its solved|its been solved|already solved|sorted',
)
/** What they say of the thing itself: whoever waits for a person may want just that of them. Words that stop all messages (`cancelar`) stand beside an apology here, and are that stop without one. */
const UNDONE = wordSet(
  'cancela|cancele|cancelar|quero cancelar|me arrependi|não era isso que eu queria|era outra coisa que eu queria|outra hora|volto depois|depois eu volto|volto mais tarde|foi engano|foi um engano|foi sem querer|voltar atrás|apaga isso|apaga tudo|deleta|deleta isso|melhor não|prefiro não|agora não|não agora|deixa pra depois|deixa para depois|deixo pra depois|depois eu faço|faço depois|depois eu vejo|vejo depois|vou deixar para depois|vou deixar pra depois|agora não posso|não posso agora|agora não dá|agora não vai dar',
  'cancel|lets not|ive found it|undo|delete it|delete this|id rather not|i would rather not|not now|not anymore|maybe later|another time|ill do it later|it was a mistake|by mistake|it was an accident|that was an accident|that was a mistake|let me do it later|lets stop here|wrong option|wrong button|disregard|disregard that|disregard this|ignore that|ignore this',
  'করব না|করবো না|বাতিল|বাতিল করুন|বাতিল করে দিন|এখন না|এখন নয়|পরে করব|পরে করবো|pore korbo|ekhon na|cancel koren|cancel korun|cancel kore den|cancel kore din|batil koren|batil korun|batil kore den|batil kore din',
)
const REQUEST_TO_UNDO = new RegExp(
  `^(?:${[
    // What was lost is there, or was never lost: what was begun has no reason any more.
    '(?:(?:eu|ja) )*(?:achei|encontrei|acabei de (?:achar|encontrar)) (?:(?:o )?meu|o|esse) cartao(?: (?:aqui|agora|ja))*(?: (?:n[ao]s?|em|dentro d[aeo]|debaixo d[aeo]|atras d[aeo]) .{1,40})?',
    '(?:(?:o )?meu |o )cartao apareceu|apareceu (?:o )?(?:meu )?cartao',
    '(?:eu )?(?:nao|n) perdi(?: (?:(?:o )?meu|o) cartao)?(?: (?:nao|mais))*|(?:o|meu) cartao nao (?:foi perdido|sumiu)',
    '(?:eu )?(?:cliquei|apertei|toquei|escolhi|marquei)(?: (?:n?a|n?o)(?: (?:opcao|botao))?)? (?:errad[oa]|sem querer)',
    '(?:(?:i|ive|i have|just|already) )*found (?:my|the) card(?: (?:in|under|behind|at|on) .{1,40})?|(?:it|my card|the card)(?: just)? turned up',
    '(?:i )?(?:didnt|did not|havent|have not) (?:lose|lost) (?:it|my card|the card)',
    '(?:i )?(?:clicked|pressed|tapped|picked|chose|selected)(?: on)? (?:(?:the )?wrong(?: (?:one|option|button|thing))?|by mistake)',
    '(?:আমার )?কার্ড(?:টা)? (?:পেয়েছি|পেয়ে গেছি|পেয়ে গেলাম|পাইছি|পাওয়া গেছে|খুঁজে পেয়েছি|হারায়নি|হারাইনি)|(?:ভুলে|ভুল করে) চাপ (?:দিয়েছি|দিছি|লেগেছে|পড়েছে)',
    '(?:amar )?card(?: ta|ta)? (?:paisi|peyechi|peyesi|peye gesi|peye gechi|peye gelam|pawa gese|hariyeni|harai nai)|(?:bhule|vule) chap (?:disi|diyechi)',
    '(?:eu )?(?:nao|n|num) (?:quero|vou|preciso|desejo|pretendo)(?: mais)? (?:mais|isso|continuar|prosseguir|registrar|fazer|fazer isso|o registro|fazer o registro|seguir)(?: (?:mais|nao|n|com isso|nada|isso|agora))*',
    '(?:quero |pode |podem |pode ser |queria )?(?:cancela|cancele|cancelar|anula|anular) (?:isso|tudo isso|(?:o |meu |esse |este )?(?:registro|pedido)|(?:a |minha |essa )?solicitacao)',
    '(?:nao|n) (?:precisa(?: mais)?(?: de)? (?:registrar|fazer)|registra|registre|faz|faca|envia|envie)(?: (?:isso|nada|mais|nao|a perda|o registro))*',
    '(?:nao|n) (?:(?:precisa(?: mais)?(?: de)? )?bloquear|bloqueia|bloqueie)(?: (?:(?:o |meu )?cartao|isso|mais|nao|ainda))*',
    '(?:please )?(?:do not|dont) (?:(?:do|register|report|submit|file) (?:it|this|that|anything)|block (?:it|my card|the card))',
    '(?:i )?(?:do not|dont|no longer)(?: really)? (?:want|need|wish|wanna)(?: to)?(?: (?:do|continue|go on|proceed|register|report|it|this|that|anything))+(?: (?:any ?more|now))?',
    '(?:i )?(?:do not|dont|no longer) (?:want|need|wish)(?: to| it| this)?(?: any ?more)',
    '(?:(?:quero |vamos )?(?:cancela|cancele|cancelar|anula|anular|encerra|encerrar) )(?:a |essa |esta |toda a )?operacao|(?:eu )?me enganei (?:de|na) opcao|sai disso|me tira disso',
    '(?:(?:please|pls|just|can you|could you|would you|i want to|i would like to|id like to|i need to|i wish to) )*(?:cancel|drop|undo|abort|scrap) (?:this|that|it|(?:the|my|this|that) (?:report|request|process|claim)|the current (?:process|request))',
    '(?:(?:please|pls|just|can you|could you) )*stop (?:this|the|the current) (?:process|report|request)|(?:please )?(?:forget|ignore) (?:what i (?:said|told you|wrote)(?: to do)?|(?:the|my) (?:previous|last) (?:message|command|request))|let me do (?:it|this|that) later|abort mission|(?:oh |wait )*i (?:just )?found it (?:in|under|behind) (?:my|the) (?:bag|purse|pocket|pockets|car|house|couch|sofa|bed|jacket|coat|drawer|jeans|pants|backpack)',
    // Who will not tell what is asked for does not go on either.
    '(?:eu )?(?:nao|n) (?:quero|vou|desejo|pretendo)(?: mais)? (?:informar|dar|passar|responder|compartilhar|dizer)(?: (?:isso|nada|mais nada|(?:o |os )?(?:meu|meus) (?:cpf|dados|documentos?|numero)))?',
    '(?:i )?(?:dont|do not|wont|will not) (?:want to |wanna )?(?:give|tell|share|provide|say|answer)(?: (?:you|it|that|this|anything|to you|my (?:details|data|number|cpf|information|info)))*',
    '(?:আমি )?(?:এটা |তথ্য )?(?:দিতে|বলতে) চাই না|(?:ami )?(?:eta )?(?:dite|bolte) chai na|(?:ami )?(?:ekhon )?(?:korbo|dibo) na|ekhon (?:ar )?lagbe na',
    '(?:এটা )?করতে চাই না|(?:আমি |আর |এটা |এখন )+(?:করতে চাই না|করব না|করবো না|চাই না|লাগবে না)(?: আর)?|(?:এটা|এই অনুরোধ|অনুরোধটা|অনুরোধ) বাতিল(?: করুন| করেন| করে দিন)',
  ].join('|')})$`.normalize('NFC'),
)
/** Beside it and no part of it. A `não` right before it may turn it round (`não desisto`), so it counts as a clause of its own alone. */
const PARTICLES: ReadonlySet<string> = new Set([
  ...COURTESIES,
  ...wordSet(
    'ah|ih|ai|nossa|olha|cansei|aí|então|ok|tá|tá bom|tudo|agora|por enquanto|na verdade|moço|moça|cara|mano|eu|viu|mesmo|só que',
    'oh|ah|hey|wait|hang on|hold on|well|nah|ok|okay|my mistake|actually|then|now|just|so|anyway|all|you know what|for now',
    'ও|ওহ|আরে|আচ্ছা|ওকে|ঠিক আছে|তাহলে|এখন|ভাই|আপু|স্যার|bhai|vai',
  ),
])
/** Alone they may be about what was asked for just now: the number, the card itself. */
const BESIDE: ReadonlySet<string> = new Set([
  ...PARTICLES,
  ...wordSet(
    'já achei|achei|achei aqui|já encontrei|encontrei|encontrei aqui',
    'found it|i found it|just found it',
    'পেয়ে গেছি',
  ),
])
/** Longer messages are about something else. */
const LONGEST = 120

/** `deixa pra lá`, `não, esquece`: by the whole message, and never by words inside a sentence. */
export const givesUp = (text: string): boolean =>
  isMadeOf(text, (words) => GIVEN_UP.has(words) || SOLVED.has(words))

/** And `cancela o pedido`, `não quero mais`, `found my card`: whoever calls off what was begun, and is not done yet. */
export const callsOff = (text: string): boolean =>
  isMadeOf(text, (words) => GIVEN_UP.has(words) || UNDONE.has(words) || REQUEST_TO_UNDO.test(words))

/** As people shorten them; `ñ` is an `n` to `wordsOf`. */
const SHORT_FOR = new Map(
  Object.entries({
    n: 'nao',
    naum: 'nao',
    num: 'nao',
    td: 'tudo',
    agr: 'agora',
    msm: 'mesmo',
    dps: 'depois',
  }),
)
/** Whether a clause is such words, and no other says more than they do. */
function isMadeOf(text: string, isOff: (words: string) => boolean): boolean {
  if (text.length > LONGEST || isQuestion(text)) return false
  const clauses = plainText(text)
    .split(/[.,;:!…\n]+|(?<= )- /)
    .map((clause) => writtenOut(withoutHeldLetters(withoutLaughter(wordsOf(clause))), SHORT_FOR))
    .filter((words) => words !== '')
  const saysSo = (words: string) =>
    [words, wordsWithout(words, PARTICLES), wordsWithout(words, BESIDE)].some(isOff)
  const saysNoMore = (words: string) =>
    plainAnswerIn(words) !== undefined ||
    SOLVED.has(words) ||
    BESIDE.has(words) ||
    BESIDE.has(wordsWithout(words, BESIDE))
  return clauses.some(saysSo) && clauses.every((words) => saysSo(words) || saysNoMore(words))
}
