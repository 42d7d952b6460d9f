import { MessageBody } from '@parley/proto/content'
import { describe, expect, test } from 'vitest'
import { foldTranscript } from '../transcript/fold-transcript.ts'
import { Story } from '../transcript/story.fixture.ts'
import { LANGUAGES } from '@parley/conversation'
import { bankStory } from './bank-story.fixture.ts'
import { peopleStory } from './people-story.fixture.ts'
import { followable } from './address.ts'
import { markup } from '@parley/service/markup'
import { type WholeTranscript, transcriptJson } from '../transcript/transcript.ts'
import { type PageOptions, transcriptPage } from './transcript-page.ts'

function pageOf(story: Story, options: Partial<PageOptions> = {}): string {
  const transcript = foldTranscript(story.conversationId, story.raw())
  if (transcript === undefined) throw new Error('The story opens no conversation.')
  return transcriptPage({
    transcript,
    company: { name: 'Banco Aurora', timeZone: 'America/Sao_Paulo', agentName: () => undefined },
    language: 'en',
    view: 'page',
    path: '/t/token',
    assets: { stylesheet: '/assets/a.css', printScript: '/assets/p.js' },
    showRevoked: false,
    expiresAt: '2026-04-02T13:04:05.000Z',
    now: '2026-03-04T12:00:00.000Z',
    ...options,
  })
}

const jsonOf = (transcript: WholeTranscript) =>
  transcriptJson(transcript, { showRevoked: false, agentName: () => undefined })

const HOSTILE =
  '</p><script src="//evil.test/x.js"></script><img src=x onerror=alert(1)>"\' onmouseover=`alert(1)`'

describe('nothing that anybody wrote becomes markup', () => {
  const hostileBodies: readonly NonNullable<Parameters<typeof MessageBody.fromPartial>[0]['body']>[] = [
    { $case: 'text', value: { text: HOSTILE } },
    { $case: 'media', value: { type: HOSTILE, caption: HOSTILE, filename: HOSTILE, mimeType: HOSTILE } },
    { $case: 'location', value: { name: HOSTILE, address: HOSTILE, url: HOSTILE } },
    {
      $case: 'contactCards',
      value: { cards: [{ name: HOSTILE, organization: HOSTILE, phones: [HOSTILE], emails: [HOSTILE] }] },
    },
    {
      $case: 'buttons',
      value: { header: HOSTILE, text: HOSTILE, footer: HOSTILE, buttons: [{ id: HOSTILE, title: HOSTILE }] },
    },
    {
      $case: 'list',
      value: {
        text: HOSTILE,
        button: HOSTILE,
        sections: [{ title: HOSTILE, rows: [{ id: HOSTILE, title: HOSTILE, description: HOSTILE }] }],
      },
    },
    { $case: 'linkButton', value: { text: HOSTILE, displayText: HOSTILE, url: HOSTILE } },
    { $case: 'linkButton', value: { text: 'x', displayText: 'x', url: 'javascript:alert(1)' } },
    { $case: 'template', value: { name: HOSTILE, language: HOSTILE, parameters: [HOSTILE] } },
    { $case: 'choice', value: { id: HOSTILE, title: HOSTILE, description: HOSTILE } },
    {
      $case: 'formReply',
      value: { name: HOSTILE, text: HOSTILE, responseJson: JSON.stringify({ [HOSTILE]: HOSTILE }) },
    },
    {
      $case: 'order',
      value: {
        catalogId: HOSTILE,
        text: HOSTILE,
        items: [{ productRetailerId: HOSTILE, currency: HOSTILE }],
      },
    },
    { $case: 'note', value: { kind: HOSTILE, text: HOSTILE } },
    { $case: 'unsupported', value: { providerType: HOSTILE, errorTitle: HOSTILE } },
  ]

  test.each(hostileBodies.map((body) => [body.$case, body] as const))('%s', (_kind, body) => {
    const full = MessageBody.fromPartial({ body }).body
    if (full === undefined) throw new Error('A body is needed.')
    const page = pageOf(
      new Story({ conversationId: HOSTILE, language: HOSTILE })
        .opened(HOSTILE)
        .received(full)
        .sendRequested(full, { id: 'out-1', replyTo: 'wamid.in-1' })
        .edited('in-1', HOSTILE)
        .reacted('in-1', HOSTILE)
        .edited('', HOSTILE)
        .tell({ type: 'HandoverRequested', data: { queue: HOSTILE, reason: HOSTILE } })
        .tell({ type: 'ContactLanguageChosen', data: { language: HOSTILE, chosenBy: HOSTILE } })
        .tell({
          type: 'PrivacyNoticeShown',
          data: { noticeVersion: '', processors: [HOSTILE], messageId: '' },
        })
        .tell({
          type: 'MessageFailed',
          data: { messageId: 'out-1', providerMessageId: '', providerCode: 1, providerTitle: HOSTILE },
        })
        .closed(HOSTILE),
      { company: { name: HOSTILE, timeZone: 'UTC', agentName: () => undefined } },
    )
    expect(page).not.toMatch(/<(?:script|img)|onerror=alert\(1\)>|href="javascript:/i)
    expect(page.match(/<[^>]*onmouseover/g)).toBeNull()
    expect(page).toContain('&lt;script src=&quot;//evil.test/x.js&quot;&gt;')
  })

  test('text that is put into markup is escaped unless it is markup itself', () => {
    expect(markup`<a href="${'"><b>'}">${['<', markup`<i>${'&'}</i>`]}${false}${undefined}</a>`.html).toBe(
      '<a href="&quot;&gt;&lt;b&gt;">&lt;<i>&amp;</i></a>',
    )
  })

  test.each([
    ['https://bank.test/x?a=1#b', 'https://bank.test/x?a=1#b'],
    ['http://bank.test', 'http://bank.test/'],
    ['javascript:alert(1)', undefined],
    [' \u0001JaVaScript:alert(1)', undefined],
    ['data:text/html,x', undefined],
    ['vbscript:x', undefined],
    ['/relative', undefined],
    ['', undefined],
  ])('the address %j is followed as %j', (address, followed) => {
    expect(followable(address)).toBe(followed)
  })
})

describe('what the reader sees', () => {
  test.each(LANGUAGES)('every message of both sides, in order, in %s', (language) => {
    const page = pageOf(bankStory(language), { language })
    const texts = ['4412', 'image/jpeg', 'MASP', '2026-000417']
    expect(
      texts.map((text) => page.indexOf(text)).every((at, index, all) => at > (all[index - 1] ?? 0)),
    ).toBe(true)
    expect(page).not.toMatch(/undefined|\[object|NaN/)
  })

  test('no page of one language has words of another', () => {
    const story = new Story().opened().wrote('x').closed()
    const wordsOf = (page: string) => page.replaceAll(/<[^>]*>/g, ' ')
    expect(wordsOf(pageOf(story, { language: 'pt' }))).not.toMatch(/Customer|recorded|Received/)
    expect(wordsOf(pageOf(story, { language: 'bn' }))).not.toMatch(/Cliente|gravado|Customer|recorded/)
  })

  test('the time is the company’s, with UTC beside it', () => {
    const page = pageOf(new Story({ begins: '2026-03-03T01:00:00.000Z' }).opened().wrote('late'))
    expect(page).toMatch(/Monday,? 2 March 2026/)
    expect(page).toContain(
      '<time datetime="2026-03-03T01:00:01.500Z" title="Happened: 2026-03-03 01:00:01.500 UTC">22:00</time>',
    )
  })

  test('a deleted message is not shown, unless the company’s policy is to show it', () => {
    const story = new Story()
      .opened()
      .wrote('my secret')
      .revoked('in-1')
      .wrote('next', { replyTo: 'wamid.in-1' })
    expect(pageOf(story)).not.toContain('my secret')
    expect(pageOf(story)).toContain('The customer deleted this message.')
    expect(pageOf(story, { showRevoked: true })).toContain('my secret')
  })

  test('what was sent more than once is told as it was, and says no more than is known', () => {
    const story = () =>
      new Story().opened().sendRequested({ $case: 'text', value: { text: 'answer' } }, { id: 'out-1' })
    const uncertain = (attempts: number) =>
      story().tell({ type: 'MessageSendUncertain', data: { messageId: 'out-1', attempts } })
    const resent = () => story().tell({ type: 'MessageResent', data: { messageId: 'out-1', attempt: 2 } })
    const arrived = resent().sent('out-1', 'delivered')
    const doubled = resent()
      .sent('out-1', 'delivered')
      .tell({ type: 'MessageDoubled', data: { messageId: 'out-1', providerMessageId: 'wamid.second' } })
    expect(pageOf(uncertain(1))).toContain('may or may not have arrived')
    expect(pageOf(uncertain(2))).toContain('to 2 attempts: this message may have arrived more than once')
    expect(pageOf(arrived)).toContain('Sent once more')
    expect(pageOf(arrived)).not.toContain('arrived twice')
    expect(pageOf(doubled)).toContain('This message arrived twice')
    expect(pageOf(doubled)).not.toContain('Sent once more')
    for (const language of LANGUAGES)
      expect(pageOf(doubled, { language }).match(/class="problem"/g)).toHaveLength(1)
  })

  test('messages of one author within one minute stand under one name and one time; another minute or author begins anew', () => {
    const text = (value: string) => ({ $case: 'text', value: { text: value } }) as const
    const page = pageOf(
      new Story({ begins: '2026-03-02T13:04:00.000Z' })
        .opened()
        .wrote('one')
        .wrote('two')
        .sendRequested(text('three'))
        .sendRequested(text('four'))
        .pause(60)
        .wrote('five'),
    )
    expect(page.match(/class="author"/g)).toHaveLength(3)
    expect(page.match(/class="meta"/g)).toHaveLength(3)
    expect(page.match(/<article aria-label="Customer, 10:04">/g)).toHaveLength(2)
  })

  test('where the two clocks disagree by a minute, both are told; where they agree, one', () => {
    const late = pageOf(new Story().opened().wrote('x', { occurredAt: '2026-03-02T13:00:00.000Z' }))
    expect(late).toMatch(/class="happened">.*>10:00</)
    expect(late).toMatch(/class="recorded">recorded .*>10:04</)
    expect(pageOf(new Story().opened().wrote('x'))).not.toContain('class="recorded"')
  })

  test.each([
    ['pt', 'Horário de Brasília (UTC-3)', 'Este link funciona até', '2 de abril de 2026 às 10:04'],
    ['en', 'Brasilia Time (UTC-3)', 'This link works until', '2 April 2026 at 10:04'],
    ['bn', 'ব্রাসিলিয়া সময় (UTC-3)', 'এই লিংকের মেয়াদ', '২ এপ্রিল, ২০২৬, ১০:০৪'],
  ] as const)(
    'whose time it is, and until when the link works, in the words of people: %s',
    (language, zone, label, until) => {
      const page = pageOf(new Story().opened().wrote('x').closed(), { language })
      expect(page).toContain(zone)
      expect(page.indexOf(until)).toBeGreaterThan(page.indexOf(label))
      expect(page.indexOf(label)).toBeGreaterThan(0)
      expect(page).toContain('PDF')
    },
  )

  test.each(LANGUAGES)('who handles the messages is said without codes, in %s', (language) => {
    const page = pageOf(
      new Story().opened().tell({
        type: 'PrivacyNoticeShown',
        data: {
          noticeVersion: '1',
          processors: [
            'channel: Meta',
            'staffing_vendor: Contato Sul',
            'hosting: Aurora',
            'ai_vendor: Model',
          ],
          messageId: '',
        },
      }),
      { language },
    )
    expect(page).toContain('Contato Sul')
    expect(page).not.toMatch(/channel:|staffing_vendor|hosting:|ai_vendor|Cloud API/)
  })

  test('a closed record has one fingerprint, however often it is viewed; views and links stand apart', () => {
    const story = bankStory('en')
    const fingerprints = () => pageOf(story).match(/[0-9a-f]{64}/g)
    const before = fingerprints()
    expect(before).toHaveLength(1)
    const entries = () => /<ol class="entries">.*<\/ol>/s.exec(pageOf(story))?.[0]
    const conversation = entries()
    const { conversationId } = story
    for (let view = 0; view < 30; view += 1)
      story.tell({ type: 'TranscriptViewed', data: { conversationId, linkId: 'a', format: 'page' } })
    story.tell({ type: 'TranscriptLinkRevoked', data: { conversationId, linkId: 'b' } })
    expect(fingerprints()).toEqual(before)
    expect(entries()).toBe(conversation)
    expect(pageOf(story).match(/: Opened</g)).toHaveLength(20)
    expect(pageOf(story)).toContain('Times opened before these: 10')
    expect(conversation).not.toContain('A link to this record')
    expect(pageOf(story)).toContain('A link to this record was issued')
  })

  test('a masked answer is masked in quotes, edits and the robot’s words, and what the download holds is said before it is taken', () => {
    const story = new Story()
      .opened()
      .wrote('111.444.777-35')
      .tell({ type: 'BotTurnCompleted', data: { turn: 1, sensitiveMessageIds: ['in-1'] } })
      .sendRequested({ $case: 'text', value: { text: 'CPF: *111.444.777-35*' } }, { replyTo: 'wamid.in-1' })
      .edited('in-1', '529.982.247-25')
      .wrote('and my card: 4111 1111 1111 1111')
    const page = pageOf(story)
    expect(page).not.toMatch(/111\.?444|529\.?982|4111/)
    expect(page).toContain('<strong>••••••</strong>')
    expect(page.indexOf('id="download-holds"')).toBeLessThan(page.indexOf('class="entries"'))
  })

  test('no bubble reaches into another: stacked marks are clamped, and a direction ends where its words end', () => {
    const page = pageOf(
      new Story()
        .opened('\u202Eoffer')
        .wrote(`z${'\u0301'.repeat(300)}`)
        .sendRequested({ $case: 'text', value: { text: 'ours' } }, { replyTo: 'wamid.in-1' }),
    )
    expect(page.match(/\u0301/g)!.length).toBeLessThanOrEqual(10)
    expect(page).not.toContain('\u202E')
  })

  test('on paper each page can say which conversation it is and as of when: paper is printed later than the page was made', () => {
    const page = pageOf(bankStory('pt'), { language: 'pt', view: 'print' })
    expect(page).toContain(
      'Conversa 3d1b6a0c-52f7-5c1e-8b9a-4f1f7a2b9c10 · como estava em 4 de março de 2026 às 09:00',
    )
  })

  test('an edited message shows what it replaced', () => {
    const page = pageOf(new Story().opened().wrote('old words').edited('in-1', 'new words'))
    expect(page.indexOf('new words')).toBeGreaterThan(0)
    expect(page.indexOf('old words')).toBeGreaterThan(page.indexOf('new words'))
  })

  test('the page never carries the address of its own link but to its own views', () => {
    const page = pageOf(bankStory('en'))
    expect(page).not.toContain('/t/secret')
  })

  test('no inline script, style or handler', () => {
    for (const view of ['page', 'print'] as const) {
      const page = pageOf(bankStory('pt'), { view })
      expect(page).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?! src="\/assets\/)/)
    }
  })
})

describe('one entry that cannot be shown is said to be one, and costs no other', () => {
  const story = bankStory('en')
  const transcript = foldTranscript(story.conversationId, story.raw())!
  const [whole, wholeJson] = [pageOf(story), jsonOf(transcript)]
  const count = (html: string, what: string) => html.split(what).length - 1
  const BROKEN = {
    'a time that is none': { recordedAt: 'never' },
    'no words': { body: null, line: { name: 'nothing' } },
    'words of a kind that nobody knows': { body: { nobodyKnows: [{}] }, line: { name: 'constructor' } },
    'no edits': { edits: undefined },
    'no reactions': { reactions: null },
  }
  const brokenAt = (at: number, change: object) => ({
    ...transcript,
    entries: transcript.entries.map((entry, index) => (index === at ? { ...entry, ...change } : entry)),
  })

  test.each(Object.entries(BROKEN))('%s', (_what, change) => {
    for (const at of transcript.entries.keys()) {
      const broken = brokenAt(at, change) as typeof transcript
      const page = pageOf(story, { transcript: broken, view: at % 2 === 0 ? 'page' : 'print' })
      expect(count(page, '<article') + count(page, 'class="line"')).toBeGreaterThanOrEqual(
        count(whole, '<article') + count(whole, 'class="line"'),
      )
      const json = jsonOf(broken)
      expect(json.messages).toHaveLength(wholeJson.messages.length)
      expect(json.systemLines).toHaveLength(wholeJson.systemLines.length)
      expect(json.events).toHaveLength(wholeJson.events.length)
    }
  })

  test('where the answer that must not be repeated cannot be read, no words of the conversation are shown', () => {
    const sensitive = transcript.entries.map((entry) =>
      entry.kind === 'message' && entry.author === 'customer' ? { ...entry, sensitive: true } : entry,
    )
    const at = sensitive.findIndex((entry) => entry.kind === 'message' && entry.sensitive)
    const unread = sensitive.map((entry, index) => (index === at ? { ...entry, edits: undefined } : entry))
    const json = jsonOf({ ...transcript, entries: unread } as typeof transcript)
    const shown = JSON.stringify([json.messages.map(({ text }) => text), json.systemLines])
    const said = wholeJson.messages.map(({ text }) => text).filter((text) => /^[^[]*\p{L}{4}/u.test(text))
    expect(said.filter((text) => shown.includes(text))).toEqual([])
    expect(json.events.every(({ raw }) => raw === null)).toBe(true)
  })

  test('a record that cannot be read stands in the download as its hash', () => {
    const [first, ...others] = transcript.events
    const garbled = { ...first!, raw: Buffer.from('no record') }
    const json = jsonOf({ ...transcript, events: [garbled, ...others] })
    expect(json.events[0]).toMatchObject({ raw: null, hash: wholeJson.events[0]!.hash })
    expect(json.events.slice(1)).toEqual(wholeJson.events.slice(1))
  })
})

describe('people', () => {
  const NAMES = new Map([
    ['p01', 'Ana'],
    ['p02', 'Bruno'],
  ])
  const company = {
    name: 'Banco Aurora',
    timeZone: 'America/Sao_Paulo',
    agentName: (id: string) => NAMES.get(id),
  }
  const linesOf = (page: string) =>
    [...page.matchAll(/<li class="line"><p><span dir="auto">(.*?)<\/span>/g)].map(([, line]) => line)

  test('the page tells who handled the chat, by first names where the company wants that', () => {
    expect(linesOf(pageOf(peopleStory('en'), { company }))).toEqual([
      'Conversation opened',
      'Handed over to an agent: as requested',
      'Waiting for an agent, in the queue “general”',
      'Ana took over',
      'Ana put the conversation on hold',
      'Ana went on with the conversation',
      'Bruno took over from Ana',
      'Bruno set the conversation aside until the customer writes',
      'Bruno took the conversation up again',
      'Bruno passed the conversation on to the queue “cards”',
      'The conversation moved to the queue “general”',
      'An agent took over',
      'An agent passed the conversation back to the robot',
      'Handed over to an agent: as requested',
      'Waiting for an agent, in the queue “general”',
      'Ana took over',
      'Ana ended the conversation: it was solved',
      'Conversation closed: it was solved',
    ])
  })

  test('who moved what waited to another queue is told', () => {
    const story = new Story()
      .opened()
      .handedOver('general')
      .tell(
        {
          type: 'ConversationRequeued',
          data: { conversationId: new Story().conversationId, queue: 'cards', reason: 'reassigned' },
        },
        { by: 'agent', id: 'p02' },
      )
    expect(linesOf(pageOf(story, { company })).at(-1)).toBe(
      'Bruno passed the conversation on to the queue “cards”',
    )
  })

  test('and by no names where it does not; each line says a language’s own words', () => {
    const lines = LANGUAGES.map((language) => linesOf(pageOf(peopleStory(language), { language })))
    for (const told of lines) {
      expect(told).toHaveLength(18)
      expect(told.join('\n')).not.toMatch(/Ana|Bruno|undefined|p0\d|_/)
    }
    expect(new Set(lines.flat()).size).toBe(new Set(lines[0]).size * 3)
    expect(lines[1]?.slice(6, 9)).toEqual([
      'An agent took over from another agent',
      'An agent set the conversation aside until the customer writes',
      'An agent took the conversation up again',
    ])
  })

  test('messages of two agents in the same minute stand under their own names', () => {
    const story = new Story()
      .opened()
      .handedOver()
      .assigned('p01')
      .answered('p01', 'one')
      .answered('p01', 'two')
      .answered('p02', 'three')
    const page = pageOf(story, { company })
    expect(page.match(/<p class="author">(.*?)<\/p>/g)).toEqual([
      '<p class="author">Ana · Agent</p>',
      '<p class="author">Bruno · Agent</p>',
    ])
  })
})
