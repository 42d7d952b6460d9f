import { didYouMean } from '@parley/authoring'
import { stopsMessages, wordSet } from '@parley/conversation'
import type { MessageBody } from '@parley/proto/content'
import { isTimeZone } from '@parley/time-zone'
import { mistakeInAddress } from './address.ts'
import { type Condition, type Flow, type Json, type Option, type Say, type Step } from './flow.ts'
import { LANGUAGES, type Language, type Translations, isLanguage } from './language.ts'
import { LIMITS, breaches, charactersOf } from './limits.ts'
import { asButtons, questionMessage, sayMessage, textMessage, transcriptMessage } from './messages.ts'
import { compilePattern } from './pattern.ts'
import { PHRASES } from './phrases.ts'
import { type Problem, isWarning } from './problem.ts'
import { type FlowDraft, type Path, flowOf, readDraft } from './reading.ts'
import { namesOf, numberIn } from './understanding.ts'
import { placeIn } from './wording.ts'
import { brokenPlaceholder, fillIn, placeholders, queueIn } from './templates.ts'

export type CheckedFlow = { readonly warnings: readonly Problem[] } & (
  | { readonly flow: Flow; readonly problems: readonly [] }
  | { readonly flow: undefined; readonly problems: readonly Problem[] }
)

/**
 * All that is wrong with a file, at once; or the flow. Never both: nothing half-good is played. Warnings stand beside either.
 * @param environment values of FLOW_… names, where they are known: the addresses that begin with them are looked at too
 */
export function checkFlow(
  file: string,
  source: string,
  environment: Readonly<Record<string, string>> = {},
): CheckedFlow {
  const draft = readDraft(file, source)
  checkAddresses(draft)
  checkVariables(draft)
  checkMessages(draft)
  checkIds(draft)
  checkNames(draft)
  checkPatterns(draft)
  checkCalls(draft, environment)
  checkReach(draft)
  const found = draft.problems.toSorted((left, right) => left.line - right.line || left.column - right.column)
  const warnings = found.filter(isWarning)
  const problems = found.filter((problem) => !isWarning(problem))
  const flow = problems.length === 0 ? flowOf(draft) : undefined
  return flow ? { flow, problems: [], warnings } : { flow: undefined, problems, warnings }
}

/** A flow that was checked by the code of its own day: only what the interpreter needs must still hold. */
export function rereadFlow(source: string): Flow | undefined {
  return flowOf(readDraft('', source))
}

interface Way {
  readonly path: Path
  readonly target: string
}

/** Where a step leads, and where the file says so. */
function ways(name: string, step: Step): Way[] {
  const path = ['steps', name]
  const next = 'next' in step ? [{ path: [...path, 'next'], target: step.next }] : []
  switch (step.kind) {
    case 'ask': {
      const options: Way[] = []
      const choices: readonly Option[] = step.ask.type === 'choice' ? step.ask.options : []
      for (const [index, option] of choices.entries())
        if (option.goto !== undefined)
          options.push({ path: [...path, 'ask', 'options', index, 'goto'], target: option.goto })
      const otherwise =
        step.ask.otherwise === undefined
          ? []
          : [{ path: [...path, 'ask', 'otherwise'], target: step.ask.otherwise }]
      const allLeave = choices.length > 0 && options.length === choices.length
      return [...options, ...otherwise, ...(allLeave ? [] : next)]
    }
    case 'branch':
      return step.branch.map((each, index) => ({
        path: [...path, 'branch', index, 'goto'],
        target: each.goto,
      }))
    case 'call':
      return [...next, { path: [...path, 'call', 'fallback'], target: step.call.fallback }]
    case 'goto':
      return [{ path: [...path, 'goto'], target: step.goto }]
    default:
      return next
  }
}

function* knownSteps(draft: FlowDraft): Generator<[string, Step]> {
  for (const [name, step] of draft.steps) if (step) yield [name, step]
}

function checkAddresses(draft: FlowDraft): void {
  const names = [...draft.steps.keys()]
  const unknown = (path: Path, target: string) =>
    draft.problem(path, 'UNKNOWN_STEP', `there is no step "${target}"${didYouMean(target, names)}`)
  if (draft.head?.start !== undefined && !draft.steps.has(draft.head.start))
    unknown(['start'], draft.head.start)
  if (draft.head?.menu !== undefined && !draft.steps.has(draft.head.menu)) unknown(['menu'], draft.head.menu)
  for (const [name, step] of knownSteps(draft)) {
    for (const { path, target } of ways(name, step)) {
      if (target === '')
        draft.problem(
          ['steps', name],
          'NO_WAY_ON',
          `nothing comes after "${name}", the last step: give it a next, or end the flow with end or hand_over`,
        )
      else if (!draft.steps.has(target)) unknown(path, target)
    }
    if (step.kind === 'branch') {
      const last = step.branch.at(-1)!
      if (last.when !== undefined)
        draft.problem(
          ['steps', name, 'branch', step.branch.length - 1],
          'NO_WAY_ON',
          'the last way of a branch has no "when": it is for all else',
        )
      for (const [index, each] of step.branch.slice(0, -1).entries())
        if (each.when === undefined)
          draft.problem(
            ['steps', name, 'branch', index],
            'NO_WAY_ON',
            'only the last way of a branch has no "when"; those below it are never taken',
          )
    }
  }
}

function checkReach(draft: FlowDraft): void {
  // A step of a wrong shape leads nobody knows where: then nothing can be called unreachable.
  if (draft.head === undefined || [...draft.steps.values()].includes(undefined)) return
  const first = draft.head.start ?? [...draft.steps.keys()][0]
  const open = [first, draft.head.menu].filter((name) => name !== undefined)
  const reached = new Set<string>()
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const step = draft.steps.get(name)
    if (reached.has(name) || !step) continue
    reached.add(name)
    for (const way of ways(name, step)) open.push(way.target)
  }
  for (const [name, step] of knownSteps(draft)) {
    if (!reached.has(name))
      draft.problem(['steps', name], 'UNREACHABLE_STEP', `no way leads to the step "${name}"`)
    else if (isEndless(draft, name, step))
      draft.problem(
        ['steps', name],
        'ENDLESS_LOOP',
        `from "${name}" the flow comes back to it without asking anything`,
      )
  }
}

/** Follows the only way on; questions, branches and calls may end a circle. */
function isEndless(draft: FlowDraft, name: string, from: Step): boolean {
  let step: Step | undefined = from
  for (let count = 0; count <= draft.steps.size && step; count += 1) {
    if (step.kind === 'ask' || step.kind === 'branch' || step.kind === 'call') return false
    const target: string | undefined = ways(name, step)[0]?.target
    if (target === undefined) return false
    if (target === name) return true
    step = draft.steps.get(target)
  }
  return false
}

const BUILT_IN = ['language', 'turn.id', 'turn.date', 'turn.protocol']

function checkVariables(draft: FlowDraft): void {
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
    for (const name of placeholders(text)) {
      if (queueIn(name) !== undefined) {
        if (place !== 'text') draft.problem(path, 'BAD_TEMPLATE', `{{${name}}} may be used in texts only`)
      } else if (place === 'fixed')
        draft.problem(path, 'BAD_TEMPLATE', 'no variable may stand here: its length is not known beforehand')
      else if (!name.startsWith('env.')) needs(path, name)
      else if (place !== 'call') draft.problem(path, 'BAD_TEMPLATE', `{{${name}}} may be used in calls only`)
      else if (!draft.head?.env.includes(name.slice(4)))
        draft.problem(
          path,
          'BAD_TEMPLATE',
          `${name.slice(4)} is not among the names under "env" of this flow`,
        )
    }
  }
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

type Comparison = Extract<Condition, { variable: string }>

function comparisons(path: Path, condition: Condition | undefined): [Path, Comparison][] {
  if (condition === undefined) return []
  if ('and' in condition)
    return condition.and.flatMap((each, index) => comparisons([...path, 'and', index], each))
  if ('or' in condition)
    return condition.or.flatMap((each, index) => comparisons([...path, 'or', index], each))
  if ('not' in condition) return comparisons([...path, 'not'], condition.not)
  return [[path, condition]]
}

type Place = 'text' | 'fixed' | 'set' | 'call'

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
          yield [[...path, 'link', 'url'], step.say.link.url, 'fixed']
        }
        if (step.say.media) {
          yield [[...path, 'media', 'link'], step.say.media.link, 'fixed']
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
        yield [[...path, 'url'], step.call.url, 'call']
        for (const [header, value] of Object.entries(step.call.headers))
          yield [[...path, 'headers', header], value, 'call']
        for (const [where, text] of jsonTexts([...path, 'body'], step.call.body)) yield [where, text, 'call']
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

/** Whatever of ours may stand before a question that is asked again. */
const LONGEST_CORRECTION = Object.fromEntries(
  LANGUAGES.map((language) => [
    language,
    Object.values(PHRASES)
      .map((phrase) => phrase[language])
      .reduce((longest, phrase) => (charactersOf(phrase) > charactersOf(longest) ? phrase : longest)),
  ]),
) as Record<Language, string>

/** Hours of a week with different ones each day take some 300 characters. */
const stoodFor = (name: string) => (queueIn(name) === undefined ? '0' : '0'.repeat(300))

/** A message as WhatsApp would judge it, each variable taken for one character. Paths of breaches are turned into places of the file. */
function checkMessages(draft: FlowDraft): void {
  const judge = (language: Language, message: MessageBody, place: (path: Path) => Path) => {
    for (const { path, what } of breaches(message)) {
      // Counts and ids are the same in every language: said once.
      const isWording = !['buttons', 'sections', 'id', 'type', 'link', undefined].includes(
        path.at(-1) as string | undefined,
      )
      draft.problem([...place(path), language], 'WHATSAPP_LIMIT', isWording ? `${what} (${language})` : what)
    }
  }
  // Limits are of the text as written: what is too long must not be clipped before it is judged.
  const full = (texts: Translations | undefined, language: Language) =>
    fillIn(texts?.[language] ?? '', stoodFor)
  const tooLong = (path: Path, text: string, max: number) => {
    if (charactersOf(text) > max)
      draft.problem(
        path,
        'WHATSAPP_LIMIT',
        `the text has ${charactersOf(text)} characters, WhatsApp takes ${max} (${String(path.at(-1))})`,
      )
  }
  for (const language of LANGUAGES) {
    const voice = { language, fill: (template: string) => fillIn(template, stoodFor) }
    if (draft.head?.people.text)
      judge(language, textMessage(full(draft.head.people.text, language)), () => ['people', 'text'])
    for (const [name, step] of knownSteps(draft)) {
      const path = ['steps', name, step.kind]
      if (step.kind === 'say') {
        const interactive = step.say.buttons ?? step.say.list ?? step.say.link
        judge(language, sayMessage(step.say, voice), (where) => placeInSay(path, step.say, where))
        tooLong(
          [...path, 'text', language],
          full(step.say.text, language),
          interactive ? LIMITS.interactiveBody : LIMITS.text,
        )
        tooLong(
          [...path, 'media', 'caption', language],
          full(step.say.media?.caption, language),
          LIMITS.caption,
        )
      }
      if (step.kind === 'ask') {
        const { ask } = step
        const max = ask.type === 'choice' ? LIMITS.interactiveBody : LIMITS.text
        judge(language, questionMessage(ask, voice), (where) => placeInAsk(path, where))
        const question = full(ask.text, language)
        tooLong([...path, 'text', language], question, max)
        const again = `${ask.invalid ? full(ask.invalid, language) : LONGEST_CORRECTION[language]}\n\n${question}`
        if (charactersOf(question) <= max && charactersOf(again) > max)
          draft.problem(
            [...path, ask.invalid ? 'invalid' : 'text', language],
            'WHATSAPP_LIMIT',
            `the question and the words before it, when it is asked again, have ${charactersOf(again)} characters, WhatsApp takes ${max} (${language})`,
          )
      }
      if ((step.kind === 'hand_over' || step.kind === 'end') && step.text) {
        const withButton = step.kind === 'end' && step.transcriptButton !== undefined
        tooLong(
          [...path, 'text', language],
          full(step.text, language),
          withButton ? LIMITS.interactiveBody : LIMITS.text,
        )
        if (full(step.text, language).trim() === '')
          draft.problem([...path, 'text', language], 'WHATSAPP_LIMIT', `the text is empty (${language})`)
      }
      if (step.kind === 'end' && step.transcriptButton) {
        if (!step.text)
          draft.problem(
            [...path, 'transcript_button'],
            'WHATSAPP_LIMIT',
            'the transcript button needs a "text" above it',
          )
        judge(language, withAddress(transcriptMessage('0', step.transcriptButton[language])), () => [
          ...path,
          'transcript_button',
        ])
      }
    }
  }
  for (const [name, step] of knownSteps(draft)) {
    if (step.kind !== 'say') continue
    const kinds = (['buttons', 'list', 'link', 'media'] as const).filter(
      (kind) => step.say[kind] !== undefined,
    )
    const path = ['steps', name, 'say']
    if (kinds.length > 1)
      draft.problem(
        [...path, kinds[1]!],
        'WRONG_SHAPE',
        `one message has one of ${kinds.join(' and ')}: make it two steps`,
      )
    else if (kinds[0] === 'media' && step.say.text)
      draft.problem([...path, 'text'], 'WRONG_SHAPE', 'the text of media is its "caption"')
    else if (kinds[0] !== 'media' && !step.say.text) draft.problem(path, 'WRONG_SHAPE', '"text" is missing')
    if ((step.say.header || step.say.footer) && kinds[0] !== 'buttons' && kinds[0] !== 'list')
      draft.problem(
        [...path, step.say.header ? 'header' : 'footer'],
        'WRONG_SHAPE',
        'header and footer go with buttons or a list only',
      )
  }
}

function withAddress(message: MessageBody): MessageBody {
  return message.body?.$case === 'linkButton'
    ? { body: { $case: 'linkButton', value: { ...message.body.value, url: 'https://example.com' } } }
    : message
}

function placeInSay(path: Path, say: Say, where: Path): Path {
  return say.list && (where[0] === 'sections' || where[0] === 'button')
    ? [...path, 'list', ...where]
    : [...path, ...where]
}

function placeInAsk(path: Path, where: Path): Path {
  if (where[0] === 'buttons') return [...path, 'options', ...where.slice(1)]
  if (where[0] === 'sections') return [...path, 'options', ...where.slice(3)]
  return [...path, ...where]
}

/** An old button that is tapped later must not answer another question, so an id names one thing in the whole flow. */
function checkIds(draft: FlowDraft): void {
  const owners = new Map<string, string>()
  for (const [name, step] of knownSteps(draft)) {
    if (step.kind !== 'ask' || step.ask.type !== 'choice') continue
    const languages = step.ask.options.every((option) => isLanguage(option.id))
    for (const [index, option] of step.ask.options.entries()) {
      const owner = owners.get(option.id)
      if (owner !== undefined && owner !== name && !languages)
        draft.problem(
          ['steps', name, 'ask', 'options', index, 'id'],
          'ID_USED_TWICE',
          `"${option.id}" is an option of "${owner}" too: a tap on that older button would answer this question`,
        )
      owners.set(option.id, owner ?? name)
    }
    if (step.ask.irreversible && step.ask.options.length < 2)
      draft.problem(
        ['steps', name, 'ask', 'irreversible'],
        'WRONG_SHAPE',
        'a question before something irreversible needs an option that turns back',
      )
    if (asButtons(step.ask) && step.ask.button)
      draft.problem(
        ['steps', name, 'ask', 'button'],
        'WRONG_SHAPE',
        'three options or fewer are buttons: there is no list to open',
      )
  }
}

const AGREEMENT = wordSet(
  'sim|certo|correto|exato|confirmar|confirmo|confirma|isso|ok|concordo|aceito|aceitar|pode',
  'yes|right|correct|confirm|confirmed|ok|okay|sure|agree|i agree|accept|fine',
  'হ্যাঁ|ঠিক|ঠিক আছে|সঠিক|নিশ্চিত|নিশ্চিত করুন|সম্মত|রাজি',
)

/** Whatever a customer may type for an option must mean that option alone, in each language: words are all that a typed answer has. */
function checkNames(draft: FlowDraft): void {
  for (const [name, step] of knownSteps(draft)) {
    if (step.kind !== 'ask' || step.ask.type !== 'choice') continue
    const { options } = step.ask
    for (const language of LANGUAGES) {
      const owners = new Map<string, { id: string; at: number }>()
      const agreeing = options.filter((option) => AGREEMENT.has(namesOf(option, language).title))
      for (const [at, option] of options.entries()) {
        const path = ['steps', name, 'ask', 'options', at]
        const typed: [Path, string, string][] = [
          [[...path, 'title', language], option.title[language], namesOf(option, language).title],
          ...(option.words?.[language] ?? []).map((written, index): [Path, string, string] => [
            [...path, 'words', language, index],
            written,
            namesOf(option, language).words[index]!,
          ]),
        ]
        for (const [where, written, words] of typed) {
          const say = (what: string) =>
            draft.problem(where, 'AMBIGUOUS_OPTION', `"${written}" ${what} (${language})`)
          if (words === '') {
            // A title of emoji alone can still be tapped.
            if (written !== option.title[language]) say('has no letter or digit: nobody can type it')
            continue
          }
          const owner = owners.get(words)
          if (owner !== undefined && owner.at !== at)
            say(`is said of "${owner.id}" too: who types it is asked again`)
          owners.set(words, owner ?? { id: option.id, at })
          const number = numberIn(words) ?? placeIn(words, language)
          if (number !== undefined && number !== at + 1 && number <= options.length)
            say(`is the number of "${options[number - 1]!.id}" in this list`)
          if (stopsMessages(written)) say('stops all messages when it is typed: say what the option does')
        }
        if (agreeing.includes(option) && agreeing[0] !== option)
          draft.problem(
            [...path, 'title', language],
            'AMBIGUOUS_OPTION',
            `"${option.title[language]}" reads as a yes, and so does "${agreeing[0]!.title[language]}": say what it does, as "Change something" (${language})`,
          )
      }
    }
  }
}

function checkPatterns(draft: FlowDraft): void {
  const check = (path: Path, pattern: string) => {
    try {
      compilePattern(pattern)
    } catch (error) {
      draft.problem(
        path,
        'BAD_PATTERN',
        `the pattern cannot be used: ${error instanceof Error ? error.message : String(error)}`,
      )
    }
  }
  for (const [name, step] of knownSteps(draft)) {
    if (step.kind === 'ask' && step.ask.type === 'text' && step.ask.matches !== undefined)
      check(['steps', name, 'ask', 'matches'], step.ask.matches)
    if (step.kind === 'branch')
      for (const [index, { when }] of step.branch.entries())
        for (const [path, comparison] of comparisons(['steps', name, 'branch', index, 'when'], when))
          if ('matches' in comparison) check([...path, 'matches'], comparison.matches)
  }
  if (draft.head && !isTimeZone(draft.head.time_zone))
    draft.problem(
      ['time_zone'],
      'WRONG_SHAPE',
      `"${draft.head.time_zone}" is no time zone; write it as America/Sao_Paulo`,
    )
}

function checkCalls(draft: FlowDraft, environment: Readonly<Record<string, string>>): void {
  for (const [name, step] of knownSteps(draft)) {
    if (step.kind !== 'call') continue
    const path = ['steps', name, 'call']
    const { url, method, body } = step.call
    const mistake = mistakeInAddress(url, draft.head?.private_hosts ?? [], environment)
    if (mistake !== undefined) draft.problem([...path, 'url'], 'BAD_ADDRESS', `the address ${mistake}`)
    if (method === 'GET' && body !== undefined)
      draft.problem([...path, 'body'], 'WRONG_SHAPE', 'a GET has no body')
    if (Object.keys(step.call.headers).some((header) => !/^[A-Za-z0-9-]+$/.test(header)))
      draft.problem([...path, 'headers'], 'WRONG_SHAPE', 'a header name is letters, digits and -')
    for (const header of Object.keys(step.call.headers))
      if (
        ['idempotency-key', 'host', 'content-length', 'transfer-encoding', 'connection'].includes(
          header.toLowerCase(),
        )
      )
        draft.problem([...path, 'headers', header], 'WRONG_SHAPE', `the header ${header} is set by the bot`)
  }
}
