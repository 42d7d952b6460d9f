import { Story, type StoryOptions } from '../transcript/story.fixture.ts'

/** A conversation that shows everything a transcript can hold, in one language. For looks and for tests. */
export function bankStory(language: 'pt' | 'en' | 'bn', options: Omit<StoryOptions, 'language'> = {}): Story {
  const say = TEXTS[language]
  const story = new Story({ ...options, language })
  story
    .tell({
      type: 'ContactRegistered',
      data: { channelAccountId: '106540352242922', language },
    })
    .opened()
    .wrote(say.hello, { id: 'in-1' })
    .sendRequested(
      { $case: 'text', value: { text: say.notice } },
      { id: 'out-1', by: 'system', purpose: 'privacy_notice' },
    )
    .sent('out-1', 'delivered')
    .tell({
      type: 'PrivacyNoticeShown',
      data: {
        noticeVersion: '1',
        processors: ['Meta (WhatsApp Cloud API)', 'Aurora Cloud'],
        messageId: story.id('out-1'),
      },
    })
    .sendRequested(
      {
        $case: 'buttons',
        value: {
          text: say.menu,
          header: '',
          footer: say.footer,
          buttons: say.choices.map((title, index) => ({ id: `c${index}`, title, description: '' })),
        },
      },
      { id: 'out-2' },
    )
    .sent('out-2', 'delivered', 'read')
    .pause(14)
    .received(
      {
        $case: 'choice',
        value: { source: 'button_reply', id: 'c0', title: say.choices[0] ?? '', description: '' },
      },
      { id: 'in-2', type: 'interactive', replyTo: `wamid.${story.id('out-2')}` },
    )
    .sendRequested({ $case: 'text', value: { text: say.askDigits } }, { id: 'out-3' })
    .tell({ type: 'MessageResent', data: { messageId: story.id('out-3'), attempt: 2 } })
    .sent('out-3', 'delivered', 'read')
    .pause(22)
    .wrote('4421', { id: 'in-3' })
    .pause(6)
    .edited('in-3', '4412')
    .wrote(say.secret, { id: 'in-4' })
    .revoked('in-4')
    .sendRequested(
      {
        $case: 'list',
        value: {
          text: say.where,
          button: say.choose,
          header: '',
          footer: '',
          sections: [
            {
              title: '',
              rows: say.places.map(([title, description], index) => ({
                id: `p${index}`,
                title,
                description,
              })),
            },
          ],
        },
      },
      { id: 'out-4' },
    )
    .tell({ type: 'MessageResent', data: { messageId: story.id('out-4'), attempt: 2 } })
    .sent('out-4', 'delivered', 'read')
    .tell({
      type: 'MessageDoubled',
      data: { messageId: story.id('out-4'), providerMessageId: `wamid.again.${story.id('out-4')}` },
    })
    .pause(40)
    .received(
      {
        $case: 'media',
        value: {
          type: 'image',
          mediaId: '123',
          link: '',
          mimeType: 'image/jpeg',
          sha256: '',
          caption: say.caption,
          filename: '',
          voice: false,
          animated: false,
          stored: undefined,
        },
      },
      { id: 'in-5', type: 'image' },
    )
    .received(
      {
        $case: 'location',
        value: {
          latitude: -23.5614,
          longitude: -46.6559,
          name: 'MASP',
          address: 'Av. Paulista, 1578',
          url: '',
        },
      },
      { id: 'in-6', type: 'location' },
    )
    .pause(60 * 60 * 14)
    .sendRequested({ $case: 'text', value: { text: say.done } }, { id: 'out-5' })
    .sent('out-5', 'delivered', 'read')
    .reacted('out-5', '👍')
    .sendRequested({ $case: 'text', value: { text: say.more } }, { id: 'out-6' })
    .tell({ type: 'MessageSendUncertain', data: { messageId: story.id('out-6'), attempts: 2 } })
    .received(
      {
        $case: 'unsupported',
        value: { providerType: 'poll', errorCode: 131051, errorTitle: 'Message type unknown' },
      },
      { id: 'in-7', type: 'unsupported' },
    )
    .sendRequested({ $case: 'text', value: { text: say.sorry } }, { id: 'out-7' })
    .tell({
      type: 'MessageFailed',
      data: {
        messageId: story.id('out-7'),
        providerMessageId: '',
        providerCode: 131026,
        providerTitle: 'Message undeliverable',
      },
    })
    .ending(say.link, say.open)
    .tell(
      {
        type: 'TranscriptLinkIssued',
        data: {
          conversationId: story.conversationId,
          linkId: 'a'.repeat(64),
          expiresAt: '2026-04-02T13:04:05.000Z',
        },
      },
      { words: { url: 'https://example.test/t/secret' } },
    )
    .sendRequested(
      { $case: 'linkButton', value: { text: say.link, displayText: say.open, url: '' } },
      { id: 'out-8', by: 'system', purpose: 'transcript_link', url: 'https://example.test/t/secret' },
    )
    .sent('out-8', 'delivered', 'read')
    .closed()
  return story
}

interface Texts {
  readonly hello: string
  readonly notice: string
  readonly menu: string
  readonly footer: string
  readonly choices: readonly string[]
  readonly askDigits: string
  readonly secret: string
  readonly where: string
  readonly choose: string
  readonly places: readonly (readonly [string, string])[]
  readonly caption: string
  readonly done: string
  readonly more: string
  readonly sorry: string
  readonly link: string
  readonly open: string
}

const TEXTS: Readonly<Record<'pt' | 'en' | 'bn', Texts>> = {
  pt: {
    hello: 'oi',
    notice:
      'Esta conversa passa pelo WhatsApp e pela Meta, que a decifra e entrega ao Banco Aurora. Não é criptografada de ponta a ponta até o nosso atendimento.',
    menu: 'Olá! Sou o robô do Banco Aurora. Como posso ajudar?',
    footer: 'Responda PARAR para não receber mensagens',
    choices: ['Perdi meu cartão', 'Saldo', 'Falar com alguém'],
    askDigits: 'Sinto muito por isso. Quais são os quatro últimos números do cartão?',
    secret: 'minha senha é 0000',
    where: 'Onde foi que você o usou pela última vez?',
    choose: 'Escolher',
    places: [
      ['Loja', 'Compra presencial'],
      ['Internet', 'Compra on-line'],
      ['Caixa eletrônico', 'Saque'],
    ],
    caption: 'Foi nesta loja',
    done: 'Pronto: o cartão final 4412 está bloqueado.\nProtocolo 2026-000417.',
    more: 'Um novo cartão chega em até cinco dias úteis.',
    sorry: 'Não consegui ler a sua última mensagem.',
    link: 'Obrigado. Aqui está o registro completo desta conversa.',
    open: 'Abrir registro',
  },
  en: {
    hello: 'hi',
    notice:
      'This chat travels over WhatsApp and Meta, which decrypts it and passes it to Aurora Bank. It is not end-to-end encrypted up to our service.',
    menu: 'Hello! I am the robot of Aurora Bank. How can I help?',
    footer: 'Answer STOP to receive no messages',
    choices: ['I lost my card', 'Balance', 'Talk to someone'],
    askDigits: 'I am sorry to hear that. What are the last four digits of the card?',
    secret: 'my password is 0000',
    where: 'Where did you last use it?',
    choose: 'Choose',
    places: [
      ['Shop', 'Bought in person'],
      ['Internet', 'Bought on line'],
      ['Cash machine', 'Withdrawal'],
    ],
    caption: 'It was in this shop',
    done: 'Done: the card ending in 4412 is blocked.\nReference 2026-000417.',
    more: 'A new card arrives within five working days.',
    sorry: 'I could not read your last message.',
    link: 'Thank you. Here is the complete record of this conversation.',
    open: 'Open record',
  },
  bn: {
    hello: 'হ্যালো',
    notice:
      'এই কথোপকথন হোয়াটসঅ্যাপ ও মেটার মাধ্যমে যায়, যারা এটি ডিক্রিপ্ট করে অরোরা ব্যাংককে দেয়। আমাদের সেবা পর্যন্ত এটি এন্ড-টু-এন্ড এনক্রিপ্টেড নয়।',
    menu: 'নমস্কার! আমি অরোরা ব্যাংকের রোবট। কীভাবে সাহায্য করতে পারি?',
    footer: 'বার্তা না চাইলে বন্ধ লিখুন',
    choices: ['কার্ড হারিয়েছি', 'ব্যালেন্স', 'কারও সঙ্গে কথা বলব'],
    askDigits: 'দুঃখিত। কার্ডের শেষ চারটি সংখ্যা কী?',
    secret: 'আমার পাসওয়ার্ড ০০০০',
    where: 'শেষবার কোথায় ব্যবহার করেছিলেন?',
    choose: 'বেছে নিন',
    places: [
      ['দোকান', 'সরাসরি কেনা'],
      ['ইন্টারনেট', 'অনলাইনে কেনা'],
      ['এটিএম', 'টাকা তোলা'],
    ],
    caption: 'এই দোকানে',
    done: 'হয়ে গেছে: ৪৪১২ দিয়ে শেষ হওয়া কার্ডটি ব্লক করা হয়েছে।\nরেফারেন্স 2026-000417।',
    more: 'পাঁচ কর্মদিবসের মধ্যে নতুন কার্ড পৌঁছাবে।',
    sorry: 'আপনার শেষ বার্তাটি পড়তে পারিনি।',
    link: 'ধন্যবাদ। এই কথোপকথনের সম্পূর্ণ নথি এখানে।',
    open: 'নথি খুলুন',
  },
}
