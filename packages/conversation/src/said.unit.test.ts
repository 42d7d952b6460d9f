import { MessageBody } from '@parley/proto/content'
import { expect, test } from 'vitest'
import { consentWishOf } from './consent.ts'
import { isCourtesy, isNudge } from './courtesy.ts'

/** What people say of being written to, and to be polite. One a line or between bars. */
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
      – PARAR – | >>> PARAR <<< | ▶ PARAR | PARAR 🫸 | Boa tarde, quero parar de receber mensagens
      quero me descadastrar dessa lista | chega disso, parem | I'm opting out | opting out of these texts
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
      i revoke consent | withdraw consent | সম্মতি প্রত্যাহার করছি | STOP!!!!! | Stop. Stop. Stop. | PARE DE ME ENVIAR
      parem de enviar por favor obrigado | não me mande msg | não quero receber | não quero mais receber
      não quero mais receber nada | não quero mais receber isso | nao quero receber essas mensagens
      quero parar de receber mensagens suas | tirem meu número | me tirem daí | desinscreva-me | me desinscreva
      unsubscribe me please | UNSUB | optout please | opt out now | i opt out of messages | remove me please | take me off
      please take me off your list | stop texting | dont text | do not message | leave me alone | stop contact | end messages
      cancel messages | quit sending messages | আর মেসেজ পাঠাবেন না প্লিজ | মেসেজ পাঠানো বন্ধ করুন | মেসেজ আর পাঠাবেন না
      মেসেজ চাই না | আমাকে আর মেসেজ দিবেন না | আর বিরক্ত করবেন না | বন্ধ করেন ভাই | stop bhai | ar message diben na
      sms diben na | parar  parar | p a r e | S-T-O-P | s.t.o.p. | STOP’ | ‘STOP’ | ‹STOP› | 【STOP】 | ＳＴＯＰ！ | stop。 | stop؟
      PARAR kkk | PARAR haha | 1 - PARAR | 1-PARAR | 2️⃣ PARAR | a) PARAR | 1. PARA | ১. বন্ধ | STOP 1 | PARAR 1️⃣ | No more please. Stop. | let me opt out
      cancel all | excluir meu número | me remove | parar. nunca mais me mande mensagem | pare de mandar nada no meu whatsapp | parar qualquer mensagem | parem no zap
      stopp | stoop | STTOP | pararr | paarar | PARRAR | sairr | cancelarr | quitt | Stopp please | stop stopp | stoopp!! | বন্ধধ
      no more txts | stop txting me | parar agora mesmo | cancelar tudo | pararr de mandar mensagem | i want to stopp messages | unsubscribee
      parar、 | stop: | stop =) | stop :( | stop ^^ | PARAR :( | pare 😡😡
      parar, não quero mais | STOP, not interested | no thanks. stop | চাই না। বন্ধ | যথেষ্ট হয়েছে। মেসেজ বন্ধ করুন।
    `,
  ],
  [
    'none',
    `
      não quero, voltar | não quero mais parar | start, no thanks | parar, não quero parar | কার্ড হারিয়েছি। বন্ধ করুন।
      stopp my card | pararr pagamento | removee o cartão | sair da fila | cancela tudo do cartão | i got no txts | txt me | quit smoking
      Parra | parra | rua Parra | não quero pararr | cancell my card | i was on the stoop | dont stopp | estopa | paramos
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
      voltar atrás | শুরু করবেন না | não começar | não me mande o boleto | não quero receber a fatura em papel
      não quero mais receber cobrança indevida | cancelar cartão adicional | quero encerrar minha conta | encerrar conta
      end my contract | i want to end this chat | close my account | quero sair do banco | sair da conta
      parar débito automático | stop auto debit | stop charging | remove me from the joint account | take me off hold
      no more money | no more cards please | go away card | cancel subscription to netflix | cancel flight | cancelar viagem
      pare na esquina | pare em frente ao banco | parar em frente | para na paulista | Para de Minas | Pará | Pará de Minas
      Estado do Pará | no Pará | Belém, Pará | Endereço | End. Rua A, 10 | end of road | ending 4321 | Rua do Fim | Stopover
      Shop Stop | quitandinha | quitação | quitar | quero quitar | quit claim | revogar procuração | revoke power of attorney
      বন্ধু হারিয়েছে | বন্ধের দিন | বাতিল টিকেট | টিকিট বাতিল | কার্ড বাতিল করুন | কার্ড বাতিল | বাতিল কার্ড | থামা
      শুরু হয়েছে | i retract my statement | cancelamento de compra | start date | no começo | começo do mês | voltar no tempo
      volta redonda | Volta Redonda | Voltar para casa | resume download | que promoções vocês têm? | quero promoções
      não recebi a oferta | promoção do cartão | stop promotion of my brother | i want offers | oferta não chegou
      no offers received | parar nunca | parar? nunca | stop? no | stop no | voltar nunca | começar? nunca | stop nada | 2 cancelar cartão | কার্ড 1 বন্ধ | 2 para | 10 end
    `,
  ],
  [
    'stop_marketing',
    `
      Stop promotions | stop promotions. | STOP PROMOS | no more ads | stop sending me ads | parar promoções
      não quero mais promoção | não quero propaganda | chega de propaganda! | sem promoções por favor
      stop marketing messages please | unsubscribe from promotions | parem de mandar ofertas | অফার বন্ধ করুন
      বিজ্ঞাপন চাই না | no promotional messages | stop all promotions | stop promotion messages | stop the promotions
      no promotions please | no more offers | no more promotional messages | i do not want promotions
      unsubscribe me from promotions | opt out of marketing | parem com as promoções | não me mande promoções
      não quero ofertas | cancelar promoções | quero parar de receber promoções | chega de ofertas | অফার চাই না
      প্রমোশন বন্ধ | আর অফার পাঠাবেন না | no ads please | stop advertisement
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
      thanks man | thx bro | thank you for your help sir | gr8 thanks | bless you | nice | vou aguardar | ok, aguardo | bom fds, obg
      ótimo dia | muito obrigada pela atenção de vocês | valeu pela força irmão | dhonnobad bhai | thik ache | জি ধন্যবাদ
      ok obrigada pela atenção | muito obrigada mesmo | thank you for the help | thanks so much for your help! | ty! | tysm
      thx a lot | ধন্যবাদ ভাই | অনেক অনেক ধন্যবাদ | ok | okk | 👍👍 | ❤️ | 😂 | ok 👍 | brigado, boa noite | show | top
      deus te abençoe | amém | excelente atendimento | ótimo atendimento, obrigada | great service, thanks | thanks again!
      perfeito, muito obrigada! | tá bom, obrigada, tchau | não, obrigado | no thanks | kkkk obrigada | rsrs valeu
      haha thanks | obrigada por tudo | obrigada pela ajuda, tenha um ótimo dia | igualmente | pra você também | you too
      have a great weekend | bom trabalho | até a próxima | dhonnobad | thanku | obrigada 🙏🏽 ❤️ | grata pela atenção
      agradeço a ajuda | agradeço muito | resolvido, obrigada | obrigada, tudo certo | deu certo, obrigada | recebi, obrigada
      já resolvi, obrigada | ah sim, obrigada | obrigada querida | Obrigada de verdade | obrigado por enquanto
      por enquanto é só, obrigada | era isso, obrigado | não, era só isso | nada mais | mto obg | valeu mano | legal | joia
      boa | muito bom | anotado | que Deus abençoe | great, thank you. Have a nice evening | have a good evening
      thanks a bunch | thank you kindly | nothing else, thanks | amazing | lovely | cheers mate | খুব ভালো | শুকরিয়া | বাই
    `,
  ],
  [
    'none',
    `
      thik nai | bhai card chai | man i lost it | aguardo o cartão | bom fds mas preciso de ajuda | vou aguardar mas e o cartão | nice try, where is my card | good for you | obrigada, mas e o cartão? | thanks, one more thing | ok e agora? | ok? | obrigada? | valeu a pena? | sim | não
      preciso de ajuda | ok mas não recebi | obrigado a pagar juros | perfeito não está | thanks for nothing, card lost
      bom dia, perdi o cartão | ধন্যবাদ, আরেকটা প্রশ্ন | quanto valeu o dólar | recebi | recebi não, obrigada | não era só isso | não, | não, certo | não, 👍 | deu certo não, obrigada
      obrigada, perdi outro cartão | obrigada, cancela isso | thanks, need help | valeu, quero o saldo | resolvido | tudo certo? | top up my card | show me the menu | ok google
    `,
  ],
])('as politeness it is %s', (what, said) => {
  for (const [one, message] of each(said))
    expect([one, isCourtesy(message) ? 'polite' : isNudge(one) ? 'nudge' : 'none']).toEqual([one, what])
})
