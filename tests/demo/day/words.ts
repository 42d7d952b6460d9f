import type { Language } from '@parley/conversation'

export type InEach = Readonly<Record<Language, readonly string[]>>

export const NAMES: InEach = {
  pt: [
    'Mariana Lopes',
    'João Pedro Dias',
    'Lúcia Farias',
    'Rafael Teixeira',
    'Beatriz Moraes',
    'Antônio Prado',
    'Camila Rocha',
    'Paulo Henrique',
    'Fernanda Luz',
    'Gustavo Braga',
  ],
  en: [
    'Olivia Hart',
    'Liam Byrne',
    'Grace Ellis',
    'Noah Finch',
    'Amelia Stone',
    'Owen Price',
    'Ruby Lane',
    'Max Doyle',
  ],
  bn: ['রহিমা খাতুন', 'তানভীর হাসান', 'নুসরাত জাহান', 'সাইফুল ইসলাম', 'মৌসুমী আক্তার', 'আরিফ হোসেন'],
}

export const HELLOS: InEach = {
  pt: ['oi', 'Olá, bom dia', 'boa tarde, preciso de ajuda', 'Oi! Tudo bem?', 'alguém aí?'],
  en: ['hi', 'Hello there', 'good morning, I need help', 'hey'],
  bn: ['হ্যালো', 'আসসালামু আলাইকুম', 'নমস্কার, একটু সাহায্য দরকার'],
}

/** By the step that waits for it; what a step lacks is answered with the word for a person. */
export const ANSWERS: Readonly<Record<string, InEach>> = {
  cpf: { pt: ['529.982.247-25', '52998224725'], en: ['529.982.247-25'], bn: ['52998224725'] },
  card: { pt: ['4321', '0917', '7788'], en: ['4321', '5566'], bn: ['4321', '9012'] },
  when: { pt: ['ontem', 'hoje'], en: ['yesterday', 'today'], bn: ['গতকাল', 'আজ'] },
  where: {
    pt: [
      'No metrô, linha azul',
      'Num táxi em Pinheiros',
      'Mercado da Boa Vista',
      'não sei, acho que no ônibus',
    ],
    en: ['On the train to the airport', 'At the supermarket', 'In a taxi downtown'],
    bn: ['বাসে, ফার্মগেটের কাছে', 'বাজারে'],
  },
  summary: { pt: ['sim', 'tudo certo', 'confirmo'], en: ['yes', 'right', 'correct'], bn: ['হ্যাঁ', 'ঠিক আছে'] },
  more: {
    pt: ['não, obrigado', 'só isso'],
    en: ['no, thank you', "that's all"],
    bn: ['না, ধন্যবাদ', 'আর কিছু না'],
  },
  language_wanted: { pt: ['Português'], en: ['English'], bn: ['বাংলা'] },
}

export const TOPICS: Readonly<Record<'lost_card' | 'branches' | 'person', InEach>> = {
  lost_card: {
    pt: ['perdi o cartão', 'roubaram meu cartão', 'Perdi meu cartão'],
    en: ['I lost my card', 'my card was stolen'],
    bn: ['কার্ড হারিয়েছি', 'কার্ড চুরি হয়েছে'],
  },
  branches: {
    pt: ['horário', 'Horários e agências', 'agências'],
    en: ['opening hours', 'branches'],
    bn: ['সময়', 'শাখা'],
  },
  person: {
    pt: ['atendente', 'Falar com uma pessoa'],
    en: ['agent', 'Talk to a person'],
    bn: ['এজেন্ট', 'মানুষের সঙ্গে কথা বলুন'],
  },
}

/** What the robot understands nothing of. */
export const UNCLEAR: InEach = {
  pt: ['aquele negócio lá do mês passado', 'hmm', 'vcs cobraram errado de novo!!'],
  en: ['the thing from last month', 'you charged me twice again', 'hmm'],
  bn: ['গত মাসের সেই ব্যাপারটা', 'আবার ভুল টাকা কেটেছে'],
}

export const MATTERS: InEach = {
  pt: [
    'Tem uma compra de R$ 349,90 que eu não fiz.',
    'Minha fatura veio em dobro este mês.',
    'Quero saber do empréstimo que simulei ontem.',
    'O aplicativo não abre mais.',
    'Preciso mudar meu endereço.',
    'Meu limite sumiu!',
  ],
  en: [
    'There is a purchase of R$ 349.90 that I did not make.',
    'My bill is twice what it should be.',
    'What about the loan I asked for yesterday?',
    'The app does not open any more.',
    'I moved and need to change my address.',
  ],
  bn: ['একটা কেনাকাটা দেখাচ্ছে যেটা আমি করিনি।', 'এই মাসের বিল দুইবার এসেছে।', 'অ্যাপ আর খুলছে না।', 'আমার ঠিকানা বদলাতে হবে।'],
}

export const REPLIES: InEach = {
  pt: [
    'Isso mesmo.',
    'Foi na terça-feira.',
    'Já tentei, e não funcionou.',
    'Pode mandar, por favor.',
    'Entendi. E agora?',
    'Está demorando muito…',
  ],
  en: [
    'Yes, exactly.',
    'It was on Tuesday.',
    'I tried that, it did not work.',
    'Please do.',
    'I see. And now?',
    'This takes very long…',
  ],
  bn: ['হ্যাঁ, ঠিক তাই।', 'মঙ্গলবারে হয়েছিল।', 'চেষ্টা করেছি, কাজ হয়নি।', 'দয়া করে পাঠান।'],
}

export const THANKS: InEach = {
  pt: ['obrigada!', 'valeu, obrigado', 'muito obrigado'],
  en: ['thanks!', 'thank you so much'],
  bn: ['ধন্যবাদ', 'অনেক ধন্যবাদ'],
}

export const GIVES_UP: InEach = {
  pt: ['não quero mais esperar', 'deixa pra lá', 'desisto'],
  en: ['I do not want to wait', 'never mind'],
  bn: ['অপেক্ষা করতে চাই না', 'লাগবে না'],
}

export const STOPS: InEach = { pt: ['SAIR'], en: ['STOP'], bn: ['STOP'] }

export const AGENT_OPENINGS: InEach = {
  pt: [
    'Oi! Já estou vendo o seu cadastro aqui.',
    'Boa tarde! Em que posso ajudar?',
    'Olá, obrigada por esperar. Me conta o que aconteceu?',
  ],
  en: ['Hi! I have your account in front of me.', 'Hello, thank you for waiting. What happened?'],
  bn: ['নমস্কার! আপনার অ্যাকাউন্ট দেখছি।', 'অপেক্ষার জন্য ধন্যবাদ। কী হয়েছে বলুন।'],
}

export const AGENT_LINES: InEach = {
  pt: [
    'Só um instante, vou verificar.',
    'Encontrei aqui: o lançamento é do dia 3.',
    'Abri uma contestação para você.',
    'O valor volta em até 5 dias úteis.',
    'Pode confirmar os 4 últimos dígitos do cartão?',
    'Já bloqueei o cartão antigo.',
    'Mandei o comprovante para o seu e-mail.',
  ],
  en: [
    'One moment, let me check.',
    'I found it: the entry is from the 3rd.',
    'I opened a dispute for you.',
    'The amount is back within 5 working days.',
    'Could you confirm the last 4 digits of the card?',
    'The old card is blocked now.',
  ],
  bn: [
    'এক মুহূর্ত, দেখে নিচ্ছি।',
    'পেয়েছি: লেনদেনটা ৩ তারিখের।',
    'আপনার জন্য একটা অভিযোগ খুলেছি।',
    'টাকা ৫ কর্মদিবসের মধ্যে ফিরবে।',
  ],
}

export const AGENT_GOODBYES: InEach = {
  pt: ['Pronto, resolvido. Tenha um ótimo dia!', 'Qualquer coisa, é só chamar aqui.'],
  en: ['All done. Have a great day!', 'If anything else comes up, just write here.'],
  bn: ['হয়ে গেছে। ভালো থাকবেন!', 'আর কিছু লাগলে এখানেই লিখবেন।'],
}

export const NOTES = [
  'Cliente já ligou duas vezes esta semana.',
  'Contestação 2231 aberta.',
  'Confirmei a identidade pela data de nascimento.',
  'Ask the card team before the refund.',
]
