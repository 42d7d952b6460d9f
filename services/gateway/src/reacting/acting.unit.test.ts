import { setImmediate as turn } from 'node:timers/promises'
import { type ConversationEvent, contentOf, conversations } from '@parley/conversation'
import { MessageBody } from '@parley/proto/content'
import { Chain } from '@parley/testkit'
import { expect, test } from 'vitest'
import { storedFileIn } from '../sending/graph-request.ts'
import { actingOn } from './acting.ts'
import type { ReactedEvent } from './reactions.ts'

const CONTACT = 'contact'

/** A gateway whose messages go out when a batch is done, to the address that stood when they were taken. */
function gateway() {
  const addresses = new Map([[CONTACT, '5511987654321']])
  const outbox = new Set<string>()
  const waiting = new Map<string, string>()
  const kept = new Set<string>()
  const keptWhenPut: boolean[] = []
  const settled = new Set<string>()
  const act = actingOn({
    contacts: {
      release: async ({ contactId }) => void addresses.set(contactId, 'by BSUID'),
      mergedInto: async () => {},
    },
    aliases: { repoint: async () => {} },
    media: {
      async keepForGood(sha256s) {
        await turn()
        for (const sha256 of sha256s) kept.add(sha256)
      },
    },
    outbox: {
      async put(messages) {
        for (const { content } of messages) keptWhenPut.push(kept.has(storedFileIn(content)?.sha256 ?? ''))
        await turn()
        for (const { messageId } of messages) outbox.add(messageId)
      },
    },
    sender: {
      async add(messages) {
        for (const { messageId, contactId } of messages)
          if (outbox.has(messageId)) waiting.set(messageId, addresses.get(contactId)!)
      },
      suppress: async () => waiting.clear(),
      async resend(messageId) {
        await turn()
        if (!settled.has(messageId)) waiting.set(messageId, 'once more')
      },
      async settledByReceipt(messageId) {
        await turn()
        settled.add(messageId)
      },
    },
    typing: { show: () => {} },
    onDoubled: () => {},
    now: () => Date.parse('2026-01-05T12:00:00.000Z'),
  })
  return {
    /** Of each message that was put into the outbox, whether its file was kept by then. */
    keptWhenPut,
    /** @returns what goes out, and to which address */
    async hears(...facts: Parameters<Chain<ConversationEvent>['add']>[]): Promise<object> {
      const chain = new Chain(conversations, CONTACT)
      await act(facts.map((fact) => chain.add(...fact) as ReactedEvent))
      return Object.fromEntries(waiting)
    },
  }
}

const asked = { type: 'MessageSendRequested', data: { messageId: 'm', channelAccountId: 'A' } } as const

test('what is asked for stands in the outbox before it is taken', async () => {
  expect(await gateway().hears([asked])).toEqual({ m: '5511987654321' })
})

test('the file of what is to be sent is kept for good before the message stands in the outbox', async () => {
  const { hears, keptWhenPut } = gateway()
  const stored = { sha256: 'a'.repeat(64), mimeType: 'image/jpeg', bytes: 1n }
  const body = MessageBody.fromPartial({ body: { $case: 'media', value: { type: 'image', stored } } })
  await hears([asked, { content: contentOf({ messages: [body] }) }])
  expect(keptWhenPut).toEqual([true])
})

test('a number that became another person’s is let go of before a message of the same batch is taken', async () => {
  const profile = { waId: '5511987654321', userId: '', parentUserId: '', name: '', username: '' }
  const lost = { type: 'ContactNumberReleased', data: {} } as const
  expect(await gateway().hears([asked], [lost, { content: contentOf({ profile }) }])).toEqual({
    m: 'by BSUID',
  })
})

test('what one batch asks for and forbids is withheld', async () => {
  expect(await gateway().hears([asked], [{ type: 'ContactOptedOut', data: {} }])).toEqual({})
})

test('what was let go and has its receipt in one batch is not sent once more', async () => {
  const resent = { type: 'MessageResent', data: { messageId: 'm' } } as const
  const receipt = { type: 'DeliveryStatusAdvanced', data: { messageId: 'm', status: 'sent' } } as const
  expect(await gateway().hears([resent])).toEqual({ m: 'once more' })
  expect(await gateway().hears([resent], [receipt])).toEqual({})
})
