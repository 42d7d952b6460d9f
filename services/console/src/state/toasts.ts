export interface Toast {
  readonly id: string
  readonly text: string
  /** A call waits as trouble does, until somebody has seen it. */
  readonly kind: 'told' | 'call' | 'trouble'
  readonly action?: { readonly label: string; readonly run: () => void }
}

const TOLD_MAX = 3

/** What is told in passing makes room for what comes. What went wrong and who calls does not: nobody would ever have seen it. */
export function withToast(shown: readonly Toast[], toast: Toast): readonly Toast[] {
  const told = shown.filter(({ kind }) => kind === 'told')
  const gone = toast.kind === 'told' && told.length >= TOLD_MAX ? told[0] : undefined
  return [...shown.filter((one) => one !== gone), toast]
}
