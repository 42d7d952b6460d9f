import { type Mutant, integration, unit } from './mutant.ts'

const TELLING = 'services/routing/src/workforce/process-managers.ts'
const AGREEMENT = unit('services/routing/src/workforce/agreement.unit.test.ts')
const HANDLING = (tests: string) => unit('services/routing/src/conversation/handling.unit.test.ts', tests)
const OWNERSHIP = 'services/routing/src/conversation/handling.ts'
const POOL = (tests: string) => unit('services/routing/src/workforce/pool.unit.test.ts', tests)
const POOL_IN_ANY_ORDER = unit(
  'services/routing/src/workforce/interleavings.unit.test.ts',
  'nobody is over capacity',
)
const OFFERS = 'services/routing/src/workforce/handling.ts'
const MATCHING = 'services/routing/src/workforce/matching.ts'

/** One owner, nobody over capacity, the right people; pool and conversation agree in the end; whoever waits hears the truth about it. */
export const WORKFORCE: readonly Mutant[] = [
  {
    name: 'pool-not-told-of-the-end',
    breaks: 'the pool forgets what is over',
    file: TELLING,
    before: 'return event.data.revision === 0 ? [] : withdraw(correlationId, event.data.reason)',
    after: 'return event.data.revision >= 0 ? [] : withdraw(correlationId, event.data.reason)',
    caughtBy: AGREEMENT,
  },
  {
    name: 'ghost-kept-by-the-pool',
    breaks: 'the pool forgets what people do not have',
    file: TELLING,
    before: "return withdraw(event.data.conversationId, 'not_with_people', event.data.revision)",
    after: 'return []',
    caughtBy: AGREEMENT,
  },
  {
    name: 'begun-ghost-kept-by-the-pool',
    breaks: 'what an agent began and is over by now is forgotten when it is told once more',
    file: TELLING,
    before: "return wish(conversations.command('RecordTakenOn', { conversationId, revision }))",
    after: 'return []',
    caughtBy: AGREEMENT,
  },
  {
    name: 'parked-for-ever',
    breaks: 'the word of a customer brings back what is parked',
    file: TELLING,
    before: "return wish(workforces.command('UnparkConversation', { conversationId, revision }))",
    after: 'return []',
    caughtBy: AGREEMENT,
  },
  {
    name: 'told-at-every-question',
    breaks: 'nobody is told more often than every two minutes how long they wait',
    file: 'services/routing/src/conversation/waiting.ts',
    before: 'if (!isLongAgo(conversation.notifiedAt, at, TELL_EVERY_MS)) return',
    after: '',
    caughtBy: HANDLING('not within two minutes'),
  },
  {
    name: 'arrivals-taken-for-pace',
    breaks: 'when nothing waits, how often something comes is no pace',
    file: 'services/routing/src/workforce/evolve.ts',
    before: 'before !== undefined && enteredAt <= before.at && at > before.at',
    after: 'before !== undefined && at > before.at',
    caughtBy: unit('services/routing/src/workforce/pool.unit.test.ts', 'in which nothing waited'),
  },
  {
    name: 'written-by-who-lost-it',
    breaks: 'only the owner of a conversation speaks to its customer',
    file: OWNERSHIP,
    before: 'if (conversation.agentId !== agentId)',
    after: "if (agentId === '')",
    caughtBy: HANDLING('only its owner writes'),
  },
  {
    name: 'older-owner-believed',
    breaks: 'what the pool said before takes no conversation from its owner',
    file: OWNERSHIP,
    before: 'return revision > conversation.revision ? conversation : undefined',
    after: 'return revision > 0 ? conversation : undefined',
    caughtBy: HANDLING('late or twice'),
  },
  {
    name: 'parked-over-a-word',
    breaks: 'nobody parks or closes over a word of the customer that crossed',
    file: OWNERSHIP,
    before: "message.by === 'customer' && message.conversationId",
    after: "message.by !== 'customer' && message.conversationId",
    caughtBy: HANDLING('over a word that crossed'),
  },
  {
    name: 'offer-of-somebody-else-taken',
    breaks: 'an offer is taken by the one to whom it was made, and by nobody else',
    file: OFFERS,
    before: 'for (const id of agent.offered) {\n    const work',
    after: 'for (const [id] of state.works.entries()) {\n    const work',
    caughtBy: POOL('an offer that ended says how'),
  },
  {
    name: 'ended-offer-forgotten',
    breaks: 'an offer that ended answers with its outcome',
    file: OFFERS,
    before: 'return ended === undefined\n',
    after: "return ended?.id !== ''\n",
    caughtBy: POOL('an offer that ended says how'),
  },
  {
    name: 'one-more-than-they-hold',
    breaks: 'nobody is given more than they can hold',
    file: MATCHING,
    before: ': capacity - load',
    after: ': capacity - load + 1',
    caughtBy: POOL_IN_ANY_ORDER,
  },
  {
    name: 'place-of-a-transfer-not-kept',
    breaks: 'who is offered a transfer has a place kept for it',
    file: 'services/routing/src/workforce/change.ts',
    before: 'work.transfer === null ? []',
    after: 'work.transfer?.id !== "" ? []',
    caughtBy: POOL('keeps a place for it'),
  },
  {
    name: 'skills-not-asked-for',
    breaks: 'nobody is offered what they lack the required skills for',
    file: MATCHING,
    before: '(entryOf(profile.skills, name) ?? 0) < level',
    after: '(entryOf(profile.skills, name) ?? level) < level',
    caughtBy: POOL('required skills are asked for'),
  },
  {
    name: 'freed-place-left-empty',
    breaks: 'what becomes free is offered within the decision that frees it',
    file: OFFERS,
    before:
      'for (const agentId of forget(decision, conversationId, work, reason)) fillAgent(decision, agentId)',
    after: 'forget(decision, conversationId, work, reason)',
    caughtBy: POOL('freed capacity'),
  },
  {
    name: 'outage-sends-all-offline',
    breaks: 'an outage of minutes takes no agent offline, and nobody what they have',
    file: 'services/routing/src/workforce/presence.ts',
    before: 'isOutage ? configuration.outageGraceMs : configuration.graceMs',
    after: 'configuration.graceMs',
    caughtBy: POOL('outage of minutes'),
  },
  {
    name: 'away-for-gone-keeps-all',
    breaks: 'who lost their last desk keeps nobody waiting, whatever they miss meanwhile',
    file: 'services/routing/src/workforce/evolve.ts',
    before: 'if (reasonCode === MISSED_OFFERS)',
    after: "if (reasonCode === MISSED_OFFERS && status === '')",
    caughtBy: POOL('misses two offers for it is away'),
  },
  {
    name: 'cut-off-as-if-they-left',
    breaks: 'of a desk that our side ended the pool is told so',
    file: 'services/agent/src/adapters/desk-sessions.ts',
    before: '{ agentId, sessionId, isOutage: this.#options.isOutage() }',
    after: '{ agentId, sessionId }',
    caughtBy: unit('services/agent/src/adapters/desk-sessions.unit.test.ts', 'was an outage'),
  },
  {
    name: 'archive-asked-for-nothing',
    breaks: 'the archive is asked for the figures of the day only where a rule is about one',
    file: 'services/agent/src/adapters/alerts/watch.ts',
    before: 'const ofTheDay = rules.some(({ figure }) => OF_THE_DAY.has(figure))',
    after: 'const ofTheDay = rules.length > 0',
    caughtBy: integration(
      'services/agent/src/adapters/alerts/watch.integration.test.ts',
      'the archive is asked',
    ),
  },
]
