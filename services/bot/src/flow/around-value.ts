import { COURTESIES, plainText, saysSomething, withoutAround, wordSet } from '@parley/conversation/said'

/**
 * What people put around a value and that says nothing more: `meu cpf é …`, `it's …`, `… por favor`. Any other word beside it, a negation or
 * another value leaves the text as long as it is, and then it is no value.
 */

const SAYING = [
  'o|os|as|é|eh|e|são|ser|sao|meu|meus|minha|minhas|do|da|de|esse|este|esta|essa|isso|segue|seguem|aqui|aqui está|aqui vai|está|tá|tá aqui|aí|aí vai|aqui ó|o meu|a minha|seria|acho que é|acho que|eu acho que|número|numero|nr|anota aí|pode anotar|é o|é a|sim|claro|então|bom|mesmo|msm|ok|viu|anote|anota|pode ser|o certo é|o correto é|deveria ser|só|somente|apenas|só isso|é isso|isso mesmo|achei|pronto|moça|moço|amigo|amiga|cara|mano|senhor|senhora|era|deixa eu ver',
  'the|my|its|it is|it|is|are|they are|theyre|here|here it is|here you go|heres|this|this is|that|thats|that is|of|i think|i think its|sure|yes|number|it should be|should be|well|ok|okay|right|only|just|thats it|thats all|those are|found it|instead|actually|mine is|the right one is|the correct one is|got it|done|let me see|mate|bro|sir|madam',
  'আমার|হলো|হল|হচ্ছে|এটা|এই|এই যে|নিন|এখানে|নম্বর|নাম্বার|নম্বরটা|নম্বরটি|টা|হবে|জি|হ্যাঁ|শুধু|মাত্র|এটাই|মনে হয়|ভাই|amar|holo|eta|mone hoy|vai|bhai|nombor|nambar',
] as const

const AROUND = {
  digits: around(
    'no final|são os últimos|últimos quatro|os últimos quatro|finaliza|finaliza em|finaliza com|tá escrito|está escrito|aparece|vejo aqui|no cartão tá|no cartão está|final|finais|finais são|dígitos|digitos|últimos|ultimos|último|termina|terminado|terminada|terminando|acaba|acaba em|acaba com|termina em|termina com|terminando em|terminado em|com final|com|cartão|cartao|cartão final|de crédito|crédito|de débito|débito|visa|mastercard|master|elo|números|numeros|código|algarismos',
    'at the end|last four|the last four|it says|says|just that|last|final|digits|numbers|card|ends|ending|end|ends in|ends with|ending in|ending with|code|last digits|credit|debit|visa|mastercard',
    'শেষে আছে|শেষ|শেষের|সংখ্যা|সংখ্যাগুলো|সংখ্যাটা|কার্ডের|কার্ড|ডিজিট|চারটি|চারটা|শেষে|কোড|ক্রেডিট|ডেবিট|shesh|sesh|shesher|sesher|sheshe|card er|carder|charti|charta|songkha|shongkha|digit',
  ),
  cpf: around(
    'cpf|c p f|cpf no|cpf n|documento|titular|do titular|do cliente',
    'document|tax number|tax id',
    'সিপিএফ',
  ),
  email: around(
    'meu correio é|tudo minúsculo|tudo em minúsculo|esse mesmo|tá|email|e mail|mail|mailto|endereço|endereço de email|correio eletrônico',
    'address|email address|e mail address|reach me at|at|all lowercase|lowercase|all lower case',
    'ইমেইল|ই মেইল|ইমেল|মেইল|ঠিকানা',
  ),
  number: around(
    'a compra foi|compra de|me cobraram|cobraram|debitaram|me debitaram|saiu por|veio|a fatura veio|a compra foi de|no total|ao todo|certinho|redondo|mais nada|valor|foi|foi de|foram|deu|ficou|ficou em|paguei|gastei|comprei por|custaram|é de|no valor de|o valor|um valor de|total|o total|um total de|quantia|preço|custa|custou|exatamente',
    'in total|altogether|they charged me|charged|i was charged|was charged|they were|it came to|came to|amount|value|total|was|price|a total of|sum|exactly|costs|cost|it cost|it costs|i paid|paid|i spent|spent',
    'মোট|পরিমাণ|টাকার পরিমাণ|ছিল|দাম',
  ),
} as const

function around(...lists: readonly string[]): ReadonlySet<string> {
  return new Set([...COURTESIES, ...wordSet(...SAYING, ...lists)])
}

const LABEL = /(?<=[\p{L}\p{M}])\s*:\s*/gu
/** `CPF-529…`, `final-4321`: no amount, so the dash is no sign. */
const LABEL_OF_DIGITS = /(?<=[\p{L}\p{M}])\s*(?:[:=]\s*|-+\s*(?=\d))/gu

/** As `plainText`, without what stands around the value. */
export function bareValue(text: string, kind: keyof typeof AROUND): string {
  const parted = plainText(text)
    .replace(/(?<![,;:])\n/g, ', ')
    .replace(kind === 'digits' || kind === 'cpf' ? LABEL_OF_DIGITS : LABEL, ': ')
    .replace(/^cpf(?=\d)/i, '')
  return withoutAround(parted, AROUND[kind])
}

/**
 * What is said in figures and again in words, `R$ 50,00 (cinquenta reais)`, as cheques have it: it is that value where both are the same one.
 * @param read a text without brackets
 */
export function saidTwice<Read>(text: string, read: (text: string) => Read | undefined): Read | undefined {
  const [, before = '', within = '', behind = ''] =
    /^([^()]*)\(([^()]*)\)([^()]*)$/.exec(plainText(text)) ?? []
  if (!saysSomething(before) || !saysSomething(within)) return read(text)
  const value = read(`${before} ${behind}`)
  return value !== undefined && value === read(within) ? value : undefined
}
