import { canonicalNumber, messageIn, spellingsOf } from '@parley/conversation'
import { runs } from '@parley/testkit/properties'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Json,
  RECEIVED_AT,
  valueOf,
  webhookOf,
} from '../../services/gateway/src/webhook/webhook.fixture.ts'
import { Town } from './town.ts'

/** What happens in the world: who gets which number, who tells WhatsApp that theirs changed, who writes and shows what of their names. */
type Happening =
  | { readonly what: 'gets'; readonly person: number; readonly number: number }
  | {
      readonly what: 'changes'
      readonly person: number
      readonly number: number
      readonly tells: (typeof TELLS)[number]
    }
  | {
      readonly what: (typeof SAID)[number]
      readonly person: number
      readonly shows: 'both' | 'person' | 'number'
    }

const TELLS = ['numbers', 'both', 'new and both BSUIDs', 'old and both BSUIDs', 'BSUIDs'] as const
const SAID = [
  'writes',
  'edits',
  'deletes',
  'stops',
  'starts',
  'is blocked',
  'is written to in the app',
] as const

const person = fc.nat(2)
const number = fc.nat(2)
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ what: fc.constant('gets' as const), person, number }) },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant('changes' as const),
      person,
      number,
      tells: fc.constantFrom(...TELLS),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constantFrom('writes' as const, 'writes' as const, ...SAID),
      person,
      shows: fc.constantFrom('both' as const, 'both' as const, 'person' as const, 'number' as const),
    }),
  },
)

interface Webhook {
  readonly json: Json
  readonly person: number
  /** Their BSUIDs that it tells. */
  readonly userIds: readonly string[]
  readonly stops?: boolean
  /** The provider's id of what they wrote, where it is known whose that is. */
  readonly writes?: string
  /** It says something of a message, which may be in another record of theirs. */
  readonly isOfMessage?: boolean
  /** After it, whoever it is about is blocked by an agent. */
  readonly isBlocked?: boolean
}

/** Either spelling of the number, by chance of its place. */
const spelled = (number: number, place: number): string =>
  place % 2 === 0 ? `5511912340${number}00` : `551112340${number}00`

const named = (fields: Json): Json =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''))

/** Somebody of that world, at a place in it. */
interface Standing {
  readonly index: number
  readonly person: number
  readonly number: number | undefined
  readonly userId: string
  readonly parentId: string
}

const headOf = (index: number) => ({
  id: `wamid.${index}`,
  timestamp: String(RECEIVED_AT / 1_000 - 1_000 + index),
})

/**
 * The webhooks of that world, in its order. A number that somebody changed to by a notice without BSUIDs goes to nobody else: the next BSUID
 * that comes with it could be either's.
 * @param isInOrder nothing will be late: a number may come back to who had it
 */
function webhooksOf(happenings: readonly Happening[], isInOrder: boolean): Webhook[] {
  const numberOf = new Map<number, number>()
  const had = new Set<string>()
  const changedTo = new Set<number>()
  const changes = new Map<number, number>()
  const written = new Map<number, string>()
  return happenings.flatMap((each, index): Webhook[] => {
    const { person } = each
    const standing = (): Standing => {
      const change = changes.get(person) ?? 0
      const [userId, parentId] = [`BR.${person}.${change}`, `BR.ENT.${person}x${change}`]
      return { index, person, number: numberOf.get(person), userId, parentId }
    }
    const before = standing()
    if (each.what !== 'gets' && each.what !== 'changes') {
      if (each.what === 'is blocked' && !isInOrder) return []
      const said = webhooksSaying(each, before, written.get(person))
      if (each.what === 'writes' && each.shows !== 'number') written.set(person, headOf(index).id)
      return said
    }
    if ((!isInOrder && had.has(`${person} ${each.number}`)) || changedTo.has(each.number)) return []
    if (before.number === each.number || (each.what === 'changes' && before.number === undefined)) return []
    had.add(`${person} ${each.number}`)
    for (const [owner, number] of numberOf) if (number === each.number) numberOf.delete(owner)
    numberOf.set(person, each.number)
    if (each.what === 'gets') return []
    if (each.tells === 'numbers') changedTo.add(each.number)
    changes.set(person, (changes.get(person) ?? 0) + 1)
    return [webhookChanging(each.tells, before, standing())]
  })
}

/** @param about what they wrote last */
function webhooksSaying(
  { what, shows }: Extract<Happening, { shows: unknown }>,
  { index, person, number, userId, parentId }: Standing,
  about: string | undefined,
): Webhook[] {
  if (number === undefined && shows === 'number') return []
  const waId = number === undefined || shows === 'person' ? '' : spelled(number, index)
  const isAlone = shows === 'number'
  // By chance of its place: the BSUID, the parent company's, or both.
  const shown = isAlone || index % 5 === 4 ? '' : userId
  const shownParent = isAlone || index % 5 < 3 ? '' : parentId
  const contacts = [
    {
      ...named({ wa_id: waId, user_id: shown, parent_user_id: shownParent }),
      profile: { name: `P${person}` },
    },
  ]
  const head = headOf(index)
  const from = named({ from: waId, from_user_id: shown, from_parent_user_id: shownParent })
  const ofThem = isAlone ? 'by somebody' : `by ${person}`
  const body = what === 'stops' ? 'PARAR' : what === 'starts' ? 'START' : ofThem
  const text = { type: 'text', text: { body } }
  const userIds = [shown, shownParent].filter((each) => each !== '')
  const say = (content: Json): Webhook => ({
    json: webhookOf({
      field: 'messages',
      value: valueOf({ contacts, messages: [{ ...head, ...from, ...content }] }),
    }),
    person,
    userIds,
  })
  switch (what) {
    case 'edits':
      if (about === undefined) return []
      return [
        { ...say({ type: 'edit', edit: { original_message_id: about, message: text } }), isOfMessage: true },
      ]
    case 'deletes':
      if (about === undefined) return []
      return [{ ...say({ type: 'revoke', revoke: { original_message_id: about } }), isOfMessage: true }]
    case 'is written to in the app': {
      const echo = {
        ...head,
        ...text,
        from: '15550783881',
        ...named({ to: waId, to_user_id: shown, to_parent_user_id: shownParent }),
      }
      const value = valueOf({ contacts, message_echoes: [echo] })
      return [{ json: webhookOf({ field: 'smb_message_echoes', value }), person, userIds }]
    }
    case 'stops':
    case 'starts':
      return isAlone ? [] : [{ ...say(text), stops: what === 'stops' }]
    case 'is blocked':
      return isAlone ? [] : [{ ...say(text), isBlocked: true }]
    case 'writes':
      return [isAlone ? say(text) : { ...say(text), writes: head.id }]
  }
}

function webhookChanging(tells: (typeof TELLS)[number], before: Standing, now: Standing): Webhook {
  const { index, person } = now
  const tellsOld = ['numbers', 'both', 'old and both BSUIDs'].includes(tells)
  const tellsNew = ['numbers', 'both', 'new and both BSUIDs'].includes(tells)
  const tellsIds = tells !== 'numbers'
  const tellsParents = tellsIds && index % 2 === 0
  const system = named({
    type: tellsNew ? 'user_changed_number' : 'user_changed_user_id',
    wa_id: tellsNew ? spelled(now.number!, index + 1) : '',
    user_id: tellsIds ? now.userId : '',
    previous_user_id: tellsIds ? before.userId : '',
    parent_user_id: tellsParents ? now.parentId : '',
    previous_parent_user_id: tellsParents ? before.parentId : '',
  })
  const from = named({
    from: tellsOld ? spelled(before.number!, index) : '',
    from_user_id: tellsIds ? '' : before.userId,
  })
  const message = { ...headOf(index), type: 'system', ...from, system }
  return {
    json: webhookOf({ field: 'messages', value: valueOf({ messages: [message] }) }),
    person,
    userIds: [
      before.userId,
      ...(tellsIds ? [now.userId] : []),
      ...(tellsParents ? [before.parentId, now.parentId] : []),
    ],
  }
}

/** Whose words stand in a record, as far as they say whose they are. */
const writers = (town: Town, contactId: string): Set<string> =>
  new Set(
    town.records.get(contactId)!.events.flatMap(({ envelope }) => {
      const body = messageIn(envelope.content)?.body
      return body?.$case === 'text' && /^by \d$/.test(body.value.text) ? [body.value.text] : []
    }),
  )

/** @param keys by chance: when what follows from a webhook is done, and whether it comes again */
async function townAfter(order: readonly Webhook[], keys: readonly number[]): Promise<Town> {
  const town = new Town()
  for (const [index, { json, userIds, isBlocked }] of order.entries()) {
    await town.hears(json)
    if (isBlocked) town.blocks(town.contactOf(userIds[0]!)!)
    if (keys[index]! % 3 > 0) town.catchesUp()
    if (keys[index]! % 5 === 0) await town.hears(json)
  }
  town.catchesUp()
  return town
}

/** What holds in any order. */
function mistakesIn(town: Town, webhooks: readonly Webhook[]): string[] {
  const mistakes: string[] = []
  const personOf = new Map<string, number>()
  for (const { person, userIds } of webhooks)
    for (const userId of userIds) {
      const contactId = town.survivorOf(town.contactOf(userId)!)
      const other = personOf.get(contactId) ?? person
      if (other !== person) mistakes.push(`${contactId} is ${person} and ${other}`)
      personOf.set(contactId, person)
    }
  for (const [contactId, { card }] of town.records)
    if (card !== undefined && card.number !== '' && town.ownerOf(card.number) !== contactId)
      mistakes.push(`${contactId} is shown with ${card.number} of ${town.ownerOf(card.number)}`)
  for (const [contactId, { waId }] of town.addresses)
    if (waId !== '' && town.survivorOf(contactId) === contactId && town.ownerOf(waId) !== contactId)
      mistakes.push(`${contactId} is written to under ${waId} of ${town.ownerOf(waId)}`)
  const stopped = new Map<string, boolean>()
  for (const { userIds, stops } of webhooks)
    if (stops !== undefined) stopped.set(town.survivorOf(town.contactOf(userIds[0]!)!), stops)
  for (const [contactId, { state }] of town.records) {
    const { contact, conversation } = state
    if (conversation.stage !== 'merged' && contact.optedOut !== (stopped.get(contactId) ?? false))
      mistakes.push(`${contactId} is opted out: ${contact.optedOut}`)
  }
  return mistakes
}

/** And what holds where nothing was late. */
function mistakesInOrder(town: Town, webhooks: readonly Webhook[]): string[] {
  const mistakes: string[] = []
  const owned = [0, 1, 2].flatMap((each) => {
    const owner = town.ownerOf(spelled(each, 0))
    return owner === undefined ? [] : [[owner, canonicalNumber(spelled(each, 0))] as const]
  })
  for (const [owner, waId] of owned) {
    // What was said of a message in another record stands there, with the number that came with it.
    const hasCome = webhooks.some(
      ({ json, userIds, isOfMessage = false }) =>
        !isOfMessage &&
        userIds.some((userId) => town.survivorOf(town.contactOf(userId)!) === owner) &&
        spellingsOf(waId).some((spelling) => JSON.stringify(json).includes(spelling)),
    )
    const record = town.records.get(owner)
    if (record === undefined || !hasCome) continue
    const { card, state, events } = record
    const hasLost = events.some(({ type }) => type === 'ContactNumberReleased')
    const isOnly = owned.filter(([each]) => each === owner).length === 1
    // Who was two contacts is shown with it as soon as they come with it once more.
    if (state.contact.absorbed.length > 0 || hasLost || !isOnly) continue
    if (canonicalNumber(card?.number ?? '') !== waId)
      mistakes.push(`${owner} has ${waId}, and is shown with ${card?.number}`)
  }
  const blocked = new Set<string>()
  for (const { userIds, isBlocked } of webhooks)
    if (isBlocked) blocked.add(town.survivorOf(town.contactOf(userIds[0]!)!))
  for (const [contactId, { state }] of town.records) {
    const { contact, conversation } = state
    if (writers(town, contactId).size > 1) mistakes.push(`two people wrote in the record of ${contactId}`)
    if (conversation.stage === 'merged') continue
    if (contact.blocked !== blocked.has(contactId))
      mistakes.push(`${contactId} is blocked: ${contact.blocked}`)
  }
  return mistakes
}

const happenings = fc.array(happening, { minLength: 2, maxLength: 16 })
const keys = fc.array(fc.nat(), { minLength: 16, maxLength: 16 })
const RUNS = runs(300)

test('in whatever order webhooks come, and however late what follows is done: a number is shown and written to with whom it belongs, and with nobody else', async () => {
  await fc.assert(
    fc.asyncProperty(happenings, keys, async (happened, chance) => {
      const webhooks = webhooksOf(happened, false)
      const order = webhooks
        .map((webhook, index) => ({ webhook, key: chance[index]! }))
        .toSorted((left, right) => left.key - right.key)
        .map(({ webhook }) => webhook)
      expect(mistakesIn(await townAfter(order, chance), webhooks)).toEqual([])
    }),
    RUNS,
  )
})

test('where nothing is late: no record holds what two people wrote, a number that comes back is shown again, and a stop or a block is of one person alone', async () => {
  await fc.assert(
    fc.asyncProperty(happenings, keys, async (happened, chance) => {
      const webhooks = webhooksOf(happened, true)
      const town = await townAfter(webhooks, chance)
      expect([...mistakesIn(town, webhooks), ...mistakesInOrder(town, webhooks)]).toEqual([])
    }),
    RUNS,
  )
})

test('what nobody has answered stands in the record of who they are by now, under whatever names they wrote it', async () => {
  const asked = fc.array(happening, { minLength: 2, maxLength: 16 }).map((all) =>
    // Whom nothing may be sent, and who is answered in the app, waits for no robot.
    all.filter(({ what }) => what === 'gets' || what === 'changes' || what === 'writes'),
  )
  await fc.assert(
    fc.asyncProperty(asked, keys, async (happened, chance) => {
      const webhooks = webhooksOf(happened, true)
      const town = await townAfter(webhooks, chance)
      const lost = webhooks.filter(({ writes, userIds }) => {
        if (writes === undefined) return false
        const { events, state } = town.records.get(town.survivorOf(town.contactOf(userIds[0]!)!))!
        const { conversation } = state
        const received = events.find(
          ({ type, data }) => type === 'MessageReceived' && data.providerMessageId === writes,
        )
        const waits = conversation.stage === 'with_robot' ? conversation.inputs : []
        return received === undefined || !waits.some(({ providerMessageId }) => providerMessageId === writes)
      })
      expect(lost).toEqual([])
    }),
    RUNS,
  )
})

const ANA = 'BR.1'
const written = (at: number, names: Json): Json =>
  webhookOf({
    field: 'messages',
    value: valueOf({
      messages: [
        {
          id: `wamid.${at}`,
          timestamp: String(RECEIVED_AT / 1_000 - 1_000 + at),
          type: 'text',
          text: { body: 'oi' },
          ...names,
        },
      ],
    }),
  })
const changed = (at: number, names: Json, system: Json): Json =>
  written(at, { ...names, type: 'system', system: { type: 'user_changed_number', ...system } })

const shown = (town: Town) =>
  Object.fromEntries([...town.records].map(([contactId, { card }]) => [contactId, card?.number]))

test('a customer’s first sign of life is the notice of a new number: the card shows the new one, whatever comes late under the old', async () => {
  const town = new Town()
  await town.hears(changed(10, { from: '5511988880000', from_user_id: ANA }, { wa_id: '5511977770000' }))
  expect(shown(town)).toEqual({ 'contact-1': '5511977770000' })
  await town.hears(written(5, { from: '5511988880000', from_user_id: ANA }))
  expect(shown(town)).toEqual({ 'contact-1': '5511977770000' })
})

test('who writes late, when the number is another person’s by now, is not shown with it', async () => {
  const town = new Town()
  await town.hears(written(10, { from: '5511988880000', from_user_id: 'BR.2' }))
  await town.hears(written(5, { from: '5511988880000', from_user_id: ANA }))
  expect(shown(town)).toEqual({ 'contact-1': '5511988880000', 'contact-2': '' })
})

test('who changes to another number and back again is shown with the one of today', async () => {
  const town = new Town()
  const [home, abroad] = ['5511988880000', '351912345678']
  await town.hears(written(1, { from: home }))
  await town.hears(changed(2, { from: home }, { wa_id: abroad }))
  expect(shown(town)).toEqual({ 'contact-1': abroad })
  await town.hears(changed(3, { from: abroad }, { wa_id: home }))
  expect(shown(town)).toEqual({ 'contact-1': home })
})

test.each([
  ['the long one first', '5511988880000', '551188880000'],
  ['the short one first', '551188880000', '5511988880000'],
])(
  'a number passes on in another spelling than it was shown in: it is on one card alone (%s)',
  async (_, before, after) => {
    const town = new Town()
    await town.hears(written(1, { from: before, from_user_id: ANA }))
    await town.hears(written(2, { from: after, from_user_id: 'BR.2' }))
    expect(shown(town)).toEqual({ 'contact-1': '', 'contact-2': after })
  },
)

test('who left a number for one that is somebody else’s by the time that the notice comes has none: the old one may be anybody’s', async () => {
  const town = new Town()
  const [before, after] = ['5511988880000', '5511977770000']
  await town.hears(written(1, { from: before, from_user_id: ANA }))
  await town.hears(written(9, { from: after, from_user_id: 'BR.2' }))
  await town.hears(changed(5, { from: before }, { wa_id: after, user_id: 'BR.9', previous_user_id: ANA }))
  expect(shown(town)).toEqual({ 'contact-1': '', 'contact-2': after })
})

test('a number that came by itself is shown with nobody once two notices told, the later one first, that it was left', async () => {
  const town = new Town()
  const [first, second, third] = ['BR.1', 'BR.2', 'BR.3']
  await town.hears(written(15, { from: '5511988880000' }))
  await town.hears(
    changed(20, {}, { type: 'user_changed_user_id', user_id: third, previous_user_id: second }),
  )
  await town.hears(changed(10, {}, { wa_id: '5511988880000', user_id: second, previous_user_id: first }))
  town.catchesUp()
  expect(Object.values(shown(town))).toEqual(['', ''])
})

test('two contacts that prove to be one have one number, and the one that is no more has none', async () => {
  const town = new Town()
  const [before, after] = ['5511988880000', '5511977770000']
  await town.hears(written(1, { from: before, from_user_id: ANA }))
  await town.hears(written(9, { from: after, from_user_id: 'BR.9' }))
  await town.hears(changed(5, { from: before }, { wa_id: after, user_id: 'BR.9', previous_user_id: ANA }))
  town.catchesUp()
  expect(shown(town)).toEqual({ 'contact-1': after, 'contact-2': '' })
})

test('what a customer deletes is deleted where they wrote it, though they are another contact by now; an edit that says stop is heard by who they are', async () => {
  const town = new Town()
  const [before, after] = ['5511988880000', '5511977770000']
  await town.hears(written(1, { from: before, from_user_id: ANA }))
  await town.hears(written(9, { from: after, from_user_id: 'BR.9' }))
  await town.hears(changed(5, { from: before }, { wa_id: after, user_id: 'BR.9', previous_user_id: ANA }))
  town.catchesUp()
  const about = { from: after, from_user_id: 'BR.9' }
  await town.hears(written(10, { ...about, type: 'revoke', revoke: { original_message_id: 'wamid.9' } }))
  const deleted = (contactId: string) =>
    town.records
      .get(contactId)!
      .events.flatMap((event) => (event.type === 'MessageRevoked' ? [event.data.targetMessageId !== ''] : []))
  expect([deleted('contact-1'), deleted('contact-2')]).toEqual([[], [true]])
  const message = { type: 'text', text: { body: 'PARAR' } }
  await town.hears(written(11, { ...about, type: 'edit', edit: { original_message_id: 'wamid.9', message } }))
  expect(town.records.get('contact-1')!.state.contact.optedOut).toBe(true)
})

const takenBy = (town: Town, providerMessageId: string): string[] =>
  [...town.records].flatMap(([contactId, { events }]) =>
    events.some(
      ({ type, data }) => type === 'MessageReceived' && data.providerMessageId === providerMessageId,
    )
      ? [contactId]
      : [],
  )

const FIVE = [1, 2, 3, 4, 5]
const place = fc.constantFrom(...FIVE)
const crossing = fc.record({
  what: fc.oneof(
    { weight: 3, arbitrary: fc.record({ from: place, into: place }) },
    { weight: 1, arbitrary: fc.record({ from: place, says: fc.constantFrom('PARAR', 'VOLTAR', 'oi') }) },
    { weight: 1, arbitrary: fc.record({ from: place, isBlocked: fc.constant(true) }) },
  ),
  /** So much of what follows is done before the next one, and of whom. */
  steps: fc.nat(4),
  chance: fc.nat(),
})

test('merges of up to five contacts that cross in any way, each done as far as it comes, leave one of those who are one: the first, with all that was asked under any name', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(crossing, { minLength: 1, maxLength: 10 }), async (happened) => {
      const town = new Town()
      const named = (of: number) => ({ from: `551198888000${of}`, from_user_id: `BR.${of}` })
      /** Of each, the first of those who are one with them. */
      const first = new Map(FIVE.map((of) => [of, of]))
      const consents: { of: number; stops: boolean }[] = []
      const blocked: number[] = []
      for (const of of FIVE) await town.hears(written(of, named(of)))
      for (const [index, { what, steps, chance }] of happened.entries()) {
        if ('into' in what) {
          town.merges(`contact-${what.from}`, `contact-${what.into}`)
          const both = [first.get(what.from)!, first.get(what.into)!]
          for (const [of, one] of first) if (both.includes(one)) first.set(of, Math.min(...both))
        } else if ('says' in what) {
          const text = { type: 'text', text: { body: what.says } }
          await town.hears(written(10 + index, { ...named(what.from), ...text }))
          if (what.says !== 'oi') consents.push({ of: what.from, stops: what.says === 'PARAR' })
        } else {
          town.blocks(`contact-${what.from}`)
          blocked.push(what.from)
        }
        town.catchesUp(steps, (contacts) => chance % contacts)
      }
      town.catchesUp()
      for (const of of FIVE) await town.hears(written(50 + of, named(of)))
      town.catchesUp()
      for (const [of, one] of first) {
        expect(town.survivorOf(`contact-${of}`)).toBe(`contact-${one}`)
        expect(takenBy(town, `wamid.${50 + of}`)).toEqual([`contact-${one}`])
        const { contact } = town.records.get(`contact-${one}`)!.state
        expect(contact).toMatchObject({
          optedOut: consents.findLast((each) => first.get(each.of) === one)?.stops ?? false,
          blocked: blocked.some((each) => first.get(each) === one),
        })
      }
    }),
    RUNS,
  )
})

test.each([
  ['one after the other', true],
  ['at once', false],
])(
  'three that are merged in a ring, %s, are the first: stopped as one of them asked',
  async (_, isCaughtUp) => {
    const town = new Town()
    const named = (of: number) => ({ from: `551198888000${of}`, from_user_id: `BR.${of}` })
    for (const of of [1, 2, 3]) {
      const text = { type: 'text', text: { body: of === 2 ? 'PARAR' : 'oi' } }
      await town.hears(written(of, { ...named(of), ...text }))
    }
    for (const [from, into] of [
      [1, 2],
      [2, 3],
      [3, 1],
    ] as const) {
      town.merges(`contact-${from}`, `contact-${into}`)
      if (isCaughtUp) town.catchesUp()
    }
    town.catchesUp()
    for (const of of [1, 2, 3]) await town.hears(written(10 + of, named(of)))
    expect(['wamid.11', 'wamid.12', 'wamid.13'].flatMap((id) => takenBy(town, id))).toEqual(
      Array.from({ length: 3 }, () => 'contact-1'),
    )
    const { state, card } = town.records.get('contact-1')!
    expect(state.contact.optedOut).toBe(true)
    expect(card).toMatchObject({ optedOutAt: expect.any(String) })
    expect(card?.mergedInto).toBeUndefined()
    expect([2, 3].map((of) => town.records.get(`contact-${of}`)!.card?.mergedInto)).toEqual([
      'contact-1',
      'contact-1',
    ])
  },
)
