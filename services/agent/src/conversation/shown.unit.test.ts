import { contentOf, conversations } from '@parley/conversation'
import { MessageBody } from '@parley/proto/content'
import { Chain } from '@parley/testkit'
import { expect, test } from 'vitest'
import { type DeskMessage, type MessageFact, evolveMessage } from './message.ts'
import { masking, secretsOf } from './shown.ts'

const AT = '2026-01-01T12:00:00.000Z'
const text = (value: string) => MessageBody.fromPartial({ body: { $case: 'text', value: { text: value } } })

/** What a customer wrote to a sensitive question, once the robot told what it shows for it. */
function answered(said: string, ...shown: readonly string[]): DeskMessage {
  const chain = new Chain(conversations, 'contact-1')
  const events = [
    chain.add(
      { type: 'MessageReceived', data: { messageId: 'm-1' } },
      { at: AT, content: contentOf({ messages: [text(said)] }) },
    ),
    chain.add(
      { type: 'BotTurnCompleted', data: { sensitiveMessageIds: ['m-1'] } },
      { at: AT, content: contentOf({ shown }) },
    ),
  ]
  return events.reduce<DeskMessage | undefined>(
    (message, event) => evolveMessage(message, event as unknown as MessageFact) ?? message,
    undefined,
  )!
}

test.each([
  ['quatro três dois um', '4321', 'Cartão final: 4321', 'Cartão final: ••••••'],
  ['ontem', '26/11/2026', 'Data: 26/11/2026', 'Data: ••••••'],
  ['dois mil', '2.000', 'Valor: R$ 2.000', 'Valor: R$ ••••••'],
  ['٤٣٢١', '4321', 'final 4321, ٤٣٢١', 'final ••••••, ••••••'],
])('a sensitive answer, "%s", is masked as the robot shows it, too', (said, shown, words, masked) => {
  expect(masking(secretsOf(answered(said, shown)))(words)).toBe(masked)
})

test('an answer that is given anew is masked as it was shown before and as it is shown now', () => {
  const message = answered('quatro três dois um', '4321', '4322')
  expect(masking(secretsOf(message))('final 4321, final 4322')).toBe('final ••••••, final ••••••')
})
