import { describe, expect, test } from 'vitest'
import type { Message, Row } from '../api/shapes.ts'
import { Desk, type News } from './desk.ts'

const row = (id: string, over: Partial<Row> = {}): Row => ({
  id,
  contact: { id: `contact-${id}`, name: `Customer ${id}`, language: 'pt' },
  stage: 'waiting',
  queue: 'general',
  owner: { kind: 'queue', id: 'general', name: 'general' },
  lastMessage: { author: 'customer', text: 'oi', at: '2026-03-03T09:00:00.000Z' },
  unreadCount: 1,
  waitingSince: '2026-03-03T09:00:00.000Z',
  replyWindowEndsAt: null,
  openedAt: '2026-03-03T08:59:00.000Z',
  closedAt: null,
  closeReason: null,
  version: 1,
  ...over,
})

const message = (id: string, version: number, over: Partial<Message> = {}): Message => ({
  id,
  author: { kind: 'agent', id: 'p01', name: 'Ana' },
  type: 'text',
  text: id,
  status: 'queued',
  occurredAt: '2026-03-03T09:00:00.000Z',
  recordedAt: '2026-03-03T09:00:00.000Z',
  isNote: false,
  version,
  ...over,
})

const page = (conversations: Row[], cursor: string | null = null) => ({
  conversations,
  cursor,
  position: '1',
})
const thread = (conversation: Row, messages: Message[], before: string | null = null) => ({
  conversation,
  messages,
  before,
  position: '1',
})
const ids = (rows: readonly Row[]) => rows.map(({ id }) => id)
const at = (minute: number) => `2026-03-03T09:${String(minute).padStart(2, '0')}:00.000Z`

describe('what a desk knows', () => {
  test('a row that is older than what is known changes nothing, whichever way it comes', () => {
    const desk = new Desk('p01')
    desk.take({ name: 'conversation', data: row('a', { version: 5, unreadCount: 3 }) })
    desk.take({ name: 'conversation', data: row('a', { version: 4, unreadCount: 2 }) })
    desk.takePage('waiting', page([row('a', { version: 3 })]), null)
    desk.takeThread('a', thread(row('a', { version: 2 }), []), null)
    expect(desk.row('a')?.unreadCount).toBe(3)
  })

  test('of a draft and of a mood, which streams do not tell, what a page said holds on; who has said it has no draft', () => {
    const desk = new Desk('p01')
    desk.takePage('waiting', page([row('a', { hasDraft: true, mood: 'Com pressa' })]), null)
    desk.take({ name: 'conversation', data: row('a', { version: 2 }) })
    expect(desk.row('a')).toMatchObject({ hasDraft: true, mood: 'Com pressa', version: 2 })
    desk.take({
      name: 'message',
      data: { conversationId: 'a', message: message('note', 3, { isNote: true }) },
    })
    for (const status of ['delivered', 'read', 'failed'] as const)
      desk.take({
        name: 'message',
        data: { conversationId: 'a', message: message('earlier', 4, { status }) },
      })
    expect(desk.row('a')?.hasDraft).toBe(true)
    desk.take({ name: 'message', data: { conversationId: 'a', message: message('said', 5) } })
    expect(desk.row('a')?.hasDraft).toBe(false)
  })

  test('what the server has taken as a draft, or as none, is known of a row before a page says it', () => {
    const desk = new Desk('p01')
    desk.draftIs('a', true)
    expect(desk.row('a')).toBeUndefined()
    desk.take({ name: 'conversation', data: row('a', { version: 2 }) })
    for (const isBegun of [true, false]) {
      desk.draftIs('a', isBegun)
      expect(desk.row('a')?.hasDraft).toBe(isBegun)
    }
  })

  test('what has been read is unread no more, but for what the customer wrote since', () => {
    const desk = new Desk('p01')
    const customer = { kind: 'customer', id: null, name: null } as const
    const written = ['m1', 'm2'].map((id, index) => message(id, index, { author: customer }))
    desk.takeThread('a', thread(row('a', { unreadCount: 2 }), written), null)
    desk.hasRead('a', 'm1')
    expect(desk.row('a')?.unreadCount).toBe(2)
    desk.hasRead('a', 'm2')
    expect(desk.row('a')?.unreadCount).toBe(0)
  })

  test('what was read at another desk of theirs is unread no more, but for a row that is newer than what was told', () => {
    const desk = new Desk('p01')
    const read = { conversationId: 'a', unreadCount: 0, version: 5 }
    desk.take({ name: 'conversation', data: row('a', { version: 5, unreadCount: 2 }) })
    desk.take({ name: 'read', data: read })
    expect(desk.row('a')?.unreadCount).toBe(0)
    desk.take({ name: 'conversation', data: row('a', { version: 6, unreadCount: 1 }) })
    desk.take({ name: 'read', data: read })
    expect(desk.row('a')?.unreadCount).toBe(1)
  })

  test('a thread whose documents are behind what the stream told is known to be, and once they are not it is whole and in order', () => {
    const desk = new Desk('p01')
    const mine = { owner: { kind: 'agent' as const, id: 'p01', name: 'Ana' }, stage: 'with_agent' as const }
    const said = (version: number) => message(`m${version}`, version, { place: version })
    const told = (version: number) =>
      desk.take({ name: 'conversation', data: row('a', { ...mine, version }) })
    const read = (...versions: number[]) =>
      desk.takeThread(
        'a',
        thread(row('a', { ...mine, version: versions.at(-1)! }), versions.map(said), String(versions[0])),
        null,
      )
    const shown = () => desk.thread('a')?.messages.map(({ id }) => id)
    for (const version of [1, 2, 3, 4]) told(version)
    expect(read(1, 2)).toBe(false)
    desk.take({ name: 'message', data: { conversationId: 'a', message: said(5) } })
    told(5)
    expect(shown()).toEqual(['m1', 'm2', 'm5'])
    expect(read(2, 3)).toBe(false)
    expect(read(3, 4, 5)).toBe(true)
    expect(shown()).toEqual(['m1', 'm2', 'm3', 'm4', 'm5'])
    expect(desk.thread('a')?.before).toBe('1')
  })

  test('a row that changes hands moves from list to list', () => {
    const desk = new Desk('p01')
    for (const view of ['mine', 'waiting'] as const) desk.takePage(view, page([]), null)
    desk.take({ name: 'conversation', data: row('a') })
    expect(ids(desk.list('waiting'))).toEqual(['a'])
    desk.take({
      name: 'conversation',
      data: row('a', { version: 2, stage: 'with_agent', owner: { kind: 'agent', id: 'p01', name: 'Ana' } }),
    })
    expect(ids(desk.list('waiting'))).toEqual([])
    expect(ids(desk.list('mine'))).toEqual(['a'])
  })

  test('who waits longest stands first; elsewhere the newest activity does', () => {
    const desk = new Desk('p01')
    const lastMessage = (minute: number) => ({ author: 'customer' as const, text: '', at: at(minute) })
    desk.takePage(
      'waiting',
      page([
        row('early', { waitingSince: at(1), lastMessage: lastMessage(9) }),
        row('late', { waitingSince: at(2), lastMessage: lastMessage(3) }),
      ]),
      null,
    )
    desk.takePage('all', page([]), null)
    expect(ids(desk.list('waiting'))).toEqual(['early', 'late'])
    desk.take({
      name: 'conversation',
      data: row('late', { version: 2, waitingSince: at(2), lastMessage: lastMessage(10) }),
    })
    expect(ids(desk.list('all'))).toEqual(['late', 'early'])
  })

  test('what there is with a customer stands on both cards of contacts that proved to be one, also what comes later', () => {
    const desk = new Desk('p01')
    const [before, now] = ['before', 'now'].map((id) => ({ ...row('a').contact, id }))
    const closed = row('closed', { contact: before!, stage: 'closed' })
    const open = row('open', { contact: now! })
    desk.takePage('all', page([closed, row('other')]), null)
    expect(ids(desk.othersOf(closed))).toEqual([])
    desk.takeEarlier('before', [open])
    desk.take({ name: 'conversation', data: row('later', { contact: now! }) })
    expect(ids(desk.othersOf(closed))).toEqual(['open', 'later'])
    expect(ids(desk.othersOf(open))).toEqual(['closed', 'later'])
  })

  test('the reply window is the customer’s: of a conversation that an agent began it ends when that of an earlier one does', () => {
    const desk = new Desk('p01')
    const contact = { id: 'k1', name: 'Maria', language: 'pt' }
    const begun = row('begun', { contact, replyWindowEndsAt: null })
    desk.takePage('all', page([begun, row('other', { replyWindowEndsAt: at(50) })]), null)
    expect(desk.replyWindowEndsAt(begun)).toBeNull()
    for (const minute of [20, 30, 10])
      desk.take({ name: 'conversation', data: row(`c${minute}`, { contact, replyWindowEndsAt: at(minute) }) })
    expect(desk.replyWindowEndsAt(begun)).toBe(at(30))
  })

  test('a row beyond what was read of a list waits for its page, so that no list has a hole', () => {
    const desk = new Desk('p01')
    desk.takePage('waiting', page([row('a', { waitingSince: at(1) })], 'next'), null)
    desk.take({ name: 'conversation', data: row('c', { waitingSince: at(9) }) })
    expect(ids(desk.list('waiting'))).toEqual(['a'])
    desk.takePage('waiting', page([row('b', { waitingSince: at(5) })]), 'next')
    expect(ids(desk.list('waiting'))).toEqual(['a', 'b', 'c'])
  })

  test('of what ends and of what goes to others all day long the newest is known, and what was opened; the list of it has no hole', () => {
    const desk = new Desk('p09')
    const over = (nth: number) => {
      const closedAt = new Date(Date.UTC(2026, 2, 3) + nth * 1_000).toISOString()
      const isTheirs = nth % 2 === 0
      return row(`c${nth}`, {
        ...(isTheirs
          ? ({ stage: 'closed', closedAt } as const)
          : { lastMessage: undefined, waitingSince: closedAt }),
        version: 2,
      })
    }
    desk.takeRows([row('waits')])
    desk.takePage('closed', page([over(0)]), null)
    desk.takeThread('c0', thread(over(0), []), null)
    const before = desk.readingOf('closed')
    for (let nth = 1; nth <= 10_000; nth += 1) {
      desk.take({ name: 'conversation', data: row(`c${nth}`) })
      desk.take({ name: 'conversation', data: over(nth) })
    }
    const known = ids([...desk.rows()])
    expect(known.length).toBeLessThan(2_500)
    expect(known).toEqual(expect.arrayContaining(['waits', 'c0', 'c9999', 'c10000']))
    // It is read anew, from its first page.
    expect(desk.readingOf('closed')).not.toBe(before)
    expect(desk.readingOf('all')).toBe(desk.readingOf('mine'))
    expect(desk.reachOf('closed')).toBeUndefined()
  })

  test('what became past first is forgotten first, whenever it was opened, and never what is open', () => {
    const desk = new Desk('p01')
    const news: News[] = []
    desk.onNews((one) => news.push(one))
    const opened = { stage: 'with_agent', waitingSince: null, openedAt: '2026-02-01T09:00:00.000Z' } as const
    const mine = (id: string, version: number) =>
      row(id, { ...opened, owner: { kind: 'agent', id: 'p01', name: 'Ana' }, version })
    const theirs = (id: string, version: number) =>
      row(id, {
        ...opened,
        owner: { kind: 'agent', id: 'p02', name: 'Rui' },
        lastMessage: undefined,
        version,
      })
    const takes = (data: Row) => desk.take({ name: 'conversation', data })
    for (const id of ['open', 'earlier', 'lost']) takes(mine(id, 1))
    desk.opens('open')
    takes(theirs('open', 2))
    takes(theirs('earlier', 2))
    for (let nth = 1; nth <= 1_998; nth += 1)
      takes(row(`c${nth}`, { stage: 'closed', closedAt: at(nth % 60) }))
    expect(desk.row('earlier')).toBeDefined()
    // Older than what is known: it is theirs.
    takes(mine('back', 3))
    takes(theirs('back', 2))
    expect(desk.row('earlier')).toBeDefined()
    takes(theirs('lost', 2))
    expect(ids([...desk.rows()]).filter((id) => !id.startsWith('c'))).toEqual(['open', 'back', 'lost'])
    expect([desk.row('c999'), desk.row('c1000')]).toEqual([undefined, expect.anything()])
    for (const id of ['open', 'lost']) takes(mine(id, 3))
    expect(news).toEqual(['open', 'lost'].map((conversationId) => ({ kind: 'given', conversationId })))
  })

  test('what was told of a thread before it was read, or while it was, is not lost to an older answer', () => {
    const desk = new Desk('p01')
    desk.take({ name: 'message', data: { conversationId: 'a', message: message('m2', 7) } })
    desk.take({
      name: 'message',
      data: { conversationId: 'a', message: message('m1', 8, { status: 'read' }) },
    })
    desk.takeThread('a', thread(row('a'), [message('m1', 5)]), null)
    expect(desk.thread('a')?.messages.map(({ id, status }) => `${id} ${status}`)).toEqual([
      'm1 read',
      'm2 queued',
    ])
  })

  test('an older page goes before what is known, and a newest page that is read again keeps it', () => {
    const desk = new Desk('p01')
    desk.opens('a')
    desk.takeThread('a', thread(row('a'), [message('m3', 3)], 'm3'), null)
    desk.takeThread('a', thread(row('a'), [message('m1', 1), message('m2', 2)]), 'm3')
    desk.takeThread('a', thread(row('a'), [message('m3', 3), message('m4', 4)], 'm3'), null)
    expect(desk.thread('a')).toEqual({
      messages: [message('m1', 1), message('m2', 2), message('m3', 3), message('m4', 4)],
      before: null,
    })
  })

  test('of a conversation that is lost nothing goes on being shown, not even what was told of it and never read', () => {
    const desk = new Desk('p01')
    desk.takePage('all', page([row('a')]), null)
    desk.takeThread('a', thread(row('a'), [message('m2', 2, { place: 2 })], '2'), null)
    const earlier = message('m1', 3, { place: 1 })
    desk.take({ name: 'message', data: { conversationId: 'a', message: earlier } })
    const { lastMessage: _, ...lost } = row('a', { version: 9 })
    desk.take({ name: 'conversation', data: lost })
    expect(desk.thread('a')).toBeUndefined()
    expect(ids(desk.list('all'))).toEqual([])
    desk.takeThread('a', thread(row('a', { version: 10 }), []), null)
    expect(desk.thread('a')?.messages).toEqual([])
  })

  test('a word about a message further back than what was read is none at the end: it stands in its place once that is read', () => {
    const desk = new Desk('p01')
    const said = (place: number, version = place) => message(`m${place}`, version, { place })
    desk.takeThread('a', thread(row('a'), [said(3), said(4)], '3'), null)
    desk.take({ name: 'message', data: { conversationId: 'a', message: said(1, 5) } })
    desk.take({ name: 'message', data: { conversationId: 'a', message: said(6) } })
    const shown = () => desk.thread('a')?.messages.map(({ id, version }) => `${id} ${version}`)
    expect(shown()).toEqual(['m3 3', 'm4 4', 'm6 6'])
    // Documents that are behind: the reaction is in none of them.
    desk.takeThread('a', thread(row('a'), [said(1), said(2)]), '3')
    expect(shown()).toEqual(['m1 5', 'm2 2', 'm3 3', 'm4 4', 'm6 6'])
  })

  test('of a conversation that is lost after all was read anew nothing is left of what was known before that', () => {
    const desk = new Desk('p01')
    const reads = () => desk.takeThread('a', thread(row('a'), [message('m1', 1)]), null)
    reads()
    desk.readsAnew()
    expect(desk.thread('a')?.messages).toHaveLength(1)
    reads()
    const { lastMessage: _, ...lost } = row('a', { version: 9 })
    desk.take({ name: 'conversation', data: lost })
    expect(desk.thread('a')).toBeUndefined()
  })

  test('a thread that went on while it was neither theirs nor open is known to lack what was said, until it is read again', () => {
    const desk = new Desk('p01')
    const ofAgent = (id: string, version: number) =>
      row('a', { stage: 'with_agent', owner: { kind: 'agent', id, name: id }, version })
    const becomes = (id: string, version: number) =>
      desk.take({ name: 'conversation', data: ofAgent(id, version) })
    const reads = (version: number) => desk.takeThread('a', thread(ofAgent('p01', version), []), null)
    const states: boolean[] = []
    const then = (act: () => void) => {
      act()
      states.push(desk.isMissed('a'))
    }
    becomes('p01', 1)
    then(() => reads(1))
    then(() => becomes('p01', 2))
    then(() => becomes('p02', 3))
    then(() => becomes('p01', 4))
    expect(states.splice(0)).toEqual([false, false, true, true])
    then(() => reads(4))
    then(() => desk.opens('a'))
    then(() => becomes('p02', 5))
    then(() => desk.opens('b'))
    expect(states).toEqual([false, false, false, true])
  })

  test('a presence that was told while all were read is newer than what was read', () => {
    const desk = new Desk('p01')
    desk.takePresences(
      new Map([
        ['p01', 'available'],
        ['p02', 'available'],
      ]),
    )
    desk.readsPresences()
    desk.take({ name: 'presence', data: { agentId: 'p02', status: 'away' } })
    desk.takePresences(
      new Map([
        ['p01', 'offline'],
        ['p02', 'available'],
      ]),
    )
    expect(['p01', 'p02'].map((id) => desk.presenceOf(id))).toEqual(['offline', 'away'])
  })

  test('why the rules made the person away is known until they wish something else, however it is told', () => {
    const desk = new Desk('p01')
    const missed = { agentId: 'p01', status: 'away', reasonCode: 'missed_offers' } as const
    desk.readsPresences()
    desk.take({ name: 'presence', data: missed })
    desk.takePresences(new Map([['p01', 'available']]))
    expect([desk.presenceOf('p01'), desk.madeSoBy]).toEqual(['away', 'missed_offers'])
    desk.take({ name: 'presence', data: { ...missed, agentId: 'p02' } })
    desk.presenceIs('available')
    expect(desk.madeSoBy).toBeNull()
    desk.takePresences(new Map([['p01', 'away']]), 'missed_offers')
    expect(desk.madeSoBy).toBe('missed_offers')
  })

  test('after a refetch nothing that was known counts, not even what was newer', () => {
    const desk = new Desk('p01')
    desk.takePage('waiting', page([row('a', { version: 9 })]), null)
    desk.take({ name: 'refetch', data: { reason: 'too old' } })
    expect(desk.epoch).toBe(1)
    desk.takePage('waiting', page([row('b')]), null)
    expect(ids(desk.list('waiting'))).toEqual(['b'])
  })

  const offer = {
    name: 'offer',
    data: {
      offerId: 'o1',
      conversationId: 'a',
      queue: 'general',
      expiresAt: at(9),
      waitingSince: at(1),
      contact: row('a').contact,
    },
  } as const

  test('what cannot be read costs no offer: nothing would bring it again', () => {
    const desk = new Desk('p01')
    desk.takePage('waiting', page([row('a', { version: 9 })]), null)
    desk.take(offer)
    desk.readsAnew()
    expect(desk.offers).toEqual([offer.data])
    expect(desk.epoch).toBe(1)
    desk.take({ name: 'refetch', data: { reason: 'too old' } })
    expect(desk.offers).toEqual([])
  })

  test.each([
    ['its queue', { stage: 'offered' }],
    ['a colleague', { stage: 'with_agent', owner: { kind: 'agent', id: 'p02', name: 'Bruno' } }],
  ] as const)(
    'an offer by %s is there until it ends, and its conversation is among mine meanwhile',
    (_, held) => {
      const desk = new Desk('p01')
      desk.takePage('mine', page([]), null)
      desk.take({ name: 'conversation', data: row('a', held) })
      desk.take(offer)
      expect(ids(desk.list('mine'))).toEqual(['a'])
      const told: News[] = []
      desk.onNews((news) => told.push(news))
      desk.take({ name: 'offer_ended', data: { offerId: 'o1', outcome: 'timed_out' } })
      expect(desk.offers).toEqual([])
      expect(ids(desk.list('mine'))).toEqual([])
      expect(told).toEqual([{ kind: 'offer_ended', of: 'made', outcome: 'timed_out' }])
    },
  )

  test('who handed a conversation on learns once that nobody took it; of what they do not know the other desks of whom it was offered to learn nothing', () => {
    const desk = new Desk('p01')
    const told: News[] = []
    desk.onNews((news) => told.push(news))
    desk.take({ name: 'offer_ended', data: { offerId: 'o2', outcome: 'declined', agentId: 'p02' } })
    desk.take({ name: 'offer_ended', data: { offerId: 'o3', outcome: 'declined', agentId: 'p01' } })
    desk.take({ name: 'offer_ended', data: { offerId: 'o4', outcome: 'declined' } })
    expect(told).toEqual([{ kind: 'offer_ended', of: 'handed_on', outcome: 'declined' }])
  })

  test('whoever is given a conversation without an offer is told so, and nobody of one that they took, have already or see for the first time', () => {
    const desk = new Desk('p01')
    const told: News[] = []
    desk.onNews((news) => told.push(news))
    const mine = { stage: 'with_agent', owner: { kind: 'agent', id: 'p01', name: 'Ana' } } as const
    const becomes = (id: string, version: number, over: Partial<Row> = mine) =>
      desk.take({ name: 'conversation', data: row(id, { version, ...over }) })
    becomes('read', 3)
    becomes('read', 4)
    becomes('a', 1, {})
    desk.take(offer)
    becomes('a', 2)
    desk.take({ name: 'offer_ended', data: { offerId: 'o1', outcome: 'accepted' } })
    expect(told).toEqual([{ kind: 'offer_ended', of: 'made', outcome: 'accepted' }])
    becomes('b', 1, {})
    becomes('b', 2)
    becomes('b', 3)
    // Offered in vain, and given later.
    becomes('a', 5, {})
    desk.take(offer)
    desk.take({ name: 'offer_ended', data: { offerId: 'o1', outcome: 'declined' } })
    becomes('a', 6)
    expect(told.filter(({ kind }) => kind === 'given')).toEqual([
      { kind: 'given', conversationId: 'b' },
      { kind: 'given', conversationId: 'a' },
    ])
  })

  test('what was put off until now is told when it is back, not what its owner or the customer took up before', () => {
    const desk = new Desk('p01')
    const told: News[] = []
    desk.onNews((news) => told.push(news))
    const ana = { kind: 'agent', id: 'p01', name: 'Ana' } as const
    const is = (id: string, version: number, over: Partial<Row>) =>
      desk.take({ name: 'conversation', data: row(id, { version, owner: ana, snoozedUntil: null, ...over }) })
    for (const [id, snoozedUntil] of [
      ['due', at(1)],
      ['sooner', '2999-01-01T00:00:00.000Z'],
      ['queue', at(1)],
    ] as const)
      is(id, 1, { stage: 'parked', snoozedUntil })
    for (const id of ['due', 'sooner']) is(id, 2, { stage: 'with_agent' })
    is('queue', 2, { stage: 'waiting', owner: { kind: 'queue', id: 'general', name: 'general' } })
    is('due', 3, { stage: 'with_agent' })
    expect(told).toEqual([{ kind: 'snooze_over', conversationId: 'due' }])
  })

  test('an offer whose end was missed hides nothing: given later without one, it is told', () => {
    const desk = new Desk('p01')
    const told: News[] = []
    desk.take(offer)
    desk.take({ name: 'refetch', data: { reason: 'too old' } })
    desk.onNews((news) => told.push(news))
    desk.takePage('waiting', page([row('a')]), null)
    const owner = { kind: 'agent', id: 'p01', name: 'Ana' } as const
    desk.take({ name: 'conversation', data: row('a', { version: 2, stage: 'with_agent', owner }) })
    expect(told).toEqual([{ kind: 'given', conversationId: 'a' }])
  })

  test('what one said and did not reach the customer is told once, whatever conversation is open, and nothing of what others said', () => {
    const desk = new Desk('p01')
    const told: News[] = []
    desk.onNews((news) => told.push(news))
    const says = (id: string, version: number, over: Partial<Message>) =>
      desk.take({ name: 'message', data: { conversationId: 'a', message: message(id, version, over) } })
    says('m1', 1, { status: 'sent' })
    says('m1', 2, { status: 'failed' })
    says('m1', 3, { status: 'failed', reactions: [] })
    says('m2', 1, { status: 'failed', author: { kind: 'bot', id: null, name: 'Robot' } })
    expect(told).toEqual([{ kind: 'failed', conversationId: 'a' }])
  })
})
