import type { Translations } from './language.ts'

/** What the robot says by itself, where a flow has no words of its own. */
export const PHRASES = {
  notUnderstood: {
    pt: 'Desculpe, não entendi. Pode escrever de outro jeito?',
    en: 'Sorry, I did not understand. Could you say it another way?',
    bn: 'দুঃখিত, বুঝতে পারিনি। অন্যভাবে লিখবেন?',
  },
  puzzled: {
    pt: 'Desculpe a confusão. A pergunta é esta:',
    en: 'Sorry for the confusion. This is the question:',
    bn: 'বিভ্রান্তির জন্য দুঃখিত। প্রশ্নটি এই:',
  },
  noHurry: {
    pt: 'Sem pressa. Quando puder:',
    en: 'Take your time. When you are ready:',
    bn: 'তাড়া নেই। যখন সুবিধা হয়:',
  },
  notAnOption: {
    pt: 'Não entendi a sua escolha. Toque em uma das opções ou digite o número dela.',
    en: 'I did not understand your choice. Tap one of the options or type its number.',
    bn: 'আপনার পছন্দটি বুঝতে পারিনি। একটি বিকল্পে চাপুন বা তার নম্বর লিখুন।',
  },
  perhapsMeant: {
    pt: 'Você quis dizer *{option}*? Responda *sim* ou escolha uma opção.',
    en: 'Did you mean *{option}*? Answer *yes*, or choose an option.',
    bn: 'আপনি কি *{option}* বলতে চান? *হ্যাঁ* লিখুন, অথবা একটি বিকল্প বেছে নিন।',
  },
  callOff: {
    pt: 'Este pedido ainda não foi feito. Para desistir dele, escreva *desistir*. Para continuar:',
    en: 'This request has not been made yet. To drop it, write *forget it*. To go on:',
    bn: 'এই অনুরোধ এখনো নথিভুক্ত হয়নি। বাদ দিতে চাইলে *বাদ দিন* লিখুন। চালিয়ে যেতে:',
  },
  calledOff: {
    pt: 'Tudo bem, o pedido não foi feito.',
    en: 'All right, the request was not made.',
    bn: 'ঠিক আছে, অনুরোধটি নথিভুক্ত হয়নি।',
  },
  notNumber: {
    pt: 'Preciso de um número. Pode enviar de novo?',
    en: 'I need a number. Could you send it again?',
    bn: 'একটি সংখ্যা দরকার। আবার পাঠাবেন?',
  },
  notDigits: {
    pt: 'Não encontrei na sua mensagem os números que pedi. Pode enviar só os números?',
    en: 'I could not find the digits that I asked for. Could you send just the digits?',
    bn: 'আপনার বার্তায় প্রয়োজনীয় সংখ্যাগুলো পেলাম না। শুধু সংখ্যাগুলো পাঠাবেন?',
  },
  outOfRange: {
    pt: 'Esse valor está fora do permitido. Pode conferir?',
    en: 'That value is outside what is allowed. Could you check it?',
    bn: 'এই মানটি অনুমোদিত সীমার বাইরে। একটু দেখবেন?',
  },
  tooLong: {
    pt: 'Sua resposta ficou longa demais. Pode resumir?',
    en: 'Your answer is too long. Could you shorten it?',
    bn: 'উত্তরটি খুব বড়। একটু ছোট করে লিখবেন?',
  },
  notDate: {
    pt: 'Não entendi a data. Escreva, por exemplo, *ontem* ou *20/11/2026*.',
    en: 'I did not understand the date. Type, for example, *yesterday* or *20/11/2026* (day/month/year).',
    bn: 'তারিখটি বুঝতে পারিনি। যেমন লিখুন *গতকাল* বা *২০/১১/২০২৬*।',
  },
  noOneDay: {
    pt: 'Que dia, mais ou menos? Escreva, por exemplo, *sexta* ou *20/11*.',
    en: 'Which day, roughly? Type, for example, *Friday* or *20/11* (day/month).',
    bn: 'আনুমানিক কোন দিন? যেমন লিখুন *শুক্রবার* বা *২০/১১*।',
  },
  dateInFuture: {
    pt: 'Essa data ainda não chegou. Pode conferir o dia e o ano?',
    en: 'That date is still to come. Could you check the day and the year?',
    bn: 'এই তারিখটি এখনো আসেনি। দিন ও বছর একটু দেখবেন?',
  },
  dateInPast: {
    pt: 'Essa data já passou. Pode conferir o dia e o ano?',
    en: 'That date has passed. Could you check the day and the year?',
    bn: 'এই তারিখটি পার হয়ে গেছে। দিন ও বছর একটু দেখবেন?',
  },
  notCpf: {
    pt: 'Não encontrei um CPF válido na sua mensagem. Envie só os 11 números, por favor.',
    en: 'I could not find a valid CPF in your message. Please send just its 11 digits.',
    bn: 'আপনার বার্তায় সঠিক CPF পেলাম না। শুধু ১১টি সংখ্যা পাঠান।',
  },
  notEmail: {
    pt: 'Não encontrei um e-mail válido na sua mensagem. Envie só o endereço, como *nome@exemplo.com*.',
    en: 'I could not find a valid e-mail address in your message. Please send just the address, like *name@example.com*.',
    bn: 'আপনার বার্তায় সঠিক ই-মেইল ঠিকানা পেলাম না। শুধু ঠিকানাটি পাঠান, যেমন *name@example.com*।',
  },
  oldButton: {
    pt: 'Esse botão é de uma etapa anterior.',
    en: 'That button belongs to an earlier step.',
    bn: 'এই বোতামটি আগের ধাপের।',
  },
  changedSince: {
    pt: 'Esse botão é de uma versão anterior, que já foi mudada. Confira como está agora:',
    en: 'That button belongs to an earlier version, which was changed since. Please check it as it is now:',
    bn: 'এই বোতামটি আগের সংস্করণের, এরপর তা বদলানো হয়েছে। এখন যেমন আছে, দেখে নিন:',
  },
  tooEarly: {
    pt: 'Essa mensagem é de antes desta pergunta.',
    en: 'That message is from before this question.',
    bn: 'ওই বার্তাটি এই প্রশ্নের আগের।',
  },
  noted: { pt: 'Anotei a mudança.', en: 'I have noted the change.', bn: 'বদলটি লিখে রাখলাম।' },
  deletedAnswer: {
    pt: 'Você apagou sua resposta, então não vou usá-la.',
    en: 'You deleted your answer, so I will not use it.',
    bn: 'আপনি উত্তরটি মুছে ফেলেছেন, তাই সেটি ব্যবহার করব না।',
  },
  noMarketing: {
    pt: 'Anotado: não enviaremos mais promoções.',
    en: 'Noted: we will send you no more promotions.',
    bn: 'লিখে রাখলাম: আপনাকে আর প্রচারমূলক বার্তা পাঠানো হবে না।',
  },
  noAudio: {
    pt: 'Ainda não consigo ouvir áudios. Pode escrever, por favor?',
    en: 'I cannot listen to voice messages yet. Could you type it instead?',
    bn: 'আমি এখনো অডিও শুনতে পারি না। লিখে জানাবেন?',
  },
  noMedia: {
    pt: 'Ainda não consigo ver fotos, vídeos ou arquivos. Pode escrever, por favor?',
    en: 'I cannot look at photos, videos or files yet. Could you type it instead?',
    bn: 'আমি এখনো ছবি, ভিডিও বা ফাইল দেখতে পারি না। লিখে জানাবেন?',
  },
  noSticker: {
    pt: 'Adorei a figurinha! Mas aqui preciso que você escreva.',
    en: 'Nice sticker! Here I need it in words, though.',
    bn: 'সুন্দর স্টিকার! তবে এখানে লিখে জানাতে হবে।',
  },
  noLocation: {
    pt: 'Aqui não consigo usar uma localização. Pode escrever, por favor?',
    en: 'I cannot use a location here. Could you type it instead?',
    bn: 'এখানে লোকেশন ব্যবহার করতে পারছি না। লিখে জানাবেন?',
  },
  noSuchType: {
    pt: 'Ainda não consigo ler esse tipo de mensagem. Pode escrever, por favor?',
    en: 'I cannot read this kind of message yet. Could you type it instead?',
    bn: 'এই ধরনের বার্তা আমি এখনো পড়তে পারি না। লিখে জানাবেন?',
  },
  hoursUnknown: {
    pt: 'Agora não consigo ver o horário.',
    en: 'I cannot see the hours right now.',
    bn: 'এই মুহূর্তে সময়সূচি দেখতে পারছি না।',
  },
  listButton: { pt: 'Ver opções', en: 'See options', bn: 'বিকল্প দেখুন' },
} as const satisfies Record<string, Translations>

export type PhraseName = keyof typeof PHRASES
