import { Story, type StoryOptions } from '../transcript/story.fixture.ts'

/** What people of the company wrote for each other, and what was not let out: it must stand nowhere that a customer can read. */
export const INTERNAL_WORDS = ['a note about her temper', 'take her please: she is upset', 'too late, sorry']

/** A conversation that goes through many hands: queue, offers, a transfer, hold, a pause, the robot again, the end by an agent. */
export function peopleStory(
  language: 'pt' | 'en' | 'bn',
  options: Omit<StoryOptions, 'language'> = {},
): Story {
  const say = TEXTS[language]
  const [note = '', transferNote = ''] = INTERNAL_WORDS
  const story = new Story({ ...options, language })
  const { conversationId } = story
  return (
    story
      .tell({ type: 'ContactRegistered', data: { channelAccountId: '106540352242922', language } })
      .opened()
      .wrote(say.question)
      .handedOver('general')
      .offered('p02')
      .offerEnded('p02', 'declined')
      .pause(20)
      .offered('p01')
      .assigned('p01')
      .answered('p01', say.hello, 'out-1')
      .sent('out-1', 'delivered', 'read')
      .noted('p01', note)
      .tell({ type: 'HoldBegan', data: { agentId: 'p01' } }, { by: 'agent', id: 'p01' })
      .tell({ type: 'HoldEnded', data: { agentId: 'p01' } }, { by: 'agent', id: 'p01' })
      .pause(90)
      .offered('p02', { from: 'p01', text: transferNote })
      .assigned('p02', 'p01')
      .answered('p02', say.taken, 'out-2')
      .sent('out-2', 'delivered')
      .tell(
        { type: 'ConversationParked', data: { conversationId, agentId: 'p02' } },
        { by: 'agent', id: 'p02' },
      )
      // To the pool and back: of no interest to anybody but the services.
      .pause(600)
      .wrote(say.again)
      .tell({ type: 'UnparkRequested', data: { conversationId } })
      .assigned('p02', 'p02')
      .refused('SendAgentMessage', 'NOT_THE_OWNER')
      .requeued('cards', 'p02', 'transferred')
      .requeued('general')
      .assigned('p04')
      .tell(
        { type: 'ConversationReturnedToRobot', data: { conversationId, agentId: 'p04', flow: 'bank' } },
        { by: 'agent', id: 'p04' },
      )
      .handedOver('general')
      .assigned('p01')
      .answered('p01', say.done, 'out-3')
      .sent('out-3', 'delivered', 'read')
      .tell(
        { type: 'CloseAnnounced', data: { agentId: 'p01', reason: 'solved' } },
        { by: 'agent', id: 'p01' },
      )
      .tell({ type: 'CloseUndone', data: { by: 'agent' } }, { by: 'agent', id: 'p01' })
      .ending(say.link, say.open, { reason: 'solved', agentId: 'p01' })
      .tell(
        {
          type: 'TranscriptLinkIssued',
          data: { conversationId, linkId: 'b'.repeat(64), expiresAt: '2026-04-02T13:04:05.000Z' },
        },
        { words: { url: 'https://example.test/t/secret' } },
      )
      .sendRequested(
        { $case: 'linkButton', value: { text: say.link, displayText: say.open, url: '' } },
        { id: 'out-4', by: 'system', purpose: 'transcript_link', url: 'https://example.test/t/secret' },
      )
      .sent('out-4')
      .closed('solved')
      // A desk that was slow.
      .refused('SendAgentMessage', 'CONVERSATION_NOT_OPEN')
      .tell({
        type: 'DeliveryStatusAdvanced',
        data: {
          messageId: story.id('out-4'),
          providerMessageId: `wamid.${story.id('out-4')}`,
          status: 'read',
        },
      })
  )
}

const TEXTS = {
  pt: {
    question: 'Quero falar com uma pessoa',
    hello: 'Olá, eu sou a Ana. Em que posso ajudar?',
    taken: 'Oi, sou o Bruno, agora é comigo.',
    again: 'Já vi a fatura, está aqui',
    done: 'Tudo certo, cancelei a cobrança.',
    link: 'Aqui está o registro da conversa.',
    open: 'Ver o registro',
  },
  en: {
    question: 'I want to talk to a person',
    hello: 'Hello, this is Ana. How can I help?',
    taken: 'Hi, Bruno here, I go on with it.',
    again: 'I found the bill now',
    done: 'All right, the charge is cancelled.',
    link: 'Here is the record of our conversation.',
    open: 'Open the record',
  },
  bn: {
    question: 'একজন মানুষের সঙ্গে কথা বলতে চাই',
    hello: 'নমস্কার, আমি আনা। কীভাবে সাহায্য করতে পারি?',
    taken: 'আমি ব্রুনো, এখন থেকে আমি দেখছি।',
    again: 'বিলটা পেয়েছি',
    done: 'ঠিক আছে, চার্জটি বাতিল করা হয়েছে।',
    link: 'এখানে কথোপকথনের রেকর্ড আছে।',
    open: 'রেকর্ড দেখুন',
  },
} as const
