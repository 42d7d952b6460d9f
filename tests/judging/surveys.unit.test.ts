// oxlint-disable vitest/no-standalone-expect -- a customer's story checks each of its steps
import { Windows, conversationRemembering } from '@parley/archive'
import { type ConversationEvent, surveyButton } from '@parley/conversation'
import type { ReadEvent } from '@parley/eventlog'
import { MessageBody } from '@parley/proto/content'
import { runs } from '@parley/testkit/properties'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { SEARCHED_TYPES, type Searched, foldSearched } from '../../services/archive/src/search/searched.ts'
import {
  Story,
  type Told,
  blocks,
  by,
  completes,
  factsOf,
  handOver,
  issuesLink,
  says,
  sendAll,
  testPolicy,
  typesOf,
  unblocks,
} from '../../services/routing/test/story.ts'

const HOUR = 60 * 60
/** How long a survey may be answered. */
const ANSWERED_WITHIN = 48 * HOUR
const AGENTS = ['ana', 'rui'] as const
const REASONS = ['slow', 'unsolved', 'unfriendly'] as const
type Answer = 1 | 2 | 3 | 4 | 5 | (typeof REASONS)[number]

type Step =
  | { readonly what: 'is attended'; readonly agent: (typeof AGENTS)[number]; readonly asks: boolean }
  | { readonly what: 'writes' | 'stops' | 'starts' | 'is blocked' | 'is unblocked' }
  /** Under one of all conversations that there were, the newest first; it may have been tapped before and come now. */
  | {
      readonly what: 'taps'
      readonly under: number
      readonly answer: Answer
      readonly hoursLate: number
    }
  | { readonly what: 'types'; readonly score: 1 | 2 | 3 | 4 | 5 }
  | { readonly what: 'waits'; readonly hours: number }

const score = fc.constantFrom(1 as const, 2 as const, 3 as const, 4 as const, 5 as const)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('is attended' as const),
      agent: fc.constantFrom(...AGENTS),
      asks: fc.constantFrom(true, true, true, false),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      what: fc.constant('taps' as const),
      under: fc.constantFrom(0, 0, 0, 1, 2),
      answer: fc.oneof(score, score, fc.constantFrom(...REASONS)),
      hoursLate: fc.constantFrom(0, 0, 0, 3, 50),
    }),
  },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('types' as const), score }) },
  {
    weight: 3,
    arbitrary: fc.record({ what: fc.constant('waits' as const), hours: fc.constantFrom(1, 20, 47, 49) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constantFrom(
        'writes' as const,
        'writes' as const,
        'stops' as const,
        'starts' as const,
        'is blocked' as const,
        'is unblocked' as const,
      ),
    }),
  },
)

const tap = (id: string, answer: Answer) =>
  MessageBody.fromPartial({
    body: {
      $case: 'choice',
      value: { source: 'button_reply', id: surveyButton(id, answer), title: String(answer) },
    },
  })

interface Asked {
  readonly id: string
  readonly agent: string
  readonly untilMs: number
  score: number
  reason: string | undefined
}

class Customer {
  readonly story = new Story(testPolicy())
  /** What a survey asked, the newest last. */
  readonly surveys: Asked[] = []
  readonly conversations: string[] = []
  /** The survey that an answer can be for: none once another conversation is to be judged. */
  #open: Asked | undefined

  get #now(): number {
    return Date.parse(this.story.at)
  }

  #tell(wish: Parameters<Story['when']>[0]): readonly Told[] {
    return this.story.when(wish)
  }

  take(step: Step): void {
    this.story.later(1)
    switch (step.what) {
      case 'is attended':
        return this.#isAttended(step)
      case 'taps':
        return this.#taps(step)
      case 'types':
        return this.#types(step.score)
      case 'waits':
        this.story.later(step.hours * HOUR)
        return
      case 'writes':
        this.#writes('quero outra coisa')
        return
      case 'stops':
        this.#tell(says('parar'))
        return
      case 'starts':
        this.#tell(says('voltar'))
        return this.#robotAnswers()
      case 'is blocked':
        this.#tell(blocks)
        return
      case 'is unblocked':
        this.#tell(unblocks)
        return
      default:
        return step satisfies never
    }
  }

  #writes(text: string): readonly Told[] {
    const told = this.#tell(says(text))
    this.#robotAnswers()
    return told
  }

  #robotAnswers(acts: Parameters<typeof completes>[2] = []): void {
    const { conversation } = this.story.state
    const { conversationId } = this.story
    if (conversationId !== '' && !this.conversations.includes(conversationId))
      this.conversations.push(conversationId)
    const turn = factsOf(this.story.events, 'BotTurnRequested').at(-1)?.turn ?? 0
    if (conversation.stage === 'with_robot') this.#tell(completes(conversationId, turn, acts))
    sendAll(this.story)
  }

  #isAttended({ agent, asks }: Extract<Step, { what: 'is attended' }>): void {
    if (this.story.conversationId === '') this.#tell(says('atendente'))
    else this.#tell(says('ainda estou aqui'))
    this.#robotAnswers([handOver])
    const { conversationId } = this.story
    if (this.story.state.conversation.stage !== 'waiting') return
    this.#tell({
      type: 'AssignConversation',
      data: { conversationId, agentId: agent, queue: 'cards', revision: 5, asksSurvey: asks },
      actor: by('agent', agent),
    })
    if (this.story.conversationId !== conversationId) return
    this.#tell({
      type: 'CloseConversation',
      data: { conversationId, agentId: agent, reason: 'solved' },
      actor: by('agent', agent),
    })
    if (factsOf(this.story.events, 'SurveyDue').some((due) => due.conversationId === conversationId))
      this.#open = undefined
    this.#tell(issuesLink(conversationId))
    sendAll(this.story)
    const asked = factsOf(this.story.events, 'SurveyAsked').find(
      (one) => one.conversationId === conversationId,
    )
    if (asked === undefined) return
    expect(asks).toBe(true)
    this.#open = {
      id: conversationId,
      agent,
      untilMs: this.#now + ANSWERED_WITHIN * 1_000,
      score: 0,
      reason: undefined,
    }
    this.surveys.push(this.#open)
  }

  #taps({ under, answer, hoursLate }: Extract<Step, { what: 'taps' }>): void {
    const id = this.conversations.at(-1 - under)
    if (id === undefined) return
    const before = this.story.conversationId
    const saidMs = this.#now - hoursLate * HOUR * 1_000
    const told = this.#tell(
      says('', { type: 'interactive', message: tap(id, answer), occurredAt: new Date(saidMs).toISOString() }),
    )
    sendAll(this.story)
    // Whatever it is worth, it begins nothing and no robot hears it.
    expect(typesOf(told)).toContain('MessageReceived')
    expect(typesOf(told)).not.toContain('ConversationOpened')
    expect(typesOf(told)).not.toContain('BotTurnRequested')
    expect(this.story.conversationId).toBe(before)
    this.#isAnswered(told, id, answer, saidMs)
  }

  #types(score: 1 | 2 | 3 | 4 | 5): void {
    const isFree = this.story.conversationId === ''
    const told = this.#tell(says(String(score)))
    this.#robotAnswers()
    const survey = this.#open
    const counts = isFree && survey?.score === 0 && this.#now <= survey.untilMs
    expect(typesOf(told).includes('SurveyAnswered')).toBe(counts)
    if (!counts) return
    this.#isAnswered(told, survey.id, score, this.#now)
    expect(typesOf(told)).not.toContain('ConversationOpened')
  }

  #isAnswered(told: readonly Told[], id: string, answer: Answer, saidMs: number): void {
    const survey = this.#open?.id === id && saidMs <= this.#open.untilMs ? this.#open : undefined
    const answered = factsOf(told, 'SurveyAnswered')
    const reasons = factsOf(told, 'SurveyReasonGiven')
    if (typeof answer === 'number' && survey?.score === 0) {
      expect(answered).toMatchObject([{ conversationId: id, score: answer }])
      survey.score = answer
    } else expect(answered).toEqual([])
    if (
      typeof answer === 'string' &&
      survey !== undefined &&
      survey.score > 0 &&
      survey.score <= 2 &&
      survey.reason === undefined
    ) {
      expect(reasons).toMatchObject([{ conversationId: id, reason: answer }])
      survey.reason = answer
    } else expect(reasons).toEqual([])
  }
}

/** What figures of surveys come to by whoever was judged, over all time. */
function figuresOf(events: readonly Told[]): ReadonlyMap<string, Readonly<Record<string, number>>> {
  const { route, measure, fold } = conversationRemembering(new Windows('America/Sao_Paulo'))
  const remembered = new Map<string, ReturnType<typeof fold>>()
  const sums = new Map<string, Record<string, number>>()
  for (const event of events as readonly ReadEvent<ConversationEvent>[])
    for (const id of route(event)) {
      for (const { metric, key, window, add } of measure(remembered.get(id), event, id)) {
        if (metric !== 'surveys 1 by agent' || !window.startsWith('day ')) continue
        const sum = sums.get(key) ?? {}
        for (const [name, value] of Object.entries(add)) sum[name] = (sum[name] ?? 0) + value
        sums.set(key, sum)
      }
      remembered.set(id, fold(remembered.get(id), event, id))
    }
  return sums
}

function scoresFound(events: readonly Told[]): ReadonlyMap<string, number | null> {
  const found = new Map<string, Searched>()
  for (const event of events) {
    const { correlationId: id } = event.envelope
    if (id === '' || !(SEARCHED_TYPES as readonly string[]).includes(event.type)) continue
    const next = foldSearched(found.get(id), event as Parameters<typeof foldSearched>[1])
    if (next !== undefined) found.set(id, { ...found.get(id), ...next })
  }
  return new Map([...found].map(([id, one]) => [id, one.score]))
}

test('whenever customers judge, twice, late, under an earlier survey or amid another conversation: the first answer in time counts, once, for whom it judges, in figures and in the search alike', () => {
  let asked = 0
  let answered = 0
  let reasons = 0
  fc.assert(
    fc.property(fc.array(step, { minLength: 12, maxLength: 30, size: 'max' }), (steps) => {
      const customer = new Customer()
      for (const one of steps) customer.take(one)
      const { surveys, story } = customer
      expect(factsOf(story.events, 'SurveyAsked').map((one) => one.conversationId)).toEqual(
        surveys.map(({ id }) => id),
      )
      const figures = figuresOf(story.events)
      for (const agent of AGENTS) {
        const own = surveys.filter((one) => one.agent === agent)
        const judged = own.filter((one) => one.score > 0)
        expect(figures.get(agent) ?? { asked: 0 }).toEqual({
          asked: own.length,
          ...(judged.length > 0 && {
            surveyed: judged.length,
            satisfied: judged.filter((one) => one.score >= 4).length,
            score: judged.reduce((sum, one) => sum + one.score, 0),
          }),
        })
      }
      const scores = scoresFound(story.events)
      for (const { id, score: given } of surveys) expect([id, scores.get(id)]).toEqual([id, given || null])
      asked += surveys.length
      answered += surveys.filter((one) => one.score > 0).length
      reasons += surveys.filter((one) => one.reason !== undefined).length
    }),
    runs(30),
  )
  expect(Math.min(asked / 4, answered / 3, reasons)).toBeGreaterThan(3)
})
