import {
  COURTESIES,
  isPlainYes,
  isPuzzled,
  isQuestion,
  plainText,
  saidOnce,
  typedTwice,
  withoutCourtesies,
  withoutHeldLetters,
  wordSet,
  wordsOf,
} from '@parley/conversation/said'
import { LANGUAGES, type Language } from './language.ts'

const BENGALI_ZERO = '০'.codePointAt(0)!

export function bengaliDigits(text: string): string {
  return text.replace(/[0-9]/g, (digit) => String.fromCodePoint(BENGALI_ZERO + Number(digit)))
}

export type GlobalWish = { wish: 'menu' } | { wish: 'person' } | { wish: 'language'; language: Language }

const MENU: Record<Language, ReadonlySet<string>> = {
  pt: wordSet('menu|início|menu inicial|menu principal'),
  en: wordSet('menu|main menu|start over'),
  bn: wordSet('menu|মেনু|মূল মেনু|শুরুতে|মেনু দেখান|মেনুতে যান|মেনুতে ফিরুন'),
}
const TO_MENU =
  /^(?:(?:quero |queria |gostaria de )?(?:ver|mostrar|abrir|ir para|ir ao|voltar para|voltar ao|voltar|volta ao|volta para) (?:o |para o )?|(?:i want to |can i )?(?:(?:show|see|open) (?:me )?|(?:go )?back to |go to |return to )(?:the )?)(?:menu|menu principal|main menu|inicio)$/
const PERSON: Record<Language, ReadonlySet<string>> = {
  pt: wordSet(
    'atendente|atendentes|um atendente|uma atendente|humano|humana|um humano|pessoa|uma pessoa|atendente humano|atendimento humano|atendimento|atendimento ao cliente|atendimento pessoal|pessoa de verdade|pessoa real|gente de verdade|falar com atendente|operador|operadora|suporte|suporte humano|suporte ao cliente|ajuda humana|sac|central de atendimento|central|ouvidoria|gerente|meu gerente|representante|alguém aí|tem alguém|algum atendente disponível|atendente disponível|alguém real',
  ),
  en: wordSet(
    'agent|an agent|agents|person|a person|human|a human|human being|a human being|a real person|representative|rep|operator|real person|real human|human agent|human support|human help|human please|live agent|live chat|live person|live support|talk to a person|talk to an agent|customer service|customer support|customer care|customer services|customer service representative|support|support agent|help desk|helpdesk|support team|manager|supervisor|anyone there|somebody there|a living soul|agent human|humans|someone real|somebody real|human handoff|service agent',
  ),
  bn: wordSet(
    'মানুষ|একজন মানুষ|এজেন্ট|একজন এজেন্ট|প্রতিনিধি|একজন প্রতিনিধি|কাস্টমার কেয়ার|কাস্টমার সার্ভিস|কাস্টমার সাপোর্ট|গ্রাহক সেবা|গ্রাহকসেবা|সাপোর্ট|হেল্পলাইন|হেল্প ডেস্ক|অপারেটর|ম্যানেজার|লাইভ চ্যাট|লাইভ এজেন্ট|কথা বলতে চাই|কথা বলব|সরাসরি কথা বলতে চাই|kotha bolte chai|kotha bolbo|sorasori kotha bolte chai',
  ),
}
/** What the privacy notices teach and their plainest like: in any language, at any time. */
const TAUGHT = wordSet('atendente|agent|person|human|মানুষ')
/** Of a shop or a bank, where something may be lost. */
const PLACES_TOO = wordSet('central|sac|gerente|manager|ম্যানেজার')
/** One to ten, and first to tenth, each in all its genders and spellings. */
const PLACES: Record<Language, readonly [cardinals: string, ordinals: string, last: string]> = {
  pt: [
    'um|dois|três|quatro|cinco|seis|sete|oito|nove|dez',
    'primeira primeiro|segunda segundo|terceira terceiro|quarta quarto|quinta quinto|sexta sexto|sétima sétimo|oitava oitavo|nona nono|décima décimo',
    'última último',
  ],
  en: [
    'one|two|three|four|five|six|seven|eight|nine|ten',
    'first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth',
    'last',
  ],
  bn: [
    'এক|দুই|তিন|চার|পাঁচ|ছয়|সাত|আট|নয়|দশ',
    'প্রথম prothom|দ্বিতীয় ditiyo|তৃতীয় tritiyo|চতুর্থ|পঞ্চম|ষষ্ঠ|সপ্তম|অষ্টম|নবম|দশম',
    'শেষ শেষের সর্বশেষ shesh shesher',
  ],
}
const inOrder = (list: string) =>
  list
    .split('|')
    .flatMap((words, index) => words.split(' ').map((word) => [wordsOf(word), index + 1] as const))
const placesOf = ([cardinals, ordinals, last]: (typeof PLACES)[Language]) => ({
  cardinals: new Map(inOrder(cardinals)),
  ordinals: new Map<string, number | 'last'>([
    ...inOrder(ordinals),
    ...inOrder(last).map(([word]) => [word, 'last'] as const),
  ]),
})
const PLACES_OF = { pt: placesOf(PLACES.pt), en: placesOf(PLACES.en), bn: placesOf(PLACES.bn) }
/** In English `a second` is a moment. */
const ARTICLE: Record<Language, RegExp> = { pt: /^(?:a|o) /, en: /^the /, bn: /^$/ }
const OPTION_BEHIND: Record<Language, RegExp> = {
  pt: / opcao$/,
  en: / (?:option|one)$/,
  bn: /(?: বিকল্প|টা|টি| ?t[ai])$/,
}
/** Alone they are a weekday, a moment, or the end. */
const NO_PLACE_ALONE = wordSet('segunda|segundo|quarta|quinta|sexta', 'second', 'শেষ|shesh')

/**
 * The place of an option in its list, in words of a language, and the word that says it: `dois`, `option two`, `a segunda`, `the last one`,
 * `শেষেরটা`.
 * @param words as `wordsOf`
 */
export function placeIn(
  words: string,
  language: Language,
): { readonly place: number | 'last'; readonly word: string } | undefined {
  const { cardinals, ordinals } = PLACES_OF[language]
  const bare = words.replace(ARTICLE[language], '')
  const counted = bare.replace(/^(?:opcao|option|numero|number|বিকল্প) | নম্বর$/, '')
  const cardinal = cardinals.get(counted)
  if (cardinal !== undefined) return { place: cardinal, word: counted }
  const ordered = bare.replace(OPTION_BEHIND[language], '')
  const place = ordered === words && NO_PLACE_ALONE.has(words) ? undefined : ordinals.get(ordered)
  return place === undefined ? undefined : { place, word: ordered }
}

/** Of whatever language: each agrees to what was said last, whatever that was. */
const AGREEMENT = wordSet(
  'sim|certo|tá certo|correto|exato|isso|isso mesmo|ok|concordo|de acordo|aceito|aceitar|pode|pode ser|tá bom|tudo bem|beleza|blz|perfeito|combinado|fechado|fechou',
  'yes|right|correct|ok|okay|sure|agree|i agree|agreed|accept|fine|all right|alright|great|perfect|of course',
  'হ্যাঁ|ঠিক|ঠিক আছে|সঠিক|সম্মত|রাজি|আচ্ছা|ওকে|thik ache|accha',
)
/** @param words as `wordsOf` */
export const agrees = (words: string, language: Language): boolean =>
  isPlainYes(words, language) || AGREEMENT.has(words)

/** Who is asked `Você quis dizer …?` answers with its verb, or with that of the wish itself. */
const TAKES_OFFER: Record<Language, ReadonlySet<string>> = {
  pt: wordSet(
    'quero|quero sim|eu quero|sim quero|quis|quis sim|quis dizer isso|sim quis dizer isso|foi isso|foi isso mesmo|foi isso que eu quis dizer|é isso|é isso mesmo|isso aí|é isso aí|sim isso|sim é isso|é esse|é essa|esse mesmo|essa mesma|exatamente',
  ),
  en: wordSet(
    'it is|i did|yes i did|that one|this one|thats it|that is it|yes thats it|yes that one|exactly|thats right',
  ),
  bn: wordSet('চাই|হ্যাঁ চাই|জি চাই|বলতে চাই|এটাই|হ্যাঁ এটাই|chai|ha chai|etai|ha etai'),
}
/** Whether an option that was asked about is meant. @param words as `wordsOf` */
export const takesOffer = (words: string, language: Language): boolean =>
  agrees(words, language) || TAKES_OFFER[language].has(words)

const LANGUAGE_WORDS: Record<Language, ReadonlySet<string>> = {
  pt: wordSet('português|portuguese|em português|in portuguese|pt|পর্তুগিজ'),
  en: wordSet('english|inglês|in english|em inglês|en|ইংরেজি|ইংলিশ'),
  bn: wordSet('বাংলা|bangla|bengali|bengalês|বাংলায়|in bengali|in bangla|bn'),
}

const PERSON_PT =
  '(?:(?:um|uma|1|o|a|os|as|algum|alguma|outro|outra|seu|sua|meu|minha) )?(?:(?:de )?(?:atendente|atendentes|humano|humana|humanos|pessoa|pessoas|pessoinha|alguem|operador|operadora|gente|ser humano|funcionario|funcionaria|gerente|consultor|consultora|especialista|responsavel|analista|supervisor|supervisora|representante|vendedor|vendedora|colaborador|colaboradora|alma viva|viva alma|gerencia)|(?:atendimento|suporte|central|sac|ouvidoria|recepcao|equipe|time|setor|banco|central de (?:atendimento|relacionamento|vendas)|atendimento ao cliente|suporte tecnico))(?: (?:humano|humana|real|de verdade|mesmo|fisico|fisica|de voces|do banco|vivo|viva|de carne e osso|que entenda|que resolva|da equipe|da central|d[aoe] (?:setor|area|departamento)(?: d[aeo]s? [a-z]+)?|d[aoe]s? (?:cartoes|cartao|cobranca|financeiro|suporte|agencia|vendas|(?:minha )?conta)|responsavel|pessoal|urgente|ao vivo))*'
/** `manda pra gente`: bare it is no people, but who speaks. */
const US_PT =
  '(?:a )?gente(?! (?:humana|real|de verdade|mesmo|viva|de carne e osso|que entenda|que resolva)(?: |$))(?: |$)'
const WISH_PT =
  '(?:eu )?(?:(?:so|agora|ja|realmente|preciso que|quero que|sera que(?: eu)?) )?(?:quero(?: muito)?|queria|(?:to|tou|estou) (?:querendo|tentando|precisando(?: de)?)|(?:preciso|precisava) de (?:ajuda|auxilio) para|(?:nao sei|quero saber|gostaria de saber|me (?:explica|explique|diz|diga)) (?:como|onde)(?: (?:faco|posso|e|que|eu))*(?: para)?|(?:qual|quais)(?: (?:e|o|a|as|opcao|opcoes|numero|botao|caminho|forma|jeito))+ (?:para|de)|onde(?: (?:posso|eu|e que|consigo))*|precisava(?: de)?|preciso muito(?: de)?|e possivel|seria possivel|teria como|daria para|tem jeito de|qro|qria|kero|gostaria de|gostaria|preciso|preciso de|prefiro|desejo|exijo|como que|posso|podemos|poderia|pode|podia|consigo|da para|tem como|como faco para|como eu faco para|como posso|como consigo|como eu|como|vamos|me deixa|me deixe|me bota para|me coloca para|deixa eu|necessito|necessito de|solicito)?'
const SOMEBODY_PT =
  '(?:(?:algum|alguma|um|uma) )?(?:alguem|alma viva|viva alma|gente|atendente|humano|pessoa|ser humano|operador|funcionario)(?: (?:real|de verdade|humano|humana))?'
const ASKS_FOR_CALL_PT =
  '(?:sera que )?(?:(?:quero|queria|gostaria|gostaria de|preciso|preciso de|prefiro|peco|pode|podem|poderia|poderiam|consegue|tem como|teria como|da para|daria para|e possivel)(?: que| receber)? )?(?:(?:alguem|algum atendente|um atendente|uma atendente|uma pessoa|um humano|o gerente|voce|voces)(?: (?:pode|poderia|podem|consegue|para))? )?'
const MORE_OF_CALL_PT =
  'de volta|agora|logo|urgente|ja|hoje|aqui|ai|por telefone|no meu (?:celular|numero|telefone)|nesse numero|neste numero|quando puder|quando puderem'
/** The wish, and what people say about how hard it is to have: `i dont know how to`, `need help`, `i have got to`, `im trying to`. */
const WISH_EN =
  '(?:(?:i|we) )?(?:(?:just|really|please|pls|only|simply) )*(?:want|need|would like|would love|would rather|would prefer|wish|wanna|prefer|must|have(?: got)?|ive got|got|id like|id rather|id prefer|can i|could i|may i|can you|could you|would you|let me|(?:im |i am |am )?trying|try|how (?:can|do|could|should|would) i|how|where (?:can|do|could) i|what (?:do|must|should|can) i (?:(?:need|have) to )?do|(?:dont|do not|no) (?:know|idea) (?:how|where|what)(?: (?:i (?:can|could|need to|have to|must|should)|can i))?(?: (?:to )?do)?|is it possible|is there (?:a|any) way|possible|want you)? ?(?:please )?(?:for me )?(?:to )?(?:please )?(?:(?:help|assist) me(?: (?:to|with|in))? |(?:(?:get|have|some) )*(?:help|assistance|support)(?: me)?(?: (?:to|with|in|for|on))? )?'
const PERSON_EN =
  '(?:(?:a|an|the|some|any|another|your|my) )?(?:(?:real|live|actual|human|living|proper|bank) )*(?:agent|agents|human|humans|human being|person|people|someone|somebody|anyone|anybody|representative|rep|operator|manager|supervisor|customer service|customer support|customer care|support|support team|service|staff|team|adviser|advisor|clerk|teller|bank|someone real|someone human|employee|member of staff|soul|one of your (?:agents|people|staff))(?: (?:from|at|of) (?:the|your) (?:bank|team|staff))?(?: (?:representative|agent|person|team|now|real|there|here|in charge))?'
const PERSON_BN =
  '(?:একজন |একটা |কোনো |কোনও |কোন |আসল |সত্যিকারের |জীবন্ত |আপনাদের |ব্যাংকের )*(?:লাইভ এজেন্ট|হিউম্যান এজেন্ট|মানুষ|হিউম্যান|human|একজন|এজেন্ট|প্রতিনিধি|অপারেটর|কর্মকর্তা|অফিসার|ম্যানেজার|সুপারভাইজার|এক্সিকিউটিভ|স্টাফ|লোক|কারো|কারও|কাস্টমার কেয়ার|কাস্টমার সার্ভিস|কাস্টমার সাপোর্ট|সাপোর্ট)'

const PERSON_BN_LATIN =
  '(?:(?:ekjon|ekta|keu|kono|real|asol|live) )*(?:manush|manus|human|human agent|agent|ejent|operator|officer|representative|manager|executive|admin|supervisor|staff|customer care|support)'

/** Behind a request, what it is about: in so many words, or a sentence of one's own that nobody set a comma before. */
const ABOUT_PT =
  '(?:sobre|a respeito d\\S*|acerca d\\S*|por causa d\\S*|referente|para|porque|pois|pq|que|(?:o |a )?(?:meu|minha|meus|minhas)|eu|estou|to|tou|tenho|tive|perdi|fui|roubaram|clonaram|nao (?:consigo|recebi|estou|to|entendi|sei)) .*'
const ABOUT_EN =
  '(?:about|regarding|because|cause|cuz|concerning|to|for|who|from|with|since|as|my|i|im|ive|someone|somebody) .*'
/** Without a no, which in Bengali comes last and takes the wish back, and without what makes it another sentence's purpose: "to talk to somebody I went to the bank". */
const ABOUT_BN = '(?!(?:(?:এই |ei )?(?:বলে|ভেবে|bole|bhebe)|(?:.* )?(?:না|নাই|নেই|নি|na|nai|nei|ni))(?: |$)).+'

/** Who asks for a call wants a person: the robot has no telephone. */
const REQUESTS_FOR_CALL = [
  pattern(
    `${ASKS_FOR_CALL_PT}(?:me (?:liga|ligue|liguem|ligar|ligarem|telefona|telefone|telefonem|telefonar)|(?:liga|ligue|liguem|ligar|ligarem|telefona|telefonem|telefonar) (?:aqui )?para (?:mim|(?:o )?meu (?:celular|numero|telefone)))`,
    MORE_OF_CALL_PT,
    ABOUT_PT,
  ),
  pattern(
    '(?:(?:eu )?(?:quero|queria|preciso(?: de)?|gostaria de|prefiro)(?: receber)?|(?:pode )?me (?:da|de|dar|faz|faca|fazem|facam|fazer)) uma (?:ligacao|ligada|chamada)',
    MORE_OF_CALL_PT,
  ),
  pattern(
    '(?:(?:can|could|would|will) (?:you|someone|somebody|anyone|an agent|a person|a human)(?: please)? |(?:i )?(?:want|need|would like|id like|prefer)(?: (?:you|someone|somebody|an agent|a person|a human))? to |(?:have|get|ask) (?:someone|somebody|an agent)(?: to)? |(?:please|just|someone|somebody) )*(?:call|ring|phone|telephone) me',
    'back|up|please|asap|now|right now|today|immediately|urgently|as soon as possible|when you can|(?:at|on) (?:this|my) (?:number|phone|mobile|cell)',
    ABOUT_EN,
  ),
  pattern(
    '(?:(?:i )?(?:just )?(?:want|need|would like|id like|prefer)|can (?:i|you|someone)|could (?:i|you|someone)|may i|please|give me|request)(?: please)?(?: to)?(?: (?:get|have|receive|request|give me))? (?:a (?:phone )?(?:call|ring|call ?back)|callback)',
    'back|please|asap|now|today|from (?:someone|somebody|an agent|a person|you)',
  ),
  pattern(
    '(?:(?:আমাকে|একটা|একটু|দয়া করে) )*(?:ফোন|কল|কল ব্যাক) (?:দিন|দেন|দিয়েন|দাও|করুন|করেন|দিতে বলুন|করতে বলুন)(?: আমাকে)?',
  ),
  pattern('(?:amake |ekta |ektu |plz )*(?:call|phone|fon|kol) (?:den|din|diyen|dien|koren|korun)'),
]
/** `qualquer coisa, me liga` ends a conversation; `se puder, me liga` is polite. */
const IN_CASE =
  '(?:qualquer (?:coisa|duvida|problema|novidade)|precisando|caso|se(?! (?:der|puder|puderem|for possivel|possivel)(?: |$))|anything|in case|if(?! (?:you|u) can$)|যদি|দরকার হলে|প্রয়োজন হলে|লাগলে|jodi|dorkar hole|lagle)(?: |$)'
const BEGINS_IN_CASE = new RegExp(
  `^(?:(?:e|mas|ou|ai|entao|ok|and|but|or|so|well) )*${IN_CASE}`.normalize('NFC'),
)
/** `me liga, se precisar`. A call, or else: `me liga, senão vou reclamar`, is one that is wished. */
const IN_CASE_BEHIND = new RegExp(
  `^(?!(?:se|if) (?:nao|n|not)(?: |$)|caso contrario)${IN_CASE}`.normalize('NFC'),
)
const SAYS_IN_CASE = new RegExp(`(?:^| )${IN_CASE}`.normalize('NFC'))
const isRequestForCall = (words: string) => REQUESTS_FOR_CALL.some((request) => request.test(words))

/**
 * Whole requests for a person, of words (`wordsOf`, `inFull`). Each begins with the wish and ends with the person, or goes on with what it is
 * about: "fui falar com a pessoa do caixa" tells a story, "não quero falar com atendente" says no, and neither begins so.
 */
const REQUESTS_FOR_PERSON = [
  ...REQUESTS_FOR_CALL,
  pattern(
    `${WISH_PT} ?(?:falar|fala|fale|falo|conversar|tratar|tirar duvida|tirar uma duvida|resolver|resolver isso|me comunicar|interagir|bater (?:um )?papo|trocar (?:uma )?ideia|(?:entrar em|ter|fazer) contato|ser atendido|ser atendida|atendido|me atender|contato)(?: (?:agora|ja|direto|diretamente|logo|urgente|aqui|por telefone))? (?:com|por|n[oa](?! banco)) (?:o |a )?${PERSON_PT}`,
    'agora|logo|antes|primeiro|urgente|urgentemente|ja|aqui|ai|hoje|ainda|mesmo|o quanto antes|pelo chat|por aqui',
    ABOUT_PT,
  ),
  pattern(
    `${WISH_PT} ?(?:chama|chame|chamar|chamem|passa|passe|passar|passem|me passa|me passe|me passem|me passar|me transferir|me chamar|me chama|me chame|me chamem|me encaminhar|me conectar|me colocar|me transfere|me transfira|transferir|transfere|transfira|transferencia|encaminha|encaminhe|me encaminha|me encaminhe|direciona|me direciona|me direcione|me liga com|me conecta|me conecte|me coloca|me coloque|me manda|manda|joga|me joga|conecta|conecte|ligar|me da|me de|me bota|bota|bote|coloca|coloque|poe|ponha|fala)(?: (?:para|com|a|em contato com|ai|de|logo))* (?!${US_PT})${PERSON_PT}`,
    'agora|logo|urgente|ja|aqui|ai|na linha|no chat|por favor',
    ABOUT_PT,
  ),
  // Who is transferred says to whom, or nothing more: "quero transferir" is about money.
  pattern(
    `${WISH_PT} ?(?:me (?:transferir|transfere|transfira|encaminhar|encaminha|encaminhe|direcionar|direciona|direcione|redireciona)|ser (?:transferid|encaminhad|direcionad|redirecionad|atendid)[oa](?: (?:para|por|com) (?:o |a )?${PERSON_PT})?)`,
    'agora|logo|urgente|ja|ai|daqui|por favor',
  ),
  pattern(
    `${WISH_PT} ?(?:falar|conversar|tratar|me comunicar|entrar em contato|ter contato) com (?:voce|voces)`,
    'agora|logo|urgente|ja|aqui|ai|hoje|pelo chat',
    ABOUT_PT,
  ),
  pattern(
    'com quem (?:(?:eu|que eu) )?(?:posso|devo|preciso|tenho que) (?:falar|conversar|tratar|resolver)',
    'agora|aqui',
    ABOUT_PT,
  ),
  pattern(
    '(?:alguem|alma viva|atendente|humano|pessoa)(?: (?:real|de verdade|humano|humana))? (?:ai|online|disponivel|por ai)',
  ),
  pattern(
    `(?:sera que )?(?:tem|ha|existe|teria|tera) ${SOMEBODY_PT}`,
    '(?:ai|aqui|on|online|disponivel|livre|trabalhando|agora|por ai|do outro lado|no chat)|(?:que (?:possa|pode|consiga)|para)(?: (?:me (?:ajudar|atender|responder)|falar comigo|conversar comigo|falar|conversar))',
    undefined,
    1,
  ),
  pattern(
    `(?:sera que )?(?:${SOMEBODY_PT} (?:pode|poderia|podia|consegue|para)|alguem) (?:me (?:ajudar|ajuda|atender|atende|responder|responde|socorrer|socorre|dar uma luz)|falar comigo|fala comigo|conversar comigo|assumir|resolver isso)`,
    'agora|logo|urgente|ja|aqui|ai',
  ),
  pattern(
    // `onde estão vocês?` asks for the address.
    `cade voces|(?:cade|onde (?:esta|ta|estao|tao)) (?:(?:o|a|os|as) )?(?:${SOMEBODY_PT}|suporte|atendimento|atendentes|humanos|pessoas)`,
    'agora|ai',
  ),
  pattern(
    '(?:eu )?(?:nao quero|nao quero mais|chega de|cansei de|sem|nao falo com)(?: (?:falar|conversar|tratar))?(?: com)?(?: (?:um|o|esse|este))? (?:robo|robos|bot|bots|chatbot)',
    'nao|mais',
  ),
  // `sem máquina` may be an answer; who does not want to talk to a machine means the robot.
  pattern(
    '(?:eu )?(?:(?:nao quero(?: mais)?|nao vou|nao adianta|nao gosto de|nao aguento(?: mais)?|chega de|cansei de|detesto|odeio) (?:falar|conversar|tratar)|nao falo) com (?:(?:um|uma|o|a|esse|este|essa|esta) )?(?:maquina|maquinas|robo|robos|bot|bots|chatbot|ia|inteligencia artificial|computador)',
    'nao|mais',
  ),
  pattern(
    '(?:i )?(?:(?:dont|do not) (?:want|like) to|wont|refuse to|stop making me|hate(?: to)?|(?:im |i am )?(?:tired|sick) of|no more|enough of|no) (?:talk|speak|chat|deal|talking|speaking|chatting|dealing) (?:to|with) (?:(?:a|an|the|this|your|any) )?(?:machine|machines|robot|robots|bot|bots|chatbot|ai|computer)',
    'please|any ?more',
  ),
  pattern(
    '(?:eu |voces )?(?:so )?(?:quero|queria|qro|gostaria de|preciso de|preciso do|preciso da|preciso|desejo|prefiro|exijo|cade|tem|necessito de|solicito) ' +
      '(?:(?:um|uma|o|a|algum|alguma) )?(?:atendente|pessoa|atendimento humano|atendimento|humano|pessoa de verdade|pessoa real|ser humano|operador|representante|consultor|gente|suporte|suporte humano|ajuda humana|ajuda de um humano|ajuda de uma pessoa|ajuda de um atendente|ajuda de alguem|gente de verdade|gerente|(?:ser )?atendimento (?:com|de|por) (?:(?:um|uma) )?(?:humano|pessoa|atendente))(?: (?:humano|humana|real|de verdade))?',
    'agora|logo|urgente|ja|aqui|ai|por favor',
    ABOUT_PT,
  ),
  pattern(
    `${WISH_EN}(?:talk|speak|spk|chat|deal|communicate|interact|talking|speaking|chatting|dealing|communicating|have a (?:word|chat)|be (?:helped|assisted|served) by|contact|contacting|hear from|send me|give me|get me|get|connect|connect me|put me through|transfer|transfer me|pass me|hand me over|get me through|be connected|be transferred|switch me|switch|forward me|refer me|direct me|put me on|(?:get|put me|getting|be put) in (?:touch|contact)|be in touch|reach|reaching|escalate(?: (?:this|it))?|(?:hand|pass|transfer)(?: over)? (?:this|the|my|a) (?:chat|conversation|case)(?: over)?)(?: (?:now|directly))? (?:(?:to|with|through to|hold of|over to) )?(?:${PERSON_EN}|(?:(?:an?|your) )?assistant)`,
    'now|asap|right now|already|here|instead|please|immediately|urgently|how do i do it|can you help me|could you help me',
    ABOUT_EN,
  ),
  pattern('who (?:can|could|do|should|may) i (?:talk|speak|chat) (?:to|with)', 'here|now', ABOUT_EN),
  pattern(
    '(?:someone|somebody|anyone|a person|an agent) (?:from|at|in|of) (?:the |your )?(?:bank|team|staff|support|support team|customer (?:care|service|support)|human support)',
    'please|now',
  ),
  pattern(
    'do (?:you|you guys) have (?:(?:any|a|an|some) )?(?:(?:real|live|actual|human) )*(?:human support|live support|live chat|humans|agents|people|human agents?|person|someone|somebody)(?: i can (?:talk|speak|chat) (?:to|with))?',
    'here|available|there|please',
  ),
  pattern(
    '(?:i )?(?:(?:just|really) )?(?:want|need|would like|wanna|prefer|get me|give me|bring me|id like|can i get|can i have|call|may i have|is there) (?:(?:a|an|the|some|any) )?' +
      '(?:(?:real|live|actual|human) )*(?:agent|human|human being|human help|help from (?:(?:a|an|some) )?(?:person|human|agent|someone|somebody)|human support|real person|live person|representative|operator|customer service|customer support|person to talk to|someone to talk to|someone|somebody|person|manager|support)(?: (?:to help|to help me|help))?',
    'now|asap|right now|here|instead|please',
    ABOUT_EN,
  ),
  pattern(
    '(?:i )?(?:want|need|would like|wanna|id like|id rather|can i|could i|may i|let me|how can i|how do i)(?: to)? (?:talk|speak|chat|get in touch|communicate) (?:to|with) (?:you|you guys|yall)',
    'now|please|asap|directly',
  ),
  pattern(
    '(?:i )?(?:want to|need to|would like to|id like to|can you|could you|will you|please|pls)?(?: please)? ?(?:(?:transfer|connect|forward|redirect) me|put me through|hand me over|pass me on|be (?:transferred|connected|put through)|get transferred)',
    'now|asap|please|already|then',
  ),
  pattern(
    '(?:is there |are there |is |are )?(?:(?:any|a|an|some|your) (?:(?:real|live|actual|human) )*(?:human|humans|human being|agent|agents|person|people|operator|representative|staff)|anyone|anybody|someone|somebody)(?: real| human)?(?: (?:here|there|available|online|around|free|out there|(?:i|we) can (?:talk|speak|chat)(?: to| with)?|to (?:talk|speak|chat)(?: to| with)?|(?:to|(?:who|that) can) help(?: me)?))+',
    'please',
  ),
  pattern(
    'where (?:is|are) (?:the |an? |your |all the )?(?:(?:real|live|human|actual) )*(?:agent|agents|human|humans|operator|operators|representative|representatives|person|people|someone|somebody|everyone|everybody)',
    'please',
  ),
  pattern(
    '(?:can|could|would|will) (?:(?:a|an|any|some) (?:(?:real|live|actual|human) )*(?:human|agent|person|representative)|someone|somebody|anyone|anybody) (?:please )?(?:help|assist|talk|speak|chat|reply|answer|respond|take over|look at this)(?: (?:me|to me|with me|here|out|with this))*',
    'please|now',
  ),
  pattern(
    '(?:(?:i )?(?:dont|do not) (?:want(?: to (?:talk|speak|chat)(?: to| with)?)?|like)|no|no more|enough of)(?: (?:a|the|this|your|any))? (?:bot|bots|robot|robots|chatbot)',
    'please',
  ),
  pattern(
    `(?:আমি |আমার |আমাকে |দয়া করে |কীভাবে |কিভাবে |একটু |সরাসরি |এখন )*(?:${PERSON_BN}(?:ের|র|এর)?|আপনাদের|আপনার) (?:সাথে|সঙ্গে|লগে)(?: (?:একটু|সরাসরি|এখন|এখনই))* (?:কথা|যোগাযোগ)`,
    `(?:বলতে চাই|বলতে চাচ্ছি|বলতে চাইছি|বলতে পারি|বলতে পারি কি|বলতে পারব|বলতে পারব কি|বলতে হবে|বলব|বলবো|বলা যাবে|বলা যাবে কি|বলা দরকার|বলার দরকার|বলা লাগবে|বলিয়ে দিন|বলিয়ে দেন|বলান|বলাও|বলতে চাচ্ছিলাম|বলার দরকার ছিল|করতে চাই|করব|করবো|আছে|বলার সুযোগ আছে)(?: ${ABOUT_BN})?|বলুন`,
  ),
  pattern(
    `(?:আমাকে |আমার |আমি )*${PERSON_BN}(?:কে|ের|র|এর)? (?:চাই|দরকার|লাগবে|দিন|দেন|দাও|ডাকুন|ডাকেন|ডেকে দিন|প্রয়োজন|কাছে দিন|সাহায্য চাই|সাহায্য দরকার|কাছে পাঠান|কাছে ট্রান্সফার (?:করুন|করেন|করে দিন|করে দেন)|(?:সাথে|সঙ্গে) (?:দিন|(?:কানেক্ট|সংযুক্ত|যুক্ত) (?:করুন|করেন|করো|করে দিন|করে দেন)|যোগাযোগ করিয়ে দিন|সংযোগ দিন))|(?:আমি )?কাস্টমার (?:কেয়ারে|সার্ভিসে|সাপোর্টে) কথা (?:বলতে চাই|বলব|বলবো)`,
    'এখন|এখনই',
    ABOUT_BN,
  ),
  pattern(
    '(?:আমাকে )?কাউকে (?:(?:লাইনে|ফোন|ফোনটা|একটু) )?(?:দিন|দেন|দাও|ডাকুন|ডাকেন|ডেকে দিন)(?: (?:এখন|এখনই))?|আমাকে ট্রান্সফার (?:করুন|করেন|করে দিন|করে দেন)|ট্রান্সফার (?:করুন|করেন|করে দিন|করে দেন) আমাকে|(?:আমি )?(?:রোবট|বট) চাই না|(?:আমি )?(?:রোবটের|বটের) (?:সাথে|সঙ্গে) কথা বলতে চাই না',
  ),
  pattern(
    '(?:কেউ|কোনো মানুষ|কোনো এজেন্ট|কোনো লোক)(?: কি)? (?:আছেন|আছে)(?: কি)?|কেউ(?: কি)?(?: (?:আমাকে|একটু))* সাহায্য (?:করতে পারবেন|করতে পারেন|করবেন|করুন|করেন)(?: কি)?',
    'ওখানে|এখানে|কথা বলার|সাহায্য করার|কথা বলার মতো|প্লিজ|ভাই',
  ),
  pattern(
    '(?:আমি )?(?:রোবটের|বটের|মেশিনের|যন্ত্রের) (?:সাথে|সঙ্গে) কথা (?:বলব না|বলবো না|বলতে চাই না|বলতে চাচ্ছি না|বলতে চাইছি না|বলতে ভালো লাগে না)',
  ),
  // Bengali in Latin letters.
  pattern(
    'keu(?: ki)? (?:achen|asen|ase|ache)(?: ki)?|keu(?: ki)?(?: (?:amake|ektu))* (?:help|sahajjo) (?:korben|korte parben|koren|korte paren)',
    'vai|bhai|plz|ekhane|okhane',
  ),
  pattern(
    `(?:ami |amar |amake )*(?:${PERSON_BN_LATIN}(?: ?ke)?|ekjonke|kauke(?: (?:line e|phone|phone e))?) (?:chai|den|din|dao|dorkar|lagbe|dakun|daken)|(?:manusher|manush er|agent er) kache (?:din|den|pathan|transfer (?:korun|koren|kore din|kore den))|amake transfer (?:korun|koren|kore din|kore den)|(?:ami )?(?:robot|bot) chai na`,
    'amar|ekhon|ekhoni|plz',
  ),
  pattern(
    '(?:ami )?(?:robot|bot|machine)(?: ?er)? (?:sathe|shathe|songe|shonge) kotha (?:bolbo na|bolte chai na|bolte cai na)',
  ),
  pattern(
    `(?:ami |amar |kivabe |kibhabe |sorasori )*(?:(?:bank er |apnader )*(?:${PERSON_BN_LATIN}|karo|ekjon|bank)(?: ?er)?|apnader|apnar) (?:sathe|shathe|songe|shonge) (?:ektu |sorasori )?(?:kotha|jogajog)|(?:ami )?(?:customer care|support|office) e kotha`,
    `(?:bolte chai|bolte cai|bola dorkar|bolar dorkar|bola lagbe|bolte chacchi|bolte chacchilam|bolte pari|bolte parbo|bolte hobe|bolbo|bola jabe|bolao|bolan|boliye den|boliye din|korte chai)(?: ${ABOUT_BN})?`,
  ),
  pattern(
    `(?:ami |amake )*${PERSON_BN_LATIN}(?: ?er)? (?:sathe|shathe|songe|shonge) connect (?:koren|korun|koro|kore den|kore din)`,
  ),
]

/** @param more what may stand behind the request, so many times at least @param about and what may come last */
function pattern(request: string, more = '', about = '', least = 0): RegExp {
  const behind = `${more && `(?: (?:${more})){${least},}`}${about && `(?: (?:${about}))?`}`
  // As `wordsOf` leaves the words it is held to: composed, except for the letters that Unicode never composes.
  return new RegExp(`^(?:${request})${behind}$`.normalize('NFC'))
}

/** A request is short; what comes longer is a story, however it begins. */
const REQUEST_CHARACTERS_MAX = 160

const SHORT_FOR = new Map(
  Object.entries({
    c: 'com',
    cm: 'com',
    p: 'para',
    pra: 'para',
    pro: 'para o',
    q: 'que',
    n: 'nao',
    kd: 'cade',
    flr: 'falar',
    vc: 'voce',
    vcs: 'voces',
    vdd: 'verdade',
    u: 'you',
    ya: 'you',
    wth: 'with',
    w: 'with',
    gimme: 'give me',
    2: 'to',
    algm: 'alguem',
    agr: 'agora',
    wanna: 'want to',
    atend: 'atendente',
    atendent: 'atendente',
    agnet: 'agent',
    atendnte: 'atendente',
    atendete: 'atendente',
    atedente: 'atendente',
    atentende: 'atendente',
  }),
)

const asTaught = typedTwice(['atendente', 'agent', 'humano', 'pessoa'])

/** How people begin who turn to somebody, or sigh. In Portuguese `vai` is a verb. */
const TURNED_TO = new RegExp(
  '^(?:(?:aff+|moco|moca|cara|mano|olha|escuta|entao|meu deus|gente(?! (?:de|real))|ok|omg|well|look|listen|hey|dude|bro|man|sir|madam|bhai|vaiya|bhaiya|apu|apa|dada|didi|boss|shunun|shunen|sunun|ভাই|ভাইয়া|আপু|আপা|দাদা|দিদি|স্যার|ম্যাডাম|আরে|শুনুন|শোনেন|শুনেন|vai(?= (?:ami|amar|amake|ekjon|ekta|ektu|kono|keu|kauke|karo|manush|manus|manusher|agent|human|real|customer|apnader|kotha|call|phone|plz|please|robot|bot)(?: |$))) )+'.normalize(
    'NFC',
  ),
)
/** And how they end: `call den vai`, `me passa um atendente, mano`. */
const TURNED_TO_BEHIND = new RegExp(
  '(?<=.) (?:vai|bhai|vaiya|bhaiya|apu|apa|sir|madam|moco|moca|mano|cara|bro|dude|mate|ভাই|ভাইয়া|আপু|আপা|দাদা|দিদি|স্যার|ম্যাডাম)$'.normalize(
    'NFC',
  ),
)
/** Anger says nothing about what is wished: `let me talk to a damn person`, `quero falar com a porra de um atendente`. */
const OATHS =
  /(?<=^| )(?:(?:a|uma|essa|esse|o) (?:porra|merda|droga|bosta|caralho) d[aeo] |(?:fucking|fuckin|fking|freaking|frigging|goddamn|god damn|damn|damned|bloody|caralho|krl|porra|cacete|caramba|merda|pqp)(?= |$) ?)/g

/** Words (`wordsOf`) without whom they turn to: `না ভাই`, `não, moça`. */
export const withoutAddressee = (words: string) => words.replace(TURNED_TO_BEHIND, '')

const inFull = (words: string) =>
  asTaught(words)
    .split(' ')
    .map((word) => SHORT_FOR.get(word) ?? word)
    .join(' ')

/** `quero falar c/ atendentee pfv` as it is meant: words in full, without held letters and without courtesies around them. @param words as `wordsOf` */
const asMeant = (words: string) =>
  withoutCourtesies(
    inFull(withoutHeldLetters(withoutCourtesies(words)))
      .replace(OATHS, '')
      .trim()
      .replace(TURNED_TO, '')
      .replace(TURNED_TO_BEHIND, ''),
  )

const isAmong = (words: Record<Language, ReadonlySet<string>>, said: string, language?: Language): boolean =>
  language === undefined ? LANGUAGES.some((each) => words[each].has(said)) : words[language].has(said)

/** Behind whoever is wanted: `atendimento humano já`. */
const URGENTLY = / (?:ja|agora|urgente|logo|now|asap|right now|এখন|এখনই)$/

/** @param freeIn the language of a free question, where another language's word may be anything, and a place may be called as a person is */
function isRequestForPerson(clause: string, freeIn?: Language): boolean {
  const words = saidOnce(asMeant(clause))
  if (words.length > REQUEST_CHARACTERS_MAX) return false
  if (REQUESTS_FOR_PERSON.some((request) => request.test(words)) || TAUGHT.has(words)) return true
  const wanted = words.replace(URGENTLY, '')
  return isAmong(PERSON, wanted, freeIn) && !(freeIn && PLACES_TOO.has(wanted))
}

/**
 * A wish of one's own that may begin in the middle: people who dictate set no comma. `queria` there is what somebody wanted then: "liguei
 * ontem queria falar com um atendente".
 */
const OWN_WISH =
  /(?<= )(?=(?:quero|qro|preciso|gostaria|prefiro|i want|i need|i wanna|id like|i would like|can i|could i|let me|মানুষের|এজেন্টের|প্রতিনিধির|কারো|একজন|একজনের|কাস্টমার|মানুষ|এজেন্ট|manusher|manush|agent|ekjon|karo|(?<=(?:and|so|then|just|please|e|entao|agora|ja|logo|so) )(?:get me|give me|connect me|transfer me|put me through|me passa|me passe|me transfere|me transfira|chama|chame|me chama)) )/g
/** Between what stands before the wish and the wish. */
const MINE = /(?: (?:eu|so|ja|mais|agora|mesmo|realmente|just|really|now))+$/
/** What takes a wish back, asks about it or tells of another one's. */
const NO_OWN_WISH = wordSet(
  'não|n|nem|nunca|jamais|se|quando|onde|quem|caso',
  'not|never|dont|if|when|where|who|whether|unless|hours|times',
  'যদি|কেন',
)
const NOT =
  '(?:^| )(?:nao|n|nem|nunca|jamais|ninguem|not|never|dont|didnt|doesnt|havent|cant|cannot|couldnt|nobody)'
const THINKS = '(?:acho|creio|penso|acredito|parece|think|believe|feel|guess|suppose)'
/** What is not thought, or not said, is no wish: `não acho que`, `I never said`. What is thought behind a no is one: `não funciona acho que`. */
const DENIED = [
  new RegExp(`${NOT}(?: (?:eu|i|me|mesmo|realmente|really|even))* ${THINKS}(?: (?:que|that))?$`),
  new RegExp(
    `${NOT}(?: \\S+)* (?:(?<!${THINKS} )(?:que|that)|why|said|say|saying|(?:sei|entendo|entendi|vejo) (?:porque|pq))$`,
  ),
]

/** `não to entendendo quero falar com alguém`: a request that goes to the end of the clause, behind anything but what takes it back. */
function endsInRequestForPerson(clause: string): boolean {
  const words = asMeant(clause)
  return [...words.matchAll(OWN_WISH)].some(({ index }) => {
    const wish = words.slice(index)
    const before = words.slice(0, index - 1)
    return (
      wish.length <= REQUEST_CHARACTERS_MAX &&
      REQUESTS_FOR_PERSON.some((request) => request.test(wish)) &&
      !isTakenBack(before) &&
      !(SAYS_IN_CASE.test(before) && isRequestForCall(wish))
    )
  })
}

/** @param before all that stands before the wish */
function isTakenBack(before: string): boolean {
  const said = before.replace(MINE, '')
  // `eu não quero` denies the wish; in `não eu quero` the no is to what was asked.
  if (/(?:^| )(?:nao|n)$/.test(said) && before.startsWith(' eu', said.length)) return false
  // "do I need to speak to an agent?" asks whether.
  if (said === 'do') return true
  return NO_OWN_WISH.has(said.slice(said.lastIndexOf(' ') + 1)) || DENIED.some((denial) => denial.test(said))
}

const LANGUAGE_NAMED =
  '(?:(?<pt>portugues|portuguese|portugese|পর্তুগিজ)|(?<en>ingles|english|inglish|ইংরেজি|ইংলিশ)|(?<bn>bengali|bangla|bengales|বাংলা))'
/** Whole requests for a language. Who cannot read what the robot writes says so in their own: "do you speak English?", "fala português?" */
const REQUESTS_FOR_LANGUAGE = [
  pattern(
    `(?:(?:voces?|vcs?|alguem|ai|eu|a gente|so|prefiro|quero|queria|gostaria de|gostaria|preciso|pode|podem|podemos|posso|poderia|vamos|consegue|sabe|da para|tem como|que) )*(?:fala|falo|falam|fale|falem|falar|conversar|escrever|escreva|escrevam|responder|responda|respondam|responde|atende|atender|atendimento|entendo|entende|continuar|mudar|mude|muda|trocar|troque|troca|ser atendid[oa]|prefiro|quero|queria|preciso|pode ser|tem|so) (?:(?:comigo|o idioma|a lingua|idioma|lingua) )?(?:(?:em|para|para o) )?${LANGUAGE_NAMED}`,
  ),
  pattern(
    `(?:(?:do|can|could|will|would|may|please|lets|i|id|we|you|u|anyone|someone|anybody|somebody|only|just|want|need|prefer|like|to|able) )*(?:speak|(?<=(?:i|i only|we|you|u|anyone|someone|anybody|somebody) )speaks|talk|chat|write|reply|answer|respond|continue|understand|have|use|switch|change|want|need|prefer|(?<=(?:would|id) )like|only) (?:(?:to me|with me|it|this|that|the language|language|back) )?(?:(?:in|to|into) )?${LANGUAGE_NAMED}`,
    'instead|only|here|now',
  ),
  pattern(
    `(?:(?:আমি|আমার|আমাকে|আপনি|আপনারা|কেউ|কি|শুধু|সাথে|সঙ্গে|দয়া করে) )*${LANGUAGE_NAMED}(?:য়|তে|ে)?(?: (?:কথা|উত্তর))?(?: কি)? (?:বলুন|বলেন|বলো|লিখুন|লেখেন|লেখো|দিন|দেন|চাই|জানেন|বোঝেন|বলতে চাই|বলতে পারেন|বলা যাবে|বলব|বলবো|করুন|করেন)(?: কি)?`,
  ),
  pattern(
    `(?:(?:ami|amar|amake|apni|shudhu|sathe) )*${LANGUAGE_NAMED} ?(?:y|i|te|e)? (?:kotha )?(?:bolun|bolen|bolo|likhun|bolte chai|bolte paren|janen)(?: ki)?`,
  ),
]

function languageAskedFor(clause: string): Language | undefined {
  const words = asMeant(clause)
  if (words.length > REQUEST_CHARACTERS_MAX) return undefined
  const named = REQUESTS_FOR_LANGUAGE.map((request) => request.exec(words)?.groups).find((found) => found)
  return named && LANGUAGES.find((language) => named[language] !== undefined)
}

/**
 * Which part of a text asks for a language. Behind something else that was said, only a
 * question is such a wish: "quero o extrato, pode ser em inglês" is about the statement.
 */
function partForLanguage(parts: readonly string[]): number {
  return parts.findIndex(
    (part, index) =>
      languageAskedFor(wordsOf(part)) !== undefined &&
      (isQuestion(part) || parts.slice(0, index).every(saysNoMore)),
  )
}

/** Clauses without those that ask for a call in case of what the one before says. */
function withoutCallsInCase(clauses: readonly string[]): readonly string[] {
  const saying = clauses.filter((clause) => clause !== '' && !COURTESIES.has(clause))
  return saying.filter((clause, index) => {
    const isInCase =
      BEGINS_IN_CASE.test(saying[index - 1] ?? '') || IN_CASE_BEHIND.test(saying[index + 1] ?? '')
    return !(isInCase && isRequestForCall(saidOnce(asMeant(clause))))
  })
}

const saysNoMore = (part: string) => {
  const words = wordsOf(part)
  return words === '' || COURTESIES.has(words) || isPuzzled(part)
}

/** What else is said where a language is asked for: "Do you speak English? I lost my card". */
export function besideLanguageWish(text: string): string {
  const parts = partsOf(text)
  const at = partForLanguage(parts)
  const others = at < 0 ? [] : parts.toSpliced(at, 1)
  return others.every(saysNoMore) ? '' : others.join('').trim()
}

/**
 * What a customer may say at any time, whatever was asked: the menu as the whole message, a language or a person as the whole message or as
 * one clause of it ("não entendi, quero falar com um atendente"). To a free question every text may be an answer ("fui ao caixa, quero falar
 * com um atendente, eu disse"), so there the whole message must be the wish.
 */
export function globalWish(text: string, freeIn?: Language): GlobalWish | undefined {
  const whole = wordsOf(text)
  const words = asMeant(whole)
  if (isAmong(MENU, words, freeIn) || TO_MENU.test(words)) return { wish: 'menu' }
  for (const [language, known] of Object.entries(LANGUAGE_WORDS) as [Language, ReadonlySet<string>][])
    if (known.has(words) && !(freeIn && words === language)) return { wish: 'language', language }
  const parts = partsOf(text)
  const clauses = freeIn ? [whole] : [whole, ...withoutCallsInCase(parts.map(wordsOf))]
  if (clauses.some((clause) => isRequestForPerson(clause, freeIn))) return { wish: 'person' }
  if (freeIn === undefined && clauses.some(endsInRequestForPerson)) return { wish: 'person' }
  const part = freeIn ? undefined : parts[partForLanguage(parts)]
  const language =
    languageAskedFor(whole) ?? (part === undefined ? undefined : languageAskedFor(wordsOf(part)))
  return language && { wish: 'language', language }
}

/** Whether nothing stands in it but wishes, courtesies and that it was not understood: "não entendi, quero falar com um atendente". */
export function isOnlyWish(text: string): boolean {
  const isWish = (words: string) => LANGUAGES.some((language) => globalWish(words, language))
  return isWish(text) || partsOf(text).every((part) => saysNoMore(part) || isWish(part))
}

/** Its clauses, each with the marks behind it. */
const partsOf = (text: string): readonly string[] =>
  plainText(text).match(/[^.,;:!?\n…]+[.,;:!?\n…\s]*/g) ?? []
