import { describe, expect, test } from 'vitest'
import {
  Story,
  completes,
  endWithLink,
  isSent,
  issuesLink,
  payloads,
  queued,
  say,
  says,
  sendAll,
  typesOf,
} from './story.ts'

describe('the thin path', () => {
  test('oi → notice → turn → answers → ending → closed, in versions 1..n of one stream', () => {
    const story = new Story()
    expect(typesOf(story.when(says('oi')))).toEqual([
      'contactRegistered',
      'conversationOpened',
      'messageReceived',
      'messageSendRequested',
    ])
    const id = story.conversationId
    expect(typesOf(story.when(isSent(queued(story)[0]!)))).toEqual([
      'messageSent',
      'privacyNoticeShown',
      'botTurnRequested',
    ])
    expect(typesOf(story.when(completes(id, 1, [say('Olá!'), endWithLink])))).toEqual([
      'botTurnCompleted',
      'messageSendRequested',
      'conversationEnding',
    ])
    sendAll(story)
    expect(typesOf(story.when(issuesLink(id)))).toEqual(['transcriptLinkIssued', 'messageSendRequested'])
    expect(payloads(story.events, 'messageSendRequested').at(-1)?.content?.message?.body).toMatchObject({
      $case: 'linkButton',
      value: { text: 'Your record', displayText: 'Open', url: 'https://example.test/t/token' },
    })
    expect(typesOf(story.when(isSent(queued(story)[0]!)))).toEqual(['messageSent', 'conversationClosed'])
    expect(story.events.map(({ envelope }) => envelope.streamVersion)).toEqual(
      story.events.map((_, index) => index + 1),
    )
    expect(new Set(story.events.map(({ envelope }) => envelope.correlationId))).toEqual(new Set([id]))
  })
})
