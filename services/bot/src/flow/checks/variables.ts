import { didYouMean } from '@parley/authoring'
import type { Json } from '../flow.ts'
import { LANGUAGES, type Translations, isLanguage } from '../language.ts'
import type { FlowDraft, Path } from '../reading.ts'
import { brokenPlaceholder, placeholders, queueIn, singleBraces } from '../templates.ts'
import { comparisons, knownSteps } from './steps.ts'

const BUILT_IN = ['language', 'turn.id', 'turn.date', 'turn.protocol']

export function checkVariables(draft: FlowDraft): void {
  const known = new Set(BUILT_IN)
  const types = new Map<string, string>()
  for (const [name, step] of knownSteps(draft)) {
    if (step.kind === 'ask') {
      const before = types.get(step.ask.into)
      if (before !== undefined && before !== step.ask.type)
        draft.problem(
          ['steps', name, 'ask', 'into'],
          'UNKNOWN_VARIABLE',
          `"${step.ask.into}" is asked as ${before} and as ${step.ask.type}: use two names`,
        )
      types.set(step.ask.into, step.ask.type)
      known.add(step.ask.into)
    }
    if (step.kind === 'set') for (const variable of Object.keys(step.set)) known.add(variable)
    if (step.kind === 'call') for (const variable of Object.keys(step.call.save)) known.add(variable)
  }
  const complete = ![...draft.steps.values()].includes(undefined)
  const needs = (path: Path, variable: string) => {
    if (complete && !known.has(variable))
      draft.problem(path, 'UNKNOWN_VARIABLE', `no step sets "${variable}"${didYouMean(variable, [...known])}`)
  }
  for (const [path, text, place] of templates(draft)) {
    if (brokenPlaceholder(text)) draft.problem(path, 'BAD_TEMPLATE', 'a variable is written {{name}}')
    // What is sent to others may have braces of its own: a GraphQL `query { card }`.
    const bare = singleBraces(text).find((name) => known.has(name) || queueIn(name) !== undefined)
    if (bare !== undefined && place !== 'sent')
      draft.problem(path, 'BAD_TEMPLATE', `a variable is written {{${bare}}}`)
    for (const name of placeholders(text)) {
      if (queueIn(name) !== undefined) {
        if (place !== 'text') draft.problem(path, 'BAD_TEMPLATE', `{{${name}}} may be used in texts only`)
      } else if (place === 'fixed')
        draft.problem(path, 'BAD_TEMPLATE', 'no variable may stand here: its length is not known beforehand')
      else if (place === 'address')
        draft.problem(
          path,
          'BAD_TEMPLATE',
          'no variable may stand here: whoever taps must know where it leads',
        )
      else if (!name.startsWith('env.')) needs(path, name)
      else if (place !== 'url' && place !== 'sent')
        draft.problem(path, 'BAD_TEMPLATE', `{{${name}}} may be used in calls only`)
      else if (!draft.head?.env.includes(name.slice(4)))
        draft.problem(
          path,
          'BAD_TEMPLATE',
          `${name.slice(4)} is not among the names under "env" of this flow`,
        )
    }
  }
  checkEvenness(draft, (name) => known.has(name) || queueIn(name) !== undefined)
  for (const [name, step] of knownSteps(draft)) {
    if (step.kind === 'branch')
      for (const [index, { when }] of step.branch.entries())
        for (const [path, { variable }] of comparisons(['steps', name, 'branch', index, 'when'], when))
          needs(path, variable)
    if (step.kind === 'choose_language' && typeof step.choose === 'object') {
      const { variable } = step.choose
      const path = ['steps', name, 'choose_language', 'variable']
      needs(path, variable)
      for (const [, asking] of knownSteps(draft))
        if (
          asking.kind === 'ask' &&
          asking.ask.into === variable &&
          !(
            asking.ask.type === 'choice' &&
            asking.ask.options.every((option) => isLanguage(option.id) || option.goto !== undefined)
          )
        )
          draft.problem(
            path,
            'UNKNOWN_VARIABLE',
            `"${variable}" must be a choice whose ids are languages: ${LANGUAGES.join(', ')}`,
          )
    }
  }
}

/** What one language shows and another does not; where a name is misspelt, that is said. */
function checkEvenness(draft: FlowDraft, isKnown: (name: string) => boolean): void {
  const texts = new Map<string, Map<string, Path>>()
  const shownIn = new Map<string, Map<string, Set<string>>>()
  for (const [path, text, place] of templates(draft)) {
    if (place !== 'text') continue
    const [language, key] = [String(path.at(-1)), JSON.stringify(path.slice(0, -1))]
    texts.set(key, (texts.get(key) ?? new Map<string, Path>()).set(language, path))
    const shown = shownIn.get(key) ?? new Map<string, Set<string>>()
    shownIn.set(key, shown)
    for (const name of placeholders(text)) shown.set(name, (shown.get(name) ?? new Set()).add(language))
  }
  for (const [key, shown] of shownIn) {
    if (![...shown.keys()].every(isKnown)) continue
    for (const [name, languages] of shown)
      for (const [language, path] of texts.get(key) ?? [])
        if (!languages.has(language))
          draft.problem(
            path,
            'UNEVEN_TRANSLATION',
            `{{${name}}} is shown in ${[...languages].join(' and ')}, and not here (${language})`,
          )
  }
}

type Place = 'text' | 'fixed' | 'address' | 'set' | 'url' | 'sent'

/** Every text of the flow in which a variable might stand, with its place. */
function* templates(draft: FlowDraft): Generator<[Path, string, Place]> {
  function* each(
    path: Path,
    texts: Translations | undefined,
    place: Place,
  ): Generator<[Path, string, Place]> {
    if (texts) for (const language of LANGUAGES) yield [[...path, language], texts[language], place]
  }
  if (draft.head) yield* each(['people', 'text'], draft.head.people.text, 'text')
  for (const [name, step] of knownSteps(draft)) {
    const path = ['steps', name, step.kind]
    switch (step.kind) {
      case 'say':
        yield* each([...path, 'text'], step.say.text, 'text')
        yield* each([...path, 'header'], step.say.header, 'fixed')
        yield* each([...path, 'footer'], step.say.footer, 'fixed')
        for (const [index, button] of (step.say.buttons ?? []).entries())
          yield* each([...path, 'buttons', index, 'title'], button.title, 'fixed')
        if (step.say.list) {
          yield* each([...path, 'list', 'button'], step.say.list.button, 'fixed')
          for (const [at, section] of step.say.list.sections.entries()) {
            yield* each([...path, 'list', 'sections', at, 'title'], section.title, 'fixed')
            for (const [index, row] of section.rows.entries()) {
              yield* each([...path, 'list', 'sections', at, 'rows', index, 'title'], row.title, 'fixed')
              yield* each(
                [...path, 'list', 'sections', at, 'rows', index, 'description'],
                row.description,
                'fixed',
              )
            }
          }
        }
        if (step.say.link) {
          yield* each([...path, 'link', 'title'], step.say.link.title, 'fixed')
          yield [[...path, 'link', 'url'], step.say.link.url, 'address']
        }
        if (step.say.media) {
          yield [[...path, 'media', 'link'], step.say.media.link, 'address']
          yield* each([...path, 'media', 'caption'], step.say.media.caption, 'text')
        }
        break
      case 'ask':
        yield* each([...path, 'text'], step.ask.text, 'text')
        yield* each([...path, 'invalid'], step.ask.invalid, 'text')
        if (step.ask.type === 'choice') {
          yield* each([...path, 'button'], step.ask.button, 'fixed')
          for (const [index, option] of step.ask.options.entries()) {
            yield* each([...path, 'options', index, 'title'], option.title, 'fixed')
            yield* each([...path, 'options', index, 'description'], option.description, 'fixed')
          }
        }
        break
      case 'set':
        for (const [variable, value] of Object.entries(step.set))
          if (typeof value === 'string') yield [[...path, variable], value, 'set']
        break
      case 'call':
        yield [[...path, 'url'], step.call.url, 'url']
        for (const [header, value] of Object.entries(step.call.headers))
          yield [[...path, 'headers', header], value, 'sent']
        for (const [where, text] of jsonTexts([...path, 'body'], step.call.body)) yield [where, text, 'sent']
        break
      case 'hand_over':
        yield* each([...path, 'text'], step.text, 'text')
        break
      case 'end':
        yield* each([...path, 'text'], step.text, 'text')
        yield* each([...path, 'transcript_button'], step.transcriptButton, 'fixed')
        break
      default:
    }
  }
}

function* jsonTexts(path: Path, json: Json | undefined): Generator<[Path, string]> {
  if (typeof json === 'string') yield [path, json]
  else if (Array.isArray(json))
    for (const [index, each] of json.entries()) yield* jsonTexts([...path, index], each)
  else if (typeof json === 'object' && json !== null)
    for (const [name, each] of Object.entries(json)) yield* jsonTexts([...path, name], each)
}
