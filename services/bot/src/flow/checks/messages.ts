import type { MessageBody } from '@parley/proto/content'
import { OPENING_CHARACTERS_MAX } from '@parley/workforce/opening'
import type { Say } from '../flow.ts'
import { LANGUAGES, type Language, type Translations } from '../language.ts'
import { LIMITS, breaches, charactersOf } from '../limits.ts'
import { questionMessage, sayMessage, textMessage, transcriptMessage } from '../messages.ts'
import { PHRASES } from '../phrases.ts'
import type { FlowDraft, Path } from '../reading.ts'
import { fillIn, placeholders, queueIn } from '../templates.ts'
import { knownSteps } from './steps.ts'

/** Whatever of ours may stand before a question that is asked again. */
const LONGEST_CORRECTION = Object.fromEntries(
  LANGUAGES.map((language) => [
    language,
    Object.values(PHRASES)
      .map((phrase) => phrase[language])
      .reduce((longest, phrase) => (charactersOf(phrase) > charactersOf(longest) ? phrase : longest)),
  ]),
) as Record<Language, string>

const stoodFor = (name: string) => '0'.repeat(queueIn(name) === undefined ? 1 : OPENING_CHARACTERS_MAX)

/** A message as WhatsApp would judge it, each variable taken for one character and hours for as many as they may take. Paths of breaches are turned into places of the file. */
export function checkMessages(draft: FlowDraft): void {
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
        judge(language, sayMessage(withKnownAddress(step.say), voice), (where) =>
          placeInSay(path, step.say, where),
        )
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
}

/** What goes with what in one message. */
export function checkSays(draft: FlowDraft): void {
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

/** That a variable stands in an address is said elsewhere. */
function withKnownAddress(say: Say): Say {
  return say.link && placeholders(say.link.url).length > 0
    ? { ...say, link: { ...say.link, url: 'https://example.com' } }
    : say
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
