// What a desk is answered: two agents, two supervisors and their customers do anything in any order, by the real rules; what they may do
// is worked out here from what desks show, and from nothing that the rules know.
import type { ConversationCommand } from '@parley/conversation'
import { readEventOf } from '@parley/testkit'
import { type WorkforceCommand, type WorkforceEvent, workforces } from '@parley/workforce'
import { runs } from '@parley/testkit/properties'
import { type Arbitrary, array, assert, constantFrom, integer, oneof, property, tuple } from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Conversation,
  evolve,
  isConversationFact,
} from '../../services/agent/src/conversation/conversation.ts'
import { recordedOf } from '../../services/agent/src/workforce/pool.ts'
import { PoolView } from '../../services/agent/src/workforce/pool-view.ts'
import { agent, pool, queue, supervisor, wrongWith } from '../../services/routing/test/pool.ts'
import { expires, says } from '../../services/routing/test/story.ts'
import { World } from '../../services/routing/test/world.ts'

const CONTACTS = ['contact-1', 'contact-2', 'contact-3', 'contact-4'] as const
const AGENTS = ['ana', 'bia'] as const
const SUPERVISORS = ['vera', 'sonia'] as const
const PEOPLE = [...AGENTS, ...SUPERVISORS] as const
type Person = (typeof PEOPLE)[number]
const supervises = (person: Person) => SUPERVISORS.some((one) => one === person)
const CAPACITY: Readonly<Record<string, number>> = { ana: 2, bia: 1 }
const configuration = pool(
  [
    queue('general', { closeReasons: ['solved'] }),
    queue('cards', {
      closeReasons: ['solved'],
      autoAccepts: true,
      isClaimable: false,
      requiredSkills: [{ name: 'cards', level: 1 }],
    }),
  ],
  [
    agent('ana', { queues: ['general', 'cards'], skills: [{ name: 'cards', level: 1 }] }),
    agent('bia', { capacity: 1 }),
    ...SUPERVISORS.map((id) => supervisor(id)),
  ],
)

/** How an offer to one agent went; open: it stands. */
interface Offered {
  readonly id: string
  readonly conversationId: string
  readonly agentId: string
  outcome: 'open' | 'accepted' | 'declined' | 'timed_out' | 'withdrawn'
}

const IS_DECIDED = 'decided'

/** All desks at once, as far as any of them shows it. */
class Desks {
  readonly world = new World(configuration, CONTACTS)
  readonly pool = new PoolView()
  readonly rows = new Map<string, Conversation>()
  readonly offers: Offered[] = []
  /** By conversation, oldest first. */
  readonly #messages = new Map<string, { readonly id: string; readonly isCustomers: boolean }[]>()
  readonly #closedBy = new Map<string, string>()
  /** Whose it was before supervisors took it over, one from the other; null: nobody's, for it waited. */
  readonly #takenFrom = new Map<string, string | null>()
  #heard = 0
  #stated = 0

  constructor() {
    this.#read()
    for (const person of AGENTS) this.presence(person, 'available')
  }

  /** The newest conversation of a customer, or the one before it. */
  idOf(contactId: string, isNewest = true): string {
    const ids = [...this.rows].flatMap(([id, { contact }]) => (contact.id === contactId ? [id] : []))
    return (isNewest ? ids.at(-1) : ids.at(-2)) ?? ids.at(-1) ?? 'none'
  }

  get(id: string): Conversation {
    return this.rows.get(id)!
  }

  isOpen(id: string): boolean {
    const stage = this.rows.get(id)?.stage.name ?? 'closed'
    return stage !== 'closed' && stage !== 'ending'
  }

  isWithPeople(id: string): boolean {
    return this.isOpen(id) && this.get(id).stage.name !== 'with_robot'
  }

  isOf(id: string, person: string): boolean {
    return this.get(id).agentId === person
  }

  hasRoom(person: Person): boolean {
    const { load, capacity } = this.#agent(person) ?? { load: 0, capacity: Infinity }
    return load < capacity
  }

  /** The transfer of it that nobody has answered. */
  transferOf(id: string): Offered | undefined {
    return this.get(id).agentId === null
      ? undefined
      : this.offers.find(({ conversationId, outcome }) => conversationId === id && outcome === 'open')
  }

  lastMessage(id: string, beforeCustomer = false): string {
    const all = this.#messages.get(id) ?? []
    const at = beforeCustomer ? all.findLastIndex(({ isCustomers }) => isCustomers) - 1 : all.length - 1
    return all[at]?.id ?? ''
  }

  /** Whether the customer wrote behind what was seen. */
  wroteBehind(id: string, seen: string): boolean {
    const all = this.#messages.get(id) ?? []
    return (
      seen !== '' && all.slice(all.findIndex((one) => one.id === seen) + 1).some((one) => one.isCustomers)
    )
  }

  /** Whose close it is that may still be taken back. */
  closing(id: string): string | undefined {
    return this.get(id).closesAt === null ? undefined : this.#closedBy.get(id)
  }

  takenFrom(id: string): string | null {
    return this.#takenFrom.get(id) ?? null
  }

  takesOver(id: string, person: Person): string {
    const { isTakenOver, agentId } = this.get(id)
    const answered = this.wishesPool(id, person, 'TakeOverConversation')
    if (answered === IS_DECIDED && !isTakenOver) this.#takenFrom.set(id, agentId)
    return answered
  }

  /** What a change that the conversation decides is answered: decided, or the code of its refusal. */
  wishes(id: string, person: Person, type: ConversationCommand['type'], data: object = {}): string {
    const told = this.world.wishes(this.get(id).contact.id, {
      type,
      data: { conversationId: id, agentId: person, ...data },
      actor: { kind: 'agent', id: person },
      correlationId: id,
    } as never)
    const answered = this.#answer(told)
    if (type === 'CloseConversation' && answered === IS_DECIDED) this.#closedBy.set(id, person)
    return answered
  }

  /** The same of the pool. */
  wishesPool(id: string, person: Person, type: WorkforceCommand['type'], data: object = {}): string {
    return this.#answer(
      this.world.pool.when(
        type,
        { conversationId: id, agentId: person, ...data },
        {
          kind: 'agent',
          id: person,
        },
      ),
    )
  }

  presence(person: Person, status: string): string {
    return this.#answer(this.world.pool.when('SetPresence', { agentId: person, status }))
  }

  customerWrites(contactId: string, queueName: string): void {
    this.world.wishes(contactId, says('oi', { providerMessageId: `w${this.#heard}` }))
    this.#read()
    for (let step = 0; step < 3; step += 1) this.world.robotHandsOver(contactId, queueName)
    this.#read()
  }

  /** What is ending is over. */
  ends(contactId: string): void {
    const { conversation } = this.world.contact(contactId)
    if (conversation.stage === 'ending')
      this.world.wishes(contactId, expires('ending', conversation.reference))
    this.#read()
  }

  later(seconds: number): void {
    this.world.pool.later(seconds)
    this.#read()
    for (const contactId of CONTACTS) {
      const { conversation } = this.world.contact(contactId)
      if (!('closing' in conversation) || conversation.closing === null) continue
      if ((this.get(conversation.id).closesAt ?? '') > this.world.now) continue
      this.world.wishes(contactId, expires('closing', conversation.closing.reference))
    }
    this.#read()
  }

  /** Where everything is, and who is there. */
  shown(): string {
    const rows = [...this.rows].map(([id, row]) => {
      const { stage, queue: of, agentId, offeredTo, closesAt } = row
      return [id, stage, of, agentId, offeredTo, closesAt]
    })
    return JSON.stringify([rows, this.pool.now()])
  }

  #agent(person: string) {
    return this.pool.now().agents.find(({ id }) => id === person)
  }

  #answer(stated: readonly { readonly type: string; readonly data: unknown }[]): string {
    const refused = stated.find(({ type }) => type === 'CommandRefused')
    this.#read()
    return refused === undefined ? IS_DECIDED : (refused.data as { readonly code: string }).code
  }

  #read(): void {
    this.world.settle()
    const { told, pool: stating } = this.world
    for (const event of told.slice(this.#heard)) {
      const id = event.envelope.correlationId
      if (
        event.type === 'MessageReceived' ||
        event.type === 'MessageSendRequested' ||
        event.type === 'NoteAdded'
      )
        this.#messages.set(id, [
          ...(this.#messages.get(id) ?? []),
          { id: event.data.messageId, isCustomers: event.type === 'MessageReceived' },
        ])
      const next = isConversationFact(event) ? evolve(this.rows.get(id), event) : undefined
      if (next !== undefined) this.rows.set(id, next)
    }
    this.#heard = told.length
    for (const event of stating.stated.slice(this.#stated)) {
      const read = readEventOf(workforces.readEvent(event.envelope) as WorkforceEvent, event)
      this.pool.take(read, recordedOf(read))
      if (read.type === 'ConversationOffered') {
        const { offerId: offered, conversationId, agentId } = read.data
        this.offers.push({ id: offered, conversationId, agentId, outcome: 'open' })
      }
      const ended = this.offers.find(({ id }) => 'offerId' in read.data && id === read.data.offerId)
      if (ended !== undefined && read.type === 'ConversationAssigned') ended.outcome = 'accepted'
      if (ended !== undefined && read.type === 'OfferEnded')
        ended.outcome = read.data.outcome as Offered['outcome']
    }
    this.#stated = stating.stated.length
  }
}

/** One that did something: what it should be answered, what it was, and what must be so when it was decided. */
interface Done {
  readonly what: string
  readonly expected: string
  readonly answered: string
  readonly isSo?: () => boolean
}
type Act = (desks: Desks) => Done | void

/** Of what only the owner may do in a conversation. */
function owned(desks: Desks, id: string, person: Person): string | undefined {
  if (!desks.isOpen(id)) return 'CONVERSATION_NOT_OPEN'
  return desks.isOf(id, person) ? undefined : 'NOT_THE_OWNER'
}

const isParked = (desks: Desks, id: string) => desks.get(id).stage.name === 'parked'

const inConversation =
  (act: (desks: Desks, id: string, person: Person) => Done | void) =>
  (contactId: string, isNewest: boolean, whose: Person | 'whose it is'): Act =>
  (desks) => {
    const id = desks.idOf(contactId, isNewest)
    const row = desks.rows.get(id)
    if (row === undefined) return undefined
    const { agentId, offeredTo } = row
    const person = whose === 'whose it is' ? PEOPLE.find((one) => one === (offeredTo ?? agentId)) : whose
    return act(desks, id, person ?? 'ana')
  }

/** Only while it is in hand: written in, held. */
const inHand = (
  what: string,
  type: ConversationCommand['type'],
  data: object,
  isSo?: (row: Conversation) => boolean,
) =>
  inConversation((desks, id, person) => {
    const expected = owned(desks, id, person) ?? (isParked(desks, id) ? 'CONVERSATION_PARKED' : IS_DECIDED)
    const answered = desks.wishes(id, person, type, data)
    return { what, expected, answered, isSo: () => isSo?.(desks.get(id)) ?? true }
  })

const message = inHand(
  'message',
  'SendAgentMessage',
  { type: 'text' },
  ({ stage }) => stage.name === 'with_agent',
)
const hold = inHand(
  'hold',
  'HoldConversation',
  {},
  ({ stage }) => stage.name === 'with_agent' && stage.isOnHold,
)

const resume = inConversation((desks, id, person) => {
  const isInHand = owned(desks, id, person) === undefined
  const expected =
    owned(desks, id, person) ??
    (isParked(desks, id) && !desks.hasRoom(person) ? 'AGENT_AT_CAPACITY' : IS_DECIDED)
  const isGone =
    isInHand && isParked(desks, id) && !supervises(person) && desks.pool.statusOf(person) === 'offline'
  const held = desks.wishes(id, person, 'EndHold')
  const answered = held === 'CONVERSATION_PARKED' ? desks.wishesPool(id, person, 'ResumeConversation') : held
  const { stage } = desks.get(id)
  return {
    what: 'resume',
    expected: isGone ? 'AGENT_NOT_AVAILABLE' : expected,
    answered,
    isSo: () => stage.name === 'with_agent' && !stage.isOnHold && desks.isOf(id, person),
  }
})

const park = (seenWhat: 'nothing' | 'all' | 'before', snooze: 'none' | 'later' | 'over') =>
  inConversation((desks, id, person) => {
    const seenMessageId = seenWhat === 'nothing' ? '' : desks.lastMessage(id, seenWhat === 'before')
    const at = desks.world.pool.at
    const until = { none: undefined, later: at + 30_000, over: at - 1_000 }[snooze]
    const snoozedUntil = until === undefined ? undefined : new Date(until).toISOString()
    const expected =
      owned(desks, id, person) ??
      (isParked(desks, id)
        ? 'CONVERSATION_PARKED'
        : snooze === 'over'
          ? 'SNOOZE_OVER'
          : desks.wroteBehind(id, seenMessageId)
            ? 'CUSTOMER_WROTE'
            : IS_DECIDED)
    const answered = desks.wishes(id, person, 'ParkConversation', { seenMessageId, snoozedUntil })
    const { stage, closesAt } = desks.get(id)
    return {
      what: 'park',
      expected,
      answered,
      isSo: () =>
        stage.name === 'parked' &&
        desks.isOf(id, person) &&
        closesAt === null &&
        desks.transferOf(id) === undefined &&
        stage.snoozedUntil === (snoozedUntil ?? null),
    }
  })

const close = (seenWhat: 'nothing' | 'all' | 'before', undoSeconds: number, reason: string) =>
  inConversation((desks, id, person) => {
    const seenMessageId = seenWhat === 'nothing' ? '' : desks.lastMessage(id, seenWhat === 'before')
    const row = desks.get(id)
    const isSupervisors = supervises(person) && !desks.isOf(id, person)
    const expected =
      (isSupervisors
        ? desks.isWithPeople(id)
          ? undefined
          : desks.isOpen(id)
            ? 'NOT_THE_OWNER'
            : 'CONVERSATION_NOT_OPEN'
        : owned(desks, id, person)) ??
      (reason !== 'solved'
        ? 'CLOSE_REASON_UNKNOWN'
        : desks.wroteBehind(id, seenMessageId)
          ? 'CUSTOMER_WROTE'
          : IS_DECIDED)
    const isTakenBack = undoSeconds > 0 && row.agentId !== null
    const answered = desks.wishes(id, person, 'CloseConversation', {
      reason,
      seenMessageId,
      undoSeconds,
      bySupervisor: isSupervisors,
      seenOwnerId: isSupervisors ? (row.agentId ?? '') : '',
      closeReasons: [...desks.pool.closeReasonsOf(row.queue ?? '')],
    })
    return {
      what: 'close',
      expected,
      answered,
      isSo: () => (isTakenBack ? desks.closing(id) === person : !desks.isOpen(id)),
    }
  })

const undo = inConversation((desks, id, person) => {
  const expected = !desks.isOpen(id)
    ? 'CONVERSATION_NOT_OPEN'
    : desks.closing(id) === person
      ? IS_DECIDED
      : (owned(desks, id, person) ?? (desks.closing(id) === undefined ? 'NOT_CLOSING' : IS_DECIDED))
  const answered = desks.wishes(id, person, 'UndoClose')
  return { what: 'undo', expected, answered, isSo: () => desks.get(id).closesAt === null }
})

const answerOffer = (type: 'AcceptOffer' | 'DeclineOffer') =>
  inConversation((desks, id, person) => {
    const offer = desks.offers.findLast(
      ({ conversationId, agentId }) => conversationId === id && agentId === person,
    )
    const expected =
      offer === undefined ? 'UNKNOWN_OFFER' : offer.outcome === 'open' ? IS_DECIDED : 'OFFER_ENDED'
    const owner = desks.get(id).agentId
    const answered = desks.wishesPool(id, person, type, { offerId: offer?.id ?? 'none' })
    const row = desks.get(id)
    return {
      what: type,
      expected,
      answered,
      isSo: () =>
        type === 'AcceptOffer'
          ? row.stage.name === 'with_agent' && row.agentId === person && row.offeredTo === null
          : offer!.outcome === 'declined' && (owner === null || row.agentId === owner),
    }
  })

const claim = inConversation((desks, id, person) => {
  if (supervises(person)) return undefined
  const { stage, queue: of } = desks.get(id)
  const status = desks.pool.statusOf(person)
  const expected =
    stage.name !== 'waiting'
      ? 'NOT_WAITING'
      : of === 'cards'
        ? 'QUEUE_NOT_CLAIMABLE'
        : status === 'away' || status === 'offline'
          ? 'AGENT_NOT_AVAILABLE'
          : desks.hasRoom(person)
            ? IS_DECIDED
            : 'AGENT_AT_CAPACITY'
  const answered = desks.wishesPool(id, person, 'ClaimConversation')
  return { what: 'claim', expected, answered, isSo: () => desks.isOf(id, person) }
})

/** Of what goes elsewhere: who may send it there. */
function handedOn(desks: Desks, id: string, person: Person): string | undefined {
  if (!desks.isWithPeople(id)) return 'UNKNOWN_CONVERSATION'
  return desks.isOf(id, person) || supervises(person) ? undefined : 'NOT_THE_OWNER'
}

const transfer = (desks: Desks, id: string, person: Person, to: object): string =>
  desks.wishesPool(id, person, 'TransferConversation', {
    bySupervisor: supervises(person) && !desks.isOf(id, person),
    ...to,
  })

const toAgent = (toAgentId: (typeof AGENTS)[number]) =>
  inConversation((desks, id, person) => {
    const { agentId: owner, offeredTo, queue: of } = desks.get(id)
    const status = desks.pool.statusOf(toAgentId)
    const pending = desks.transferOf(id)
    const expected =
      handedOn(desks, id, person) ??
      (toAgentId === owner
        ? 'TRANSFER_TO_WHERE_IT_IS'
        : isParked(desks, id)
          ? 'CONVERSATION_PARKED'
          : pending !== undefined || offeredTo === toAgentId
            ? 'TRANSFER_PENDING'
            : status !== 'available'
              ? 'AGENT_NOT_AVAILABLE'
              : !desks.hasRoom(toAgentId)
                ? 'AGENT_AT_CAPACITY'
                : of === 'cards' && toAgentId === 'bia'
                  ? 'SKILL_MISSING'
                  : IS_DECIDED)
    const answered = transfer(desks, id, person, { toAgentId })
    return {
      what: `transfer to ${toAgentId}`,
      expected,
      answered,
      isSo: () => desks.get(id).agentId === owner && desks.get(id).offeredTo === toAgentId,
    }
  })

const toQueue = (name: 'general' | 'cards' | 'nowhere') =>
  inConversation((desks, id, person) => {
    const { agentId: owner, queue: of } = desks.get(id)
    const expected =
      handedOn(desks, id, person) ??
      (name === 'nowhere'
        ? 'UNKNOWN_QUEUE'
        : owner === null && of === name
          ? 'TRANSFER_TO_WHERE_IT_IS'
          : IS_DECIDED)
    const answered = transfer(desks, id, person, { toQueue: name })
    return {
      what: `transfer to ${name}`,
      expected,
      answered,
      isSo: () => desks.get(id).queue === name && (owner === null || !desks.isOf(id, owner)),
    }
  })

const toRobot = (toStep: string) =>
  inConversation((desks, id, person) => {
    const expected = handedOn(desks, id, person) ?? (toStep === 'no step' ? 'UNKNOWN_STEP' : IS_DECIDED)
    const answered = transfer(desks, id, person, { toFlow: 'menu', toStep })
    return {
      what: 'transfer to the robot',
      expected,
      answered,
      isSo: () => desks.get(id).stage.name === 'with_robot' && desks.get(id).offeredTo === null,
    }
  })

const takeOver = inConversation((desks, id, person) => {
  const by = supervises(person) ? person : 'vera'
  const expected = desks.isWithPeople(id) ? IS_DECIDED : 'UNKNOWN_CONVERSATION'
  const answered = desks.takesOver(id, by)
  const { stage } = desks.get(id)
  return {
    what: 'take over',
    expected,
    answered,
    isSo: () => desks.isOf(id, by) && stage.name === 'with_agent',
  }
})

/** To whose it was before any of the supervisors, where they have room. */
const giveBack = inConversation((desks, id, person) => {
  const by = supervises(person) ? person : 'vera'
  const from = AGENTS.find((one) => one === desks.takenFrom(id))
  const goesTo =
    from !== undefined && desks.pool.statusOf(from) === 'available' && desks.hasRoom(from) ? from : undefined
  const expected = !desks.isWithPeople(id)
    ? 'UNKNOWN_CONVERSATION'
    : !desks.isOf(id, by)
      ? 'NOT_THE_OWNER'
      : desks.get(id).isTakenOver
        ? IS_DECIDED
        : 'NOT_TAKEN_OVER'
  const answered = desks.wishesPool(id, by, 'GiveBackConversation')
  const isSo = () => (goesTo === undefined ? !desks.isOf(id, by) : desks.isOf(id, goesTo))
  return { what: 'give back', expected, answered, isSo }
})

/** A parked one comes back to who parked it where they are available with room, without an offer; otherwise it waits for whoever may. */
const customerWrites =
  (contactId: string, queueName: string): Act =>
  (desks) => {
    const id = desks.idOf(contactId)
    const before = desks.rows.get(id)
    const { agentId: owner } = before ?? { agentId: null }
    const isAgents = owner === 'ana' || owner === 'bia'
    const comesBack =
      before?.stage.name === 'parked' &&
      isAgents &&
      desks.pool.statusOf(owner) === 'available' &&
      desks.hasRoom(owner)
    const offersBefore = desks.offers.length
    desks.customerWrites(contactId, queueName)
    if (before === undefined || !['parked', 'with_agent'].includes(before.stage.name)) return undefined
    const { stage, closesAt, agentId } = desks.get(id)
    const isSo = () =>
      closesAt === null &&
      (before.stage.name === 'with_agent'
        ? agentId === owner
        : comesBack
          ? agentId === owner && stage.name === 'with_agent' && desks.offers.length === offersBefore
          : stage.name !== 'parked')
    return { what: 'the customer writes', expected: IS_DECIDED, answered: IS_DECIDED, isSo }
  }

const seen = constantFrom('nothing', 'all', 'all', 'before')
const contact = constantFrom(...CONTACTS)
const isNewest = constantFrom(true, true, true, false)
const anybody = constantFrom<Person | 'whose it is'>(...PEOPLE, ...Array(6).fill('whose it is'))
const of = (
  weight: number,
  acts: Arbitrary<(contactId: string, isNewest: boolean, whose: Person | 'whose it is') => Act>,
) => ({
  weight,
  arbitrary: tuple(acts, contact, isNewest, anybody).map(([act, ...whom]) => act(...whom)),
})
const acts: Arbitrary<Act> = oneof(
  {
    weight: 8,
    arbitrary: tuple(contact, constantFrom('general', 'cards')).map((all) => customerWrites(...all)),
  },
  of(10, constantFrom(answerOffer('AcceptOffer'), answerOffer('AcceptOffer'), answerOffer('DeclineOffer'))),
  of(10, constantFrom(message, hold, resume, resume, undo, undo, claim, claim)),
  of(
    3,
    tuple(seen, constantFrom('none', 'none', 'later', 'over')).map((all) => park(...all)),
  ),
  of(
    3,
    tuple(seen, constantFrom(0, 30, 30), constantFrom('solved', 'solved', 'solved', 'x')).map((all) =>
      close(...all),
    ),
  ),
  of(
    4,
    constantFrom(toAgent('ana'), toAgent('bia'), toQueue('general'), toQueue('cards'), toQueue('nowhere')),
  ),
  of(1, constantFrom(toRobot(''), toRobot('cards'), toRobot('no step'))),
  of(2, constantFrom(takeOver, giveBack, giveBack)),
  {
    weight: 2,
    arbitrary: tuple(
      constantFrom(...AGENTS),
      constantFrom(
        'available',
        'available',
        'available',
        'available',
        'finishing',
        'busy',
        'away',
        'offline',
      ),
    ).map(([person, status]): Act => (desks) => {
      const answered = desks.presence(person, status)
      const has = () =>
        [...desks.rows.values()].some(
          ({ stage, agentId }) => agentId === person && stage.name === 'with_agent',
        )
      const isSo = () => desks.pool.statusOf(person) === status && (status !== 'offline' || !has())
      return { what: `is ${status}`, expected: IS_DECIDED, answered, isSo }
    }),
  },
  {
    weight: 2,
    arbitrary: contact.map(
      (id): Act =>
        (desks) =>
          desks.ends(id),
    ),
  },
  {
    weight: 3,
    arbitrary: integer({ min: 1, max: 40 }).map(
      (seconds): Act =>
        (desks) =>
          desks.later(seconds),
    ),
  },
)

/** All that is not as it should be after something was done. */
function wrongAfter(desks: Desks, before: string, done: Done | void): readonly string[] {
  const wrong = [...desks.world.disagreements(), ...wrongWith(desks.world.pool.state, desks.world.pool.at)]
  for (const { id, load } of desks.pool.now().agents)
    if (load > CAPACITY[id]!) wrong.push(`${id} has ${load} of ${CAPACITY[id]}`)
  if (done === undefined) return wrong
  const { what, expected, answered, isSo } = done
  if (answered !== expected) wrong.push(`${what}: ${answered} instead of ${expected}`)
  else if (answered !== IS_DECIDED && desks.shown() !== before) wrong.push(`${what}: ${answered}, and done`)
  else if (answered === IS_DECIDED && isSo?.() === false) wrong.push(`${what}: decided, and not so`)
  return wrong
}

test('whatever two agents, two supervisors and their customers do in any order, each is answered what the desks show that they may do', () => {
  const answers = new Set<string>()
  assert(
    property(array(acts, { minLength: 40, maxLength: 100, size: 'max' }), (all) => {
      const desks = new Desks()
      for (const id of CONTACTS) desks.customerWrites(id, id === 'contact-1' ? 'cards' : 'general')
      for (const act of all) {
        const before = desks.shown()
        const done = act(desks)
        if (done !== undefined) answers.add(`${done.what} ${done.answered}`)
        expect(wrongAfter(desks, before, done)).toEqual([])
      }
    }),
    runs(60),
  )
  // Most of what can be answered came to pass.
  expect(answers.size).toBeGreaterThan(50)
})
