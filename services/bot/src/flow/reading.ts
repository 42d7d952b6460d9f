import { createHash } from 'node:crypto'
import { YamlFile, didYouMean } from '@parley/authoring'
import { unreachable } from '@parley/kernel'
import type { z } from 'zod'
import {
  CONDITION_WORDS,
  type Ask,
  type Flow,
  QUESTION_TYPES,
  STEP_KINDS,
  type Step,
  type StepKind,
  flowHead,
  isStepName,
  stepSchemas,
} from './flow.ts'
import { LANGUAGES, isLanguage } from './language.ts'
import type { Problem, ProblemCode } from './problem.ts'
import { PLACEHOLDER, queueIn } from './templates.ts'

export type Path = readonly (string | number)[]

/** A flow file taken apart: what could be read of it, and where each part stands. */
export interface FlowDraft {
  readonly file: string
  readonly problems: Problem[]
  /** Undefined when the head of the file is wrong. */
  readonly head: z.infer<typeof flowHead> | undefined
  /** In the order of the file. `next` is filled in. A step of a wrong shape is named, and undefined. */
  readonly steps: ReadonlyMap<string, Step | undefined>
  readonly digest: string
  readonly saysHours: boolean
  problem(path: Path, code: ProblemCode, message: string): void
}

/** Reads one file as far as it can be read. What must hold between the steps is looked at by checking.ts. */
export function readDraft(file: string, source: string): FlowDraft {
  const yaml = new YamlFile(source)
  const problems: Problem[] = []
  const problem = (path: Path, code: ProblemCode, message: string) => {
    const found = { file, ...yaml.placeOf(path), code, message }
    if (
      !problems.some(
        (each) => each.line === found.line && each.column === found.column && each.message === message,
      )
    )
      problems.push(found)
  }
  const digest = createHash('sha256').update(source).digest('hex')
  const saysHours = yaml.matches(PLACEHOLDER).some(({ match }) => queueIn(match[1]!) !== undefined)
  const draft = { file, problems, digest, saysHours, problem }

  for (const mistake of [...yaml.errors, ...yaml.warnings])
    problems.push({ file, ...mistake, code: 'NOT_YAML' })
  if (yaml.errors.length > 0) return { ...draft, head: undefined, steps: new Map() }

  const content = yaml.content()
  const parsed = flowHead.safeParse(content)
  if (!parsed.success)
    for (const issue of parsed.error.issues) report(draft, [], issue, Object.keys(flowHead.shape))
  const written = isRecord(content) && isRecord(content['steps']) ? content['steps'] : {}
  return { ...draft, head: parsed.data, steps: readSteps(draft, written) }
}

function readSteps(
  draft: Pick<FlowDraft, 'problem'>,
  written: Record<string, unknown>,
): Map<string, Step | undefined> {
  const steps = new Map<string, Step | undefined>()
  const names = Object.keys(written)
  if (names.length === 0) draft.problem(['steps'], 'WRONG_SHAPE', 'a flow needs at least one step')
  for (const [index, [name, step]] of Object.entries(written).entries()) {
    if (!isStepName(name))
      draft.problem(
        ['steps', name],
        'WRONG_SHAPE',
        `"${name}" is no name of a step: small letters, digits and _, beginning with a letter`,
      )
    steps.set(name, readStep(draft, name, step, names[index + 1]))
  }
  return steps
}

function readStep(
  draft: Pick<FlowDraft, 'problem'>,
  name: string,
  written: unknown,
  below: string | undefined,
): Step | undefined {
  const path = ['steps', name]
  if (!isRecord(written)) {
    draft.problem(path, 'WRONG_SHAPE', `a step is one of: ${STEP_KINDS.join(', ')}`)
    return undefined
  }
  const kinds = Object.keys(written).filter((key): key is StepKind => (STEP_KINDS as string[]).includes(key))
  const [kind] = kinds
  if (kind === undefined) {
    const [first] = Object.keys(written).filter((key) => key !== 'next')
    if (first === undefined) draft.problem(path, 'WRONG_SHAPE', `a step is one of: ${STEP_KINDS.join(', ')}`)
    else
      draft.problem(
        [...path, first],
        'WRONG_SHAPE',
        `"${first}" is no kind of step${didYouMean(first, STEP_KINDS) || `; there are: ${STEP_KINDS.join(', ')}`}`,
      )
    return undefined
  }
  if (kinds.length > 1) {
    draft.problem(
      [...path, kinds[1]!],
      'WRONG_SHAPE',
      `a step does one thing; this one says ${kinds.join(' and ')}`,
    )
    return undefined
  }
  const parsed = stepSchemas[kind].safeParse(written)
  if (!parsed.success) {
    for (const issue of parsed.error.issues) report(draft, path, issue, ['next'], written)
    return undefined
  }
  const value = parsed.data as unknown as Written
  // checking.ts says so when a step has no way on; '' is no step's name.
  const next = value.next ?? below ?? ''
  switch (kind) {
    case 'say':
      return { kind, say: value.say, next }
    case 'ask':
      return { kind, ask: value.ask, next }
    case 'call':
      return { kind, call: value.call, next }
    case 'set':
      return { kind, set: value.set, next }
    case 'choose_language':
      return { kind, choose: value.choose_language, next }
    case 'branch':
      return { kind, branch: value.branch }
    case 'hand_over':
      return { kind, queue: value.hand_over.queue, text: value.hand_over.text }
    case 'end':
      return { kind, text: value.end.text, transcriptButton: value.end.transcript_button }
    case 'goto':
      return { kind, goto: value.goto }
    default:
      return unreachable(kind)
  }
}

/** What a step's schema gives: the one part that its kind names, and perhaps the next step. */
type Written = { [Kind in StepKind]: Part<z.output<(typeof stepSchemas)[Kind]>, Kind> } & { next?: string }
type Part<Parsed, Kind> = Kind extends keyof Parsed ? Parsed[Kind] : never

/** The flow as it is played. Call it on a draft without problems, or on one that was without any when it was new. */
export function flowOf(draft: FlowDraft): Flow | undefined {
  const { head } = draft
  if (head === undefined) return undefined
  const steps = new Map<string, Step>()
  const questions = new Map<string, Ask>()
  for (const [name, step] of draft.steps) {
    if (step === undefined) return undefined
    steps.set(name, step)
    if (step.kind !== 'ask') continue
    const known = questions.get(step.ask.into)
    // Asked twice (in a loop of the flow): the options of both are known.
    questions.set(
      step.ask.into,
      known?.type === 'choice' && step.ask.type === 'choice'
        ? { ...known, options: [...known.options, ...step.ask.options] }
        : step.ask,
    )
  }
  const start = head.start ?? [...steps.keys()][0]
  if (start === undefined) return undefined
  return {
    id: head.flow,
    version: head.version,
    digest: draft.digest,
    timeZone: head.time_zone,
    start,
    menu: head.menu ?? start,
    people: head.people,
    env: head.env,
    privateHosts: head.private_hosts,
    saysHours: draft.saysHours,
    steps,
    questions,
  }
}

function report(
  draft: Pick<FlowDraft, 'problem'>,
  base: Path,
  issue: z.core.$ZodIssue,
  known: readonly string[],
  written: unknown = {},
): void {
  const path = [...base, ...(issue.path as (string | number)[])]
  const last = path.at(-1)
  switch (issue.code) {
    case 'unrecognized_keys':
      for (const key of issue.keys) {
        const words = [...known, ...WORDS]
        // A word of the language in the wrong place is spelt right.
        const meant = words.includes(key) ? '' : didYouMean(key, words)
        draft.problem([...path, key], 'WRONG_SHAPE', `"${key}" is not known here${meant}`)
      }
      return
    case 'invalid_type': {
      if (issue.message.endsWith('received undefined')) {
        if (typeof last === 'string' && isLanguage(last))
          draft.problem(
            path,
            'MISSING_TRANSLATION',
            `the text in "${last}" is missing; every text is written in ${LANGUAGES.join(', ')}`,
          )
        else draft.problem(path, 'WRONG_SHAPE', `"${String(last)}" is missing`)
        return
      }
      const isText =
        issue.expected === 'object' &&
        (last === 'text' ||
          last === 'title' ||
          last === 'invalid' ||
          last === 'button' ||
          last === 'transcript_button')
      draft.problem(
        path,
        'WRONG_SHAPE',
        isText
          ? `"${last}" is written once for each language: ${LANGUAGES.join(', ')}`
          : `${named(last)}: ${plain(issue.message)}`,
      )
      return
    }
    case 'invalid_union':
      if ('discriminator' in issue && issue.discriminator === 'type')
        draft.problem(
          path,
          'WRONG_SHAPE',
          `"type" of a question is one of: ${QUESTION_TYPES.join(', ')}${didYouMean(String(valueAt(written, issue.path)), QUESTION_TYPES)}`,
        )
      else
        draft.problem(
          path,
          'WRONG_SHAPE',
          `${named(last)}: ${plain(issue.errors[0]?.[0]?.message ?? issue.message)}`,
        )
      return
    default:
      draft.problem(path, 'WRONG_SHAPE', `${named(last)}: ${plain(issue.message)}`)
  }
}

const valueAt = (written: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce((part, name) => (isRecord(part) ? part[String(name)] : undefined), written)

const named = (last: string | number | undefined) => (last === undefined ? 'the file' : `"${String(last)}"`)
const plain = (message: string) =>
  message
    .replace(/^Invalid (input|option): /, '')
    .replace(/^Too (small|big): /, '')
    .replace(/^Invalid ISO date$/, 'expected today, or a day such as 2026-11-20')
    .replace('expected boolean', 'expected true or false')
    .replace('expected array', 'expected a list')
    .replace('expected object', 'expected names with values')
    .replace('received null', 'received nothing')
    .replace('received array', 'received a list')
    .replace('received object', 'received names with values')
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** All words of the flow language, for a "did you mean". */
const WORDS: readonly string[] = [
  ...STEP_KINDS,
  ...CONDITION_WORDS,
  ...LANGUAGES,
  ...(
    'text header footer buttons list link media id title description rows sections caption filename type into invalid retries ' +
    'otherwise wait sensitive irreversible options words button length min max whole not_before not_after min_length max_length when variable method ' +
    'url headers body timeout_seconds expect save fallback queue transcript_button next'
  ).split(' '),
]
