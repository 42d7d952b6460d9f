import { didYouMean } from '@parley/authoring'
import { type ConfigFile, type ConfigProblem, contentOf, duplicatesIn } from '@parley/authoring/config-file'
import { sha256 } from '@parley/kernel'
import { z } from 'zod'

/** A form by which conversations are judged. A form that changes gets another version, and the old one stays in the file: what was judged by it stays what it was. */
export interface ScorecardForm {
  readonly name: string
  readonly version: number
  readonly for: 'agent' | 'robot'
  readonly title: Words
  readonly items: readonly ScorecardItem[]
}

export interface ScorecardItem {
  readonly id: string
  readonly text: Words
  /** Of the whole, by its share of the sum of weights. */
  readonly weight: number
  /** The best value; the worst is 0. */
  readonly max: number
  /** At 0 the whole score is 0. */
  readonly critical: boolean
  /** It may be left out where it does not apply. */
  readonly optional: boolean
}

/** Which conversations are to be judged. */
export interface SampleRule {
  readonly name: string
  /** What it is called on pages: its name where the file says nothing. */
  readonly title: Words
  readonly form: string
  readonly for: ScorecardForm['for']
  readonly percent: number
  /** Null: of all queues. */
  readonly queue: string | null
  /** Closed for one of these; none: for any. */
  readonly reasons: readonly string[]
  /** So many judge each of them without knowing of each other (calibration). */
  readonly judges: number
}

export interface Scorecards {
  readonly forms: readonly ScorecardForm[]
  readonly samples: readonly SampleRule[]
}

interface Words {
  readonly pt: string
  readonly en: string
  readonly bn: string
}

const id = z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, 'only a-z, 0-9 and _, at most 40 characters')
const sentence = z.string().trim().min(1, 'it is empty').max(300, 'at most 300 characters')
const words = z.strictObject({ pt: sentence, en: sentence, bn: sentence })

const item = z.strictObject({
  id,
  text: words,
  weight: z.number().positive('a weight is more than 0').max(100),
  max: z.number().int().min(1).max(10).default(1),
  critical: z.boolean().default(false),
  optional: z.boolean().default(false),
})

const form = z.strictObject({
  name: id,
  version: z.number().int().min(1).max(1_000),
  for: z.enum(['agent', 'robot']).default('agent'),
  title: words,
  items: z.array(item).min(1, 'a form has at least one item').max(50),
})

const sample = z.strictObject({
  name: id,
  title: words.optional(),
  form: id,
  percent: z.number().positive('a share is more than 0').max(100),
  queue: z.string().nullable().default(null),
  reasons: z.array(z.string()).default([]),
  judges: z.number().int().min(1).max(2, 'Cohen’s kappa is of two judges').default(1),
})

const schema = z.strictObject({
  forms: z.array(form).max(200).default([]),
  samples: z.array(sample).max(50).default([]),
})

/** Where it is missing nobody is judged. */
export const SCORECARDS_FILE: ConfigFile<typeof schema> = {
  name: 'scorecards.yaml',
  of: 'scorecards',
  code: 'SCORECARDS_FILE_INVALID',
  schema,
  isOptional: true,
}

/** @throws {ConfigFileInvalid} with file, line and column of every problem */
export function readScorecards(source: string, path: string): Scorecards {
  const { forms, samples } = contentOf(SCORECARDS_FILE, source, path, inconsistencies)
  return {
    forms,
    samples: samples.map((rule) => ({
      ...rule,
      title: rule.title ?? { pt: rule.name, en: rule.name, bn: rule.name },
      for: forms.find(({ name }) => name === rule.form)?.for ?? 'agent',
    })),
  }
}

function inconsistencies({ forms, samples }: z.output<typeof schema>): readonly ConfigProblem[] {
  const names = forms.map(({ name }) => name)
  const sameVersions = duplicatesIn(forms, ({ name, version }) => `${name} ${version}`)
  return [
    ...forms.flatMap((one, at) => [
      ...(sameVersions.includes(at)
        ? [{ path: ['forms', at, 'version'], why: `${one.name} has a version ${one.version} already` }]
        : []),
      ...(forms.find(({ name }) => name === one.name)?.for === one.for
        ? []
        : [{ path: ['forms', at, 'for'], why: 'all versions of a form are for the same' }]),
      // Whoever answers none of its items would have judged nothing, which is no 0.
      ...(one.items.every(({ optional }) => optional)
        ? [{ path: ['forms', at, 'items'], why: 'at least one item is to be answered always: not optional' }]
        : []),
      ...duplicatesIn(one.items, ({ id: item }) => item).map((nth) => ({
        path: ['forms', at, 'items', nth, 'id'],
        why: 'the form has this item already',
      })),
    ]),
    ...samples.flatMap(({ form: name }, at) =>
      names.includes(name)
        ? []
        : [{ path: ['samples', at, 'form'], why: `there is no form "${name}"${didYouMean(name, names)}` }],
    ),
  ]
}

export function formNamed(
  forms: readonly ScorecardForm[],
  name: string,
  version: number,
): ScorecardForm | undefined {
  return forms.find((form) => form.name === name && form.version === version)
}

/**
 * Of what a judge reads and what it counts for, so that a form which was edited under the same version is another one. Its title judges nothing.
 * Each field is named: one that forms get later must not make others of those that do not use it.
 */
export function formHash({ for: judged, items }: Pick<ScorecardForm, 'for' | 'items'>): string {
  const read = items.map(({ id: item, text: { pt, en, bn }, weight, max, critical, optional }) => [
    item,
    [pt, en, bn],
    weight,
    max,
    critical,
    optional,
  ])
  return sha256(Buffer.from(JSON.stringify([judged, read]))).toString('hex')
}
