import type { MessageBody } from '@parley/proto/content'
import { wordSet, wordsOf } from './typed-text.ts'

const THANKS_AND_GOODBYES = wordSet(
  'obrigado|obrigada|obrigadão|obg|obgd|obgda|brigado|brigada|valeu|vlw|grato|grata|gratidão|agradeço|agradecido|agradecida|ok|okay|tá bom|tá certo|tá ok|certo|beleza|blz|perfeito|perfeita|ótimo|excelente|show|maravilha|combinado|entendi|tchau|tchauzinho|até logo|até mais|até breve|até amanhã|falou|flw|abraço|abraços|um abraço|de nada|não obrigado|não obrigada|era só isso|só isso|é só isso|deus abençoe|fique com deus',
  'thanks|thank you|thank u|thx|thnx|ty|tks|cheers|great|perfect|excellent|awesome|cool|got it|all good|bye|bye bye|goodbye|see you|see ya|no thanks|no thank you|that is all|thats all|appreciate it|much appreciated|youre welcome',
  'ধন্যবাদ|অনেক ধন্যবাদ|অসংখ্য ধন্যবাদ|থ্যাংক ইউ|থ্যাংকস|থ্যাঙ্কস|আচ্ছা|ঠিক আছে|ওকে|বিদায়|আবার দেখা হবে|ভালো থাকবেন|খোদা হাফেজ|আল্লাহ হাফেজ|না ধন্যবাদ',
)
/** Said with thanks; alone they may begin something. */
const BESIDE_THEM = wordSet(
  'muito|muitíssimo|demais|mesmo|viu|então|por tudo|pela ajuda|pelo atendimento|pela atenção|pela paciência|pela rapidez|a você|a vocês|a todos|vocês|você|pessoal|gente|e|um|uma|bom dia|boa tarde|boa noite|bom fim de semana|bom final de semana|bom descanso|tenha um bom dia|tenham um bom dia|oi|olá|robô',
  'very much|so much|a lot|a million|again|for your help|for the help|for everything|for your time|all|everyone|and|have a nice day|have a good day|have a great day|good day|good night|good evening|oh|very|hi|hello|robot',
  'আপনাকে|আপনাদের|সাহায্যের জন্য|সবকিছুর জন্য|শুভ রাত্রি|শুভ দিন|অনেক|এবং|ও',
)
const WORDS_MAX = 12

/** Thanks, a goodbye, an emoji or a sticker and nothing else: polite at the end of something, and no wish to begin anything. */
export function isCourtesy(message: MessageBody | undefined): boolean {
  const body = message?.body
  if (body?.$case === 'media') return body.value.type === 'sticker'
  if (body?.$case !== 'text') return false
  const words = wordsOf(body.value.text)
  if (words === '') return /\p{Extended_Pictographic}/u.test(body.value.text)
  return isMadeOfCourtesies(words.split(' '))
}

/** Whether the words are these phrases one after the other, a thanks or a goodbye among them. */
function isMadeOfCourtesies(words: readonly string[]): boolean {
  if (words.length > WORDS_MAX) return false
  // For each place among the words: whether phrases lead there, with a thanks among them or without.
  const reached = Array.from({ length: words.length + 1 }, () => ({ thanked: false, any: false }))
  reached[0]!.any = true
  for (let from = 0; from < words.length; from++) {
    const here = reached[from]!
    if (!here.any) continue
    for (let to = from + 1; to <= words.length; to++) {
      const phrase = words.slice(from, to).join(' ')
      const isThanks = THANKS_AND_GOODBYES.has(phrase)
      if (!isThanks && !BESIDE_THEM.has(phrase)) continue
      reached[to]!.any = true
      reached[to]!.thanked ||= here.thanked || isThanks
    }
  }
  return reached[words.length]!.thanked
}
