// oxlint-disable vitest/no-standalone-expect -- a world checks each of its steps
import {
  type EvaluationEvent,
  type SampleRule,
  type ScorecardForm,
  evaluationFamily,
  evaluationIdOf,
  notesOf,
} from '@parley/evaluation'
import { evaluationDecider } from '@parley/routing'
import { scenario } from '@parley/testkit'
import { runs } from '@parley/testkit/properties'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { calibrationOf } from '../../services/agent/src/evaluation/calibration.ts'
import {
  type Evaluation,
  evolveEvaluation,
  isStillToJudge,
  judgesOf,
  shownTo,
} from '../../services/agent/src/evaluation/evaluation.ts'

const words = (text: string) => ({ pt: text, en: text, bn: text })
const item = (id: string, weight: number, max: number, more: object = {}) => ({
  id,
  text: words(id),
  weight,
  max,
  critical: false,
  optional: false,
  ...more,
})
const FORMS: readonly ScorecardForm[] = [
  { name: 'service', version: 1, for: 'agent', title: words('s'), items: [item('tone', 1, 2)] },
  {
    name: 'service',
    version: 2,
    for: 'agent',
    title: words('s'),
    items: [
      item('tone', 3, 2),
      item('care', 1, 1, { critical: true }),
      item('offer', 2, 2, { optional: true }),
    ],
  },
  { name: 'tone', version: 1, for: 'agent', title: words('t'), items: [item('tone', 1, 2)] },
]
const rule = (name: string, form: string, judges: number): SampleRule => ({
  name,
  title: words(name),
  form,
  for: 'agent',
  percent: 100,
  queue: null,
  reasons: [],
  judges,
})
const RULES = [
  [rule('pairs', 'service', 2), rule('one', 'tone', 1)],
  [rule('one', 'service', 1), rule('pairs', 'tone', 2)],
] as const
const JUDGES = ['vera', 'sonia', 'tiago', 'ana'] as const
const AGENTS = ['ana', 'rui'] as const
const REPLIES = ['answer', 'appeal', 'upheld', 'withdrawn', 'shout'] as const
const HOUR_MS = 60 * 60_000
const WEEK_MS = 7 * 24 * HOUR_MS

type Step =
  | { readonly what: 'closes' | 'transfers'; readonly of: number }
  | {
      readonly what: 'judges'
      readonly of: number
      readonly who: (typeof JUDGES)[number]
      readonly form: number
      readonly isDrawn: boolean
      readonly values: readonly number[]
      readonly wrong: 'nothing' | 'missing' | 'twice' | 'too much' | 'unknown' | 'version'
    }
  | {
      readonly what: 'replies'
      readonly of: number
      readonly who: (typeof JUDGES)[number] | 'rui'
      readonly as: (typeof REPLIES)[number]
    }
  | { readonly what: 'changes rules' }
  | { readonly what: 'waits'; readonly hours: number }

const of = fc.nat(1)
const who = fc.constantFrom(...JUDGES)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constantFrom('closes' as const, 'closes' as const, 'transfers' as const),
      of,
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      what: fc.constant('judges' as const),
      of,
      who,
      form: fc.nat(2),
      isDrawn: fc.boolean(),
      values: fc.array(fc.nat(2), { minLength: 3, maxLength: 3 }),
      wrong: fc.constantFrom(
        ...Array.from({ length: 12 }, () => 'nothing' as const),
        'missing' as const,
        'twice' as const,
        'too much' as const,
        'unknown' as const,
        'version' as const,
      ),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      what: fc.constant('replies' as const),
      of: fc.nat(3),
      who: fc.constantFrom(...JUDGES, 'rui' as const),
      as: fc.constantFrom(...REPLIES, 'appeal' as const, 'appeal' as const),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ what: 'changes rules' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('waits' as const),
      hours: fc.constantFrom(1, 30, 100, 167, 168),
    }),
  },
)

/** What the page of a form promises, said again: the share of each answer's best, by its weight; nothing where what must be was not. */
function worthOf(form: ScorecardForm, values: Readonly<Record<string, number>>): number {
  const answered = form.items.filter(({ id }) => values[id] !== undefined)
  if (answered.some(({ id, critical }) => critical && values[id] === 0)) return 0
  const whole = answered.reduce((sum, { weight }) => sum + weight, 0)
  const part = answered.reduce((sum, { id, weight, max }) => sum + (weight * values[id]!) / max, 0)
  return (100 * part) / whole
}

interface Pair {
  readonly item: string
  readonly one: number
  readonly other: number
}

/** Cohen's kappa by the table of each item: how often who said what of it. */
function kappaOf(pairs: readonly Pair[]): number | null {
  const tables = [...Map.groupBy(pairs, ({ item }) => item).values()]
  const byChance = tables.reduce((all, table) => {
    const times = (is: (pair: Pair) => boolean) => table.filter(is).length
    const products = [0, 1, 2].map(
      (value) => times(({ one }) => one === value) * times(({ other }) => other === value),
    )
    return all + products.reduce((sum, product) => sum + product, 0) / table.length
  }, 0)
  if (byChance > pairs.length - 1e-9) return null
  const alike = pairs.filter(({ one, other }) => one === other).length
  return (alike - byChance) / (pairs.length - byChance)
}

interface Judged {
  readonly id: string
  readonly conversationId: string
  readonly form: string
  readonly version: number
  readonly judge: string
  readonly subject: string
  readonly at: number
  /** Whoever judged first had another in mind, and whoever judges now knows nothing of it. */
  readonly judges: number
  readonly values: Readonly<Record<string, number>>
  readonly score: number
  replies: string[]
  appealedBy: string | undefined
  decision: 'upheld' | 'withdrawn' | undefined
}

class World {
  #now = Date.parse('2026-03-02T12:00:00.000Z')
  #rules = 0
  readonly #conversations = [0, 1].map((nth) => ({
    id: `c-${nth}`,
    subject: AGENTS[nth % 2]! as string,
    isClosed: nth > 0,
  }))
  readonly #stories = new Map<string, ReturnType<World['story']>>()
  readonly read = new Map<string, Evaluation>()
  readonly judged: Judged[] = []
  readonly blindly: string[] = []

  story(id: string) {
    return scenario(evaluationDecider, { streamId: id }).under({ forms: FORMS })
  }

  get now(): Date {
    return new Date(this.#now)
  }

  get all(): readonly Evaluation[] {
    return [...this.read.values()]
  }

  ofConversation(id: string): readonly Evaluation[] {
    return this.all.filter(({ conversationId }) => conversationId === id)
  }

  /** What the rules made of it, in a word. */
  #wish(
    id: string,
    wish: Parameters<ReturnType<World['story']>['when']>[0],
    texts: readonly string[],
  ): string {
    const story = this.#stories.get(id) ?? this.story(id)
    this.#stories.set(id, story)
    story.at(this.now.toISOString()).when(wish, { content: notesOf(texts), correlationId: 'c' })
    const [decided] = story.decided
    const event = evaluationFamily.readEvent(decided!.envelope)
    if (event.type === 'CommandRefused') return event.data.code
    const folded = evolveEvaluation(this.read.get(id), {
      ...(event as EvaluationEvent),
      envelope: decided!.envelope,
    })
    if (folded !== undefined) this.read.set(id, folded)
    return event.type
  }

  take(step: Step): void {
    this.#now += 1_000
    switch (step.what) {
      case 'waits':
        this.#now += step.hours * HOUR_MS
        return
      case 'changes rules':
        this.#rules = 1 - this.#rules
        return
      case 'closes':
        this.#conversations[step.of]!.isClosed = true
        return
      case 'transfers': {
        const one = this.#conversations[step.of]!
        if (!one.isClosed) one.subject = AGENTS.find((agent) => agent !== one.subject)!
        return
      }
      case 'judges':
        return this.#judges(step)
      case 'replies':
        return this.#replies(step)
      default:
        return step satisfies never
    }
  }

  #judges({
    of,
    who: judge,
    form: which,
    isDrawn,
    values: numbers,
    wrong,
  }: Extract<Step, { what: 'judges' }>) {
    const { id: conversationId, subject, isClosed } = this.#conversations[of]!
    const form = FORMS[which]!
    const rules = RULES[this.#rules]!
    const known = this.ofConversation(conversationId)
    const rule = rules.find((one) => one.form === form.name)!
    const isAsked = isClosed && isStillToJudge(rule, { lastAgentId: subject }, known, judge, this.now)
    // Some judge what they are given alone, and others what they come by.
    if (isDrawn && !isAsked) return
    if (isAsked && rule.judges > 1) {
      const seen = shownTo({ personId: judge, seesAll: true }, known, this.now)
      expect(seen.filter((one) => one.form === form.name)).toEqual([])
      this.blindly.push(conversationId)
    }
    const judges = judgesOf(
      rules,
      form.name,
      {
        id: conversationId,
        queue: 'general',
        lastAgentId: subject,
        closeReason: isClosed ? 'solved' : null,
        closedAt: isClosed ? 'then' : null,
      },
      known,
    )
    const values = Object.fromEntries(
      form.items.flatMap(({ id, max, optional }, nth) =>
        optional && numbers[nth] === 0 ? [] : [[id, Math.min(max, numbers[nth]!)]],
      ),
    )
    const given = Object.entries(values).map(([id, value]) => ({
      item: id,
      value,
      messageIds: [],
      hasNote: true,
    }))
    const answers = {
      nothing: given,
      version: given,
      missing: given.slice(1),
      twice: [...given, given[0]!],
      'too much': given.map((one) => ({ ...one, value: 9 })),
      unknown: [...given, { ...given[0]!, item: 'mood' }],
    }[wrong]
    const version = wrong === 'version' ? 9 : form.version
    const id = evaluationIdOf(conversationId, form.name, judge)
    const data = {
      conversationId,
      form: form.name,
      version,
      formHash: '',
      judgeId: judge,
      subjectKind: 'agent',
      subjectId: subject,
      queue: 'general',
      judges,
      answers,
    }
    const said = this.#wish(
      id,
      { type: 'EvaluateConversation', data },
      answers.map((one) => `of ${one.item}`),
    )
    const isFit = wrong === 'nothing'
    const isFirst = !this.judged.some((one) => one.id === id)
    if (!isFirst) return expect(said).toBe('ALREADY_EVALUATED')
    if (!isFit || subject === judge)
      return expect([
        'UNKNOWN_FORM',
        'JUDGE_IN_OWN_CASE',
        'ITEM_MISSING',
        'ITEM_TWICE',
        'ITEM_UNKNOWN',
        'VALUE_OUT_OF_RANGE',
      ]).toContain(said)
    expect(said).toBe('ConversationEvaluated')
    this.judged.push({
      id,
      conversationId,
      form: form.name,
      version,
      judge,
      subject,
      at: this.#now,
      judges,
      values,
      score: worthOf(form, values),
      replies: [],
      appealedBy: undefined,
      decision: undefined,
    })
  }

  #replies({ of, who: person, as }: Extract<Step, { what: 'replies' }>) {
    const one = this.judged[of % Math.max(1, this.judged.length)]
    if (one === undefined) return
    const said = this.#wish(one.id, { type: 'ReplyToEvaluation', data: { personId: person, as } }, [as])
    const isThird = person !== one.judge && person !== one.subject
    const isTaken =
      one.decision !== 'withdrawn' &&
      {
        answer: true,
        appeal: person === one.subject && one.appealedBy === undefined,
        upheld: isThird && one.appealedBy !== undefined && one.decision === undefined,
        withdrawn: isThird && one.appealedBy !== undefined && one.decision === undefined,
        shout: false,
      }[as]
    expect([as, person, said === 'EvaluationReplied']).toEqual([as, person, isTaken])
    if (!isTaken) return
    one.replies.push(as)
    if (as === 'appeal') one.appealedBy = person
    if (as === 'upheld' || as === 'withdrawn') one.decision = as
  }
}

/** Of a form: what two said of one conversation who knew nothing of each other. */
function pairsOf(judged: readonly Judged[], form: string): readonly Pair[] {
  return [...Map.groupBy(judged, ({ conversationId }) => conversationId).values()].flatMap((all) => {
    const [one, other] = all.filter((each) => each.form === form && each.judges > 1)
    if (one === undefined || other === undefined) return []
    const isComparable =
      other.at - one.at < WEEK_MS &&
      one.version === other.version &&
      one.subject === other.subject &&
      ![one, other].some(({ decision }) => decision === 'withdrawn')
    if (!isComparable) return []
    const [first, second] = one.judge < other.judge ? [one, other] : [other, one]
    return Object.keys(first.values).flatMap((item) =>
      second.values[item] === undefined
        ? []
        : [{ item, one: first.values[item]!, other: second.values[item] }],
    )
  })
}

test('however conversations are judged, answered, appealed against and decided: each is worth what its form says, whoever judges blindly has seen nothing, and kappa is of those alone', () => {
  let blindly = 0
  let paired = 0
  let decided = 0
  fc.assert(
    fc.property(fc.array(step, { minLength: 30, maxLength: 60, size: 'max' }), (steps) => {
      const world = new World()
      for (const one of [...steps, { what: 'waits', hours: 1 } as const]) {
        world.take(one)
        if (one.what === 'replies') continue
        for (const { id, score, replies, decision, appealedBy, judge, subject, values } of world.judged) {
          const read = world.read.get(id)!
          expect(read.score).toBeCloseTo(score, 1)
          expect(read).toMatchObject({ judgeId: judge, subjectId: subject })
          expect(read.status).toBe(decision ?? (appealedBy === undefined ? 'standing' : 'appealed'))
          expect(read.replies.map((reply) => [reply.as, reply.text])).toEqual(replies.map((as) => [as, as]))
          expect(read.answers.map(({ item, note }) => [item, note])).toEqual(
            Object.keys(values).map((item) => [item, `of ${item}`]),
          )
          decided += Number(decision !== undefined)
        }
        for (const conversationId of ['c-0', 'c-1'])
          for (const personId of [...JUDGES, 'rui']) {
            const seesAll = personId !== 'rui' && personId !== 'ana'
            const ofOne = world.ofConversation(conversationId)
            const shown = shownTo({ personId, seesAll }, ofOne, world.now)
            const isBlind = (of: Judged) => {
              const pairs = world.judged.filter(
                (each) => each.conversationId === conversationId && each.form === of.form && each.judges > 1,
              )
              return of.judges > 1 && pairs.length < 2 && world.now.getTime() - pairs[0]!.at < WEEK_MS
            }
            const own = world.judged.filter(
              (each) =>
                each.conversationId === conversationId &&
                (each.judge === personId || (!isBlind(each) && (seesAll || each.subject === personId))),
            )
            expect(shown.map(({ judgeId, form }) => `${judgeId} ${form}`).toSorted()).toEqual(
              own.map(({ judge, form }) => `${judge} ${form}`).toSorted(),
            )
          }
      }
      for (const form of ['service', 'tone']) {
        const pairs = pairsOf(world.judged, form)
        const { count, kappa } = calibrationOf(world.all.filter((one) => one.form === form && one.judges > 1))
        expect([form, count]).toEqual([form, pairs.length])
        const own = kappaOf(pairs)
        // Beyond what kappa can be: there is none.
        expect(kappa ?? 2).toBeCloseTo(own ?? 2, 9)
        paired += pairs.length
      }
      blindly += world.blindly.length
    }),
    runs(40),
  )
  expect(Math.min(blindly / 2, paired, decided / 2)).toBeGreaterThan(15)
})
