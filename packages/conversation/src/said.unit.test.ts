import { MessageBody } from '@parley/proto/content'
import { expect, test } from 'vitest'
import { consentWishOf } from './consent.ts'
import { isCourtesy, isNudge } from './courtesy.ts'

/** What people say of being written to, and to be polite (issue 10, kind 4). One a line or between bars. */
const each = (list: string) =>
  list
    .split(/ \| |\n(?! *\n)/)
    .map((said) => said.trim())
    .filter((said) => said !== '')
    .map(
      (said) => [said, MessageBody.fromPartial({ body: { $case: 'text', value: { text: said } } })] as const,
    )

test.each<[wish: string, said: string]>([
  [
    'stop',
    `
      PARAR. | «PARAR» | "parar" | 🛑PARAR🛑 | P A R A R | P.A.R.A.R | p-a-r-a-r | P\u200bA\u200bR\u200bA\u200bR | ⓈⓉⓄⓅ | 🅿🅰🆁🅰🆁
      🆂🆃🅾🅿 | 𝕊𝕋𝕆ℙ | STOP/PARAR | parar/sair | PARAR (quero sair) | Pare. Não quero mais receber isso. | stop, unsubscribe
      STOP - unsubscribe | stopppp | pareeee | PARARRR | pare de mandar mensagem pra mim pfv | não me mande mais nada
      por favor me tirem dessa lista | remover meu número | cancelar inscrição | cancelar minha inscrição por favor
      sair da lista | parar mensagens | parar msgs | QUERO PARAR DE RECEBER | stop texting me! | Stop it now!! | unsubscribe.
      revoke | opt me out please | STOP ALL | end | quit. | cancel | take me off this list please | no more messages!
      remove my number | do not text me | আর মেসেজ করবেন না | মেসেজ বন্ধ | মেসেজ বন্ধ করে দেন | মেসেজ দিয়েন না আর
      বন্ধ করুন প্লিজ | bondho korun | bondho koro | message bondho korun | STOP 🙏🏽 please | \u2068STOP\u2069 | STOP\ufeff
      \u202ePARAR\u202c | ~PARAR~ | \`\`\`PARAR\`\`\` | > PARAR | - PARAR | * PARAR | 1. PARAR | #PARAR | #stop | @parar
      parar; | PARAR — obrigado | chega de mensagens por favor | stop, thanks | bye, stop | stop. bye | cancelem | cancela
      descadastrar | desinscrever | me exclua da lista | delete my number | não autorizo mais o envio de mensagens
      retire meu consentimento | retiro meu consentimento | revogo meu consentimento | I withdraw my consent
      i revoke consent | withdraw consent | সম্মতি প্রত্যাহার করছি
    `,
  ],
  [
    'none',
    `
      não quero parar | nao pare | não pare de me mandar | stop payment | stop the transfer | please stop my card
      parar de pagar | cancelar cartão | cancelar compra | cancela o pedido | cancel my card | cancel order 123
      cancelar o pix | quero cancelar o cartão | end of the month | the end | fim | I quit my job | sair do app | sair de casa
      não consigo sair | parado | bus stop | stop & shop | não cancelar | não cancele | cancelamento | dont stop | never stop
      stop not | parar não | não parar | o que acontece se eu parar? | como assim parar | vi "STOP" na tela | a palavra STOP
      digitei PARAR e nada | já mandei PARAR | escreva PARAR | i typed stop | não recebi mais mensagens | por que pararam?
      why did you stop | parou | stopped | stop loss | pare o débito automático | stop the direct debit
      cancel subscription fee | cancelar assinatura da netflix | বন্ধ করবেন না | কার্ড বন্ধ করুন | একাউন্ট বন্ধ করতে চাই
      দোকান বন্ধ | শাখা কি বন্ধ? | আজ ব্যাংক বন্ধ | বন্ধ আছে | বন্ধু | শুক্রবার বন্ধ? | unsubscribed customers | parar ou não?
      quero sair do país | para que serve? | para onde? | para mim | pra casa | parar tudo menos avisos
      stop everything except alerts | não quero voltar | quando vão voltar? | start my car | don't start | vou voltar amanhã
      voltar atrás | শুরু করবেন না | não começar
    `,
  ],
  [
    'stop_marketing',
    `
      Stop promotions | stop promotions. | STOP PROMOS | no more ads | stop sending me ads | parar promoções
      não quero mais promoção | não quero propaganda | chega de propaganda! | sem promoções por favor
      stop marketing messages please | unsubscribe from promotions | parem de mandar ofertas | অফার বন্ধ করুন
      বিজ্ঞাপন চাই না | no promotional messages | stop all promotions
    `,
  ],
  [
    'start',
    `
      START | start. | VOLTAR | voltar! | শুরু | শুরু করুন | Começar | “VOLTAR” | unstop | quero voltar a receber | resume
      opt in | START 🙂 | VOLTAR, por favor | quero receber mensagens | can you start again | শুরু করো
      voltem a me mandar mensagens | pode voltar
    `,
  ],
])('the wish is %s', (wish, said) => {
  for (const [one, message] of each(said))
    expect([one, consentWishOf(message)?.wish ?? 'none']).toEqual([one, wish])
})

test.each<[what: string, said: string]>([
  [
    'polite',
    `
      obrigada! | obrigadaaaa | obrigadoooo!! | OBRIGADA | thankssss | valeuuu | vlw msm | valeu demais | tmj
      ok obrigada pela atenção | muito obrigada mesmo | thank you for the help | thanks so much for your help! | ty! | tysm
      thx a lot | ধন্যবাদ ভাই | অনেক অনেক ধন্যবাদ | ok | okk | 👍👍 | ❤️ | 😂 | ok 👍 | brigado, boa noite | show | top
      deus te abençoe | amém | excelente atendimento | ótimo atendimento, obrigada | great service, thanks | thanks again!
      perfeito, muito obrigada! | tá bom, obrigada, tchau | não, obrigado | no thanks | kkkk obrigada | rsrs valeu
      haha thanks | obrigada por tudo | obrigada pela ajuda, tenha um ótimo dia | igualmente | pra você também | you too
      have a great weekend | bom trabalho | até a próxima | dhonnobad | thanku | obrigada 🙏🏽 ❤️ | grata pela atenção
      agradeço a ajuda | agradeço muito
    `,
  ],
  [
    'none',
    `
      obrigada, mas e o cartão? | thanks, one more thing | ok e agora? | ok? | obrigada? | valeu a pena? | sim | não
      preciso de ajuda | ok mas não recebi | obrigado a pagar juros | perfeito não está | thanks for nothing, card lost
      bom dia, perdi o cartão | ধন্যবাদ, আরেকটা প্রশ্ন | quanto valeu o dólar | top up my card | show me the menu | ok google
    `,
  ],
])('as politeness it is %s', (what, said) => {
  for (const [one, message] of each(said))
    expect([one, isCourtesy(message) ? 'polite' : isNudge(one) ? 'nudge' : 'none']).toEqual([one, what])
})
