import { type Mutant, unit } from './mutant.ts'

const TELLING = 'services/routing/src/workforce/process-managers.ts'
const AGREEMENT = unit('services/routing/src/workforce/agreement.unit.test.ts')
const HANDLING = (tests: string) => unit('services/routing/src/conversation/handling.unit.test.ts', tests)

/** Pool and conversation agree in the end; whoever waits hears the truth about it. */
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
    before: "return withdraw(event.data.conversationId, 'not_with_people')",
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
]
