/**
 * Whole requests to stop messages, to begin them again, or to stop advertising, in the words of the day. A rule and no list: a wish, a verb
 * that ends or forbids, and nothing behind it but messages, us and them. One word of something else and it is about that ("parar de pagar",
 * "stop my card"); a negation before the verb that ends says the opposite ("não quero parar"), and so does a story ("não recebi mensagens").
 */

const anyOf = (words: string) => `(?:${words.replaceAll(' ', '|').replaceAll('_', ' ')})`
/** Any number of these words, each with a space before it. */
const some = (...lists: readonly string[]) => `(?: ${anyOf(lists.join(' '))})*`

const MESSAGES_PT =
  'mensagem mensagens mensagenzinha msg msgs msn mgs sms torpedo torpedos whatsapp whats wpp zap zaps contato contatos notificacao notificacoes spam textos avisos alertas'
const AROUND_PT =
  'a o as os um uma de com em por para pra pro me mim eu aqui ja agora mesmo logo imediatamente mais tanta tantas tanto tantos isso isto essa essas esse esses esta estas este estes aquela aquelas sua suas seu seus meu minha nosso voce voces vc vcs ces banco empresa numero celular telefone tel cel fone nada nenhuma nenhum qualquer todas todos toda todo tudo tipo toda_hora hoje nunca sempre desse deste dessa desta dessas desses no nesse neste do da favor obrigado obrigada urgente nem so que via pelo pela'
const SENDING_PT =
  'encher_o_saco ficar ficarem ficando mandar mandarem mandando enviar enviarem enviando receber escrever escreverem escrevendo contatar contactar chamar chamando incomodar incomodando perturbar perturbando encher amolar amolando spammar entrar entrarem'
const WISH_PT =
  '(?:eu |voces |vcs )?(?:so )?(?:(?:quero|queria|gostaria|desejo|preciso|prefiro|quer|pode|podem|podes|poderia|poderiam|da pra|da para|tem como|como faco|como posso|como eu faco|solicito|peco)(?: de)?(?: para| pra| que)?(?: voces?| vcs?)? )?'

const MESSAGES_EN =
  'message messages msg msgs mesages text texts txt txts sms dm dms whatsapp whatsapps notification notifications alerts updates communication communications contact spam stuff'
const AROUND_EN =
  'a an any all more to from on at in with about me us i my your ur the this that these those it here now right away immediately instantly asap already again anymore any_more ever everything anything nothing you u guys number phone please pls so many much of kind bank today forever once and for good at_all via through over by'
const SENDING_EN =
  'texting txting messaging msging sending contacting spamming writing bothering pestering harassing annoying dming pinging bugging receiving getting reaching_out'
const WISH_EN =
  '(?:(?:i|we) )?(?:(?:just|really) )?(?:(?:let me|kindly|want|wanna|would like|would love|wish|need|like|id like|can|could|would|will|must(?! i )|have|got|ask|asking|request|how do|how can|how to|please|pls|just)(?: i| you| u| yall)?(?: guys)?(?: please| just)?(?: to)?(?: please| just)? )?'

/** What we must do is said to us only where it is about messages: "you can stop it" and "should I stop it?" are about something else. */
const YOU_MUST_EN = 'you (?:guys )?(?:(?:just|really) )?(?:must|should|need to|have to)(?: please| just)? '

const MESSAGES_BN = 'মেসেজ মেসেজগুলো ম্যাসেজ মেসেজিং বার্তা বার্তাগুলো এসএমএস টেক্সট নোটিফিকেশন মেসেজটেসেজ হোয়াটসঅ্যাপে'
const AROUND_BN =
  'আমাকে আমারে আমায় আমি আমার নম্বরে ফোনে এই এসব এসমস্ত এত আর কোনো কোনও কোন সব আপনারা আপনি এখানে এখন এখনই এখুনি দয়া করে প্লিজ আপনাদের থেকে ব্যাংক ব্যাংকের'

/** Right behind the verb it takes the verb back, `parar? nunca`, `stop? no`, or asks what is meant: `parar o quê?`. */
const NOT_AT_ALL = '(?! (?:(?:nunca(?! mais)|nem|nada)(?: |$)|no$|(?:de |com )?(?:o )?que$))'

const STOP_REQUEST = requests(
  // "quero parar", "pare de me mandar msg", "para com isso", "quero que parem de mandar mensagens"; a "coisa" may be anything, and is a message only where it is sent
  `${WISH_PT}(?:parar|pare|parem|parassem|parando|stop|para(?= (?:de|com|agora|ja|tudo|por)\\b))${NOT_AT_ALL}(?:${some(MESSAGES_PT, AROUND_PT, SENDING_PT)} ${anyOf(SENDING_PT)}${some(AROUND_PT)} coisas?)?${some(MESSAGES_PT, AROUND_PT, SENDING_PT)}`,
  `${WISH_PT}(?:deixar|deixem|deixe|deixa) de${some('me voces')} ${anyOf(SENDING_PT)}${some(AROUND_PT)} ${anyOf(MESSAGES_PT)}${some(AROUND_PT, MESSAGES_PT)}`,
  // "chega de mensagens", "sem mais mensagens", "nada de mensagens"
  `(?:ja )?(?:chega|basta|sem mais|nada|nunca mais|cansei|cansado|cansada)(?: de| com)?${some(AROUND_PT, SENDING_PT)} ${anyOf(MESSAGES_PT)}${some(AROUND_PT)}`,
  // "não quero mais receber (nada)", "não desejo que me mandem mensagens", "não autorizo mensagens"
  `(?:eu )?(?:ja )?(?:nao|n|nunca|jamais)(?: mais)? (?:quero|queria|desejo|gostaria(?: mais)? de|aguento|suporto|pretendo|aceito|autorizo|permito|preciso|tenho interesse em|tenho interesse de)${some(AROUND_PT)} (?:receber|ser contatado|ser contatada|ser incomodado|ser incomodada|que (?:me |voces |vcs )*(?:mandem|enviem|escrevam|contatem|incomodem|perturbem))${some(MESSAGES_PT, AROUND_PT)}`,
  `(?:eu )?(?:ja )?(?:nao|n|nunca|jamais)(?: mais)? (?:quero|queria|desejo|gostaria de|aceito|autorizo|aguento|suporto|preciso de|preciso)${some(AROUND_PT, 'envio recebimento')} ${anyOf(MESSAGES_PT)}${some(AROUND_PT)}`,
  // "não me mandem mais mensagens", "nunca mais me escreva", "não envie mais nada"
  `(?:voces )?(?:por favor )?(?:nao|n|nunca|nunca mais|jamais|favor nao) me (?:mande|mandem|manda|mandar|envie|enviem|envia|enviar|escreva|escrevam|escreve|contate|contatem|chame|chamem|incomode|incomodem|incomoda|perturbe|perturbem|perturba|encha|encham|amole|amolem)(?: mais| nada| ${anyOf(MESSAGES_PT)})${some(MESSAGES_PT, AROUND_PT)}`,
  `(?:por favor )?(?:nao|n|nunca|nunca mais|jamais|favor nao) me (?:incomode|incomodem|incomoda|perturbe|perturbem|perturba|contate|contatem|escreva|escrevam|procure|procurem)(?: mais)?`,
  `(?:nao|n|nunca|nunca mais|favor nao) (?:mande|mandem|manda|mandar|envie|enviem|envia|enviar)${some(AROUND_PT)} (?:${anyOf(MESSAGES_PT)}|nada)${some(MESSAGES_PT, AROUND_PT)}`,
  '(?:nao|n) (?:mande|mandem|envie|enviem) (?:mais|mais nao)|(?:nao|n) (?:perturbe|perturbem|incomode|incomodem)(?: mais)?',
  // "gostaria de não receber mais mensagens", "já pedi pra parar de me mandar mensagem"
  `(?:eu )?(?:gostaria de|queria|prefiro|quero) nao (?:receber|ser contatad[oa]|ser incomodad[oa])${some(MESSAGES_PT, AROUND_PT)}`,
  `(?:eu )?(?:ja )?(?:pedi|falei|disse|avisei|pedimos)(?: (?:para|pra|que|a voces|varias vezes|mil vezes))* (?:parar|parem|pararem)(?: de${some(AROUND_PT)} ${anyOf(SENDING_PT)}${some(AROUND_PT, MESSAGES_PT)})?`,
  `(?:nao|n|nunca|nunca mais) (?:entre|entrem|entrar) (?:mais )?em contato(?: mais)?(?: comigo)?${some(AROUND_PT)}`,
  '(?:me )?(?:deixa|deixe|deixem)(?: me)? em paz(?: por favor| agora)?',
  // "me tira da lista", "quero sair dessa lista", "remova meu número"
  `${WISH_PT}(?:me )?(?:remova|removam|remove|remover|tira|tire|tirem|tirar|sair|saiam|exclua|excluam|excluir|retire|retirem|retirar)(?: me)?(?: (?:o )?(?:meu )?(?:numero|contato|telefone|nome|celular))? (?:da|das|dessa|desta|de) (?:sua |suas |tua |essa |esta )?listas?${some(AROUND_PT, MESSAGES_PT, 'transmissao envio envios')}`,
  `${WISH_PT}(?:me )?(?:remova|removam|remove|tira|tire|tirem|tirar|exclua|excluam|exclui|excluir|remover|apagar|apague|apaguem|apaga|retire|retirem|delete|deletem) (?:me )?(?:daqui|dai|(?:o )?meu (?:numero|contato|telefone|zap|whatsapp)(?: (?:daqui|dai))?)`,
  `${WISH_PT}ser (?:removido|removida|retirado|retirada|excluido|excluida|descadastrado|descadastrada)(?: (?:da|das|dessa|desta) (?:sua |suas )?listas?)?`,
  `${WISH_PT}(?:me )?(?:descadastra|descadastre|descadastrem|descadastrar|descadastro|o descadastro|meu descadastro|desinscreva|desinscrever|desinscreve|desinscricao|remova|remover)(?: me)?(?: o)?(?: meu)?(?: numero| contato| telefone| celular)?(?: (?:da|das|dessa|desta|de|daqui)(?: (?:sua |suas )?listas?)?)?`,
  `${WISH_PT}(?:cancelar|cancele|cancela|cancelem|encerrar|encerre|interromper|interrompa|suspender|suspenda|bloquear|desativar|desative|desligar|desligue)${some('a o as os de essa esta essas minha meu sua suas todas toda envio recebimento')} ${anyOf(`${MESSAGES_PT} inscricao inscricoes recebimento`)}${some(AROUND_PT, MESSAGES_PT)}`,
  `(?:eu )?(?:quero |gostaria de |solicito )?(?:retiro|retirar|retire|retirem|revogo|revogar|revogue)(?: (?:o|a|meu|minha))* (?:consentimento|autorizacao|permissao)(?: para (?:receber mensagens|contato|envio de mensagens)| de contato)?`,
  // "I want to stop", "please stop messaging me", "can you stop all these texts now"
  `${WISH_EN}(?:stop|quit|cease|halt|end)(?: ${anyOf(`${SENDING_EN} ${MESSAGES_EN} it this that these those all me now everything right immediately already asap`)}${some(MESSAGES_EN, AROUND_EN, SENDING_EN)})`,
  `(?:i|ive|i have) (?:already )?(?:said|told you|asked|asked you)(?: to)? stop${some(AROUND_EN)}(?: ${anyOf(`${MESSAGES_EN} ${SENDING_EN}`)}${some(MESSAGES_EN, AROUND_EN, SENDING_EN)})?`,
  `${YOU_MUST_EN}(?:stop|quit|cease)${some(AROUND_EN)} ${anyOf(`${MESSAGES_EN} ${SENDING_EN}`)}${some(MESSAGES_EN, AROUND_EN, SENDING_EN)}`,
  `(?:(?:i|we) )?(?:(?:just|really) )?(?:want|wanna|would like|wish|need|id like|please|pls|just|do|please do|can|could|would|will)(?: you| u| this| these| it| that| messages)?(?: guys)?(?: to)? stop`,
  `${WISH_EN}cancel${some('my the all these those your any')} ${anyOf(MESSAGES_EN)}${some(AROUND_EN)}`,
  // "unsubscribe me from this list", "I opt out"
  `${WISH_EN}(?:unsubscribe|unsub|opt out|opt me out|be unsubscribed|be removed|get off|unsubscribed|(?:im |i am )?opting out)(?: me| us)?(?: (?:from|of|off)${some(AROUND_EN, MESSAGES_EN, 'list lists mailing texting messaging')})?${some('now please today immediately')}`,
  `${WISH_EN}(?:take|remove|get|delete) (?:me|my number|my phone|my phone number|my contact)(?: (?:off|from|out of)${some(AROUND_EN, MESSAGES_EN, 'list lists mailing texting messaging database contacts')})?${some('now please today immediately')}`,
  // "don't message me", "never text me again", "do not send me anything"
  `(?:please )?(?:do not|dont|never|you should not|you may not|not)(?: ever| you)?(?: dare)? (?:text|message|msg|contact|sms|write|dm|bother|disturb|spam|pester|ping|bug)${some(MESSAGES_EN, AROUND_EN)}`,
  `(?:please )?(?:do not|dont|never)(?: ever)? send${some(AROUND_EN)} (?:${anyOf(MESSAGES_EN)}|anything|nothing|again|anymore|any more)${some(MESSAGES_EN, AROUND_EN)}`,
  // "I don't want to receive messages any more", "I no longer want your texts"
  `(?:i )?(?:really )?(?:(?:do not|dont|no longer|never) (?:want|wanna|wish|need|like|care)(?: to)?|do not consent|dont consent|would not like|would rather not)${some(AROUND_EN)} (?:${anyOf(MESSAGES_EN)}|receive|receiving|get|getting|be sent|be contacted|be messaged|be texted|hear from you|hearing from you|you to (?:text|message|contact|write|send))${some(MESSAGES_EN, AROUND_EN, SENDING_EN)}`,
  `(?:i want |i need )?(?:no more|enough|enough of|enough with)${some(AROUND_EN)} ${anyOf(MESSAGES_EN)}${some(AROUND_EN, MESSAGES_EN)}`,
  '(?:i )?(?:hereby )?(?:withdraw|revoke|retract)(?: my| all| any)* (?:consent|permission|authorization|authorisation)(?: to (?:receive messages|be contacted|contact me|message me))?',
  '(?:please )?leave me alone(?: now| already)?|(?:please )?lose my number',
  // "আমাকে আর মেসেজ দেবেন না", "মেসেজ পাঠানো বন্ধ করুন", "বন্ধ করতে চাই"
  `(?:${anyOf(AROUND_BN)} )*${anyOf(MESSAGES_BN)}(?: ${anyOf(AROUND_BN)})* (?:পাঠাবেন না|পাঠাবে না|পাঠিও না|পাঠিয়েন না|পাঠায়েন না|পাঠাইয়েন না|দিবেন না|দেবেন না|দিয়েন না|দিও না|করবেন না|লিখবেন না|চাই না|চাইনা|পেতে চাই না|নিতে চাই না|লাগবে না|দরকার নেই|দরকার নাই|পাঠানোর দরকার নেই|পাঠানো লাগবে না)(?: আর)?|আর ${anyOf(MESSAGES_BN)} না`,
  `(?:${anyOf(AROUND_BN)} )*${anyOf(MESSAGES_BN)}(?: ${anyOf(`${AROUND_BN} পাঠানো দেওয়া দেয়া করা আসা পাওয়া`)})* (?:বন্ধ|স্টপ|অফ)(?: (?:করুন|করেন|করো|কর|করে দিন|করে দেন|করতে চাই|করবেন|চাই|হোক|করা হোক))?`,
  `(?:${anyOf(AROUND_BN)} )*(?:বন্ধ|স্টপ|আনসাবস্ক্রাইব) (?:করুন|করেন|করো|কর|করে দিন|করে দেন|করতে চাই)`,
  // "sms den na" asks for one
  `(?:amake |amare |ar |r |please |plz |vai )*(?:message|msg|mesage|massage|sms)(?: ar| r| pathano| deya| dewa)*(?: (?:bondho|bondo)(?: (?:koro|korun|koren|kore din))?| off (?:koro|korun|koren|kore din)| (?:diben|deben|pathaben|dien|diyen|diyo|(?<=(?:^| )(?:ar|r) .*)den|chai|lagbe) na)(?: ar)?`,
  `(?:দয়া করে )?আমার (?:নাম্বার|নম্বর)(?:টা)? (?:মুছে দিন|মুছে দেন|মুছে ফেলুন|ডিলিট করুন|ডিলিট করে দিন)`,
  `(?:আমি )?(?:আমার )?(?:সম্মতি|অনুমতি) (?:প্রত্যাহার|বাতিল)(?: (?:করছি|করলাম|করতে চাই|করুন))?`,
  `(?:${anyOf(AROUND_BN)} )*(?:আর )(?:পাঠাবেন না|পাঠাবে না|দেবেন না|দিবেন না|বিরক্ত করবেন না|লিখবেন না|যোগাযোগ করবেন না)|(?:আমাকে )?(?:আর )?বিরক্ত করবেন না|(?:আমাকে |আমার নাম |আমার নম্বর )?তালিকা থেকে (?:বাদ দিন|সরান|মুছে দিন)`,
)

const ADVERTS_PT =
  'promocao promocoes promo promos propaganda propagandas oferta ofertas publicidade anuncio anuncios marketing comerciais'
const ADVERTS_EN =
  'promotion promotions promotional promo promos ad ads advert adverts advertising advertisement advertisements marketing offers newsletters newsletter'
const ADVERTS_BN = 'প্রচার অফার অফারের বিজ্ঞাপন প্রমোশন প্রচারমূলক মার্কেটিং'
const MARKETING_REQUEST = requests(
  `(?:eu )?(?:nao|n)(?: mais)? (?:quero|desejo|preciso)${some(AROUND_PT, SENDING_PT, MESSAGES_PT)} ${anyOf(ADVERTS_PT)}${some(AROUND_PT, MESSAGES_PT, ADVERTS_PT)}`,
  `(?:nao|n)(?: me)? (?:mande|mandem|manda|envie|enviem)${some(AROUND_PT, MESSAGES_PT)} ${anyOf(ADVERTS_PT)}${some(AROUND_PT)}`,
  `${WISH_PT}(?:pare|parem|para|parar|chega|basta|cancelar|cancele|interromper|sair|sem)${some(AROUND_PT, SENDING_PT, MESSAGES_PT)} ${anyOf(ADVERTS_PT)}${some(AROUND_PT, MESSAGES_PT, ADVERTS_PT)}`,
  `${WISH_EN}(?:stop|quit|no|no more|enough|unsubscribe|opt out)${some(AROUND_EN, SENDING_EN, MESSAGES_EN)} ${anyOf(ADVERTS_EN)}${some(AROUND_EN, MESSAGES_EN, ADVERTS_EN)}`,
  `(?:please )?(?:i )?(?:do not|dont|never) (?:want|send)${some(AROUND_EN, SENDING_EN, 'to receive get')} ${anyOf(ADVERTS_EN)}${some(AROUND_EN, MESSAGES_EN, ADVERTS_EN)}`,
  `(?:${anyOf(AROUND_BN)} )*${anyOf(ADVERTS_BN)}(?: ${anyOf(`${MESSAGES_BN} পাঠানো দেওয়া দেয়া`)})* (?:বন্ধ|স্টপ)(?: (?:করুন|করেন|করো|করে দিন|চাই|করতে চাই))?`,
  `(?:${anyOf(AROUND_BN)} )*${anyOf(ADVERTS_BN)}(?: ${anyOf(MESSAGES_BN)})* (?:পাঠাবেন না|দেবেন না|দিবেন না|চাই না)`,
)

/** What is begun is named by none of these: "restart my phone" is about a phone. */
const AROUND_BEGINNING_EN =
  'all more to from with me us i your ur the this that these those it here now right away immediately asap again please pls u guys bank'

const START_REQUEST = requests(
  `${WISH_PT}(?:voltar|voltem|volte|volta|comecar|recomecar|retomar|reativar|pode voltar)${NOT_AT_ALL}(?: a| com| de)?${some(AROUND_PT)}(?: (?:receber|mandar|enviar|falar|escrever|conversar))?${some(MESSAGES_PT, 'as a me de novo novamente aqui com voces')}`,
  `(?:podem|pode) (?:voltar a )?(?:me )?(?:mandar|enviar) (?:as )?${anyOf(MESSAGES_PT)} (?:de novo|novamente)`,
  `(?:eu )?(?:quero|queria|gostaria de|aceito) (?:voltar a )?receber (?:as |suas )?${anyOf(MESSAGES_PT)}(?: de novo| novamente| de voces)?`,
  `${WISH_EN}(?:start|resume|restart|begin|resubscribe|opt in|opt back in|subscribe)(?: to)?${some(MESSAGES_EN, AROUND_BEGINNING_EN, 'receiving getting sending messaging texting talking chatting')}`,
  `(?:i )?(?:want|would like|id like|wanna) (?:to )?(?:receive|get) (?:your |the )?(?:messages|texts)(?: again)?|you (?:can|may) (?:message|text|write|contact)(?: to)? me(?: again)?`,
  '(?:আমি )?(?:আবার )?(?:মেসেজ |বার্তা )?(?:শুরু|চালু) (?:করুন|করেন|করো|করে দিন|করতে চাই)|(?:আমি )?আবার (?:মেসেজ|বার্তা) (?:চাই|পেতে চাই|পাঠান|দিন)',
)

/** One pattern, since every message that comes in is asked. */
function requests(...forms: readonly string[]): RegExp {
  return new RegExp(`^(?:${forms.join('|')})$`.normalize('NFC'))
}

/** Of what people who hurry write of a request. */
export const SHORT_FORMS: ReadonlyMap<string, string> = new Map([
  ['qro', 'quero'],
  ['kero', 'quero'],
  ['qria', 'queria'],
  ['naum', 'nao'],
])

/** @param words of `wordsOf`, without courtesies */
export const isRequestToStop = (words: string) => STOP_REQUEST.test(words)
export const isRequestToStopMarketing = (words: string) => MARKETING_REQUEST.test(words)
export const isRequestToStart = (words: string) => START_REQUEST.test(words)
