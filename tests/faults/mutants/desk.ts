import { type Mutant, integration, unit } from './mutant.ts'

const CHANGES = 'packages/service/src/http/changes.ts'
const changes = (tests: string) => integration('packages/service/src/http/changes.integration.test.ts', tests)
const FEED = 'services/agent/src/adapters/desk/feed.ts'
const KNOWN = 'services/agent/src/adapters/desk/known-conversations.ts'
const feed = (tests: string) => unit('services/agent/src/adapters/desk/feed.unit.test.ts', tests)
const desk = (tests: string) => integration('tests/desk/desk.integration.test.ts', tests)
const AUDIENCE = 'services/archive/src/transcript/audience.ts'
const internal = (tests: string) => unit('services/archive/src/transcript/internal.unit.test.ts', tests)
const LEDGER = 'tests/demo/people-ledger.ts'
const ledger = (tests: string) => unit('tests/demo/people-ledger.unit.test.ts', tests)

/** What an agent does is done once; desks are told what they may see; what colleagues write each other stays with them. */
export const DESK: readonly Mutant[] = [
  {
    name: 'key-of-everybody',
    breaks: 'an Idempotency-Key is one person’s',
    file: CHANGES,
    before: 'const id = digestOf(person.id, key)',
    after: 'const id = digestOf(key)',
    caughtBy: changes('a key is the person’s'),
  },
  {
    name: 'another-body-under-the-key',
    breaks: 'an Idempotency-Key stands for one change',
    file: CHANGES,
    before: 'const digest = digestOf(person.id, key, request.method, request.url, text)',
    after: 'const digest = digestOf(person.id, key, text.slice(0, 0))',
    caughtBy: changes('a key is the person’s'),
  },
  {
    name: 'another-wish-at-each-try',
    breaks: 'a change that is sent again is the same wish',
    file: CHANGES,
    before: "const commandId = deterministicId('change', person.id, key)",
    after: "const commandId = deterministicId('change', person.id, key, String(Math.random()))",
    caughtBy: changes('after a crash'),
  },
  {
    name: 'scope-outranks-the-answer',
    breaks: 'whoever lost a conversation by what they did still hears that it was done',
    file: CHANGES,
    before: 'if (!isAgain) await change.scope()',
    after: 'await change.scope()',
    caughtBy: changes('after a crash'),
  },
  {
    name: 'desks-wait-for-the-backlog',
    breaks: 'desks are told what happens while the read models catch up with what came during an outage',
    file: FEED,
    before: 'this.#whenRead(readers.conversations, this.#begins.conversations.from)',
    after: 'this.#whenRead(readers.conversations, this.#begins.conversations.ends)',
    caughtBy: feed('desks are told what happens while'),
  },
  {
    name: 'feed-before-its-read-models',
    breaks: 'a desk feed begins where the read models hold what stands before it',
    file: FEED,
    before: 'this.#whenRead(readers.conversations, this.#begins.conversations.from)',
    after: 'this.#whenRead(readers.conversations, new Map())',
    caughtBy: feed('a feed begins only where the read models are'),
  },
  {
    name: 'offers-told-to-everybody',
    breaks: 'an offer is told to the one to whom it is made, and to nobody else',
    file: FEED,
    before: "agentIds: [agentId], told: { event: 'offer', data",
    after: "agentIds: [...this.#options.roster.people.keys()], told: { event: 'offer', data",
    caughtBy: desk('an offer comes with who'),
  },
  {
    name: 'offer-without-a-reason-not-read',
    breaks: 'an offer comes to the desk even before it is known why people have the conversation',
    file: 'services/console/src/api/shapes.ts',
    before: 'why: z.optional(z.nullable(z.string())),\n})\nexport type Offer =',
    after: 'why: z.optional(z.string()),\n})\nexport type Offer =',
    caughtBy: desk('not known here yet'),
  },
  {
    name: 'last-word-to-who-lost-it',
    breaks: 'who loses a conversation is told whose it is, and nothing that was said',
    file: KNOWN,
    before: '{ ...data, lastMessage: undefined }',
    after: 'data',
    caughtBy: desk('who loses a conversation'),
  },
  {
    name: 'notes-in-the-download',
    breaks: 'of a note the customer gets the hash of its record and nothing else',
    file: 'services/archive/src/transcript/transcript.ts',
    before: 'isInternalRecord(event.raw) || isWithheld(event)',
    after: 'isWithheld(event)',
    caughtBy: internal('as their hashes alone'),
  },
  {
    name: 'words-of-a-new-kind-shown',
    breaks: 'words that nobody decided to show to customers are in no record that they get',
    file: AUDIENCE,
    before: 'if (!envelope.content.every(({ name }) => CUSTOMERS_WORDS.has(name))) return true',
    after: '',
    caughtBy: internal('no words between colleagues'),
  },
  {
    name: 'ledger-overlooks-two-owners',
    breaks: 'the ledger finds a conversation that has two owners',
    file: LEDGER,
    before: "if (new Set(told.map(({ ownerId }) => ownerId)).size > 1)\n      find('', 'two_owners'",
    after: "if (new Set(told.map(({ ownerId }) => ownerId)).size > 2)\n      find('', 'two_owners'",
    caughtBy: ledger('two desks that were told'),
  },
  {
    name: 'ledger-overlooks-a-leak',
    breaks: 'the ledger finds a note that reached the customer',
    file: LEDGER,
    before: 'talks.filter((talk) => everythingIn(talk).includes(note))',
    after: 'talks.filter((talk) => JSON.stringify(talk.sent).includes(note))',
    caughtBy: ledger('is leaked'),
  },
  {
    name: 'ledger-overlooks-one-too-many',
    breaks: 'the ledger finds an agent who has more than they can hold',
    file: LEDGER,
    before: 'if (load > capacity)',
    after: 'if (load > capacity + 2)',
    caughtBy: ledger('more than they can hold'),
  },
]
