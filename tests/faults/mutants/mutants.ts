/** A deliberate break of the code that a guarantee rests on, and the test file that has to fail because of it. */
export interface Mutant {
  readonly name: string
  /** What no longer holds. */
  readonly breaks: string
  readonly file: string
  /** Stands exactly once in the file. */
  readonly before: string
  readonly after: string
  readonly caughtBy: { readonly project: 'unit' | 'integration' | 'e2e'; readonly path: string }
}

const unit = (path: string): Mutant['caughtBy'] => ({ project: 'unit', path })
const integration = (path: string): Mutant['caughtBy'] => ({ project: 'integration', path })

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'any-signature',
    breaks: 'a webhook is taken only when it is signed with our secret',
    file: 'services/gateway/src/webhook/signature.ts',
    before: "if (timingSafeEqual(createHmac('sha256', secret).update(body).digest(), given)) matches = true",
    after: "if (createHmac('sha256', secret).update(body).digest().length === given.length) matches = true",
    caughtBy: unit('services/gateway/src/webhook/signature.unit.test.ts'),
  },
  {
    name: 'any-verify-token',
    breaks: 'the challenge is answered only to who knows the verify token',
    file: 'services/gateway/src/webhook/signature.ts',
    before: 'return known ? challenge : undefined',
    after: 'return known || challenge !== "" ? challenge : undefined',
    caughtBy: unit('services/gateway/src/webhook/signature.unit.test.ts'),
  },
  {
    name: 'answered-before-the-log-has-it',
    breaks: 'a webhook is answered 200 only after the log acknowledged all of it',
    file: 'services/gateway/src/webhook/intake.ts',
    before: 'for (const post of round) post.answer(false)',
    after: 'for (const post of round) post.answer(true)',
    caughtBy: unit('services/gateway/src/webhook/intake.unit.test.ts'),
  },
  {
    name: 'repeats-taken-again',
    breaks: 'a webhook that comes again changes nothing',
    file: 'services/gateway/src/webhook/intake.ts',
    before: 'for (const key of seen) items.delete(key)',
    after: 'for (const key of seen) items.has(key)',
    caughtBy: unit('services/gateway/src/webhook/intake.unit.test.ts'),
  },
  {
    name: 'repeated-blindly',
    breaks: 'a call without an answer may have reached the customer, and is not repeated blindly',
    file: 'services/gateway/src/sending/answer.ts',
    before: "case 'lost':\n      return { action: 'uncertain' }",
    after: "case 'lost':\n      return { action: 'slow', code: 0, firstWaitMs: 500, longestWaitMs: 10_000 }",
    caughtBy: unit('services/gateway/src/sending/answer.unit.test.ts'),
  },
  {
    name: 'claimed-by-two',
    breaks: 'of two gateways that claim a message one gets it',
    file: 'services/gateway/src/adapters/mongo-outbox.ts',
    before: 'state: { $in: [...from] },',
    after: '',
    caughtBy: integration('services/gateway/src/sending.integration.test.ts'),
  },
  {
    name: 'window-of-25-hours',
    breaks: 'free messages go out only within 24 hours of the last message of the customer',
    file: 'services/routing/src/conversation/window.ts',
    before: '24 * 60 * 60 * 1000',
    after: '25 * 60 * 60 * 1000',
    caughtBy: unit('services/routing/src/conversation/conversation.unit.test.ts'),
  },
  {
    name: 'sent-after-stop',
    breaks: 'nothing is sent to a contact who said stop',
    file: 'services/routing/src/conversation/decision.ts',
    before: "if (contact.optedOut) return 'CONTACT_OPTED_OUT'",
    after: '',
    caughtBy: unit('services/routing/src/conversation/conversation.unit.test.ts'),
  },
  {
    name: 'stop-not-understood',
    breaks: 'STOP is understood however people type it',
    file: 'packages/conversation/src/consent.ts',
    before: ".normalize('NFD')",
    after: '',
    caughtBy: unit('packages/conversation/src/consent.unit.test.ts'),
  },
  {
    name: 'status-goes-back',
    breaks: 'a delivery status only moves forward, however the receipts arrive',
    file: 'services/routing/src/conversation/delivery.ts',
    before: 'if (PROGRESS[status] <= PROGRESS[message.status]) return undefined',
    after: 'if (PROGRESS[status] === PROGRESS[message.status]) return undefined',
    caughtBy: unit('services/routing/src/conversation/conversation.unit.test.ts'),
  },
  {
    name: 'robot-before-the-notice',
    breaks: 'the customer is shown who reads along before the robot speaks',
    file: 'services/routing/src/conversation/turns.ts',
    before: 'if (contact.shownNotice?.version !== decision.policy.notice.version)\n    return showNotice',
    after: 'if (contact.shownNotice?.version === "never")\n    return showNotice',
    caughtBy: unit('services/routing/src/conversation/conversation.unit.test.ts'),
  },
  {
    name: 'revoked-link-opens',
    breaks: 'a revoked link opens nothing',
    file: 'services/archive/src/link/transcript-link.ts',
    before: 'link.revokedAt === null && ',
    after: '',
    caughtBy: unit('services/archive/src/link/transcript-links.unit.test.ts'),
  },
  {
    name: 'words-become-markup',
    breaks: 'what a customer writes is never HTML on the transcript page',
    file: 'services/archive/src/page/markup.ts',
    before: "if (typeof part === 'string') return escaped(part)",
    after: "if (typeof part === 'string') return part",
    caughtBy: unit('services/archive/src/page/transcript-page.unit.test.ts'),
  },
  {
    name: 'ledger-overlooks-a-loss',
    breaks: "the ledger finds a customer's message that the transcript lacks",
    file: 'tests/demo/ledger.ts',
    before: "if (!shown.theirs.includes(id)) find('lost'",
    after: "if (shown.theirs.length === 0) find('lost'",
    caughtBy: unit('tests/demo/ledger.unit.test.ts'),
  },
  {
    name: 'ledger-overlooks-the-uncertain',
    breaks: 'the ledger finds a message of ours that is uncertain at the end',
    file: 'tests/demo/ledger.ts',
    before: "['queued', 'failed', 'uncertain'].includes(status)",
    after: "['queued', 'failed'].includes(status)",
    caughtBy: unit('tests/demo/ledger.unit.test.ts'),
  },
]
