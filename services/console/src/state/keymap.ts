/** Every shortcut of the desk, once: the binder, the command palette and the help read it here. */
export const KEYMAP = {
  next: { keys: ['j'], group: 'list' },
  previous: { keys: ['k'], group: 'list' },
  mine: { keys: ['1'], group: 'list' },
  waiting: { keys: ['2'], group: 'list' },
  all: { keys: ['3'], group: 'list' },
  closed: { keys: ['4'], group: 'list' },
  find: { keys: ['f'], group: 'list' },
  wallboard: { keys: ['5'], group: 'places' },
  live: { keys: ['6'], group: 'places' },
  figures: { keys: ['7'], group: 'places' },
  search: { keys: ['8'], group: 'places' },
  judging: { keys: ['9'], group: 'places' },
  accept: { keys: ['a'], group: 'work' },
  decline: { keys: ['d'], group: 'work' },
  claim: { keys: ['c'], group: 'work' },
  reply: { keys: ['r'], group: 'conversation' },
  note: { keys: ['n'], group: 'conversation' },
  quickReplies: { keys: ['/'], group: 'conversation' },
  template: { keys: ['m'], group: 'conversation' },
  begin: { keys: ['b'], group: 'conversation' },
  transfer: { keys: ['t'], group: 'conversation' },
  snooze: { keys: ['h'], group: 'conversation' },
  park: { keys: ['p'], group: 'conversation' },
  hold: { keys: ['o'], group: 'conversation' },
  resume: { keys: ['u'], group: 'conversation' },
  close: { keys: ['e'], group: 'conversation' },
  newest: { keys: ['g'], group: 'conversation' },
  card: { keys: ['i'], group: 'conversation' },
  presence: { keys: ['s'], group: 'work' },
  notice: { keys: ['z'], group: 'desk' },
  dismiss: { keys: ['x'], group: 'desk' },
  palette: { keys: ['mod+k'], group: 'desk' },
  settings: { keys: [','], group: 'desk' },
  help: { keys: ['?'], group: 'desk' },
} as const satisfies Record<string, { readonly keys: readonly string[]; readonly group: string }>

export type ActionName = keyof typeof KEYMAP
export type ActionGroup = (typeof KEYMAP)[ActionName]['group']
export const ACTION_NAMES = Object.keys(KEYMAP) as readonly ActionName[]
/** What each of them does now; an action that is not there cannot be done now. */
export type Actions = Readonly<Partial<Record<ActionName, () => void>>>

const BY_KEY: ReadonlyMap<string, ActionName> = new Map(
  ACTION_NAMES.flatMap((name) => KEYMAP[name].keys.map((key) => [key, name] as const)),
)

export interface Press {
  readonly key: string
  /** Of the place on the keyboard, whatever is written on it. */
  readonly code: string
  readonly shiftKey: boolean
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  readonly isComposing: boolean
}

/**
 * Which action a key means.
 * @param isInField somebody writes, or a dialog is open: letters are theirs, and only those with ⌘ or Ctrl mean one
 */
export function actionOf(press: Press, isInField: boolean): ActionName | undefined {
  const { key, code, shiftKey, ctrlKey, metaKey, altKey, isComposing } = press
  if (isComposing || altKey) return undefined
  const meant = isLatin(key) ? key.toLowerCase() : latinOf(code, shiftKey)
  if (ctrlKey || metaKey) return BY_KEY.get(`mod+${meant}`)
  if (isInField) return undefined
  return BY_KEY.get(meant)
}

const isLatin = (key: string): boolean => /^[ -~]+$/.test(key)

/** Who writes Bengali presses জ where J stands: the place counts where the letter is of another script. */
function latinOf(code: string, shiftKey: boolean): string {
  if (code === 'Slash') return shiftKey ? '?' : '/'
  if (code === 'Comma') return ','
  return code.replace(/^(Key|Digit)/, '').toLowerCase()
}

/** As it stands on the person's keyboard. */
export function shownKey(key: string, isApple: boolean): string {
  const isMod = key.startsWith('mod+')
  const letter = (isMod ? key.slice(4) : key).toUpperCase()
  return isMod ? (isApple ? `⌘${letter}` : `Ctrl ${letter}`) : letter
}
