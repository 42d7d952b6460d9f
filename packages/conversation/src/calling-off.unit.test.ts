import { expect, test } from 'vitest'
import { callsOff } from './calling-off.ts'

const each = (list: string) =>
  list
    .split(/ \| |\n/)
    .map((said) => said.trim())
    .filter((said) => said !== '')

test.each<[what: string, isOff: boolean, said: string]>([
  [
    'calls it off',
    true,
    `
      deixa pra lá | Deixa pra lá! | deixa para lá, obrigada | deixa quieto vlw | deixa pra laaaa | ah deixa pra lá | não, deixa pra lá
      esquece | ESQUECE | esquece isso | esquece tudo 🙏 | ok, esquece | esquece então | esqueça, por favor | esquece, já achei
      não quero mais | nao quero mais | n quero mais | não quero mais isso | não quero mais registrar | não quero continuar
      não quero mais não | não vou mais registrar | eu não quero registrar isso | desisto | desisti | quero desistir | desistir
      mudei de ideia | mudei de ideia, desculpa | não precisa mais | não preciso mais, obrigado | esquece, já resolvi
      desculpa, cancela | desculpa cancelar | cancela isso | pode cancelar o registro | quero cancelar o pedido | cancela esse pedido
      achei meu cartão | já achei o cartão | achei, esquece | encontrei meu cartão! | 👍 deixa pra lá | deixa quieto
      forget it | Forget it. | ok forget it | never mind | nevermind | nvm | nvm, found it | never mind, I found it | oh never mind
      I changed my mind | changed my mind, sorry | I give up | drop it | leave it | no need | call it off | I don't want it anymore
      I don't want to do this anymore | i dont want to continue | cancel this | please cancel my request | sorry, cancel
      kkk deixa pra lá | n quero mais n | já desisti | sim, deixa pra lá | não precisa registrar | não registra isso | cancelar pedido
      me arrependi | agora não | deixa pra depois | depois eu faço | melhor não | apaga isso | not now | maybe later, thanks
      nah forget it | i dont wanna do this anymore | don't register it | do not do this | id rather not | delete it
      আর দরকার নাই | না লাগবে না | dorkar nai bhai | পরে করব | এখন না
      I found my card | found my card! | actually never mind | no, forget it | let's not
      n precisa mais | ñ precisa mais | naum quero mais | num quero mais | cancela td | agr não | deixa pra dps | nem precisa, achei | alarme falso
      false alarm, found it | don't bother | scratch that | baad den bhai
      থাক | থাক। | থাক, লাগবে না | দরকার নেই | আর দরকার নেই, ধন্যবাদ | লাগবে না | আর চাই না | বাদ দিন | বাদ দেন ভাই | এটা বাদ দিন
      foi engano | foi engano, desculpa | foi sem querer | cliquei errado | apertei o botão errado | escolhi a opção errada
      não perdi não | não perdi meu cartão | não perdi mais | apareceu o cartão! | meu cartão apareceu | acabei de achar o cartão
      acabei de encontrar meu cartão, obrigada | não bloqueia | não precisa bloquear o cartão | outra hora | volto depois | desculpa, cancela tudo
      não era isso que eu queria | era outra coisa que eu queria
      it was a mistake | by mistake, sorry | I pressed the wrong button | picked the wrong option | it turned up | my card turned up
      I just found my card | I didn't lose it | I haven't lost my card | don't block it | disregard that | my mistake, I found it, never mind
      not anymore | another time | কার্ড হারায়নি | কার্ডটা পেয়ে গেছি | ভুলে চাপ দিয়েছি | card paisi | bhule chap disi | pore korbo
      ভুলে যান | আমি আর করতে চাই না | মত বদলেছি | কার্ড পেয়ে গেছি | thak lagbe na | thak | bad den | ar lagbe na
      না, থাক | দুঃখিত, বাতিল করুন | এই অনুরোধ বাতিল করুন
      cancele esta operação | quero cancelar essa operação | opa, achei o cartão na bolsa | achei meu cartão dentro do carro | depois eu vejo
      agora não posso | vou deixar pra depois | não quero informar meus dados | não vou passar meu cpf | não quero responder
      can you cancel that | could you cancel this request, please | I'd like to cancel the report | stop this process | please abort the current process
      forget what I told you | oh wait, I found it in my bag | I found my card under the couch | I won't give you my details | I don't want to say
      কার্ড পাওয়া গেছে | বলতে চাই না | card pawa gese | ekhon korbo na | batil koren
    `,
  ],
  [
    'is about something else',
    false,
    `
      não esquece | não esqueça | não desisto | não deixa pra lá | nunca desisto | esqueci a senha | esqueci | esquece? | desistir?
      como faço para desistir? | posso cancelar? | quero desistir do seguro da moto amanhã | deixa eu ver | deixa | deixa comigo
      não quero | não | sim | nada | não quero falar com atendente | não quero mais falar com robô | cancelar o cartão
      cancela o cartão | quero cancelar meu cartão | achei que era ontem | achei | já achei | achei a fatura errada
      resolvido o problema do pix? | o que já resolvi foi outra coisa | esquece a data, foi dia 20 | deixa pra lá a data
      deixa pra lá, foi no metrô | não precisa mudar a data | não preciso de cartão novo | não quero mais esse cartão
      n | td certo | num tá certo | n desisto | naum esqueça | agr sim | cancela td no cartão | nem precisa mudar
      não confirmo | sim | claro | não faz mal | depois de amanhã | mais tarde | later | পরে | later on friday | don't | don't worry | don't register the card
      i found it on the card | i found it missing | someone found my card in the street | achei o cartão clonado | não quero perder meu dinheiro
      stop the payment | stop my card | cancel the card | can you cancel my card | I won't | não quero falar com ninguém do banco | operação
      don't forget it | never | mind | forget | I forgot it | do not cancel this | don't cancel it | cancel my card | leave it on
      I don't want | never mind the gap | forget it was yesterday | no need to change | I need it | drop it where?
      pode cancelar | pode cancelar, moça | pode | já resolvi | resolvido! | já consegui | sorted | all sorted
      não foi engano | foi engano? | errei a data | não achei o cartão | ainda não encontrei | alguém achou meu cartão e usou | perdi de novo
      não perdi só o cartão | não perdi ontem | eu perdi meu cartão | pensei que achei mas não | bloqueia meu cartão | bloquear o cartão
      someone found my card | I didn't find it | still not found | wrong date | block my card | I lost it by mistake yesterday | it turned up blocked?
      কার্ড পাইনি | কার্ড হারিয়েছি | কেউ কার্ড পেয়েছে | card pai nai
      থাকি | দরকার | দরকার নেই? | বাদ দেবেন না | ভুলে গেছি | চাই না | কার্ড চাই না | লাগবে | না | বাতিল হবে?
    `,
  ],
])('%s', (_, isOff, said) => {
  for (const one of each(said)) expect([one, callsOff(one)]).toEqual([one, isOff])
})
