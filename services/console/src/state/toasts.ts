export interface Toast {
  readonly id: string
  readonly text: string
  /** A call waits as trouble does, until somebody has seen it. */
  readonly kind: 'told' | 'call' | 'trouble'
  readonly action?: { readonly label: string; readonly run: () => void }
}

const TOLD_MAX = 3

/** The same said again stands once, and last: a key pressed three times is no three troubles. What is told in passing makes room for what comes, last what may still be taken back. What went wrong and who calls does not: nobody would ever have seen it. */
export function withToast(shown: readonly Toast[], toast: Toast): readonly Toast[] {
  const others = shown.filter((one) => !isSame(one, toast))
  const told = others.filter(({ kind }) => kind === 'told')
  const first = told.find(({ action }) => action === undefined) ?? told[0]
  const gone = toast.kind === 'told' && told.length >= TOLD_MAX ? first : undefined
  return [...others.filter((one) => one !== gone), toast]
}

/** Two that offer something offer it of two things. */
const isSame = (one: Toast, other: Toast): boolean =>
  one.kind === other.kind && one.text === other.text && one.action === undefined && other.action === undefined
