import { type Mutant, integration, unit } from './mutant.ts'

const ALERTS = 'services/agent/src/adapters/alerts'
const watch = (tests: string) => integration(`${ALERTS}/watch.integration.test.ts`, tests)
const SIGHT = 'services/agent/src/adapters/desk/sight.ts'
const sight = (tests: string) => unit('services/agent/src/adapters/desk/sight.unit.test.ts', tests)

/** Those who watch over the shift are told once, and of nothing but what is; what screens and operators read is what the log says. */
export const WATCHING: readonly Mutant[] = [
  {
    name: 'alerted-at-each-look',
    breaks:
      'what is beyond its limit opens one alert, however often and on however many replicas it is looked at',
    file: 'services/agent/src/alerts/alert.ts',
    before: "id: deterministicId('alert', name, since)",
    after: "id: deterministicId('alert', name, at)",
    caughtBy: watch('opens one alert'),
  },
  {
    name: 'alert-told-by-each-replica',
    breaks: 'what one replica is telling outside is told by no other one meanwhile',
    file: `${ALERTS}/store.ts`,
    before: '{ $set: { dueAt: new Date(now.getTime() + leaseMs) }, $inc: { tries: 1 } }',
    after: '{ $set: { dueAt: now }, $inc: { tries: 1 } }',
    caughtBy: integration(`${ALERTS}/webhook.integration.test.ts`, 'whoever dies while telling'),
  },
  {
    name: 'alerted-at-each-swing',
    breaks: 'a figure that goes to and fro at its limit is told once',
    file: `${ALERTS}/watch.ts`,
    before: 'const isOpen = seen.open.some((alert) => alert.rule === rule)',
    after: 'const isOpen = false',
    caughtBy: watch('goes to and fro'),
  },
  {
    name: 'alerts-ended-in-ignorance',
    breaks: 'a replica that does not know yet what is watched ends no alert',
    file: `${ALERTS}/watch.ts`,
    before: 'const inForce = rules.now()',
    after: 'const inForce = rules.now() ?? { figures: [], words: [] }',
    caughtBy: watch('ends no alert'),
  },
  {
    name: 'turns-taken-for-nothing',
    breaks: 'where no figure is watched nobody writes to the store each second',
    file: `${ALERTS}/watch.ts`,
    before: 'if (inForce.figures.length === 0 && leftBehind === 0) this.#idleUnder = inForce',
    after: '',
    caughtBy: watch('nobody takes a turn'),
  },
  {
    name: 'not-there-before-it-is-read',
    breaks: 'nothing is said not to be there while the store is behind what desks were told',
    file: SIGHT,
    before: 'if (found === undefined && !isRead) throw notReadYet()',
    after: '',
    caughtBy: sight('while the read model is behind'),
  },
  {
    name: 'stream-begins-before-the-lists',
    breaks: 'a stream begins at the present only where what can be read is no older',
    file: SIGHT,
    before: 'if (!feed.goesOnFrom(lastEventId)) await whenAllIsRead(feed)',
    after: '',
    caughtBy: sight('a stream begins at the present'),
  },
  {
    name: 'figure-beside-the-log',
    breaks: 'the figures that are shown are those that the raw archive gives when it is counted again',
    file: 'services/archive/src/metrics/waits.ts',
    before: 'abandonSeconds: seconds,',
    after: 'abandonSeconds: seconds + 1,',
    caughtBy: unit('services/archive/src/metrics/recounted.unit.test.ts', 'whatever happens'),
  },
  {
    name: 'kept-before-it-is-written',
    breaks:
      'what a day came to is not kept under an offset of the company that others of the batch have not come to',
    file: 'services/archive/src/adapters/figure-projections.ts',
    before: 'isMonth(window) ? 2 : isDay(window) ? 1 : 0',
    after: 'isMonth(window) ? 0 : isDay(window) ? 0 : 0',
    caughtBy: integration(
      'services/archive/src/adapters/figure-sums.integration.test.ts',
      'whenever it was kept while they were written',
    ),
  },
  {
    name: 'kept-for-ever',
    breaks: 'what a day came to is made again when something counts in it after all',
    file: 'services/archive/src/adapters/figure-sums.ts',
    before: 'kept && isSame(kept.mark, mark ?? NOTHING)',
    after: 'kept && mark !== null',
    caughtBy: integration(
      'services/archive/src/adapters/figure-sums.integration.test.ts',
      'whenever it was kept while they were written',
    ),
  },
  {
    name: 'recounted-beyond-the-row',
    breaks: 'what came behind the record up to which a row was counted is not recounted into it',
    file: 'services/archive/recount/recount.ts',
    before: 'const isSure = cut === undefined || offset < cut.leastOf(family, partition)',
    after: 'const isSure = cut !== undefined || offset < 0n',
    caughtBy: unit('services/archive/src/metrics/recounted.unit.test.ts', 'cut in the middle'),
  },
  {
    name: 'alerted-by-too-little',
    breaks: 'a figure of less than a rule asks for opens no alert',
    file: `${ALERTS}/measured.ts`,
    before: ' || (worth.denominator ?? 0) < rule.ofAtLeast',
    after: '',
    caughtBy: unit(`${ALERTS}/measured.unit.test.ts`, 'less than the rule asks for'),
  },
  {
    name: 'score-lost-in-a-merge',
    breaks: 'a score that is typed once two contacts are one is counted where it was asked',
    file: 'services/routing/src/conversation/evolve.ts',
    before: 'surveyElsewhere: lastAsked(contact.surveyElsewhere, waiting),',
    after: 'surveyElsewhere: contact.surveyElsewhere,',
    caughtBy: unit('services/routing/src/conversation/survey.unit.test.ts', 'a number that is typed under'),
  },
  {
    name: 'chance-over-all-items',
    breaks: 'what is said of one item always, and of another never, is no agreement of judges',
    file: 'packages/evaluation/src/kappa.ts',
    before: 'items.reduce((sum, pairs) => sum + alikeByChance(pairs), 0)',
    after: 'alikeByChance(items.flat())',
    caughtBy: unit('packages/evaluation/src/judging.unit.test.ts', 'beyond the chance of each'),
  },
  {
    name: 'every-state-is-queued',
    breaks: 'a board that is read slowly is told the newest, and its line is not cut',
    file: 'packages/service/src/http/streams.ts',
    before: 'else this.#newest = frame',
    after: 'else this.sendFrame(frame, 0)',
    caughtBy: unit('packages/service/src/http/streams.unit.test.ts', 'a reader that is slow'),
  },
  {
    name: 'older-counts-told-as-new',
    breaks: 'a board says no more than was open at its position, and soon what was said since',
    file: 'services/agent/src/adapters/wallboard/wallboards.ts',
    before: 'if (shown.position !== place.position) onOlder()',
    after: '',
    caughtBy: unit('services/agent/src/adapters/wallboard/wallboards.unit.test.ts', 'four times a second'),
  },
  {
    name: 'judged-by-another-text',
    breaks:
      'answers count by the form that the judge was shown, also where it was edited under the same version',
    file: 'services/routing/src/evaluation/decider.ts',
    before:
      "if (data.formHash !== '' && data.formHash !== hash) return refuse('FORM_CHANGED', { form: name, version })",
    after: '',
    caughtBy: unit('services/routing/src/evaluation/evaluation.unit.test.ts', 'by which text it was judged'),
  },
  {
    name: 'words-without-their-place',
    breaks:
      'a rule of some queues is silent for nothing that was said while what is known of conversations was behind',
    file: `${ALERTS}/words.ts`,
    before: 'if (!(await isFolded(record))) throw new ConversationsBehind()',
    after: '',
    caughtBy: unit(`${ALERTS}/words.unit.test.ts`, 'it is heard again'),
  },
  {
    name: 'alerts-counted-as-shown',
    breaks: 'a board says how many alerts are open, however few of them it is told',
    file: 'services/agent/src/adapters/wallboard/wallboards.ts',
    before: 'alertCount: seen.length }',
    after: 'alertCount: Math.min(seen.length, ALERTS_SHOWN_MAX) }',
    caughtBy: unit(
      'services/agent/src/adapters/wallboard/wallboards.unit.test.ts',
      'how many alerts are open in its sight',
    ),
  },
  {
    name: 'appeals-behind-those-of-others',
    breaks: 'an appeal is found by who may decide it, however many wait longer for somebody else',
    file: 'services/agent/src/adapters/judging/routes.ts',
    before: 'if (next === undefined) break',
    after: 'break',
    caughtBy: unit('services/agent/src/adapters/judging/routes.unit.test.ts', 'however many wait longer'),
  },
  {
    name: 'recounted-by-another-clock',
    breaks: 'a day is recounted in the time zone of the stack that it is of',
    file: 'infra/operator/src/operated.ts',
    before: ' || stack?.configDirectory',
    after: '',
    caughtBy: unit('infra/operator/src/operated.unit.test.ts'),
  },
  {
    name: 'bundled-without-what-it-imports',
    breaks: 'services that import what is not there are not put together',
    file: 'infra/stack/src/bundle.ts',
    before: "if (code === 'UNRESOLVED_IMPORT') unresolved",
    after: "if (code === 'MISSING_EXPORT') unresolved",
    caughtBy: unit('infra/stack/src/bundle.unit.test.ts', 'leads nowhere'),
  },
]
