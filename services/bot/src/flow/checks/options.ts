import { stopsMessages, wordSet } from '@parley/conversation/said'
import { LANGUAGES, isLanguage } from '../language.ts'
import { asButtons } from '../messages.ts'
import type { FlowDraft, Path } from '../reading.ts'
import { namesOf, placeSaid } from '../understanding.ts'
import { agrees } from '../wording.ts'
import { knownSteps } from './steps.ts'

/** An old button that is tapped later must not answer another question, so an id names one thing in the whole flow. */
export function checkIds(draft: FlowDraft): void {
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

const CONFIRMATION = wordSet('confirmar|confirmo|confirma', 'confirm|confirmed', 'নিশ্চিত|নিশ্চিত করুন')

/** Whatever a customer may type for an option must mean that option alone, in each language: words are all that a typed answer has. */
export function checkNames(draft: FlowDraft): void {
  for (const [name, step] of knownSteps(draft)) {
    if (step.kind !== 'ask' || step.ask.type !== 'choice') continue
    const { options } = step.ask
    for (const language of LANGUAGES) {
      const owners = new Map<string, { id: string; at: number }>()
      const agreeing = options.filter((option) => {
        const { title } = namesOf(option, language)
        return agrees(title, language) || CONFIRMATION.has(title)
      })
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
          const placed = placeSaid({ options, irreversible: false }, words, language)?.option
          if (placed !== undefined && placed !== option) say(`is the number of "${placed.id}" in this list`)
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
